"""Tests of config/middleware/."""
