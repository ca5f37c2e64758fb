"""The composition root: registers the desk's admin site, and puts the apps' panels on the customer's page."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    """Commands, templates and static files of the desk as a whole."""

    name = "config"
    verbose_name = _("Privacy Desk")

    def ready(self) -> None:
        """Put the panels of consent and disclosures on the customer's page."""
        from consent import panel
        from customers.admin.customer import CustomerAdmin, Panel
        from disclosures import panel as leaving

        CustomerAdmin.panels = [Panel(panel.TEMPLATE, panel.panel), Panel(leaving.TEMPLATE, leaving.panel)]


class DeskAdminConfig(AdminConfig):
    """Django's admin, with ``DeskSite`` as its default site."""

    default_site = "config.admin_site.DeskSite"
