"""Tests of disclosures/admin_views/."""
