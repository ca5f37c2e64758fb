"""Tests of customers/admin/."""
