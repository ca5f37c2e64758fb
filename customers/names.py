"""The blind indexes of names: kept beside the names, inside an act under way, and asked what a caller says."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import normalize

from customers.models import Customer, NameIndex
from customers.vault.blind_index import name_indexes, name_words

FORMS_OF_ADDRESS = ("quý ông", "quý bà", "quý cô", "ông", "bà", "chị", "cô", "chú", "bác", "mr.", "mrs.", "ms.")
"""What an export may carry before a name, with its accents: spelled so, none of them is a given name in that place."""
SPOKEN_FORMS = (*FORMS_OF_ADDRESS, "anh", "em", "mr", "mrs", "ms")
"""What a caller, or whoever writes it down without accents, may say before a name."""


def index_names(names: Iterable[tuple[Customer, str]]) -> None:
    """Write the indexes of new customers' names, without a form of address before the name.

    The customers are saved and have none yet.
    """
    NameIndex.objects.bulk_create(
        NameIndex(customer=customer, digest=digest)
        for customer, name in names
        for digest in name_indexes(without_form_of_address(name))
    )


def reindex_name(customer: Customer, name: str) -> None:
    """Put the indexes of ``name`` in place of those the customer has; "" leaves none."""
    NameIndex.objects.filter(customer=customer).delete()
    index_names([(customer, name)])


def is_named(customer: Customer, said: str) -> bool:
    """True where the words said are those of the name on file, in any order and with or without accents.

    A form of address said before them may be left out of account; no word is added to what was said.
    """
    on_file = set(customer.name_indexes.values_list("digest", flat=True))
    ways = [name for name in (said, without_spoken_form(said)) if name_words(name)]
    return bool(on_file) and any(set(name_indexes(name)) == on_file for name in ways)


def without_form_of_address(name: str) -> str:
    """A name as an export has it, without a form of address before it; at least one word stays."""
    words = normalize("NFC", name).split()
    for form in FORMS_OF_ADDRESS:
        count = len(form.split())
        if len(words) > count and " ".join(words[:count]).lower() == form:
            return " ".join(words[count:])
    return name


def without_spoken_form(said: str) -> str:
    """A name as a caller says it, without a form of address before it, accents aside; two words or more stay."""
    words = said.split()
    for form in SPOKEN_FORMS:
        count = len(form.split())
        if len(words) > count + 1 and name_words(" ".join(words[:count])) == name_words(form):
            return " ".join(words[count:])
    return said
