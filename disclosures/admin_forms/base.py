"""Fields that several forms of this floor share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.admin_forms.base import PLAIN
from customers.validation.errors import InvalidInput
from disclosures.models import Field
from disclosures.recipients.documents import Upload, clean_document


class DocumentField(forms.FileField):
    """An original document; cleaned, it is an ``Upload``."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.tif,.tiff"})
        super().__init__(widget=widget, allow_empty_file=True, max_length=None, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Upload | None:  # type: ignore[override]
        """The document, known by its first bytes; None where none was added."""
        if data is None:
            super().clean(data, initial)  # says so where one is needed
            return None
        try:
            return clean_document(data.read())
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from None


def text_line(label: Any, *, longest: int = 100, required: bool = False, **kwargs: Any) -> forms.CharField:
    """One line of text."""
    widget = forms.TextInput(attrs=PLAIN)
    return forms.CharField(label=label, max_length=longest, required=required, widget=widget, **kwargs)


def fields_choice(among: Any = tuple(Field)) -> forms.MultipleChoiceField:
    """Which fields."""
    choices = [(field.value, field.label) for field in Field if field in among]
    return forms.MultipleChoiceField(
        label=_("Fields"), choices=choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose fields from the list, at least one.")},
    )  # fmt: skip
