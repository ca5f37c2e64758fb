"""Tests of consent/policies/."""
