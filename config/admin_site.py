"""The desk: our admin site."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class DeskSite(AdminSite):
    """Django's admin under our name."""

    site_header = _("Privacy Desk")
    site_title = _("Privacy Desk")
    index_title = _("Desk")
