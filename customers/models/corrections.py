"""Corrections of a customer's data: what is changed, why, on whose initiative, and who approved it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models.contact_points import ContactPoint
from customers.models.customer import Customer, CustomersOwn, ServiceAccess
from customers.models.requests import CustomerRequest
from customers.models.staff import StaffMember
from customers.models.state_machine import StatefulModel, TransitionRecord, Transitions
from customers.vault import kinds
from customers.vault.fields import SealedField
from customers.vault.sealed import Sealed


class Datum(models.TextChoices):
    """What may be corrected."""

    NAME = "name", _("name")
    COMPANY = "company", _("company")
    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")
    LOGIN = "login", _("login of a service")
    LOCALE = "locale", _("language")
    REGISTERED_AT = "registered_at", _("day of registration")
    STATUS = "status", _("state")
    TEAM = "team", _("team")
    SERVICES = "services", _("services and renewals")
    PASSWORD = "password", _("password")


NEEDS_SECOND = frozenset({Datum.EMAIL, Datum.PHONE, Datum.LOGIN})
"""Data whose correction a second person must approve."""
ADDRESSES = frozenset({Datum.EMAIL, Datum.PHONE})
"""Data whose new value its owner must confirm before it replaces the old one."""


class Correction(StatefulModel, CustomersOwn):
    """One datum of a customer is to be, or was, corrected.

    A new address is in ``new_point``, which nobody writes to before it is confirmed; other new values are in this row.
    """

    class Kind(models.TextChoices):
        """What is done to the datum."""

        SUPPLEMENT = "supplement", _("Supplement")
        CORRECT = "correct", _("Correct")
        UPDATE = "update", _("Update")

    class Ground(models.TextChoices):
        """What is wrong with it."""

        INACCURATE = "inaccurate", _("Inaccurate")
        INCOMPLETE = "incomplete", _("Incomplete")
        OUTDATED = "outdated", _("Outdated")

    class Origin(models.TextChoices):
        """On whose initiative."""

        PROACTIVE = "proactive", _("On our initiative")
        CUSTOMER_REQUEST = "customer_request", _("The customer asked")

    class Proof(models.TextChoices):
        """What the evidence is."""

        TICKET = "ticket", _("Ticket")
        CALL = "call", _("Call with the customer")
        DOCUMENT = "document", _("Document seen")
        CAME_BACK = "came_back", _("Mail came back")
        FILE = "file", _("Export of the CRM")

    class State(models.TextChoices):
        """What it waits for, or how it ended."""

        PROPOSED = "proposed", _("waits for approval")
        WITH_OFFICER = "with_officer", _("waits for an officer")
        APPROVED = "approved", _("waits for the customer’s confirmation")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class WhyRefused(models.TextChoices):
        """Why it is not carried out."""

        NOT_PROVEN = "not_proven", _("Not proven")
        WRONG_VALUE = "wrong_value", _("The new value is wrong")
        SUSPECTED_FRAUD = "suspected_fraud", _("Suspected fraud")
        OTHER = "other", _("Other")

    WAITING = (State.PROPOSED, State.WITH_OFFICER, State.APPROVED)
    TRANSITIONS: ClassVar[Transitions] = {
        "approve": {"proposed": ("approved",), "with_officer": ("approved",)},
        "carry_out": {"approved": ("done",)},
        "refuse": {"proposed": ("refused",), "with_officer": ("refused",), "approved": ("refused",)},
        "withdraw": {"proposed": ("withdrawn",), "with_officer": ("withdrawn",), "approved": ("withdrawn",)},
    }
    TRANSITION_RECORD = "customers.CorrectionMove"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="corrections")
    datum = models.CharField(_("datum"), max_length=16, choices=Datum)
    correction_kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    ground = models.CharField(_("ground"), max_length=16, choices=Ground)
    origin = models.CharField(_("origin"), max_length=20, choices=Origin)
    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, null=True, related_name="corrections")
    proof = models.CharField(_("evidence"), max_length=16, choices=Proof)
    proof_reference = models.CharField(_("number of the evidence"), max_length=64, blank=True, default="")
    proof_text = SealedField(_("evidence in words"), kind=kinds.Kind.REQUEST, null=True)
    old_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="corrected_by")
    new_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="takes_over_by")
    service_access = models.ForeignKey(ServiceAccess, on_delete=models.PROTECT, null=True, related_name="corrections")
    new_name = SealedField(_("new name"), kind=kinds.Kind.NAME, null=True)
    new_company = SealedField(_("new company"), kind=kinds.Kind.COMPANY, null=True)
    new_login = SealedField(_("new login"), kind=kinds.Kind.SERVICE_ACCESS, null=True)
    new_name_digests = models.JSONField(_("blind indexes of the new name"), null=True)
    new_plain = models.JSONField(_("new value"), null=True)
    needs_second = models.BooleanField(_("approved by a second person"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PROPOSED)
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    proposed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(StatefulModel.Meta):
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="a_second_person_approves",
                condition=models.Q(needs_second=False)
                | ~models.Q(state__in=["approved", "done"])
                | (models.Q(approved_by__isnull=False) & ~models.Q(approved_by=models.F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="addresses_and_access_need_a_second",
                condition=~models.Q(datum__in=sorted(NEEDS_SECOND)) | models.Q(needs_second=True),
            ),
            models.CheckConstraint(
                name="a_customers_correction_has_a_request",
                condition=~models.Q(origin="customer_request") | models.Q(request__isnull=False),
            ),
            models.UniqueConstraint(
                "customer",
                "datum",
                Coalesce("old_point", 0),
                Coalesce("service_access", 0),
                condition=models.Q(state__in=["proposed", "with_officer", "approved"]),
                name="one_waiting_correction_of_a_datum",
            ),
        ]
        indexes = [models.Index(fields=["state", "proposed_at"], name="correction_by_state")]

    password_hash: str
    """The hash of a new password until it is stored in the customer's row; no column of this one."""

    def __str__(self) -> str:
        return f"correction {self.pk}"

    @property
    def new_value(self) -> Sealed | None:
        """The new value, sealed; None where it is kept in clear."""
        sealed = {Datum.NAME: self.new_name, Datum.COMPANY: self.new_company, Datum.LOGIN: self.new_login}
        if self.datum in ADDRESSES:
            return self.new_point.address if self.new_point else None
        return sealed.get(self.datum)  # type: ignore[call-overload, no-any-return]


