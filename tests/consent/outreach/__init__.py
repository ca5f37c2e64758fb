"""Tests of consent/outreach/."""
