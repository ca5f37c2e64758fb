"""The blind indexes of names: kept beside the names, inside an act under way, and asked what a caller says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from customers.models import Customer, NameIndex
from customers.vault.blind_index import name_indexes, name_words

FORMS_OF_ADDRESS = ("", "ông", "bà", "anh", "chị", "cô", "chú", "bác", "quý ông", "quý bà", "quý cô", "mr", "mrs", "ms")
"""What an export may carry before a name, and a caller may say or leave out."""


def index_names(names: Iterable[tuple[Customer, str]]) -> None:
    """Write the indexes of new customers' names; the customers are saved and have none yet."""
    NameIndex.objects.bulk_create(
        [NameIndex(customer=customer, digest=digest) for customer, name in names for digest in name_indexes(name)]
    )


def reindex_name(customer: Customer, name: str) -> None:
    """Put the indexes of ``name`` in place of those the customer has; "" leaves none."""
    NameIndex.objects.filter(customer=customer).delete()
    index_names([(customer, name)])


def is_named(customer: Customer, said: str) -> bool:
    """True where the words said are those of the name on file, in any order and with or without accents.

    Either may carry a form of address that the other leaves out; no other word may be missing or too many.
    """
    on_file = set(customer.name_indexes.values_list("digest", flat=True))
    return bool(on_file) and any(set(name_indexes(name)) == on_file for name in _ways_to_say(said))


def _ways_to_say(said: str) -> Iterator[str]:
    """The name as it was said, and without its form of address, behind each form of address."""
    for bare in {said, _without_form_of_address(said)}:
        yield from (f"{form} {bare}" for form in FORMS_OF_ADDRESS)


def _without_form_of_address(said: str) -> str:
    words = said.split()
    for form in sorted(FORMS_OF_ADDRESS, key=len, reverse=True):
        count = len(form.split())
        if count and len(words) > count + 1 and name_words(" ".join(words[:count])) == name_words(form):
            return " ".join(words[count:])
    return said
