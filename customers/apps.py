"""The ground floor: who the customers are, sealed; who may see what; what was done."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Registers the system checks of vault, evidence and people."""

    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers import checks  # noqa: F401  (importing registers them)
