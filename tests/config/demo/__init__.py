"""Tests of config/demo/."""
