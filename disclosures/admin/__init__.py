"""Pages that show: requests from outside, the log of disclosures, recipients, whether the log is whole."""

from disclosures.admin import log, recipients, requests, tampering

__all__ = ["log", "recipients", "requests", "tampering"]
