"""Tests of consent/choices/."""
