"""The blind indexes of names: kept beside the names, inside an act under way, and asked what a caller says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from customers.models import Customer, NameIndex
from customers.vault.blind_index import name_indexes, name_words, whole_name_index

FORMS_OF_ADDRESS = ("quý ông", "quý bà", "quý cô", "ông", "bà", "chị", "cô", "chú", "bác", "mr.", "mrs.", "ms.")
"""What an export may carry before a name, with its accents: spelled so, hardly any of them begins a name."""
SPOKEN_FORMS = (
    *FORMS_OF_ADDRESS, "anh", "em", "quy ong", "quy ba", "quy co", "ong", "chi", "co", "mr", "mrs", "ms",
)  # fmt: skip
"""What a caller, or whoever writes it down without accents, may say before one; not "chu" or "ba", which are names."""


def index_names(names: Iterable[tuple[Customer, str]]) -> None:
    """Write the indexes of new customers' names; the customers are saved and have none yet.

    Pairs of words are for finding. The name as a whole is for verifying, once as it stands and, where it begins with
    a form of address, once without.
    """
    NameIndex.objects.bulk_create(
        NameIndex(customer=customer, digest=digest) for customer, name in names for digest in digests_of(name)
    )


def digests_of(name: str) -> list[str]:
    """The indexes of a name."""
    wholes = {whole_name_index(name), whole_name_index(without_form_of_address(name, FORMS_OF_ADDRESS))}
    return sorted({*name_indexes(name), *wholes})


def reindex_name(customer: Customer, name: str) -> None:
    """Put the indexes of ``name`` in place of those the customer has; "" leaves none."""
    put_indexes(customer, digests_of(name) if name_words(name) else [])


def put_indexes(customer: Customer, digests: Iterable[str]) -> None:
    """Put these indexes of a name in place of those the customer has."""
    NameIndex.objects.filter(customer=customer).delete()
    NameIndex.objects.bulk_create(NameIndex(customer=customer, digest=digest) for digest in digests)


def is_named(customer: Customer, said: str) -> bool:
    """True where the words said are those of the name on file, in any order and with or without accents.

    A form of address may be left out of account on either side; no other word may be missing or too many. Of a name
    indexed before wholes were kept, all pairs must be said, and no other.
    """
    on_file = set(customer.name_indexes.values_list("digest", flat=True))
    ways = [name for name in (said, without_form_of_address(said, SPOKEN_FORMS)) if name_words(name)]
    return any(whole_name_index(name) in on_file or set(name_indexes(name)) == on_file for name in ways)


def without_form_of_address(name: str, forms: Sequence[str] = SPOKEN_FORMS) -> str:
    """A name without one of these forms of address before it; at least one word stays."""
    words = normalize("NFC", name).split()
    for form in forms:
        count = len(form.split())
        if len(words) > count and " ".join(words[:count]).lower() == form:
            return " ".join(words[count:])
    return name
