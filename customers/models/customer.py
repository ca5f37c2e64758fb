"""Customers, the blind indexes of their names, and the services they use. Addresses are in ``contact_points``."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.act import history_user
from customers.evidence.append_only import Recorded, RecordedQuerySet
from customers.models.staff import RIGHTS_ON_CUSTOMERS, Team
from customers.vault.blind_index import email_index, phone_index
from customers.vault.fields import SealedField
from customers.vault.history import SealedHistory
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow


class CustomerQuerySet(RecordedQuerySet):
    """Customers by blind index, and with their related rows."""

    def by_email(self, text: str) -> CustomerQuerySet:
        """Customers with this e-mail address on file, in any spelling. Raises ``NotNormal``."""
        return self.filter(contact_points__email_index=email_index(text)).distinct()

    def by_phone(self, text: str) -> CustomerQuerySet:
        """Customers with this phone number on file, in any spelling. Raises ``NotNormal``."""
        return self.filter(contact_points__phone_index=phone_index(text)).distinct()

    def with_addresses(self) -> CustomerQuerySet:
        """Customers read with their teams (joined) and contact points (one more query, however many customers)."""
        return self.select_related("team").prefetch_related("contact_points")


class Customer(Recorded, SealedRow):
    """A customer of the provider: name and company sealed, the rest plain."""

    class Status(models.TextChoices):
        """Whether the customer's contract with the provider is in force, suspended or ended."""

        CONNECTED = "connected", _("connected")
        SUSPENDED = "suspended", _("suspended")
        ENDED = "ended", _("ended")

    class Locale(models.TextChoices):
        """The language the customer is written to in."""

        VI = "vi", _("Vietnamese")
        EN = "en", _("English")

    reference = models.CharField(_("reference"), max_length=32, unique=True)
    full_name = SealedField(_("name"), kind=Kind.NAME)
    company = SealedField(_("company"), kind=Kind.COMPANY, null=True)
    locale = models.CharField(_("language"), max_length=2, choices=Locale)
    registered_at = models.DateTimeField(_("registered"))
    status = models.CharField(_("status"), max_length=16, choices=Status)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="customers", verbose_name=_("team"))
    password_hash = SealedField(_("password"), kind=Kind.PASSWORD, null=True)
    password_set_at = models.DateTimeField(_("password set"), null=True, blank=True)
    row_digest = models.CharField(max_length=64, default="", blank=True, editable=False)
    row_file = models.CharField(max_length=64, default="", blank=True, editable=False)
    imported_by = models.ForeignKey(
        "customers.ImportBatch",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        editable=False,
    )

    objects = CustomerQuerySet.as_manager()  # type: ignore[misc]
    history = SealedHistory(excluded_fields=["password_hash", "row_digest", "row_file"], get_user=history_user)

    class Meta(Recorded.Meta):
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        default_permissions = ()
        permissions = [*RIGHTS_ON_CUSTOMERS]
        indexes = [
            models.Index(fields=["team", "reference"], name="customer_by_team"),
            models.Index(fields=["status"], name="customer_by_status"),
        ]

    def __str__(self) -> str:
        return self.reference

    def sealed_for(self) -> str:
        """The customer's own reference."""
        return self.reference


class NameIndex(Recorded):
    """A blind index of a customer's name: one row for each unordered pair of its words."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="name_indexes")
    digest = models.CharField(max_length=32)

    class Meta(Recorded.Meta):
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["digest", "customer"], name="one_name_index")]

    def __str__(self) -> str:
        return self.digest


class CustomersOwn(SealedRow):
    """A sealed row that belongs to one customer."""

    class Meta:
        abstract = True

    customer: Any

    def sealed_for(self) -> str:
        """The customer's reference."""
        return str(self.customer.reference)


class ServiceAccess(Recorded, CustomersOwn):
    """A service the customer uses, and what opens it: login and secret, sealed and left out of history."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="services")
    service = models.CharField(_("service"), max_length=100)
    renews_on = models.DateField(_("renews on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    login = SealedField(_("login"), kind=Kind.SERVICE_ACCESS, null=True)
    secret = SealedField(_("secret"), kind=Kind.SERVICE_ACCESS, null=True)
    set_at = models.DateTimeField(_("access set"), null=True, blank=True)

    history = SealedHistory(excluded_fields=["login", "secret"], get_user=history_user)

    class Meta(Recorded.Meta):
        verbose_name = _("service access")
        verbose_name_plural = _("service access")
        default_permissions = ()
        ordering = ["service"]
        constraints = [models.UniqueConstraint(fields=["customer", "service"], name="one_access_per_service")]

    def __str__(self) -> str:
        return f"{self.service} {self.pk}"
