"""Pages that show."""

from customers.admin import access, customer, requests, staff
from customers.admin import audit_log as log
from customers.admin import casework as work

__all__ = ["access", "customer", "log", "requests", "staff", "work"]
