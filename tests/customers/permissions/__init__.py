"""Tests of customers/permissions/."""
