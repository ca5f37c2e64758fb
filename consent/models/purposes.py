"""What customers' data may be used for, by which channels, and when news may be sent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models import ContactPoint, LegalDeadline, StaffMember


class Channel(models.TextChoices):
    """The channels by which customers are contacted."""

    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")
    PHONE = "phone", _("call")

    @property
    def address(self) -> ContactPoint.Channel:
        """The kind of contact point that the channel uses."""
        return ContactPoint.Channel.EMAIL if self == Channel.EMAIL else ContactPoint.Channel.PHONE


class Purpose(AppendOnly):
    """What data may be used for. Never changed: a new use is a new purpose, and inherits no consent."""

    kind = "purpose"

    class Basis(models.TextChoices):
        """The legal basis of the purpose."""

        CONTRACT = "contract", _("contract")
        OPT_OUT = "opt_out", _("policy, until the customer opts out")
        OPT_IN = "opt_in", _("consent")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    basis = models.CharField(_("legal basis"), max_length=16, choices=Basis)
    source = models.CharField(_("source"), max_length=200)
    stopped_by_opt_out = models.BooleanField(_("stopped by an opt-out"))
    channels = models.JSONField(_("channels"))
    name_vi = models.CharField(_("name in Vietnamese"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    words_vi = models.CharField(_("explained in Vietnamese"), max_length=300)
    words_en = models.CharField(_("explained in English"), max_length=300)

    class Meta(AppendOnly.Meta):
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        constraints = [
            models.CheckConstraint(
                name="only_a_contract_outlives_an_opt_out",
                condition=models.Q(stopped_by_opt_out=True) | models.Q(basis="contract"),
            )
        ]

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_vi if (get_language() or "")[:2] == "vi" else self.name_en

    @property
    def words(self) -> str:
        """The explanation in the reader's language."""
        return self.words_vi if (get_language() or "")[:2] == "vi" else self.words_en

    @property
    def is_news(self) -> bool:
        """True unless the legal basis is the contract: quiet hours and a daily limit apply to news."""
        return self.basis != self.Basis.CONTRACT


class ContactLimit(AppendOnly):
    """When and how often news may be sent by one channel, with the source. The newest row of a channel counts.

    Hours are full hours in Vietnam; ``to_hour`` is excluded.
    """

    kind = "contact_limit"

    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    from_hour = models.PositiveSmallIntegerField(_("from"))
    to_hour = models.PositiveSmallIntegerField(_("until"))
    a_day = models.PositiveSmallIntegerField(_("at most in 24 hours"))
    source = models.CharField(_("source"), max_length=200)
    confidence = models.CharField(_("confidence"), max_length=16, choices=LegalDeadline.Confidence)
    verified_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("verified by")
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("limit of news")
        verbose_name_plural = _("limits of news")
        indexes = [models.Index(fields=["channel", "-id"], name="limit_by_channel")]
        constraints = [
            models.CheckConstraint(
                name="hours_of_one_day",
                condition=models.Q(from_hour__lt=models.F("to_hour"), to_hour__lte=24, a_day__gte=1),
            )
        ]
