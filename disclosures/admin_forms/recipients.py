"""What is typed about recipients, commitments and permissions."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN, AskingForm, DayInput
from customers.admin_forms.casework import CHOOSE, ticket_field
from disclosures.admin_forms.base import DocumentField, fields_choice, text_line
from disclosures.models import CustomerPermission, Document, RecipientKind
from disclosures.recipients.legal_bases import COMMITTABLE
from disclosures.recipients.recipients import Details


class DetailsForm(AskingForm):
    """Who a recipient is, and how to reach them."""

    name = text_line(_("Name"), longest=200, required=True)
    contact = text_line(
        _("Official contact"), longest=300, required=True, help_text=_("Number, address or mailbox of the office.")
    )
    found = text_line(
        _("Where the contact was found"), longest=200, required=True,
        help_text=_("On whose site, in which register. A letter’s own head does not count."),
    )  # fmt: skip
    country = text_line(_("Country"), longest=2, required=True, initial="VN")
    age_key = forms.CharField(
        label=_("age public key"), required=False, max_length=100,
        widget=forms.TextInput(attrs={**PLAIN, "placeholder": "age1…"}),
        help_text=_("Packages are sealed to it. Without one nothing can be released."),
    )  # fmt: skip

    def details(self) -> Details:
        """What was typed."""
        data = self.cleaned_data
        return Details(data["name"], data["contact"], data["found"], data["country"], data["age_key"])


class RecipientForm(DetailsForm):
    """A new recipient; whom a customer names is put on file from the customer's page."""

    kind = forms.ChoiceField(
        label=_("Kind"), widget=forms.RadioSelect, error_messages=CHOOSE, initial=RecipientKind.AUTHORITY,
        choices=[choice for choice in RecipientKind.choices if choice[0] != RecipientKind.NAMED],
        help_text=_("There is no other kind. Data is not sold, and nobody else gets it."),
    )  # fmt: skip
    field_order = ("kind",)


class CommitmentForm(AskingForm):
    """A processor's commitment."""

    document = DocumentField(label=_("Signed document"), error_messages={"required": _("Add the signed document.")})
    signed_on = forms.DateField(label=_("Signed on"), widget=DayInput())
    valid_until = forms.DateField(label=_("Valid until"), widget=DayInput(), help_text=_("To the end of that day."))
    fields_covered = fields_choice(COMMITTABLE)


class PermissionForm(AskingForm):
    """What a customer permits."""

    fields_permitted = fields_choice()
    until = forms.DateField(label=_("Until"), widget=DayInput(), help_text=_("To the end of that day, at most a year."))
    through = forms.ChoiceField(
        label=_("How the customer said it"), choices=CustomerPermission.Through.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )  # fmt: skip
    ticket = ticket_field()
    words = text_line(_("In your own words"), longest=1000, help_text=_("It is sealed."))


class TakenBackForm(AskingForm):
    """On which ticket a permission was taken back."""

    ticket = ticket_field()


class NothingForm(AskingForm):
    """A step that needs no words."""


class ReadForm(AskingForm):
    """To read what is sealed: nothing is opened by a form that came empty."""

    read = forms.ChoiceField(choices=[("yes", "yes")], widget=forms.HiddenInput, initial="yes")


class AddDocumentForm(AskingForm):
    """Another document of a request."""

    document = DocumentField(label=_("Document"), error_messages={"required": _("Choose a file.")})
    what = forms.ChoiceField(
        label=_("What it is"), widget=forms.RadioSelect, error_messages=CHOOSE, initial=Document.What.LETTER,
        choices=[choice for choice in Document.What.choices if choice[0] != Document.What.COMMITMENT],
    )  # fmt: skip
