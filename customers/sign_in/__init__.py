"""Signing in and out, on record."""
