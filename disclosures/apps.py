"""Who outside got what, by whose leave; the officers' reviews."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisclosuresConfig(AppConfig):
    """Named, and empty until its rooms are built."""

    name = "disclosures"
    verbose_name = _("Disclosures")
