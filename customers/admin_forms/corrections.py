"""Forms about corrections, answers, service logins, legal deadlines and links."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN, AskingForm
from customers.admin_forms.casework import CHOOSE, PointChoice, ticket_field
from customers.casework.information_requests import FIELDS, FieldAnswer
from customers.models import (
    ContactPoint,
    Correction,
    CustomerRequest,
    InformationAnswer,
    InformationRequest,
    LegalDeadline,
)
from customers.models.requests import Right


class RequestChoice(forms.ModelChoiceField):
    """A choice of one of the customer's open requests, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            CustomerRequest.objects.none(), required=False, blank=True, widget=forms.RadioSelect,
            empty_label=_("none: on our initiative"), error_messages=CHOOSE, **kwargs,
        )  # fmt: skip

    def label_from_instance(self, obj: Any) -> str:
        """Number and kind of the request."""
        return f"{obj.number} {obj.get_request_kind_display()}"


class CorrectForm(AskingForm):
    """The new value of a datum, and why it is changed."""

    value = forms.CharField(
        label=_("As it should be"), max_length=254, widget=forms.TextInput(attrs={**PLAIN, "autofocus": True}),
        error_messages={"required": _("Type the new value, in up to 200 characters on one line.")},
    )  # fmt: skip
    request = RequestChoice(label=_("On which request"))
    ground = forms.ChoiceField(
        label=_("What is wrong with it"), choices=Correction.Ground.choices, widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("What is done"), choices=Correction.Kind.choices, widget=forms.RadioSelect, error_messages=CHOOSE
    )
    proof = forms.ChoiceField(
        label=_("Evidence"),
        choices=[choice for choice in Correction.Proof.choices if choice[0] != Correction.Proof.FILE],
        widget=forms.RadioSelect, initial=Correction.Proof.CALL, error_messages=CHOOSE,
    )  # fmt: skip
    ticket = ticket_field()
    text = forms.CharField(
        label=_("In your own words"), required=False, max_length=500, widget=forms.TextInput(attrs=PLAIN),
        help_text=_("What you saw or heard. It is sealed."),
    )  # fmt: skip
    knowingly = forms.BooleanField(
        label=_("I have made sure that this address belongs to this customer now"), required=False,
        widget=forms.HiddenInput,
    )  # fmt: skip

    def __init__(self, *args: Any, requests: QuerySet[CustomerRequest], on_file: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = requests.last()
        field: Any = self.fields["request"]
        field.queryset = requests
        field.initial = newest.pk if newest else None
        self.fields["kind"].initial = Correction.Kind.UPDATE if on_file else Correction.Kind.SUPPLEMENT
        self.fields["ground"].initial = Correction.Ground.OUTDATED if on_file else Correction.Ground.INCOMPLETE
        if newest is not None and newest.ticket:
            self.fields["ticket"].initial = newest.ticket

    def ask_whether_known(self) -> None:
        """Show the checkbox that confirms whose the address is now, after ``KnownElsewhere``."""
        self.fields["knowingly"].widget = forms.CheckboxInput()


class AnswerForm(AskingForm):
    """What to do with each field of an answer; only fields that were asked for can be entered."""

    proof = forms.ChoiceField(
        label=_("How the answer came"),
        choices=[(code, label) for code, label in Correction.Proof.choices if code in ("ticket", "call", "document")],
        widget=forms.RadioSelect, initial=Correction.Proof.CALL, error_messages=CHOOSE,
    )  # fmt: skip
    ticket = ticket_field()
    knowingly = forms.BooleanField(
        label=_("I have made sure that this address belongs to this customer now"),
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, question: InformationRequest, points: QuerySet[ContactPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(question.fields)
        fields: dict[str, forms.Field] = {}
        outcomes = dict(InformationAnswer.Outcome.choices)
        for name in self.asked:
            field = FIELDS[name]
            codes = [code for code in outcomes if code != "corrected" or field.corrects]
            fields[f"{name}_outcome"] = forms.ChoiceField(
                label=field.label,  # type: ignore[arg-type]
                choices=[(code, outcomes[code]) for code in codes], widget=forms.RadioSelect,
                error_messages=CHOOSE,
            )  # fmt: skip
            if field.corrects:
                fields[f"{name}_value"] = forms.CharField(
                    label=_("As it should be"), required=False, max_length=254, widget=forms.TextInput(attrs=PLAIN),
                    help_text=_("Only where it is taken into a correction."),
                )  # fmt: skip
            if field.corrects and (candidates := points.filter(channel=str(field.corrects))).count() > 1:
                sender = candidates.filter(pk=question.request.from_point_id or 0).first()
                choice = PointChoice(label=_("Which one it replaces"), required=False)
                choice.offer(candidates, sender)
                fields[f"{name}_point"] = choice
        self.fields = {**fields, **self.fields}
        self.points = {str(channel): points.filter(channel=channel).last() for channel in ContactPoint.Channel}

    def taken(self) -> dict[str, FieldAnswer]:
        """The ``taken`` argument of ``information_requests.take_answer``, by field."""
        data = self.cleaned_data
        return {
            name: FieldAnswer(
                data[f"{name}_outcome"],
                data.get(f"{name}_value", ""),
                data[f"{name}_point"] if f"{name}_point" in data else self.points.get(str(FIELDS[name].corrects)),
                data["knowingly"],
            )
            for name in self.asked
        }

    def clean(self) -> dict[str, Any]:
        """Require the choice of the replaced address where a new one is given and several are on file."""
        data = super().clean() or {}
        for name in self.asked:
            corrects = data.get(f"{name}_outcome") == "corrected"
            if corrects and f"{name}_point" in self.fields and not data.get(f"{name}_point"):
                self.add_error(f"{name}_point", _("Choose one."))
        return data

    def ask_whether_known(self) -> None:
        """Show the checkbox that confirms whose the address is now, after ``KnownElsewhere``."""
        self.fields["knowingly"].widget = forms.CheckboxInput()


class ServiceForm(AskingForm):
    """First login and secret of a service."""

    login = forms.CharField(
        label=_("Login"), max_length=200, widget=forms.TextInput(attrs={**PLAIN, "autofocus": True})
    )
    secret = forms.CharField(
        label=_("Secret"), max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class RotateForm(AskingForm):
    """A new secret; empty for a random one."""

    secret = forms.CharField(
        label=_("New secret"), required=False, max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Empty: a random one is made. Whoever needs it reveals it, on record."),
    )  # fmt: skip


class DeadlineForm(AskingForm):
    """A new deadline for a right."""

    right = forms.ChoiceField(label=_("Right"), choices=Right.choices)
    amount = forms.IntegerField(label=_("Within"), min_value=1, max_value=9000)
    unit = forms.ChoiceField(label=_("Unit"), choices=LegalDeadline.Unit.choices)
    third_party = forms.IntegerField(
        label=_("Within, where somebody else has to act too"), min_value=0, max_value=9000, initial=0,
        help_text=_("0: the same."),
    )  # fmt: skip
    extension = forms.IntegerField(label=_("Extension"), min_value=0, max_value=9000, initial=0)
    source = forms.CharField(label=_("Source"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    confidence = forms.ChoiceField(label=_("Confidence"), choices=LegalDeadline.Confidence.choices)
    instead_of = forms.IntegerField(widget=forms.HiddenInput)
    verified = forms.BooleanField(
        label=_("I stand for it that the text of the law, or a lawyer, says so"), required=False
    )


class LinkForm(AskingForm):
    """A link to another organisation's page."""

    title_vi = forms.CharField(label=_("Title in Vietnamese"), max_length=100)
    title_en = forms.CharField(label=_("Title in English"), max_length=100)
    url = forms.CharField(
        label=_("Address"), max_length=300, widget=forms.URLInput(attrs={**PLAIN, "placeholder": "https://"}),
        help_text=_("Without anything of a customer’s in it."),
    )  # fmt: skip
