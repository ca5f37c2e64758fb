"""Admin classes: lists and read-only pages of rows.

Pages that carry out acts are in ``customers.admin_views``, their forms in ``customers.admin_forms``.
"""

from customers.admin import access, audit_log, casework, customer, requests, staff

__all__ = ["access", "audit_log", "casework", "customer", "requests", "staff"]
