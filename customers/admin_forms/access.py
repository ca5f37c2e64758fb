"""Forms about access: a personal grant, and more of a budget."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.access.grants import GRANTABLE
from customers.admin_forms.base import DayInput, ReasonForm
from customers.models import Budget, StaffMember
from customers.models.access import GrantReason


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
        """Check that the days lie between today and ``GRANT_DAYS_AT_MOST`` from now, the end not before the start."""
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
    """Which person is allowed more of which budget."""

    person = forms.ModelChoiceField(StaffMember.objects.none())
    budget = forms.ChoiceField(choices=Budget.choices)

    def __init__(self, *args: Any, people: QuerySet[StaffMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
