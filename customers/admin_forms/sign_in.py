"""Forms of the sign-in, based on allauth's: password, code, security key; every try is counted, misses are recorded."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import AskingForm
from customers.models import StaffMember
from customers.sign_in import second_factors
from customers.sign_in.allauth_adapters import WRONG_FACTOR, WRONG_PASSWORD, visitor_of
from customers.sign_in.allauth_internals import (
    generate_totp_secret,
    record_authentication,
    validate_totp_code,
    webauthn,
)
from customers.sign_in.rate_limits import TooManyTries, give_back, take_try
from customers.sign_in.records import note_confirmed, note_wrong_factor
from customers.vault.errors import Unreadable

PLAIN_CODE = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", "inputmode": "numeric"}
PENDING = "second_factor_pending"
"""Session key of the app's secret during setup, sealed for the person."""


MOST_OF_AN_ANSWER = 16_000
"""Longest answer of a security key in characters; a real one has a few hundred."""


def writable(text: str, sentence: str) -> str:
    """Return the text. Raises ``ValidationError(sentence)`` for text that UTF-8 or PostgreSQL cannot store."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError(sentence) from None
    if "\0" in text:
        raise ValidationError(sentence)
    return text


class AnswerField(forms.JSONField):
    """The JSON answer of a security key, sent by a script: an object, limited in length and depth."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> None:
        """Return None, so that the answer is not shown on the page again."""

    def prepare_value(self, value: Any) -> str:
        """Render an empty value, for the same reason."""
        return ""

    def to_python(self, value: Any) -> Any:
        """Parse the answer to a dict. Raises ``ValidationError`` for anything else."""
        sentence = _("The security key did not answer as expected; try again.")
        if isinstance(value, str) and len(value) > MOST_OF_AN_ANSWER:
            raise ValidationError(sentence)
        try:
            answer = super().to_python(value)
            writable(json.dumps(answer, ensure_ascii=False), str(sentence))
        except (ValueError, RecursionError):
            raise ValidationError(sentence) from None
        if not isinstance(answer, dict) or "\\u0000" in str(value):
            raise ValidationError(sentence)
        return answer


class SignInForm(LoginForm):
    """Username and password, with the labels and attributes of this application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["login"].label = _("Username")
        self.fields["password"].label = _("Password")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autocapitalize": "off", "autofocus": True}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        """The username, stripped. Raises ``ValidationError`` for a NUL, which PostgreSQL refuses."""
        return writable(super().clean_login(), str(_("That is no username.")))

    def clean_password(self) -> str:
        """The password as typed. Raises ``ValidationError`` where it cannot be stored."""
        return writable(self.cleaned_data["password"], str(WRONG_PASSWORD))


class CodeInput(forms.TextInput):
    """An input for a code, which is not shown again after an error."""

    def format_value(self, value: Any) -> None:
        """Return None: the typed code is not rendered."""


class ProofForm(AskingForm):
    """A second factor, given at the sign-in or at a step-up (``again``); wrong ones are counted and recorded."""

    def __init__(self, *args: Any, user: Any, again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user: StaffMember = user
        self.again = again
        self.authenticator: Authenticator | None = None

    def proven(self) -> Authenticator | None:
        """The factor that the given data prove, or None. Subclasses override it."""
        return None

    def clean(self) -> dict[str, Any]:
        """Check one try: it is counted before the check, and recorded where it was wrong."""
        data = super().clean() or {}
        if self.errors:
            return data
        visitor = visitor_of(context.request, self.user)
        try:
            take_try(self.user, visitor, name=self.user.username)
        except TooManyTries as late:
            raise ValidationError(str(late)) from None
        with second_factors.of(self.user):
            self.authenticator = self.proven()
        if self.authenticator is None:
            note_wrong_factor(self.user, visitor)
            raise ValidationError(WRONG_FACTOR)
        give_back(visitor, name=self.user.username)
        return data

    def save(self) -> None:
        """Note in the session that this factor was given now; at a step-up, a record is written first."""
        assert self.authenticator is not None
        if self.again:
            note_confirmed(self.user, visitor_of(context.request, self.user), self.authenticator.type)
        Authenticator.objects.filter(pk=self.authenticator.pk).update(last_used_at=timezone.now())
        record_authentication(context.request, self.user, "mfa", type=self.authenticator.type)


class CodeForm(ProofForm):
    """A code from an authenticator app, or a recovery code."""

    code = forms.CharField(label=_("Code"), max_length=20, widget=CodeInput(attrs={**PLAIN_CODE, "autofocus": True}))

    def proven(self) -> Authenticator | None:
        """The app, or the recovery codes, whose unused code this is; or None."""
        code = self.cleaned_data["code"]
        authenticators = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        for authenticator in authenticators.order_by("-type"):  # the app first
            try:
                if authenticator.wrap().validate_code(code):
                    return authenticator
            except Unreadable:  # the row holds a secret sealed for another person
                continue
        return None


class KeyForm(ProofForm):
    """A security key's answer to the challenge in this session, which works once."""

    credential = AnswerField()

    def proven(self) -> Authenticator | None:
        """The security key that signed the answer, or None."""
        answer = self.cleaned_data["credential"]
        try:
            webauthn.parse_authentication_response(answer)
            return webauthn.complete_authentication(self.user, answer)
        except DatabaseError:
            raise
        except Exception:  # the library's parsers raise many types for a malformed answer
            return None


class AppForm(AskingForm):
    """The first code of an authenticator app, computed from the secret shown on the page."""

    code = forms.CharField(label=_("The six digits it shows"), max_length=20, widget=forms.TextInput(attrs=PLAIN_CODE))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user: StaffMember = user
        with second_factors.of(user):
            self.secret = self._pending() if self.is_bound else ""
            if not self.secret:
                self.secret = generate_totp_secret()
                context.request.session[PENDING] = second_factors.sealed(self.secret)

    def _pending(self) -> str:
        """The secret shown last to this person in this session, or ""."""
        try:
            return second_factors.opened(context.request.session.get(PENDING, ""))
        except Unreadable:
            return ""

    def clean_code(self) -> str:
        """Check the code against the secret. Raises ``ValidationError`` where it does not fit."""
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code):
            raise ValidationError(_("That is not the code of the secret shown. Wait for the next one, then type it."))
        return code

    def save(self, *, bound: str | None = None) -> list[str]:
        """Store the app and mark the typed code as used. Returns recovery codes, if new ones were made."""
        codes = second_factors.set_app(self.user, self.secret, bound=bound)
        with second_factors.of(self.user):
            Authenticator.objects.get(user=self.user, type=Authenticator.Type.TOTP).wrap().validate_code(
                self.cleaned_data["code"]
            )
        context.request.session.pop(PENDING, None)
        return codes


class NewKeyForm(AddWebAuthnForm):
    """A new security key, by its answer to the challenge in this session."""

    credential = AnswerField()
    name = forms.CharField(
        label=_("What to call it"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any]:
        """Clean as allauth does; a malformed answer is reported like one that does not verify."""
        try:
            data: dict[str, Any] = super().clean()
        except (ValidationError, DatabaseError):
            raise
        except Exception:  # as in ``KeyForm.proven``
            raise ValidationError(_("The security key did not answer as expected; try again.")) from None
        return data

    def save(self, *, bound: str | None = None) -> list[str]:
        """Store the key. Returns recovery codes, if new ones were made."""
        return second_factors.add_key(
            self.user, self.cleaned_data["name"], self.cleaned_data["credential"], bound=bound
        )
