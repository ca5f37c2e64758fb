"""What officers type when they let disclosing go on."""

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import AskingForm
from customers.admin_forms.casework import WORDS, ticket_field


class LiftForm(AskingForm):
    """What was found out, and what was done."""

    words = forms.CharField(
        label=_("What was found out, and what was done"), max_length=WORDS,
        widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 3}),
        help_text=_("It is sealed; those who work on disclosures can open it."),
        error_messages={"required": _("Say in a few words what was found out, and what was done.")},
    )  # fmt: skip
    ticket = ticket_field()
