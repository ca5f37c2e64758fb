"""What is typed about requests from outside: the letter, checks and scope, the second person's word, ends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN, AskingForm, DateTimeInput, DayInput
from customers.admin_forms.casework import CHOOSE, PICK, WORDS
from disclosures.admin_forms.base import DocumentField, fields_choice, text_line
from disclosures.models import DisclosureRequest, EmergencyReview, NonDisclosure, Recipient, RecipientKind
from disclosures.requests.decisions import Checks, ScopeLine
from disclosures.requests.register import RequestDetails

Key = tuple[str, str]


class MeantForm(AskingForm):
    """Who is meant."""

    identifiers = forms.CharField(
        label=_("Who is meant"), widget=forms.Textarea(attrs={**PLAIN, "rows": 3}), strip=False,
        help_text=_(
            "A line for each customer: e-mail, phone, reference or name. Several facts about one are parted by “;”,"
            " and all have to fit."
        ),
        error_messages={"required": _("Each line names a customer: by e-mail, phone, reference or name.")},
    )  # fmt: skip


class LetterForm(MeantForm):
    """A request as it came in."""

    recipient = forms.ModelChoiceField(
        Recipient.objects.none(), label=_("Who asks"), error_messages=CHOOSE, empty_label=None
    )
    document = DocumentField(label=_("Original document"), required=False)
    asked = fields_choice()
    number = text_line(_("Number of the request"), longest=60)
    instrument = text_line(_("Instrument"), help_text=_("Law and article, or decision, that it rests on."))
    signer = text_line(_("Signed by"))
    rank = text_line(_("Rank"))
    phone = text_line(_("Phone number in the letter"), help_text=_("So that nobody calls back on it."))
    came_by = forms.ChoiceField(
        label=_("How it came in"), choices=DisclosureRequest.CameBy.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE, initial=DisclosureRequest.CameBy.POST,
    )  # fmt: skip
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=DisclosureRequest.Urgency.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE, initial=DisclosureRequest.Urgency.ORDINARY,
    )  # fmt: skip
    received_at = forms.DateTimeField(
        label=_("Received"), required=False, widget=DateTimeInput(),
        help_text=_("Empty: just now. The clock runs from then."),
    )  # fmt: skip
    reply_by = forms.DateTimeField(
        label=_("Reply by"), required=False, widget=DateTimeInput(),
        help_text=_("Where the letter sets a time; the earlier of it and the law’s counts."),
    )  # fmt: skip
    field_order = ("recipient", "document", "identifiers", "asked")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held: Any = self.fields["recipient"]
        active = Recipient.objects.filter(state=Recipient.State.ACTIVE).exclude(recipient_kind=RecipientKind.NAMED)
        held.queryset = active.select_related("current").order_by("recipient_kind", "pk")
        held.label_from_instance = lambda row: f"{row.current.name} ({row.get_recipient_kind_display()})"

    def letter(self) -> RequestDetails:
        """What was typed."""
        names = ("identifiers", "asked", "came_by", "received_at", "urgency", "reply_by", "signer", "rank")
        data = self.cleaned_data
        rest = {name: data[name] for name in ("instrument", "number", "phone")}
        return RequestDetails(**{name: data[name] for name in names}, **rest)


class PermittedLetterForm(AskingForm):
    """What somebody asks for whom a customer permits it to."""

    asked = fields_choice()
    document = DocumentField(label=_("Original document"), required=False)
    came_by = forms.ChoiceField(
        label=_("How it came in"), choices=DisclosureRequest.CameBy.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE, initial=DisclosureRequest.CameBy.EMAIL,
    )  # fmt: skip


def key_of(line: ScopeLine) -> str:
    """A line of a scope, as a form names it."""
    return f"{line.customer}/{line.field}"


class ScopeForm(AskingForm):
    """What was checked, and what is given: everything is withheld that is not ticked."""

    give = forms.MultipleChoiceField(label=_("Give"), choices=(), required=False, widget=forms.CheckboxSelectMultiple)
    sender = text_line(_("How you know that it comes from this sender"), longest=WORDS)
    signer = text_line(_("How you know that the signer may ask for it"), longest=WORDS)
    instrument = text_line(_("Where the instrument covers what is asked"), longest=WORDS)
    call_number = text_line(_("Call back: number"), help_text=_("Found independently; never the one in their letter."))
    call_found = text_line(_("Where you found the number"), longest=WORDS)
    call_to = text_line(_("Whom you spoke to"))
    called_at = forms.DateTimeField(
        label=_("When you called"), required=False, widget=DateTimeInput(), help_text=_("Empty: just now.")
    )

    CHECKS = ("sender", "signer", "instrument", "call_number", "call_found", "call_to", "called_at")

    def __init__(
        self, *args: Any, lines: list[ScopeLine], needed: list[str], unchecked: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.unchecked = lines, unchecked
        offered = [(key_of(line), line.label) for line in lines if line.held]
        self.fields["give"].choices = offered  # type: ignore[attr-defined]
        if "call" not in needed:
            for name in ("signer", "instrument", "call_number", "call_found", "call_to", "called_at"):
                if name not in needed:
                    del self.fields[name]
        for line in lines:
            self.fields[f"why/{key_of(line)}"] = forms.ChoiceField(
                label=_("Why not"), choices=DisclosureRequest.WhyWithheld.choices, required=False,
                initial=DisclosureRequest.WhyWithheld.NOT_NEEDED, error_messages=PICK,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """What still has to be checked is said here, beside what was typed: nothing of it is lost."""
        cleaned: dict[str, Any] = super().clean() or {}
        calls = ("call_number", "call_found", "call_to")
        asked = [name for item in self.unchecked for name in (calls if item == "call" else (item,))]
        for name in asked:
            if name in self.fields and not cleaned.get(name) and not self.has_error(name):
                self.add_error(name, _("This has to be checked before anything is proposed."))
        return cleaned

    @property
    def rows(self) -> list[tuple[ScopeLine, Any, Any]]:
        """Each line with its box to tick (None where nothing is held) and its reason."""
        boxes = {str(box.data["value"]): box for box in self["give"]}
        return [(line, boxes.get(key_of(line)), self[f"why/{key_of(line)}"]) for line in self.lines]

    @property
    def check_fields(self) -> list[Any]:
        """What is asked about the checks."""
        return [self[name] for name in self.CHECKS if name in self.fields]

    @property
    def given(self) -> set[Key]:
        """The lines that are given."""
        return {(line.customer, line.field) for line in self.lines if key_of(line) in self.cleaned_data["give"]}

    @property
    def why(self) -> dict[Key, str]:
        """Why each other line is withheld."""
        told = {(line.customer, line.field): self.cleaned_data.get(f"why/{key_of(line)}") for line in self.lines}
        return {key: why for key, why in told.items() if why}

    def checks(self) -> Checks:
        """What was checked, in words."""
        return Checks(**{name: self.cleaned_data[name] for name in self.CHECKS if name in self.fields})


class ApproveForm(AskingForm):
    """The second person's word: as proposed, or less."""

    withheld = forms.MultipleChoiceField(
        label=_("Leave out"), choices=(), required=False, widget=forms.CheckboxSelectMultiple
    )
    why = forms.ChoiceField(
        label=_("Why less"), required=False, choices=[("", "–"), *DisclosureRequest.WhyWithheld.choices]
    )
    proposal = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: list[ScopeLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.give]
        offered = [(key_of(line), f"{line.customer}: {line.label}") for line in self.lines]
        self.fields["withheld"].choices = offered  # type: ignore[attr-defined]

    @property
    def left_out(self) -> set[Key]:
        """The lines that are left out."""
        return {(line.customer, line.field) for line in self.lines if key_of(line) in self.cleaned_data["withheld"]}


