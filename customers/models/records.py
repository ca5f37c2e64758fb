"""Records of acts on customers' data, of imports and changes of access. Those of casework are beside its models."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.accounting import Accounted, Opening, parse_time
from customers.evidence.append_only import AppendOnly
from customers.models.customer import Customer, CustomersOwn, ServiceAccess
from customers.models.staff import StaffMember, Team
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind


class RevealReason(models.TextChoices):
    """Why a value is revealed."""

    CALL_BACK = "call_back", _("Call back")
    CONFIRM_IDENTITY = "confirm_identity", _("Confirm identity")
    SERVICE_NOTICE = "service_notice", _("Service notice")
    PAYMENT_PROBLEM = "payment_problem", _("Payment problem")
    SUSPECTED_FRAUD = "suspected_fraud", _("Suspected fraud")
    LEGAL_REQUEST = "legal_request", _("Legal request")
    OTHER = "other", _("Other")


class Reveal(AppendOnly, CustomersOwn):
    """A value was opened to a member of staff, for a reason, until ``closes_at``.

    ``version`` is the key of the history row it was read from; None for the value as it stands.
    """

    kind = "reveal"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="reveals")
    datum = models.CharField(_("kind of datum"), max_length=20, choices=Kind)
    field = models.CharField(_("field"), max_length=100)
    row_seal_id = models.UUIDField(_("row"))
    reason = models.CharField(_("reason"), max_length=20, choices=RevealReason)
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")
    reason_text = SealedField(_("reason in words"), kind=Kind.REASON, null=True)
    closes_at = models.DateTimeField(_("closes at"))
    version = models.BigIntegerField(_("version"), null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("reveal")
        verbose_name_plural = _("reveals")
        indexes = [
            models.Index(fields=["by", "at"], name="reveal_by_person"),
            models.Index(fields=["ticket"], name="reveal_by_ticket"),
        ]

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """The opening of the one value it names, until ``closes_at``."""
        columns = payload["columns"]
        opening = Opening(payload["customer"], columns["datum"], columns["field"], columns["row_seal_id"])
        return Accounted(frozenset({opening}), until=parse_time(columns["closes_at"]))


class Find(AppendOnly):
    """Somebody looked for customers: which ones were found, never what was typed."""

    kind = "find"

    class What(models.TextChoices):
        """What the typed text was taken for."""

        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        REFERENCE = "reference", _("reference")
        TICKET = "ticket", _("ticket")
        NAME = "name", _("name")
        ONE_WORD = "one_word", _("name of one word")

    sought = models.JSONField(_("sought by"))
    own = models.JSONField(_("found and visible"))
    elsewhere = models.JSONField(_("found elsewhere"))
    more = models.BooleanField(_("more than are listed"), default=False)
    points = models.JSONField(_("addresses found"), null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("find")
        verbose_name_plural = _("finds")
        indexes = [models.Index(fields=["by", "at"], name="find_by_person")]


class Verification(AppendOnly):
    """What a caller said was compared with what is on file: which kinds matched, which did not."""

    kind = "verification"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="verifications")
    matched = models.JSONField(_("match"))
    missed = models.JSONField(_("no match"))
    points = models.JSONField(_("addresses that matched"))
    misses = models.PositiveSmallIntegerField(_("misses"))
    request = models.ForeignKey(
        "customers.CustomerRequest", on_delete=models.PROTECT, null=True, related_name="verifications"
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        indexes = [
            models.Index(fields=["by", "at"], name="verification_by_person"),
            models.Index(fields=["customer", "at"], name="verification_by_customer"),
        ]

    @property
    def answers(self) -> list[tuple[str, bool]]:
        """Each kind that the caller gave and whether it matched, in the order in which the page asks for them."""
        kinds = [kind for kind in (Kind.EMAIL, Kind.PHONE, Kind.NAME) if kind in (*self.matched, *self.missed)]
        return [(str(kind), kind in self.matched) for kind in kinds]


class VerificationClosure(AppendOnly):
    """After too many misses on a customer, nobody can verify this customer before ``until``."""

    kind = "verification_closure"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="verification_closures")
    until = models.DateTimeField(_("until"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("closure of verification")
        verbose_name_plural = _("closures of verification")
        indexes = [models.Index(fields=["customer", "until"], name="closure_by_customer")]


class Refusal(AppendOnly):
    """An act was refused: which, why, and the customer, kind of datum or member of staff that it was about."""

    kind = "refusal"

    act = models.CharField(_("act"), max_length=40)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="refusals")
    datum = models.CharField(_("kind of datum"), max_length=20, blank=True, default="")
    why = models.CharField(_("why"), max_length=40)
    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("about whom")
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        indexes = [
            models.Index(fields=["why", "at"], name="refusal_by_why"),
            models.Index(fields=["by", "-id"], name="refusal_by_person"),
        ]


class ImportBatch(AppendOnly):
    """A batch of rows of a CRM export was imported: of which file, which rows, which customers."""

    kind = "import_batch"

    file_sha256 = models.CharField(_("file SHA-256"), max_length=64)
    rows = models.JSONField(_("rows"))
    references = models.JSONField(_("references"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("import batch")
        verbose_name_plural = _("import batches")


class ServiceAccessChange(AppendOnly):
    """What opens a service was set; ``fields`` are the names of the fields that were."""

    kind = "service_access_change"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="service_access_changes")
    service_access = models.ForeignKey(ServiceAccess, on_delete=models.PROTECT, related_name="changes")
    fields = models.JSONField(_("fields"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("change of service access")
        verbose_name_plural = _("changes of service access")


class AccessChange(AppendOnly):
    """Who may do what was changed: a role, a team, a person, a membership."""

    kind = "access_change"

    class What(models.TextChoices):
        """What was changed."""

        ROLE_WRITTEN = "role_written", _("role written")
        TEAM_MADE = "team_made", _("team made")
        PERSON_ADDED = "person_added", _("person added")
        ROLE_GIVEN = "role_given", _("role given")
        ROLE_ENDED = "role_ended", _("role ended")
        PERSON_ENDED = "person_ended", _("access ended")
        PERSON_BACK = "person_back", _("access given back")
        LINK_SENT = "link_sent", _("sign-in link made out")
        PASSWORD_SET = "password_set", _("password set")
        RESET_STARTED = "reset_started", _("reset of the sign-in started")
        SESSIONS_ENDED = "sessions_ended", _("sessions ended")

    what = models.CharField(_("what"), max_length=20, choices=What)
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="access_changes")
    role = models.CharField(_("role"), max_length=60, blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="access_changes")
    detail = models.JSONField(_("detail"), default=dict)

    class Meta(AppendOnly.Meta):
        verbose_name = _("change of access")
        verbose_name_plural = _("changes of access")
