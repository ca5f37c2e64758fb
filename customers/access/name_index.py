"""Blind indexes of customers' names: written inside the act that writes the name, and compared with a spoken name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from customers.models import Customer, NameIndex
from customers.vault.blind_index import name_indexes, name_words, whole_name_index

FORMS_OF_ADDRESS = ("quý ông", "quý bà", "quý cô", "ông", "bà", "chị", "cô", "chú", "bác", "mr.", "mrs.", "ms.")
"""Forms of address that a CRM export may write before a name. With accents, hardly any of them begins a real name."""
SPOKEN_FORMS = (
    *FORMS_OF_ADDRESS, "anh", "em", "quy ong", "quy ba", "quy co", "ong", "chi", "co", "mr", "mrs", "ms",
)  # fmt: skip
"""Forms of address a caller may say, also typed without accents; not "chu" or "ba", which are names too."""


def index_names(names: Iterable[tuple[Customer, str]]) -> None:
    """Write the indexes of new customers' names; the customers are saved and have no index yet."""
    NameIndex.objects.bulk_create(
        NameIndex(customer=customer, digest=digest) for customer, name in names for digest in digests_of(name)
    )


def digests_of(name: str) -> list[str]:
    """The digests of a name: of its word pairs for finding, and of the whole name for verification.

    A name that begins with a form of address is also digested as a whole without it.
    """
    wholes = {whole_name_index(name), whole_name_index(without_form_of_address(name, FORMS_OF_ADDRESS))}
    return sorted({*name_indexes(name), *wholes})


def reindex_name(customer: Customer, name: str) -> None:
    """Replace a customer's name indexes by those of ``name``; "" removes them."""
    put_indexes(customer, digests_of(name) if name_words(name) else [])


def put_indexes(customer: Customer, digests: Iterable[str]) -> None:
    """Replace a customer's name indexes by these digests."""
    NameIndex.objects.filter(customer=customer).delete()
    NameIndex.objects.bulk_create(NameIndex(customer=customer, digest=digest) for digest in digests)


def is_named(customer: Customer, said: str) -> bool:
    """True where the spoken words are those of the name on file, in any order, with or without accents.

    A form of address on either side is ignored; no other word may be missing or added. Where only pairs are indexed
    (rows older than the whole-name digests), the spoken pairs must equal them.
    """
    on_file = set(customer.name_indexes.values_list("digest", flat=True))
    spellings = [name for name in (said, without_form_of_address(said, SPOKEN_FORMS)) if name_words(name)]
    return any(whole_name_index(name) in on_file or set(name_indexes(name)) == on_file for name in spellings)


def without_form_of_address(name: str, forms: Sequence[str] = SPOKEN_FORMS) -> str:
    """A name without a leading form of address; at least one word stays."""
    words = normalize("NFC", name).split()
    for form in forms:
        count = len(form.split())
        if len(words) > count and " ".join(words[:count]).lower() == form:
            return " ".join(words[count:])
    return name
