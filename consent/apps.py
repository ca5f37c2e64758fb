"""What we may use the data for: purposes, policy versions, the gate."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    """Puts this floor's twins, words and sealed rows beside those of the ground floor."""

    name = "consent"
    verbose_name = _("Consent")

    def ready(self) -> None:
        from consent import checks  # noqa: F401  (importing registers them)
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
