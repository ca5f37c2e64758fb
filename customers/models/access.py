"""Personal grants on one customer for a limited time, and acts that were allowed beyond a budget."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from customers.evidence.append_only import AppendOnly, AppendOnlyQuerySet, Recorded
from customers.models.customer import Customer, CustomersOwn
from customers.models.records import RevealReason
from customers.models.staff import StaffMember
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind


class GrantReason(models.TextChoices):
    """Why somebody gets a personal grant."""

    COVER = "cover", _("Covers for a colleague")
    ESCALATION = "escalation", _("Escalated case")
    SPECIALIST = "specialist", _("A specialist is needed")
    OTHER = "other", _("Other")


def reason_in_words(reason: str, ticket: str) -> str:
    """The reason of a grant or of breaking glass in the reader's language, with its ticket."""
    reasons = {**dict(GrantReason.choices), **dict(RevealReason.choices)}
    return ", ".join(filter(None, [str(reasons.get(reason, reason)), ticket]))


class AccessGrantQuerySet(AppendOnlyQuerySet):
    """Grants by the time for which they hold."""

    def open(self) -> AccessGrantQuerySet:
        """Grants that are not over: in force, or to come."""
        return self.filter(end=None, ends_at__gt=timezone.now())


class AccessGrant(AppendOnly, CustomersOwn):
    """Rights given to a person on a customer for a time: by a lead or officer, or by breaking glass."""

    kind = "access_grant"

    class How(models.TextChoices):
        """How the person got the grant."""

        PERSONAL = "personal", _("personal grant")
        BREAK_GLASS = "break_glass", _("break glass")

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="access_grants", verbose_name=_("customer")
    )
    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, related_name="access_grants", verbose_name=_("person")
    )
    how = models.CharField(_("how"), max_length=16, choices=How)
    rights = models.JSONField(_("rights"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=20)
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")
    reason_text = SealedField(_("reason in words"), kind=Kind.REASON, null=True)

    objects = AccessGrantQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes = [
            models.Index(fields=["by", "at"], name="grant_by_person"),
            models.Index(fields=["ticket"], name="grant_by_ticket"),
            models.Index(fields=["how", "-id"], name="grant_by_how"),
        ]

    @property
    def over_at(self) -> datetime:
        """When it ended or will end: ``ends_at``, or earlier where somebody ended it. Select ``end`` with the grant."""
        end = getattr(self, "end", None)
        return self.ends_at if end is None else min(self.ends_at, end.at)

    @property
    def state(self) -> str:
        """``to_come``, ``live`` or ``ended``, at this moment."""
        now = timezone.now()
        return "ended" if self.over_at <= now else "live" if self.starts_at <= now else "to_come"

    @property
    def why(self) -> str:
        """The reason in the reader's language, with its ticket."""
        return reason_in_words(self.reason, self.ticket)


class AccessGrantEnd(AppendOnly):
    """A grant was ended before its time."""

    kind = "access_grant_end"

    grant = models.OneToOneField(AccessGrant, on_delete=models.PROTECT, related_name="end")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="access_grant_ends")
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="access_grant_ends")

    class Meta(AppendOnly.Meta):
        verbose_name = _("end of a grant")
        verbose_name_plural = _("ends of grants")


class CustomerUserPermission(Recorded, UserObjectPermissionBase):
    """One right of a grant, as guardian keeps it (direct foreign key), with the time for which it holds.

    It holds from ``starts_at`` until, and not including, ``ends_at``; nothing has to be cleaned up for that.
    """

    content_object = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="personal_rights")
    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="given")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))

    class Meta(Recorded.Meta):
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["grant", "permission"], name="one_right_per_grant")]
        indexes = [models.Index(fields=["user", "ends_at"], name="personal_right_by_person")]


class CustomerGroupPermission(Recorded, GroupObjectPermissionBase):
    """guardian needs it beside ``CustomerUserPermission``; groups hold rights on teams only, so it stays empty."""

    content_object = models.ForeignKey(Customer, on_delete=models.PROTECT)

    class Meta(Recorded.Meta, GroupObjectPermissionBase.Meta):
        default_permissions = ()


class Budget(models.TextChoices):
    """Acts that a person may do only a limited number of times in an hour or a day."""

    FIND = "find", _("find")
    VERIFY = "verify", _("verify")
    REVEAL = "reveal", _("reveal")
    BREAK_GLASS = "break_glass", _("break glass")


class BudgetAllowance(AppendOnly):
    """A lead or officer allowed somebody ``more`` of an act for one day, in Vietnam's time."""

    kind = "budget_allowance"

    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, related_name="budget_allowances", verbose_name=_("person")
    )
    budget = models.CharField(_("act"), max_length=16, choices=Budget)
    day = models.DateField(_("day"))
    more = models.PositiveSmallIntegerField(_("more"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("allowance beyond a budget")
        verbose_name_plural = _("allowances beyond a budget")
        constraints = [models.UniqueConstraint(fields=["person", "budget", "day"], name="one_allowance_a_day")]
