"""Pages that show."""

from customers.admin import access, audit_log, casework, customer, requests, staff

__all__ = ["access", "audit_log", "casework", "customer", "requests", "staff"]
