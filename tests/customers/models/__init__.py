"""Tests of customers/models/."""
