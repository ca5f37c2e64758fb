"""Forms about one customer: how the customer opted out, consented or accepted the policy; and a message to write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.choices.consents import NOT_AT_THE_DESK, Evidence
from consent.models import Channel, ConsentEvent, MessageTemplate, PolicyAcceptance, Purpose
from consent.outreach.send import LONGEST_SUBJECT, LONGEST_TEXT
from customers.admin_forms.base import PLAIN, AskingForm, DateTimeInput
from customers.admin_forms.casework import CHOOSE, ticket_field

THROUGH = [choice for choice in ConsentEvent.Through.choices if choice[0] not in NOT_AT_THE_DESK]
EVERY = [("", _("every channel")), *Channel.choices]


class PurposeChoices(forms.ModelMultipleChoiceField):
    """Purposes to choose from, several at a time, shown as chips by name."""

    def label_from_instance(self, obj: Any) -> str:
        """The purpose's name in the reader's language."""
        return str(obj.name)


class PurposeChoice(forms.ModelChoiceField):
    """A choice of one purpose, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """The purpose's name in the reader's language."""
        return str(obj.name)


class SaidForm(AskingForm):
    """How the customer said something: through what, in which ticket, when, and in which words (stored sealed)."""

    through = forms.ChoiceField(
        label=_("Said through"), choices=THROUGH, widget=forms.RadioSelect, error_messages=CHOOSE,
        initial=ConsentEvent.Through.PHONE,
    )  # fmt: skip
    ticket = ticket_field()
    asked_at = forms.DateTimeField(
        label=_("Said when"), required=False, widget=DateTimeInput(), help_text=_("Empty: just now.")
    )
    words = forms.CharField(
        label=_("In the customer’s words"), required=False, max_length=1000, widget=forms.TextInput(attrs=PLAIN),
        help_text=_("It is sealed."),
    )  # fmt: skip

    def evidence(self) -> Evidence:
        """The cleaned data as the ``Evidence`` that the acts take; only after ``is_valid()``."""
        data = self.cleaned_data
        return Evidence(data["through"], data["ticket"], data["asked_at"], data["words"])


class OptOutForm(SaidForm):
    """An opt-out: from which purposes, by one channel or by every channel."""

    purposes = PurposeChoices(
        Purpose.objects.none(), label=_("No more"), widget=forms.CheckboxSelectMultiple, to_field_name="code",
        error_messages={"required": _("Choose what the customer opts out of."), "invalid_choice": _("Choose one.")},
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("Channel"), choices=EVERY, widget=forms.RadioSelect, required=False, initial="")
    field_order = ("purposes", "channel", "through", "ticket")

    def __init__(self, *args: Any, purposes: list[Purpose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [purpose.pk for purpose in purposes]
        self.fields["purposes"].queryset = Purpose.objects.filter(pk__in=keys).order_by("pk")  # type: ignore[attr-defined]
        self.fields["purposes"].initial = [purpose.code for purpose in purposes]


class ConsentForm(SaidForm):
    """A consent by one of the channels in ``ways``; the ticket is required."""

    channel = forms.ChoiceField(label=_("Channel"), choices=(), widget=forms.RadioSelect, error_messages=CHOOSE)
    field_order = ("channel", "through", "ticket")

    def __init__(self, *args: Any, ways: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [choice for choice in Channel.choices if choice[0] in ways]  # type: ignore[attr-defined]
        self.fields["ticket"].required = True
        self.fields["ticket"].error_messages["required"] = _(
            "Type the number of the ticket under which the customer’s consent is kept."
        )


class WithdrawForm(SaidForm):
    """The withdrawal of a consent, by one channel or by every channel."""

    channel = forms.ChoiceField(label=_("Channel"), choices=EVERY, widget=forms.RadioSelect, required=False, initial="")
    field_order = ("channel", "through", "ticket")


class AcceptForm(AskingForm):
    """The acceptance of the policy: how, when (empty: now), and the ticket."""

    how = forms.ChoiceField(
        label=_("How"), choices=PolicyAcceptance.How.choices, widget=forms.RadioSelect, error_messages=CHOOSE
    )
    accepted_at = forms.DateTimeField(
        label=_("When"), required=False, widget=DateTimeInput(), help_text=_("Empty: just now.")
    )
    ticket = ticket_field()


class WriteForm(AskingForm):
    """A message to the customer: from a template, or with a subject and text of its own."""

    purpose = PurposeChoice(
        Purpose.objects.none(), label=_("What for"), widget=forms.RadioSelect, empty_label=None, to_field_name="code",
        error_messages=CHOOSE,
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[choice for choice in Channel.choices if choice[0] != Channel.PHONE],
        widget=forms.RadioSelect, initial=Channel.EMAIL, error_messages=CHOOSE,
    )  # fmt: skip
    template = forms.ModelChoiceField(
        MessageTemplate.objects.none(), label=_("Template"), required=False,
        empty_label=_("words of your own, below"), error_messages={"invalid_choice": _("Choose one.")},
    )  # fmt: skip
    subject = forms.CharField(
        label=_("Subject"), required=False, max_length=LONGEST_SUBJECT, widget=forms.TextInput(attrs=PLAIN),
        help_text=_("Without names or other data of the customer: mail servers read it."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Text"), required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={**PLAIN, "rows": 8})
    )

    def __init__(self, *args: Any, purposes: list[Purpose], templates: list[MessageTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].queryset = Purpose.objects.filter(pk__in=[p.pk for p in purposes])  # type: ignore[attr-defined]
        field = self.fields["template"]
        field.queryset = MessageTemplate.objects.filter(pk__in=[template.pk for template in templates])  # type: ignore[attr-defined]
        field.label_from_instance = lambda template: f"{template.purpose.name}: {template.code}"  # type: ignore[attr-defined]
