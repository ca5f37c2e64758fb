"""Tests of customers/vault/."""
