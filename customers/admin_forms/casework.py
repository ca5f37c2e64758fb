"""Forms about requests, information requests, addresses and holds, and the choice of links."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN, AskingForm, DateTimeInput, ReasonForm
from customers.casework.addresses import may_write_to
from customers.casework.information_requests import FIELDS, NEEDED
from customers.models import ContactPoint, CustomerRequest, Hold, HoldContact, OutsideLink
from customers.models.requests import About
from customers.validation.text import LONGEST
from customers.validation.tickets import TICKET

PICK = {"required": _("Pick a reason."), "invalid_choice": _("Pick a reason.")}
CHOOSE = {"required": _("Choose one."), "invalid_choice": _("Choose one.")}
WORDS = 1000
TOO_LONG = _("This is longer than 20,000 characters: keep what is asked for, leave the rest in the ticket.")


def ticket_field() -> forms.RegexField:
    """An optional field for a ticket number."""
    return forms.RegexField(
        rf"^(?:{TICKET.pattern})$",
        label=_("Ticket"),
        required=False,
        max_length=40,
        error_messages={"invalid": _("That does not look like a ticket number, for example T-88120.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "T-…"}),
    )


class PointChoice(forms.ModelChoiceField):
    """A choice of one of the customer's addresses, masked."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            ContactPoint.objects.none(),
            widget=forms.RadioSelect,
            error_messages=CHOOSE,
            **{"empty_label": None, **kwargs},
        )

    def label_from_instance(self, obj: Any) -> str:
        """Channel and mask, and the state where the address is not active."""
        label = f"{obj.get_channel_display()} {obj.address}"
        return label if obj.state == ContactPoint.State.ACTIVE else f"{label} ({obj.get_state_display()})"

    def offer(self, points: QuerySet[ContactPoint], first: ContactPoint | None = None) -> None:
        """Offer these addresses, ``first`` preselected."""
        self.queryset = points
        self.initial = first.pk if first else None


