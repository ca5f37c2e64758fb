"""Who outside got what, by whose leave; the officers' reviews."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisclosuresConfig(AppConfig):
    """Puts this floor's twins, words and sealed rows beside those of the floors below."""

    name = "disclosures"
    verbose_name = _("Disclosures")

    def ready(self) -> None:
        from customers.acts import refusals
        from customers.admin_views import customer
        from customers.audit_log import descriptions, timeline
        from customers.permissions import querysets
        from disclosures import checks  # noqa: F401  (importing registers them)
        from disclosures.descriptions import DESCRIBED_BY, ROWS
        from disclosures.models.acts import DisclosureAct, DisclosureRefusalReason
        from disclosures.permissions import READ, TWINS

        querysets.TWINS.register(TWINS)
        descriptions.DESCRIBED_BY.register(DESCRIBED_BY)
        refusals.ACTS.register(dict(DisclosureAct.choices))
        refusals.WHYS.register(dict(DisclosureRefusalReason.choices))
        customer.ROWS.register(ROWS)
        timeline.ONLY_FOR.register(dict.fromkeys(("disclosure", "statement", "customer_told", "recipient_told"), READ))
