"""The Django app of customers, staff, casework and evidence."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Registers the system checks of ``customers.checks``."""

    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers import checks  # noqa: F401  (importing registers them)
