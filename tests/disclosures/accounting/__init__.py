"""Tests of disclosures/accounting/."""
