"""Tests of customers/staff/."""