class RefuseForm(AskingForm):
    """Why nothing is given."""

    why = forms.ChoiceField(
        label=_("Reason"), choices=DisclosureRequest.WhyRefused.choices, widget=forms.RadioSelect, error_messages=PICK
    )
    words = text_line(_("In your own words"), longest=WORDS, help_text=_("It is sealed and not part of the letter."))


class OptionalWordsForm(AskingForm):
    """Words, where there is something to say."""

    words = text_line(_("In your own words"), longest=WORDS, help_text=_("It is sealed."))


class EmergencyReviewForm(OptionalWordsForm):
    """What a second person thinks of what one released."""

    verdict = forms.ChoiceField(
        label=_("Verdict"), choices=EmergencyReview.Verdict.choices, widget=forms.RadioSelect, error_messages=CHOOSE
    )
    field_order = ("verdict",)


class OrderForm(AskingForm):
    """An order not to tell the customer."""

    form = forms.ChoiceField(
        label=_("How it was ordered"), choices=NonDisclosure.Form.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE, initial=NonDisclosure.Form.WRITTEN,
    )  # fmt: skip
    instrument = text_line(_("What it rests on"), required=True)
    until = forms.DateField(
        label=_("Until"), widget=DayInput(), help_text=_("To the end of that day; an oral order holds 30 days at most.")
    )
    document = DocumentField(label=_("Written order"), required=False)
    words = text_line(_("In your own words"), longest=WORDS, help_text=_("It is sealed."))
