"""Tests of consent/admin_views/."""
