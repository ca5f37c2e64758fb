"""What reviewers say: one word on each entry of a page, and what is questioned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import AskingForm
from customers.admin_forms.casework import WORDS
from disclosures.admin_forms.base import text_line
from disclosures.models import ReviewVerdict

VERDICT, IN_WORDS = "v-", "w-"
CHOOSE = {"invalid_choice": _("Choose one.")}


def named_in(data: Any) -> list[str]:
    """The entries that a page was asked about, as it was when it was sent."""
    return [field.removeprefix(VERDICT) for field in data or () if field.startswith(VERDICT)]


class VerdictsForm(AskingForm):
    """A choice for each of these names; ``seen`` is the newest verdict that was known when the page was made.

    The button “sign” wants a choice for all of them, the other one for at least one.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, data: Any = None, *, names: Iterable[str], choices: Sequence[Any], with_words: bool, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.names = list(dict.fromkeys(names))
        self.signs = data is not None and "sign" in data
        for name in self.names:
            self.fields[VERDICT + name] = forms.ChoiceField(
                label=_("Verdict"), choices=choices, required=False, widget=forms.RadioSelect, error_messages=CHOOSE
            )
            if with_words:
                self.fields[IN_WORDS + name] = text_line(_("What is questioned"), longest=WORDS)

    def clean(self) -> dict[str, Any]:
        """The two buttons' demands, and words for each question."""
        cleaned: dict[str, Any] = super().clean() or {}
        missing = [name for name in self.names if not cleaned.get(VERDICT + name)]
        for name in missing if self.signs else ():
            if not self.has_error(VERDICT + name):
                self.add_error(VERDICT + name, _("Choose one."))
        if self.names and len(missing) == len(self.names) and not self.errors:
            raise forms.ValidationError(_("Choose for at least one."))
        for name in self.names:
            asked = cleaned.get(VERDICT + name) == ReviewVerdict.Verdict.QUESTIONED and IN_WORDS + name in self.fields
            if asked and not cleaned.get(IN_WORDS + name) and not self.has_error(IN_WORDS + name):
                self.add_error(IN_WORDS + name, _("Say in a few words what is questioned."))
        return cleaned

    @property
    def said(self) -> dict[str, tuple[str, str]]:
        """Verdict and words of each entry on which something was said."""
        found = {
            name: (self.cleaned_data[VERDICT + name], self.cleaned_data.get(IN_WORDS + name, "")) for name in self.names
        }
        return {name: said for name, said in found.items() if said[0]}

    def fields_of(self, name: str) -> tuple[Any, Any]:
        """The choice of an entry, and the field for its words where there is one."""
        words = self[IN_WORDS + name] if IN_WORDS + name in self.fields else None
        return self[VERDICT + name], words
