"""Tests of disclosures/reviews/."""
