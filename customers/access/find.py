"""Looking for customers: what was found is on record before anything of it is shown, what was typed is kept nowhere."""

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
"""How many customers a search by name or ticket lists."""
MOST_OF_ONE_VALUE = 1000
"""The same for an exact value: those who share one address are all listed."""
MOST_WORDS = 6
"""How many words of a name are looked for."""
LONGEST = 200

EXACT = frozenset({What.EMAIL, What.PHONE, What.REFERENCE})
"""What names a customer exactly: only these tell of customers whom the person does not see."""


def find(text: str, *, by: StaffMember) -> Find:
    """Look for customers by an e-mail address, a phone number in any spelling, a reference, a ticket or a name.

    Returns the record, which names the customers found: those ``by`` may see, and, where an exact value hit, those
    of others (whose reference and team may be told, no more). Raises ``InvalidInput`` for a text that names nothing,
    ``Refused`` (on record) without the right or over the hour's budget.
    """
    text = normalize("NFKC", text).strip()
    if not text or len(text) > LONGEST:
        raise InvalidInput(_("Type an e-mail address, a phone number, a reference, a ticket or a name."))
    matches = matching(text)
    with acting("find", by=by):
        if not can_find(by):
            raise Refuse("no_right", _("Your role does not look for customers. The refusal is on record."))
        require_budget_left(Budget.FIND, by)
        most = MOST_OF_ONE_VALUE if matches.keys() & EXACT else MOST
        own: set[str] = set()
        elsewhere: set[str] = set()
        for what, condition in matches.items():
            own |= _references(_searched(by, what), condition, most)
            if what in EXACT:
                elsewhere |= _references(customers_hidden_from(by), condition, most)
        if What.NAME in matches and not own and (bare := without_form_of_address(text)) != text:
            for what, condition in _by_name(bare).items():
                own |= _references(_searched(by, what), condition, most)
        record = Find(
            sought=[str(what) for what in matches],
            own=sorted(own)[:most],
            elsewhere=sorted(elsewhere)[:most],
            more=len(own) > most or len(elsewhere) > most,
            points=_points(matches, {*own, *elsewhere}),
        )
        record.save()
    return record


def _points(matches: dict[Find.What, Q], references: set[str]) -> list[int] | None:
    """The keys of the addresses that were hit, where an address was looked for; whoever writes or calls uses one."""
    sought = [condition for what, condition in matches.items() if what in (What.EMAIL, What.PHONE)]
    if not sought:
        return None
    customers = Customer.objects.filter(sought[0], reference__in=references)
    return sorted(set(customers.values_list("contact_points__pk", flat=True)))


def found(key: int, *, by: StaffMember) -> Find | None:
    """A search of one's own, as long as it may be acted upon; None for any other."""
    since = timezone.now() - timedelta(minutes=settings.BREAK_GLASS_MINUTES)
    return Find.objects.filter(pk=key, by=by, at__gte=since).first()


def matching(text: str) -> dict[Find.What, Q]:
    """What a text may be, each with its condition on customers. Raises ``InvalidInput`` where it can be nothing."""
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
    for other in words[1:]:  # the first word together with each other one: all of them stand in the name
        digest = name_indexes(f"{words[0]} {other}")[0]
        condition &= Q(pk__in=NameIndex.objects.filter(digest=digest).values("customer"))
    return {What.NAME: condition}


def _with_ticket(text: str) -> Q:
    """Customers of whom something was asked, suspended or revealed, or for whom rights were given, on a ticket."""
    spellings = {text, normal_ticket(text), f"#{normal_ticket(text)}"}
    revealed = Reveal.objects.filter(ticket__in=spellings).values("customer")
    granted = AccessGrant.objects.filter(ticket__in=spellings).values("customer")
    asked = CustomerRequest.objects.filter(ticket__in=spellings).values("customer")
    held = Hold.objects.filter(ticket__in=spellings).values("customer")
    return Q(pk__in=revealed.union(granted, asked, held))


def _searched(by: StaffMember, what: str) -> QuerySet[Customer]:
    """Among whom is searched: a name, which could be guessed word by word, only where the person may reveal names."""
    visible = customers_visible_to(by)
    if what in EXACT or what == What.TICKET:
        return visible
    return visible.filter(pk__in=customers_revealable_by(by, Kind.NAME).values("pk"))


def _references(customers: QuerySet[Customer], condition: Q, most: int) -> set[str]:
    """The references of the first ``most`` that the condition names, and one more where there are more.

    Each condition is a query of its own: joined by OR, no index would serve them.
    """
    named = customers.filter(condition).order_by("reference").values_list("reference", flat=True)
    return set(named.distinct()[: most + 1])
