"""Forms about staff: passwords, a new person, a role, a team."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN, AskingForm
from customers.models import Role, StaffMember, Team
from customers.staff import accounts


class OwnPasswordForm(AdminPasswordChangeForm):
    """The page on which the person changes their own password."""

    def save(self, commit: bool = True) -> StaffMember:
        """Set the password by an act, with a record; ``commit`` is ignored."""
        accounts.set_password(self.user, self.cleaned_data["new_password1"], by=self.user)
        return self.user  # type: ignore[no-any-return]


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """The password chosen by a sign-in link, whose token is checked again when the password is set."""

    def __init__(self, *args: Any, token: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token = token

    def save(self, commit: bool = True) -> StaffMember:
        """Set the password by an act, with a record; ``commit`` is ignored."""
        accounts.set_password(self.user, self.cleaned_data["new_password1"], by=self.user, link=self.token)
        return self.user  # type: ignore[no-any-return]


class PersonForm(AskingForm):
    """A new member of staff."""

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
    """A choice of a role, by its name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """The role's name, and whether it is held for all teams or for one."""
        scope = gettext("all teams") if obj.all_teams else gettext("for one team")
        return f"{gettext(obj.name)} ({scope})"


class RoleForm(AskingForm):
    """The role to give, and the team it is held for."""

    role = NamedRole(Role.objects.order_by("all_teams", "pk"), label=_("Role"), empty_label=_("Choose a role"))
    team = forms.ModelChoiceField(
        Team.objects.all(), label=_("Team"), required=False, empty_label=_("No single team"),
        help_text=_("For agents and leads. The other roles are held for all teams."),
    )  # fmt: skip


class TeamForm(AskingForm):
    """A new team."""

    name = forms.CharField(label=_("Name of the team"), max_length=100, widget=forms.TextInput(attrs=PLAIN))
