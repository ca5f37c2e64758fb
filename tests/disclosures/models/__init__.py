"""Tests of disclosures/models/."""
