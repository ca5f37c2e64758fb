"""Tests of disclosures/."""
