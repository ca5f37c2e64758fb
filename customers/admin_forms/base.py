"""Base forms and widgets of the admin."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models.access import GrantReason
from customers.models.records import RevealReason
from customers.validation.tickets import TICKET

PLAIN = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
"""Attributes of inputs for customer data: the browser neither stores nor corrects it."""


class AskingForm(forms.Form):
    """A form of the desk: no colons, and the first field with an error takes the focus."""

    error_css_class = "wrong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def full_clean(self) -> None:
        """Clean, then set the focus on the first field with an error."""
        super().full_clean()
        wrong = next((name for name in self.fields if self.is_bound and self.has_error(name)), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True


class ReasonForm(AskingForm):
    """Reason for an act: a code, a ticket, and a text, which the reason "other" needs."""

    PICK = {"required": _("Pick a reason."), "invalid_choice": _("Pick a reason.")}

    reason = forms.ChoiceField(label=_("Reason"), choices=(), widget=forms.RadioSelect, error_messages=PICK)
    ticket = forms.RegexField(
        rf"^(?:{TICKET.pattern})$",
        label=_("Ticket"),
        required=False,
        max_length=40,
        error_messages={"invalid": _("That does not look like a ticket number, for example T-88120.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "T-…"}),
    )
    text = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Needed for “Other”. It is sealed."),
    )

    reasons: type[RevealReason] | type[GrantReason] = RevealReason
    likely: str | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = self.reasons.choices  # type: ignore[attr-defined]
        self.fields["reason"].initial = self.likely

    def clean(self) -> dict[str, object]:
        """Require a text for the reason "other"."""
        data = super().clean() or {}
        if data.get("reason") == "other" and not str(data.get("text", "")).strip():
            self.add_error("text", _("Say the reason in words."))
        return data


class DayInput(forms.DateInput):
    """A date input with the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """A date and time input with the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")
