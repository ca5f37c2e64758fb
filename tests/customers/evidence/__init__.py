"""Tests of customers/evidence/."""
