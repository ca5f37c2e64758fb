"""Tests of customers/management/."""
