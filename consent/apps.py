"""Configuration of the app, and its registration with ``customers``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    """Registers this app's querysets, acts, descriptions and sealed rows with those of ``customers``."""

    name = "consent"
    verbose_name = _("Consent")

    def ready(self) -> None:
        from consent import checks  # noqa: F401  (the import registers the checks)
        from consent.descriptions import DESCRIBED_BY, ROWS
        from consent.models.acts import ConsentAct
        from consent.permissions import TWINS
        from customers.acts import refusals
        from customers.admin_views import customer
        from customers.audit_log import descriptions
        from customers.permissions import querysets

        querysets.TWINS.register(TWINS)
        descriptions.DESCRIBED_BY.register(DESCRIBED_BY)
        refusals.ACTS.register(dict(ConsentAct.choices))
        customer.ROWS.register(ROWS)
