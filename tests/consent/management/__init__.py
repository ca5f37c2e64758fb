"""Tests of consent/management/."""
