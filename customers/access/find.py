"""Finding customers: the result is recorded before it is shown, and the search text is not stored."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from unicodedata import normalize

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.access.name_index import without_form_of_address
from customers.acts.acting import Refuse, acting
from customers.acts.budgets import require_budget_left
from customers.models import (
    AccessGrant,
    Budget,
    Customer,
    CustomerRequest,
    Find,
    Hold,
    NameIndex,
    Reveal,
    StaffMember,
)
from customers.models.acts import Act, RefusalReason
from customers.permissions.customers import (
    can_find,
    customers_hidden_from,
    customers_revealable_by,
    customers_visible_to,
)
from customers.validation.contact_data import REFERENCE
from customers.validation.errors import InvalidInput
from customers.validation.tickets import TICKET, normal_ticket
from customers.vault.blind_index import NotNormal, email_index, name_indexes, name_words, phone_index
from customers.vault.kinds import Kind

What = Find.What
MOST = 50
"""Most customers listed for a search by name or ticket."""
MOST_OF_ONE_VALUE = 1000
"""Most customers listed for an exact value, so that all who share an address are listed."""
MOST_WORDS = 6
"""Words of a name that are compared; further ones are ignored."""
LONGEST = 200

EXACT = frozenset({What.EMAIL, What.PHONE, What.REFERENCE})
"""Kinds of value that identify a customer; only these also find customers whom the person does not see."""


def find(text: str, *, by: StaffMember) -> Find:
    """Find customers by an e-mail address, a phone number in any spelling, a reference, a ticket or a name.

    Returns the record with the references of the customers found: those whom ``by`` may see (``own``) and, for an
    exact value, those of other teams (``elsewhere``), of whom only reference and team may be shown. Raises
    ``InvalidInput`` for a text that can name nobody, ``Refused`` (on record) without the right or over the hour's
    budget.
    """
    text = normalize("NFKC", text).strip()
    if not text or len(text) > LONGEST:
        raise InvalidInput(_("Type an e-mail address, a phone number, a reference, a ticket or a name."))
    matches = matching(text)
    with acting(Act.FIND, by=by):
        if not can_find(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Your role does not look for customers. The refusal is on record."))
        require_budget_left(Budget.FIND, by)
        most = MOST_OF_ONE_VALUE if matches.keys() & EXACT else MOST
        own: set[str] = set()
        elsewhere: set[str] = set()
        for kind, condition in matches.items():
            own |= _references(_searched(by, kind), condition, most)
            if kind in EXACT:
                elsewhere |= _references(customers_hidden_from(by), condition, most)
        if What.NAME in matches and not own and (bare_name := without_form_of_address(text)) != text:
            for kind, condition in _by_name(bare_name).items():
                own |= _references(_searched(by, kind), condition, most)
        record = Find(
            sought=[str(kind) for kind in matches],
            own=sorted(own)[:most],
            elsewhere=sorted(elsewhere)[:most],
            more=len(own) > most or len(elsewhere) > most,
            points=_points(matches, {*own, *elsewhere}),
        )
        record.save()
    return record


def _points(matches: dict[Find.What, Q], references: set[str]) -> list[int] | None:
    """The keys of the matching addresses where an address or number was sought; else None."""
    conditions = [condition for kind, condition in matches.items() if kind in (What.EMAIL, What.PHONE)]
    if not conditions:
        return None
    customers = Customer.objects.filter(conditions[0], reference__in=references)
    return sorted(set(customers.values_list("contact_points__pk", flat=True)))


def found(key: int, *, by: StaffMember) -> Find | None:
    """A search made by ``by`` within ``BREAK_GLASS_MINUTES``; None for any other."""
    since = timezone.now() - timedelta(minutes=settings.BREAK_GLASS_MINUTES)
    return Find.objects.filter(pk=key, by=by, at__gte=since).first()


def matching(text: str) -> dict[Find.What, Q]:
    """The kinds of value a text may be, each with its condition on customers. Raises ``InvalidInput`` if none fits."""
    if "@" in text:
        try:
            return {What.EMAIL: Q(contact_points__email_index=email_index(text))}
        except NotNormal:
            raise InvalidInput(_("This is no e-mail address that could be on file; check how it is written.")) from None
    conditions: dict[Find.What, Q] = {}
    with suppress(NotNormal):
        conditions[What.PHONE] = Q(contact_points__phone_index=phone_index(text))
    joined = "".join(text.split())
    if REFERENCE.fullmatch(text) or (REFERENCE.fullmatch(joined) and any(map(str.isdigit, joined))):
        conditions[What.REFERENCE] = Q(reference__in={joined, joined.upper(), joined.lower()})
    if TICKET.fullmatch(text):
        conditions[What.TICKET] = _with_ticket(text)
    if What.PHONE in conditions or any(map(str.isdigit, text)):
        return conditions or _by_name(text)
    return conditions | _by_name(text)


def _by_name(text: str) -> dict[Find.What, Q]:
    words = [word for word in name_words(text) if any(map(str.isalpha, word))][:MOST_WORDS]
    if not words:
        raise InvalidInput(_("Type an e-mail address, a phone number, a reference, a ticket or a name."))
    if len(words) == 1:
        return {What.ONE_WORD: Q(name_indexes__digest=name_indexes(words[0])[0])}
    condition = Q()
    for other in words[1:]:  # pairs with the first word: a name must contain them all
        digest = name_indexes(f"{words[0]} {other}")[0]
        condition &= Q(pk__in=NameIndex.objects.filter(digest=digest).values("customer"))
    return {What.NAME: condition}


def _with_ticket(text: str) -> Q:
    """The condition on customers with a request, hold, reveal or grant on this ticket."""
    spellings = {text, normal_ticket(text), f"#{normal_ticket(text)}"}
    revealed = Reveal.objects.filter(ticket__in=spellings).values("customer")
    granted = AccessGrant.objects.filter(ticket__in=spellings).values("customer")
    requested = CustomerRequest.objects.filter(ticket__in=spellings).values("customer")
    suspended = Hold.objects.filter(ticket__in=spellings).values("customer")
    return Q(pk__in=revealed.union(granted, requested, suspended))


def _searched(by: StaffMember, kind: str) -> QuerySet[Customer]:
    """The customers to search. By name, which can be guessed word by word, only those whose name ``by`` may reveal."""
    visible = customers_visible_to(by)
    if kind in EXACT or kind == What.TICKET:
        return visible
    return visible.filter(pk__in=customers_revealable_by(by, Kind.NAME).values("pk"))


def _references(customers: QuerySet[Customer], condition: Q, most: int) -> set[str]:
    """References of the first ``most`` + 1 customers that meet the condition; the extra one shows that there are more.

    Each condition is a query of its own: joined by OR, they could not use an index.
    """
    references = customers.filter(condition).order_by("reference").values_list("reference", flat=True)
    return set(references.distinct()[: most + 1])
