"""Forms to find customers, verify a caller, reveal a value and break glass."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN, AskingForm, ReasonForm
from customers.models import CustomerRequest
from customers.models.records import RevealReason


class RevealForm(ReasonForm):
    """Why a value is revealed; the likeliest reason is preselected."""

    likely = RevealReason.CALL_BACK


class BreakGlassForm(ReasonForm):
    """Why glass is broken; no reason is preselected."""


class FindForm(AskingForm):
    """The search text."""

    text = forms.CharField(
        label=_("E-mail, phone, reference, ticket or name"),
        max_length=200,
        widget=forms.TextInput(attrs={**PLAIN, "autofocus": True}),
        error_messages={"required": _("Type an e-mail address, a phone number, a reference, a ticket or a name.")},
    )


class VerifyForm(AskingForm):
    """What a caller says: it is compared with what is on file and not stored."""

    email = forms.CharField(
        label=_("E-mail"), required=False, max_length=254, widget=forms.TextInput(attrs={**PLAIN, "autofocus": True})
    )
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40, widget=forms.TextInput(attrs=PLAIN))
    name = forms.CharField(label=_("Full name"), required=False, max_length=200, widget=forms.TextInput(attrs=PLAIN))
    request = forms.ModelChoiceField(
        CustomerRequest.objects.none(), label=_("The caller stands by"), required=False, empty_label=_("no request")
    )

    def __init__(self, *args: Any, requests: QuerySet[CustomerRequest] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["request"]
        if requests is None or not requests.exists():
            del self.fields["request"]
        else:
            field.queryset = requests
            field.label_from_instance = lambda row: f"{row.number} {row.get_request_kind_display()}"
