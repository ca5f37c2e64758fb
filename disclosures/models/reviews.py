"""Reviews after the fact: of a month of the log, entry by entry, and of the roles and grants held in a quarter."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.evidence.append_only import AppendOnly
from customers.models import StaffMember, Team
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow


class Reviewed(models.TextChoices):
    """The kinds of entries in the review of a month."""

    DISCLOSURE = "disclosure", _("disclosure")
    BREAK_GLASS = "break_glass", _("glass broken")
    OVER_BUDGET = "over_budget", _("reveals over budget")
    ALLOWANCE = "allowance", _("more reveals allowed")


class WhySeen(models.TextChoices):
    """Why an entry is reviewed."""

    EMERGENCY = "emergency", _("emergency")
    OUT_OF_HOURS = "out_of_hours", _("out of hours")
    FIRST_TIME = "first_time", _("first time to this recipient")
    MANY_FIELDS = "many_fields", _("many fields")
    BREAK_GLASS = "break_glass", _("glass broken")
    OVER_BUDGET = "over_budget", _("over budget")
    SAMPLE = "sample", _("drawn by lot")


class ReviewBegun(AppendOnly):
    """The record that the review of a month was begun: which entries must be seen, and which were sampled.

    ``must_see``: ``[what, row, [why, …]]``; ``sampled``: primary keys of disclosures. Both are fixed from here on, as
    are seed, ``many_fields`` and ``sample_size``, from which ``disclosures.reviews.sampling`` can repeat the selection.
    """

    kind = "review_begun"

    month = models.CharField(_("month"), max_length=7, unique=True)
    seed = models.CharField(_("seed of the sample"), max_length=64)
    checkpoint_size = models.PositiveBigIntegerField(_("entries of the checkpoint it comes from"))
    checkpoint_root = models.CharField(_("root of that checkpoint"), max_length=64)
    entries = models.PositiveIntegerField(_("disclosures of the month"))
    many_fields = models.PositiveSmallIntegerField(_("so many fields are many"))
    sample_size = models.PositiveSmallIntegerField(_("so many are drawn"))
    must_see = models.JSONField(_("must be seen"))
    sampled = models.JSONField(_("drawn by lot"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("beginning of a month’s review")
        verbose_name_plural = _("beginnings of months’ reviews")


class ReviewVerdict(AppendOnly, SealedRow):
    """A reviewer's verdict on one entry of a month; the newest verdict on an entry counts.

    ``proposed_by``, ``approved_by`` and ``done_by`` are the people who had a part in the entry, and must not judge it.
    """

    kind = "review_verdict"

    class Verdict(models.TextChoices):
        """The result of looking at the entry."""

        RIGHT = "right", pgettext_lazy("verdict", "Right")
        QUESTIONED = "questioned", _("Questioned")

    month = models.CharField(_("month"), max_length=7)
    what = models.CharField(_("what"), max_length=16, choices=Reviewed)
    row_key = models.PositiveBigIntegerField(_("row"))
    proposed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    done_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    words = SealedField(_("in words"), kind=Kind.REQUEST, null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("verdict of a review")
        verbose_name_plural = _("verdicts of reviews")
        indexes = [models.Index(fields=["month", "-id"], name="verdict_by_month")]
        constraints = [
            models.CheckConstraint(
                name="nobody_judges_their_own",
                condition=~models.Q(by=models.F("done_by"))
                & (models.Q(proposed_by__isnull=True) | ~models.Q(by=models.F("proposed_by")))
                & (models.Q(approved_by__isnull=True) | ~models.Q(by=models.F("approved_by"))),
            )
        ]

    def sealed_for(self) -> str:
        """The review of its month."""
        return f"review {self.month}"

    @property
    def named(self) -> tuple[str, int]:
        """The kind of the entry it is about, and the primary key of the entry's row."""
        return self.what, self.row_key


class MonthReview(AppendOnly):
    """The sign-off of a month: the entries reviewed, and a checkpoint of the log that covers all their verdicts.

    ``looked_at``: ``[table, row, [why, …], verdict]``. ``consistent``: before the sign-off, the log was proved to be a
    continuation of the log that the ``previous`` review is bound to.
    """

    kind = "month_review"

    month = models.CharField(_("month"), max_length=7, unique=True)
    begun = models.OneToOneField(ReviewBegun, on_delete=models.PROTECT, related_name="review")
    looked_at = models.JSONField(_("looked at"))
    questioned = models.PositiveIntegerField(_("questioned"))
    checkpoint_size = models.PositiveBigIntegerField(_("entries of the checkpoint"))
    checkpoint_root = models.CharField(_("root of the checkpoint"), max_length=64)
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")
    consistent = models.BooleanField(_("the log was proved to go on from the last review"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("review of a month")
        verbose_name_plural = _("reviews of months")
        constraints = [
            models.CheckConstraint(name="a_review_stands_on_one_log", condition=models.Q(consistent=True)),
            models.UniqueConstraint(
                fields=["consistent"], condition=models.Q(previous=None), name="one_review_is_the_first"
            ),
        ]


class AccessVerdict(AppendOnly):
    """A reviewer's verdict on whether a person keeps a role or a grant; the newest one in a quarter counts.

    The verdict ``END`` changes nothing by itself: the role is removed, or the grant ended, by the act for it.
    """

    kind = "access_verdict"

    class What(models.TextChoices):
        """What the person holds."""

        ROLE = "role", _("role")
        GRANT = "grant", _("personal grant")

    class Verdict(models.TextChoices):
        """Whether the person keeps it."""

        KEEP = "keep", _("Keep")
        END = "end", _("End")

    quarter = models.CharField(_("quarter"), max_length=7)
    what = models.CharField(_("what"), max_length=8, choices=What)
    row_key = models.PositiveBigIntegerField(_("row"))
    person = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="access_verdicts")
    role = models.CharField(_("role"), max_length=60, blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict)

    class Meta(AppendOnly.Meta):
        verbose_name = _("verdict on a role or grant")
        verbose_name_plural = _("verdicts on roles and grants")
        indexes = [
            models.Index(fields=["quarter", "-id"], name="access_verdict_by_quarter"),
            models.Index(fields=["what", "row_key", "-id"], name="access_verdict_by_row"),
        ]
        constraints = [
            models.CheckConstraint(name="nobody_keeps_their_own", condition=~models.Q(by=models.F("person")))
        ]


class AccessReview(AppendOnly):
    """The sign-off of a quarter's review of access. ``looked_at``: ``[table, row, verdict]``."""

    kind = "access_review"

    quarter = models.CharField(_("quarter"), max_length=7, unique=True)
    looked_at = models.JSONField(_("looked at"))
    kept = models.PositiveIntegerField(_("to keep"))
    ended = models.PositiveIntegerField(_("to end"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("review of access")
        verbose_name_plural = _("reviews of access")
