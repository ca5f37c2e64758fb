"""What staff type to find, verify and reveal."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN, AskingForm, ReasonForm
from customers.models import CustomerRequest
from customers.models.records import RevealReason


class RevealForm(ReasonForm):
    """Why a value is to be revealed; the likeliest reason is chosen beforehand."""

    likely = RevealReason.CALL_BACK


class BreakGlassForm(ReasonForm):
    """Why glass is to be broken; nothing is chosen beforehand."""


class FindForm(AskingForm):
    """Whom one looks for."""

    text = forms.CharField(
        label=_("E-mail, phone, reference, ticket or name"),
        max_length=200,
        widget=forms.TextInput(attrs={**PLAIN, "autofocus": True}),
        error_messages={"required": _("Type an e-mail address, a phone number, a reference, a ticket or a name.")},
    )


class VerifyForm(AskingForm):
    """What a caller says. It is held against what is on file and kept nowhere."""

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
            field.label_from_instance = lambda found: f"{found.number} {found.get_request_kind_display()}"
