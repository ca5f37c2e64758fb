"""Tests of disclosures/requests/."""
