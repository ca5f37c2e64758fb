"""The composition root: names the apps and puts our admin site in Django's place."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    """Commands, templates and static files of the desk as a whole."""

    name = "config"
    verbose_name = _("Privacy Desk")

    def ready(self) -> None:
        """Put the upper floors' panels on the customer's page."""
        from consent import panel
        from customers.admin.customer import CustomerAdmin, Panel
        from disclosures import panel as leaving

        CustomerAdmin.panels = [Panel(panel.TEMPLATE, panel.panel), Panel(leaving.TEMPLATE, leaving.panel)]


class DeskAdminConfig(AdminConfig):
    """Django's admin, with our site as the default one."""

    default_site = "config.admin_site.DeskSite"
