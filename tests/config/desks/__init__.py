"""Tests of config/desks/."""
