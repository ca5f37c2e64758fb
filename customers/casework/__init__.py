"""Addresses, requests, holds and corrections."""
