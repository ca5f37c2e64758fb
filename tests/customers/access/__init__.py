"""Tests of customers/access/."""
