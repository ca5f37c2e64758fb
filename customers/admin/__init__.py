"""Pages that show."""

from customers.admin import access, customer, log, staff

__all__ = ["access", "customer", "log", "staff"]
