"""Proposals, approvals, packages, emergency reviews, and the log of disclosures, with one entry per customer."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.accounting import Accounted, Opening, parse_time
from customers.evidence.append_only import AppendOnly, Recorded
from customers.models import Customer, StaffMember
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow
from disclosures.models.legal_bases import Commitment, CustomerPermission
from disclosures.models.recipients import Recipient, RecipientDetails
from disclosures.models.requests import DisclosureRequest


class Proposal(AppendOnly):
    """A proposal of what to give. Each of the ``lines`` has customer, field, values held, give or not, and why not."""

    kind = "proposal"

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="proposals")
    lines = models.JSONField(_("scope"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("proposal of a disclosure")
        verbose_name_plural = _("proposals of disclosures")


class Approval(AppendOnly):
    """The approval of a proposal by a second person, as it was or narrowed; a proposal is approved at most once."""

    kind = "approval"

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="approvals")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="approval")
    proposed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    lines = models.JSONField(_("scope"))
    narrowed = models.BooleanField(_("narrowed"), default=False)
    why = models.CharField(_("why"), max_length=20, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("approval of a disclosure")
        verbose_name_plural = _("approvals of disclosures")
        constraints = [
            models.CheckConstraint(name="nobody_approves_their_own", condition=~models.Q(by=models.F("proposed_by")))
        ]


class Packing(AppendOnly):
    """The record that approved values are opened, to be packed and sealed for the recipient; nothing has left yet."""

    kind = "packing"

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="packings")
    openings = models.JSONField(_("opened"))
    closes_at = models.DateTimeField(_("closes at"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("packing for a disclosure")
        verbose_name_plural = _("packings for disclosures")

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """The sealed values listed in ``openings``, until ``closes_at``."""
        columns = payload["columns"]
        openings = frozenset(Opening(*row) for row in columns["openings"])
        return Accounted(openings, until=parse_time(columns["closes_at"]))


class Disclosure(AppendOnly):
    """An entry of the log of disclosures: fields of one customer released to a recipient, on which legal basis.

    ``by`` released the package; ``details`` are the recipient's at that time; ``package_sha256`` is that of the first
    package.
    """

    kind = "disclosure"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="disclosures")
    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="disclosures")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="disclosures")
    details = models.ForeignKey(RecipientDetails, on_delete=models.PROTECT, related_name="+")
    recipient_kind = models.CharField(_("kind of recipient"), max_length=16)
    basis = models.CharField(_("basis"), max_length=16, choices=DisclosureRequest.Basis)
    urgency = models.CharField(_("urgency"), max_length=16, choices=DisclosureRequest.Urgency)
    fields = models.JSONField(_("fields"))
    proposed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    in_emergency = models.BooleanField(_("in an emergency"), default=False)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, null=True, related_name="disclosures")
    permission = models.ForeignKey(CustomerPermission, on_delete=models.PROTECT, null=True, related_name="disclosures")
    package_sha256 = models.CharField(_("SHA-256 of the package"), max_length=64)

    class Meta(AppendOnly.Meta):
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        indexes = [
            models.Index(fields=["at"], name="disclosure_by_time"),
            models.Index(fields=["customer", "-id"], name="disclosure_by_customer"),
            models.Index(fields=["recipient", "-id"], name="disclosure_by_recipient"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "customer"], name="one_entry_for_a_customer"),
            models.CheckConstraint(
                name="what_left_had_a_second_person",
                condition=models.Q(in_emergency=True)
                | (models.Q(approved_by__isnull=False) & ~models.Q(approved_by=models.F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="a_processor_has_a_commitment",
                condition=~models.Q(basis="processor") | models.Q(commitment__isnull=False),
            ),
            models.CheckConstraint(
                name="a_permission_is_named",
                condition=~models.Q(basis="permission") | models.Q(permission__isnull=False),
            ),
        ]


class Package(Recorded):
    """A sealed package that waits until ``closes_at`` for ``person``, who released it, to fetch it."""

    request = models.OneToOneField(DisclosureRequest, on_delete=models.PROTECT, related_name="package")
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    closes_at = models.DateTimeField(_("closes at"))

    class Meta(Recorded.Meta):
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        default_permissions = ()

    def __str__(self) -> str:
        return f"package {self.pk}"


class PackageMade(AppendOnly):
    """The record that a package was made, sealed to ``age_key``; the first package comes with the log's entries."""

    kind = "package_made"

    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="packages_made")
    sha256 = models.CharField(_("SHA-256 of the package"), max_length=64, unique=True)
    size = models.PositiveIntegerField(_("size in bytes"))
    age_key = models.CharField(_("age public key"), max_length=100)
    closes_at = models.DateTimeField(_("closes at"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("package made")
        verbose_name_plural = _("packages made")


class PackageGone(AppendOnly):
    """The record that a package was deleted, because it was fetched or had timed out or was replaced."""

    kind = "package_gone"

    class How(models.TextChoices):
        """Why the package was deleted; one replaced by a newer package counts as timed out."""

        FETCHED = "fetched", _("fetched")
        TIMED_OUT = "timed_out", _("its time was over")

    made = models.OneToOneField(PackageMade, on_delete=models.PROTECT, related_name="gone")
    request = models.ForeignKey(DisclosureRequest, on_delete=models.PROTECT, related_name="packages_gone")
    how = models.CharField(_("how"), max_length=16, choices=How)

    class Meta(AppendOnly.Meta):
        verbose_name = _("end of a package")
        verbose_name_plural = _("ends of packages")


class EmergencyReview(AppendOnly, SealedRow):
    """A second person's review of what one person released alone in an emergency."""

    kind = "emergency_review"

    class Verdict(models.TextChoices):
        """The result of the review."""

        RIGHT = "right", _("It was right")
        QUESTIONED = "questioned", _("It is questioned")

    request = models.OneToOneField(DisclosureRequest, on_delete=models.PROTECT, related_name="emergency_review")
    released_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    words = SealedField(_("in words"), kind=Kind.REQUEST, null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("review of an emergency")
        verbose_name_plural = _("reviews of emergencies")
        constraints = [
            models.CheckConstraint(name="nobody_reviews_their_own", condition=~models.Q(by=models.F("released_by")))
        ]

    def sealed_for(self) -> str:
        """The number of the request it is about."""
        return self.request.number
