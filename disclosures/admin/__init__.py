"""Pages that show: requests from outside, the log of disclosures, recipients."""

from disclosures.admin import log, recipients, requests

__all__ = ["log", "recipients", "requests"]
