"""What staff type."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import SetPasswordForm
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers import people
from customers.grants import GRANTABLE
from customers.models import Budget, Role, StaffMember, Team
from customers.models.access import GrantReason
from customers.models.records import RevealReason
from customers.tickets import TICKET

PLAIN = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
"""For what is typed about customers: the browser neither keeps nor corrects it."""


class OwnPasswordForm(AdminPasswordChangeForm):
    """One's own new password; setting it is an act like any other."""

    def save(self, commit: bool = True) -> StaffMember:
        """On record."""
        people.set_password(self.user, self.cleaned_data["new_password1"], by=self.user)
        return self.user  # type: ignore[no-any-return]


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """The password chosen through a sign-in link, whose token is looked at once more when it is kept."""

    def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token = token

    def save(self, commit: bool = True) -> StaffMember:
        """On record."""
        people.set_password(self.user, self.cleaned_data["new_password1"], by=self.user, link=self.token)
        return self.user  # type: ignore[no-any-return]


class AskingForm(forms.Form):
    """A form of the desk: no colons, and the first field with an error takes the focus."""

    error_css_class = "wrong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def full_clean(self) -> None:
        """Cleaned, the first field with an error takes the focus."""
        super().full_clean()
        wrong = next((name for name in self.fields if self.is_bound and self.has_error(name)), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True


class ReasonForm(AskingForm):
    """Why something is done: a reason, a ticket, and words where the reason is none of the usual ones."""

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
        """``Other`` needs words."""
        data = super().clean() or {}
        if data.get("reason") == "other" and not str(data.get("text", "")).strip():
            self.add_error("text", _("Say the reason in words."))
        return data


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


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class GrantForm(ReasonForm):
    """Who gets which rights on a customer, until when and why."""

    field_order = ["person", "rights", "first", "last", "reason", "ticket", "text"]
    reasons = GrantReason
    WEEK = timedelta(days=7)

    person = forms.ModelChoiceField(StaffMember.objects.none(), label=_("Who"), empty_label=_("Choose a person"))
    rights = forms.MultipleChoiceField(
        label=_("May"), choices=list(GRANTABLE.items()), initial=["see_customers"], widget=forms.CheckboxSelectMultiple
    )
    first = forms.DateField(label=_("From"), required=False, widget=DayInput(), help_text=_("Empty: from now on."))
    last = forms.DateField(label=_("Until the end of"), widget=DayInput())

    def __init__(self, *args: Any, people: QuerySet[StaffMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.today = timezone.localdate()
        self.fields["last"].initial = self.today + self.WEEK

    def clean(self) -> dict[str, object]:
        """Days that a grant may begin and end on."""
        data = super().clean()
        latest = self.today + timedelta(days=settings.GRANT_DAYS_AT_MOST)
        for name in ("first", "last"):
            day = data.get(name)
            if isinstance(day, date) and not self.today <= day <= latest:
                self.add_error(
                    name, gettext("Choose a day from today to %(latest)s.") % {"latest": date_format(latest)}
                )
        first, last = data.get("first"), data.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", gettext("Choose an end on or after the start."))
        return data


class AllowForm(forms.Form):
    """Whom to allow more of what."""

    person = forms.ModelChoiceField(StaffMember.objects.none())
    budget = forms.ChoiceField(choices=Budget.choices)

    def __init__(self, *args: Any, people: QuerySet[StaffMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class PersonForm(AskingForm):
    """Somebody new at the desk."""

    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("It stands in every record and is never used again for somebody else."),
    )
    first_name = forms.CharField(label=_("First name"), max_length=150, widget=forms.TextInput(attrs=PLAIN))
    email = forms.EmailField(
        label=_("E-mail at work"),
        max_length=254,
        widget=forms.EmailInput(attrs=PLAIN),
        help_text=_("The link to choose a password goes there."),
    )


class NamedRole(forms.ModelChoiceField):
    """A role by its name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """Its name, and for how many teams it is held."""
        return f"{gettext(obj.name)} ({gettext('all teams') if obj.all_teams else gettext('for one team')})"


class RoleForm(AskingForm):
    """A role, and the team it is held for."""

    role = NamedRole(Role.objects.order_by("all_teams", "pk"), label=_("Role"), empty_label=_("Choose a role"))
    team = forms.ModelChoiceField(
        Team.objects.all(), label=_("Team"), required=False, empty_label=_("No single team"),
        help_text=_("For agents and leads. The other roles are held for all teams."),
    )  # fmt: skip


class TeamForm(AskingForm):
    """A new team."""

    name = forms.CharField(label=_("Name of the team"), max_length=100, widget=forms.TextInput(attrs=PLAIN))
