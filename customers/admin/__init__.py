"""Pages that show."""

from customers.admin import access, customer, log, requests, staff, work

__all__ = ["access", "customer", "log", "requests", "staff", "work"]
