"""What staff type."""

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.utils.translation import gettext_lazy as _

from customers import teams
from customers.models import StaffMember
from customers.models.records import RevealReason
from customers.reveal import TICKET


class OwnPasswordForm(AdminPasswordChangeForm):
    """One's own new password; setting it is an act like any other."""

    def save(self, commit: bool = True) -> StaffMember:
        """On record."""
        teams.set_password(self.user, self.cleaned_data["new_password1"], by=self.user)
        return self.user


class RevealForm(forms.Form):
    """Why a value is to be revealed; the likeliest reason is chosen beforehand."""

    error_css_class = "wrong"

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=RevealReason.choices,
        initial=RevealReason.CALL_BACK,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pick a reason."), "invalid_choice": _("Pick a reason.")},
    )
    ticket = forms.RegexField(
        rf"^(?:{TICKET.pattern})$",
        label=_("Ticket"),
        required=False,
        max_length=40,
        error_messages={"invalid": _("That does not look like a ticket number, for example T-88120.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "T-88120"}),
    )
    text = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Needed for “Other”. It is sealed."),
    )

    def clean(self) -> dict[str, object]:
        """``Other`` needs words."""
        data = super().clean() or {}
        if data.get("reason") == RevealReason.OTHER and not str(data.get("text", "")).strip():
            self.add_error("text", _("Say the reason in words."))
        return data

    def full_clean(self) -> None:
        """Cleaned, the first field with an error takes the focus."""
        super().full_clean()
        wrong = next((name for name in self.fields if self.is_bound and self.has_error(name)), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True
