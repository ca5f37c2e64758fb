"""What we may use the data for: purposes, policy versions, the gate."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    """Named, and empty until its rooms are built."""

    name = "consent"
    verbose_name = _("Consent")
