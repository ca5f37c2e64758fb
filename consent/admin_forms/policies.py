"""Forms for officers: purposes, policy versions and their publications, limits of news, message templates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.models import Channel, ContactLimit, Publication, Purpose
from consent.policies.versions import LONGEST_TEXT
from customers.admin_forms.base import PLAIN, AskingForm
from customers.admin_forms.casework import CHOOSE

OFF = {"autocomplete": "off"}


def long_text(label: Any, *, rows: int = 10, longest: int = LONGEST_TEXT, **kwargs: Any) -> forms.CharField:
    """A field for text of several lines; white space at its ends is kept."""
    area = forms.Textarea(attrs={**PLAIN, "rows": rows})
    return forms.CharField(label=label, max_length=longest, widget=area, strip=False, **kwargs)


class VersionForm(AskingForm):
    """A new version of the policy: its label, what changes, and its texts."""

    label = forms.CharField(
        label=_("Version"), max_length=40, widget=forms.TextInput(attrs={**OFF, "placeholder": "2026-03"})
    )
    changes = forms.CharField(label=_("What changes"), max_length=300, widget=forms.TextInput(attrs=OFF))
    is_material = forms.BooleanField(
        label=_("A material change: customers have to accept it anew"), required=False, initial=True
    )
    text_vi = long_text(_("Text in Vietnamese"))
    text_en = long_text(_("Text in English"), required=False)


class PublicationForm(AskingForm):
    """A publication of a policy version: on which site it was seen, in which language, and the text found there."""

    site = forms.ChoiceField(
        label=_("Site"), choices=Publication.Site.choices, widget=forms.RadioSelect, error_messages=CHOOSE
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=Publication.Language.choices, widget=forms.RadioSelect, error_messages=CHOOSE,
        initial=Publication.Language.VI, help_text=_("The Vietnamese text counts; the English one is kept beside it."),
    )  # fmt: skip
    url = forms.CharField(
        label=_("Address of the page"), max_length=300,
        widget=forms.URLInput(attrs={**PLAIN, "placeholder": "https://"}),
    )  # fmt: skip
    text = long_text(_("The text that is there now"), help_text=_("Paste it from the page; it is compared."))


class PurposeForm(AskingForm):
    """A new purpose: code, name and explanation in both languages, legal basis, channels and source."""

    code = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attrs=OFF))
    name_vi = forms.CharField(label=_("Name in Vietnamese"), max_length=80, widget=forms.TextInput(attrs=OFF))
    name_en = forms.CharField(label=_("Name in English"), max_length=80, widget=forms.TextInput(attrs=OFF))
    words_vi = forms.CharField(label=_("Explained in Vietnamese"), max_length=300, widget=forms.TextInput(attrs=OFF))
    words_en = forms.CharField(label=_("Explained in English"), max_length=300, widget=forms.TextInput(attrs=OFF))
    basis = forms.ChoiceField(
        label=_("Legal basis"), choices=Purpose.Basis.choices, widget=forms.RadioSelect, error_messages=CHOOSE
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple, error_messages=CHOOSE
    )
    source = forms.CharField(label=_("Source"), max_length=200, widget=forms.TextInput(attrs=OFF))


class LimitForm(AskingForm):
    """Limit of news for one channel; ``instead_of`` is the key of the row that the page showed."""

    from_hour = forms.IntegerField(label=_("From (full hour)"), min_value=0, max_value=23)
    to_hour = forms.IntegerField(label=_("Until (full hour)"), min_value=1, max_value=24)
    a_day = forms.IntegerField(label=_("At most in 24 hours"), min_value=1, max_value=100)
    source = forms.CharField(label=_("Source"), max_length=200, widget=forms.TextInput(attrs=OFF))
    confidence = forms.ChoiceField(
        label=_("Confidence"), choices=ContactLimit._meta.get_field("confidence").choices or ()
    )
    instead_of = forms.IntegerField(widget=forms.HiddenInput)
    verified = forms.BooleanField(
        label=_("I stand for it that the text of the law, or a lawyer, says so"), required=False
    )


class TemplateForm(AskingForm):
    """A message template: its purpose, and subject and text in both languages."""

    code = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attrs=OFF))
    purpose = forms.ModelChoiceField(
        Purpose.objects.none(), label=_("What for"), to_field_name="code", empty_label=None, error_messages=CHOOSE,
        widget=forms.RadioSelect,
    )  # fmt: skip
    subject_vi = forms.CharField(label=_("Subject in Vietnamese"), max_length=120, widget=forms.TextInput(attrs=OFF))
    text_vi = long_text(_("Text in Vietnamese"), rows=6, longest=4000)
    subject_en = forms.CharField(label=_("Subject in English"), max_length=120, widget=forms.TextInput(attrs=OFF))
    text_en = long_text(
        _("Text in English"), rows=6, longest=4000, help_text=_("{reference} becomes the customer’s reference.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].queryset = Purpose.objects.order_by("pk")  # type: ignore[attr-defined]
        self.fields["purpose"].label_from_instance = lambda purpose: purpose.name  # type: ignore[attr-defined]
