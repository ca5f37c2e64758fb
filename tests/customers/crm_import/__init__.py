"""Tests of customers/crm_import/."""
