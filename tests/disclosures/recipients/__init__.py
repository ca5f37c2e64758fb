"""Tests of disclosures/recipients/."""
