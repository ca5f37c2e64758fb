"""Tests of config/logs/."""