class CorrectionProposed(AppendOnly):
    """A correction was proposed: of which datum, of what kind, on which ground, on whose initiative and evidence.

    ``value_commit`` is the hex SHA-256 of salt and value of the new value, where that is sealed: it shows that a second
    person approved what was proposed.
    """

    kind = "correction_proposed"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="corrections_proposed")
    correction = models.OneToOneField(Correction, on_delete=models.PROTECT, related_name="proposed")
    datum = models.CharField(_("datum"), max_length=16, choices=Datum)
    correction_kind = models.CharField(_("kind"), max_length=16, choices=Correction.Kind)
    ground = models.CharField(_("ground"), max_length=16, choices=Correction.Ground)
    origin = models.CharField(_("origin"), max_length=20, choices=Correction.Origin)
    request = models.ForeignKey(CustomerRequest, on_delete=models.PROTECT, null=True, related_name="+")
    proof = models.CharField(_("evidence"), max_length=16, choices=Correction.Proof)
    proof_reference = models.CharField(_("number of the evidence"), max_length=64, blank=True, default="")
    state = models.CharField(_("state"), max_length=16, choices=Correction.State)
    value_commit = models.CharField(_("what the new value commits to"), max_length=64, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("proposal of a correction")
        verbose_name_plural = _("proposals of corrections")


class CorrectionMove(TransitionRecord):
    """A correction was approved, carried out, refused or withdrawn.

    Where it was carried out, ``history_table`` and ``history_row`` name the version that it made, whose contents are in
    ``version_says`` (columns in clear) and ``version_commits`` (hex SHA-256 of salt and value of each sealed one), so
    that the version can be compared with this record.
    """

    kind = "correction_move"

    subject = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="moves")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="correction_moves")
    datum = models.CharField(_("datum"), max_length=16, choices=Datum)
    why = models.CharField(_("why"), max_length=20, blank=True, default="")
    history_table = models.CharField(_("table of the version"), max_length=100, blank=True, default="")
    history_row = models.CharField(_("version"), max_length=40, blank=True, default="")
    version_commits = models.JSONField(_("what the version commits to"), default=dict)
    version_says = models.JSONField(_("what the version says"), default=dict)

    class Meta(TransitionRecord.Meta):
        verbose_name = _("move of a correction")
        verbose_name_plural = _("moves of corrections")
