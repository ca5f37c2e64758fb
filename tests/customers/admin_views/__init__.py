"""Tests of customers/admin_views/."""
