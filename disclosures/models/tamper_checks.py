"""Results of checking the log for tampering, and lifts of the freeze of disclosing that a failed check sets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow

OFFICERS_NEEDED = 2
"""How many different officers it takes to lift the freeze after a failed check."""


class TamperCheck(AppendOnly):
    """The result of a check of the log, over the entries before its own: ``whole``, or the first finding.

    ``what`` is the verifier's sentence on the first finding, ``more`` the number of further findings, ``anchors`` the
    number of checkpoints from outside the database that the log was compared with, ``last_good`` the size of the
    newest checkpoint that is still correct.
    """

    kind = "tamper_check"

    LONGEST = 300

    size = models.BigIntegerField(_("entries checked"))
    anchors = models.PositiveIntegerField(_("anchors"))
    whole = models.BooleanField(_("whole"))
    first_bad = models.BigIntegerField(_("first bad entry"), null=True)
    what = models.CharField(_("what is wrong"), max_length=LONGEST, blank=True, default="")
    more = models.PositiveIntegerField(_("further findings"), default=0)
    last_good = models.BigIntegerField(_("last good checkpoint"), null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("check of the log")
        verbose_name_plural = _("checks of the log")
        indexes = [models.Index(fields=["whole", "-id"], name="tamper_check_by_answer")]
        constraints = [
            models.CheckConstraint(
                name="a_failed_check_says_what",
                condition=models.Q(whole=True, first_bad__isnull=True, what="", more=0)
                | (models.Q(whole=False) & ~models.Q(what="")),
            )
        ]


class FreezeLift(AppendOnly, SealedRow):
    """One officer's lift of the freeze after a failed check; two different officers are needed."""

    kind = "freeze_lift"

    tamper_check = models.ForeignKey(TamperCheck, on_delete=models.PROTECT, related_name="lifts")
    ticket = models.CharField(_("ticket"), max_length=40, blank=True, default="")
    words = SealedField(_("in words"), kind=Kind.REQUEST)

    class Meta(AppendOnly.Meta):
        verbose_name = _("lifting of a freeze")
        verbose_name_plural = _("liftings of a freeze")
        constraints = [models.UniqueConstraint(fields=["tamper_check", "by"], name="an_officer_lifts_a_freeze_once")]

    def sealed_for(self) -> str:
        """The check it is about: the words belong to no customer."""
        return f"check {self.tamper_check_id}"
