"""Pages that show: requests from outside, the log of disclosures, recipients, reviews, whether the log is whole."""

from disclosures.admin import log, recipients, requests, reviews, tampering

__all__ = ["log", "recipients", "requests", "reviews", "tampering"]
