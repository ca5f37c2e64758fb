"""Tests of disclosures/tamper_check/."""
