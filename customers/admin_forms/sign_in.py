"""What staff type, or hold against their machine, to come in: the library's forms, counted and on record."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret, validate_totp_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import AskingForm
from customers.models import StaffMember
from customers.sign_in import second_factors
from customers.sign_in.allauth_adapters import WRONG_FACTOR, WRONG_PASSWORD, visitor_of
from customers.sign_in.rate_limits import TooManyTries, give_back, take_try
from customers.sign_in.records import note_confirmed, note_wrong_factor
from customers.vault.errors import Unreadable

PLAIN_CODE = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false", "inputmode": "numeric"}
PENDING = "second_factor_pending"
"""In the session, sealed for its person, while an app is being set up."""


MOST_OF_AN_ANSWER = 16_000
"""Characters; a security key's answer has a few hundred."""


def writable(text: str, sentence: str) -> str:
    """The text, or the sentence where it has what no encoding or database can keep."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError(sentence) from None
    if "\0" in text:
        raise ValidationError(sentence)
    return text


class AnswerField(forms.JSONField):
    """What a security key answered, by way of a script: an object of texts, not too long or too deep."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> None:
        """Nothing of it stands on the page again."""

    def prepare_value(self, value: Any) -> str:
        """The same."""
        return ""

    def to_python(self, value: Any) -> Any:
        """The object. Raises ``ValidationError`` for anything else."""
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
    """Username and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["login"].label = _("Username")
        self.fields["password"].label = _("Password")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autocapitalize": "off", "autofocus": True}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""

    def clean_login(self) -> str:
        """As typed, without spaces around; PostgreSQL would not even look for a NUL."""
        return writable(super().clean_login(), str(_("That is no username.")))

    def clean_password(self) -> str:
        """As typed."""
        return writable(self.cleaned_data["password"], str(WRONG_PASSWORD))


class CodeInput(forms.TextInput):
    """For a code: what was typed does not stand there again, wrong as it was."""

    def format_value(self, value: Any) -> None:
        """Nothing."""


class ProofForm(AskingForm):
    """A second factor, given at the sign-in or again later (``again``): wrong ones are counted and on record."""

    def __init__(self, *args: Any, user: Any, again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user: StaffMember = user
        self.again = again
        self.authenticator: Authenticator | None = None

    def proven(self) -> Authenticator | None:
        """The factor that what was given proves; none, unless the kind of form says otherwise."""
        return None

    def clean(self) -> dict[str, Any]:
        """One try: counted before it is looked at, on record where it was wrong."""
        data = super().clean() or {}
        if self.errors:
            return data
        come = visitor_of(context.request, self.user)
        try:
            take_try(self.user, come, name=self.user.username)
        except TooManyTries as late:
            raise ValidationError(str(late)) from None
        with second_factors.of(self.user):
            self.authenticator = self.proven()
        if self.authenticator is None:
            note_wrong_factor(self.user, come)
            raise ValidationError(WRONG_FACTOR)
        give_back(come, name=self.user.username)
        return data

    def save(self) -> None:
        """Keep in the session that this factor was given just now; given again, that is on record first."""
        assert self.authenticator is not None
        if self.again:
            note_confirmed(self.user, visitor_of(context.request, self.user), self.authenticator.type)
        Authenticator.objects.filter(pk=self.authenticator.pk).update(last_used_at=timezone.now())
        record_authentication(context.request, self.user, "mfa", type=self.authenticator.type)


class CodeForm(ProofForm):
    """A code: from an authenticator app, or one of the recovery codes."""

    code = forms.CharField(label=_("Code"), max_length=20, widget=CodeInput(attrs={**PLAIN_CODE, "autofocus": True}))

    def proven(self) -> Authenticator | None:
        """The app whose code this is, not used before; or the recovery codes it is one of."""
        code = self.cleaned_data["code"]
        kept = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        for each in kept.order_by("-type"):  # the app first
            try:
                if each.wrap().validate_code(code):
                    return each
            except Unreadable:  # another person's secret in this row: it proves nothing
                continue
        return None


class KeyForm(ProofForm):
    """A security key's answer to a challenge that this session holds, once."""

    credential = AnswerField()

    def proven(self) -> Authenticator | None:
        """The security key that answered."""
        answer = self.cleaned_data["credential"]
        try:
            webauthn.parse_authentication_response(answer)
            return webauthn.complete_authentication(self.user, answer)
        except DatabaseError:
            raise
        except Exception:  # the library's parsers raise whatever their depths do; none of it is a proof
            return None


class AppForm(AskingForm):
    """A first code from an authenticator app that has just taken up the secret shown."""

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
        """The secret shown last, or "" where there is none of this person's."""
        try:
            return second_factors.opened(context.request.session.get(PENDING, ""))
        except Unreadable:
            return ""

    def clean_code(self) -> str:
        """The app has the secret if its code fits."""
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code):
            raise ValidationError(_("That is not the code of the secret shown. Wait for the next one, then type it."))
        return code

    def save(self, *, bound: str | None = None) -> list[str]:
        """The app is the person's, and the code just typed is used; recovery codes where they are new."""
        codes = second_factors.set_app(self.user, self.secret, bound=bound)
        with second_factors.of(self.user):
            Authenticator.objects.get(user=self.user, type=Authenticator.Type.TOTP).wrap().validate_code(
                self.cleaned_data["code"]
            )
        context.request.session.pop(PENDING, None)
        return codes


class NewKeyForm(AddWebAuthnForm):
    """A security key that has just answered a challenge of this session."""

    credential = AnswerField()
    name = forms.CharField(
        label=_("What to call it"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean(self) -> dict[str, Any]:
        """As the library's; an answer that makes no sense is told as one that does not fit."""
        try:
            data: dict[str, Any] = super().clean()
        except (ValidationError, DatabaseError):
            raise
        except Exception:  # as where a key is asked for
            raise ValidationError(_("The security key did not answer as expected; try again.")) from None
        return data

    def save(self, *, bound: str | None = None) -> list[str]:
        """The key is the person's; recovery codes where they are new."""
        return second_factors.add_key(
            self.user, self.cleaned_data["name"], self.cleaned_data["credential"], bound=bound
        )
