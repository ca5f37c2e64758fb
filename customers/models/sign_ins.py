"""Records of signing in: each sign-in and sign-out of staff, each wrong try, each change of a second factor."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.append_only import AppendOnly
from customers.models.staff import StaffMember


class SignIn(AppendOnly):
    """One event of signing in or out. Where nobody has proved who they are, ``by`` is the reserved account.

    ``origin`` and ``browser`` are keyed digests (16 hex digits) of a network address and of a browser that has been
    signed in with before: they show only whether two are the same. What was typed is not kept.
    """

    kind = "sign_in"

    class What(models.TextChoices):
        """What happened."""

        SIGNED_IN = "signed_in", _("signed in")
        CONFIRMED = "confirmed", _("second factor given again")
        SIGNED_OUT = "signed_out", _("signed out")
        PASSWORD_WRONG = "password_wrong", _("wrong username or password")
        FACTOR_WRONG = "factor_wrong", _("wrong second factor")
        TURNED_AWAY = "turned_away", _("turned away after too many tries")
        FACTOR_ADDED = "factor_added", _("second factor added")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        CODES_MADE = "codes_made", _("recovery codes made")

    class Factor(models.TextChoices):
        """The kind of second factor; the codes are django-allauth's."""

        TOTP = "totp", _("code from an authenticator app")
        WEBAUTHN = "webauthn", _("security key")
        RECOVERY_CODES = "recovery_codes", _("recovery code")

    what = models.CharField(_("what"), max_length=16, choices=What)
    person = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, related_name="sign_ins", verbose_name=_("person")
    )
    factor = models.CharField(_("second factor"), max_length=16, choices=Factor, blank=True, default="")
    origin = models.CharField(_("network address, as a digest"), max_length=16, blank=True, default="")
    browser = models.CharField(_("known browser, as a digest"), max_length=16, blank=True, default="")

    class Meta(AppendOnly.Meta):
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        indexes = [
            models.Index(fields=["person", "at"], name="sign_in_by_person"),
            models.Index(fields=["origin", "at"], name="sign_in_by_origin"),
            models.Index(fields=["browser", "at"], name="sign_in_by_browser"),
        ]