class RequestForm(AskingForm):
    """A request to register."""

    kind = forms.ChoiceField(
        label=_("What is asked for"), choices=CustomerRequest.Kind.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )  # fmt: skip
    about = forms.MultipleChoiceField(
        label=_("About which data"), choices=About.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    came_by = forms.ChoiceField(
        label=_("How it came in"), choices=CustomerRequest.CameBy.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )  # fmt: skip
    from_point = PointChoice(label=_("From"), required=False, blank=True, empty_label=_("another one, or none"))
    from_text = forms.CharField(
        label=_("From another address or number"), required=False, max_length=254, widget=forms.TextInput(attrs=PLAIN),
        help_text=_("Only where it is none of those on file. It is looked at and kept nowhere."),
    )  # fmt: skip
    ticket = ticket_field()
    text = forms.CharField(
        label=_("In the customer’s words"), max_length=LONGEST, widget=forms.Textarea(attrs={**PLAIN, "rows": 5}),
        help_text=_("It is sealed; opening it later goes on record."), strip=False,
        error_messages={
            "required": _("Type or paste what the customer asks for."),
            "max_length": TOO_LONG,
        },
    )  # fmt: skip
    received_at = forms.DateTimeField(
        label=_("Received"), required=False, widget=DateTimeInput(),
        help_text=_("Empty: just now. The clocks run from then."),
    )  # fmt: skip
    third_party = forms.BooleanField(
        label=_("Somebody else has to act too, for example a payment processor"), required=False
    )

    def __init__(self, *args: Any, points: QuerySet[ContactPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from_point"].offer(points)  # type: ignore[attr-defined]


class WordsForm(AskingForm):
    """A text that says why or how; it is stored sealed."""

    words = forms.CharField(
        label=_("In your own words"), max_length=WORDS, widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 3}),
        help_text=_("It is sealed; officers can open it."),
        error_messages={"required": _("Say in a few words why, or how.")},
    )  # fmt: skip


class WhyForm(AskingForm):
    """A choice of one coded reason."""

    why = forms.ChoiceField(label=_("Reason"), choices=(), widget=forms.RadioSelect, error_messages=PICK)

    def __init__(self, *args: Any, reasons: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].choices = reasons  # type: ignore[attr-defined]


class RefuseRequestForm(WhyForm):
    """Why a request is refused; the letter names the coded reason, never the text."""

    words = forms.CharField(
        label=_("In your own words"), required=False, max_length=WORDS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Needed for “Other”. It is sealed and not part of the letter."),
    )  # fmt: skip


class AskForm(AskingForm):
    """Which fields the customer is asked for, and at which address."""

    fields_asked = forms.MultipleChoiceField(
        label=_("What is needed"), choices=(), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what this kind of request needs; nothing else is asked for.")},
    )  # fmt: skip
    point = PointChoice(label=_("Ask at"))

    def __init__(self, *args: Any, request: CustomerRequest, points: list[ContactPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needed = NEEDED[request.request_kind]
        self.fields["fields_asked"].choices = [(name, FIELDS[name].label) for name in needed]  # type: ignore[attr-defined]
        usable = [point.pk for point in points if may_write_to(point)]
        self.fields["point"].offer(  # type: ignore[attr-defined]
            ContactPoint.objects.filter(pk__in=usable).order_by("channel", "pk"),
            next((point for point in points if point.pk in usable), None),
        )


class TicketForm(AskingForm):
    """The ticket an act belongs to."""

    ticket = ticket_field()


class SuspendForm(ReasonForm):
    """Why an address is suspended, and the evidence."""

    reasons = Hold.Reason  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [choice for choice in Hold.Reason.choices if choice[0] != Hold.Reason.SHARED]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
        self.fields["text"].label = _("What you saw")
        self.fields["text"].help_text = _("Needed where there is no ticket, and for “Other”. It is sealed.")


class ContactForm(AskingForm):
    """How the customer of a hold was contacted, and with which result."""

    IN_PERSON = "in_person"

    over = forms.ChoiceField(label=_("Reached"), choices=(), widget=forms.RadioSelect, error_messages=CHOOSE)
    result = forms.ChoiceField(
        label=_("Result"), choices=HoldContact.Result.choices, widget=forms.RadioSelect, error_messages=CHOOSE
    )
    who = forms.CharField(
        label=_("Who was spoken to"), required=False, max_length=200,
        widget=forms.TextInput(attrs=PLAIN), help_text=_("It is sealed."),
    )  # fmt: skip
    spoken_at = forms.DateTimeField(
        label=_("When"), required=False, widget=DateTimeInput(), help_text=_("Empty: just now.")
    )

    def __init__(self, *args: Any, ways: list[ContactPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ways = {str(point.pk): point for point in ways}
        choices = [(key, f"{point.get_channel_display()} {point.address}") for key, point in self.ways.items()]
        self.fields["over"].choices = [*choices, (self.IN_PERSON, gettext("in person"))]  # type: ignore[attr-defined]
        self.fields["over"].initial = choices[0][0] if choices else self.IN_PERSON

    def clean(self) -> dict[str, object]:
        """Turn the choice ``over`` into the act's arguments ``way`` and ``over`` (an address or None)."""
        data = super().clean() or {}
        over = self.ways.get(str(data.get("over")))
        data["way"] = over.channel if over else HoldContact.Way.IN_PERSON
        data["over"] = over
        return data


class ReadBackCodeForm(AskingForm):
    """The code a customer reads back."""

    code = forms.CharField(
        label=_("Code"), max_length=20,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "numeric", "autofocus": True}),
        help_text=_("Six digits, as the customer reads them from the letter."),
    )  # fmt: skip


class LinksChoice(forms.ModelMultipleChoiceField):
    """A choice of links of the register."""

    def clean(self, value: Any) -> Any:
        """Clean as Django does; a key too large for the database counts as one that no row has."""
        try:
            return super().clean(value)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["required"], code="invalid_choice") from None


class LinksForm(AskingForm):
    """Which links to send."""

    links = LinksChoice(
        OutsideLink.objects.none(), label=_("Links"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a link from the register.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["links"]
        field.queryset = OutsideLink.objects.filter(is_active=True).order_by("pk")
        field.label_from_instance = lambda link: link.title
