"""Tests of config/policy/."""
