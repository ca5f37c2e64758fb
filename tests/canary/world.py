"""Who walks: the planted customers, everybody who might look at them, and what there is to be asked for by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from consent.models import PolicyVersion, Purpose
from customers.access.find import find
from customers.access.grants import give_grant
from customers.acts.refusals import Refused
from customers.casework.address_verification import open_check, token_of
from customers.casework.outside_links import add_link
from customers.evidence.recording import recording
from customers.models import AccessGrant, Customer, Find, Leaf, OutsideLink, StaffMember, VerificationClosure
from customers.models.staff import RIGHTS_ON_CUSTOMERS
from customers.staff import accounts
from tests import factories
from tests.canary.planting import CANARIES, asked_code, plant
from tests.canary.planting_disclosures import keys_of_disclosures
from tests.signing import sign_in_for_real

AGENT, LEAD, OFFICER = "Support agent", "Support lead", "Compliance officer"
APPROVER, ADMINISTRATOR, AUDITOR = "Disclosure approver", "Administrator", "Auditor"
LIVE, ENDED = "agent of a third team, live grant", "agent of a third team, ended grant"
SUPERUSER, NOBODY, ANONYMOUS = "superuser", "no role", "anonymous"

ROLES = [AGENT, LEAD, OFFICER, APPROVER, ADMINISTRATOR, AUDITOR]
OTHERS = [LIVE, ENDED, SUPERUSER, NOBODY, ANONYMOUS]
HAVE_A_ROLE = {*ROLES, LIVE, ENDED, SUPERUSER}
"""Everybody who walks. Roles for a team are held for Hanoi's, but by the two agents of Hue's."""

OWN, OTHER, MISSING = "own", "other", "missing"
TARGETS = [OWN, OTHER, MISSING]
"""About what a page is asked: something of Hanoi's customer, the same of Da Nang's, and something that is not there."""

SEES: dict[str, set[str]] = {AGENT: {OWN}, LEAD: {OWN}, OFFICER: {OWN, OTHER}, APPROVER: {OWN, OTHER}, LIVE: {OWN}}
FINDS = {AGENT, LEAD, OFFICER, LIVE, ENDED}
BREAKS_GLASS = FINDS - {OFFICER}
VERIFIES = {AGENT, LEAD, OFFICER, LIVE}
DECIDES = {LEAD, OFFICER}
WORKS = {AGENT, LEAD, LIVE}
HANDLES = WORKS | {OFFICER}
"""Who opens the pages of the daily work: officers do it where it was handed over to them."""
APPROVES, SETS_ACCESS, KEEPS_RULES = {LEAD}, {LEAD, LIVE}, {OFFICER}
WATCHES = {LEAD, OFFICER, APPROVER, AUDITOR}
READS_LOG = {OFFICER, APPROVER, AUDITOR}
MANAGES = {ADMINISTRATOR, SUPERUSER}

NO_KEY = 987654321


@dataclass
class World:
    """One actor's world: the customers by target, and the keys that pages are asked with."""

    actor: str
    person: StaffMember | None
    customers: dict[str, Customer]
    grants: dict[str, AccessGrant]
    finds: dict[str, int]
    staff: dict[str, StaffMember]
    ended: StaffMember
    client: Client
    newest: int
    sign_in_link: tuple[str, str]
    link: OutsideLink
    keys: dict[str, dict[str, int]] = field(default_factory=dict)
    """By what it is, the key of each target's: address, service, request, question, hold, correction, letter."""
    versions: dict[str, int] = field(default_factory=dict)
    """The policy's versions, by label."""
    codes: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """The code and the link's token of the check that each target's customer has not answered yet."""

    @property
    def promotions(self) -> Purpose:
        """A purpose that an opt-out stops."""
        return Purpose.objects.get(code="promotions")

    def of(self, what: str, target: str) -> int:
        """The key of something of a target's customer, or one that no row has."""
        return self.keys[what].get(target, NO_KEY)

    def key(self, of: dict[str, Any], target: str) -> int:
        """The key of a row for a target, or one that no row has."""
        found = of.get(target)
        return NO_KEY if found is None else found if isinstance(found, int) else found.pk

    def reference(self, target: str) -> str:
        """The reference of a target's customer."""
        return self.customers[target].reference if target in self.customers else "BZ9999999"


def person_of(actor: str, customers: dict[str, Customer]) -> StaffMember | None:
    """The actor as a member of staff, with what that actor holds."""
    if actor == ANONYMOUS:
        return None
    role = AGENT if actor in (LIVE, ENDED) else "" if actor in (SUPERUSER, NOBODY) else actor
    person = factories.person("walker", role, "Hue" if actor in (LIVE, ENDED) else "Hanoi")
    if actor == SUPERUSER:
        StaffMember.objects.filter(pk=person.pk).update(is_superuser=True)
        person.refresh_from_db()
    if actor in (LIVE, ENDED):
        rights = [right for right, _ in RIGHTS_ON_CUSTOMERS]
        grant = give_on(customers[OWN], person, rights)
        if actor == ENDED:
            end_by_itself(grant)
    return person


def give_on(customer: Customer, person: StaffMember, rights: list[str]) -> AccessGrant:
    """A personal grant for an hour, given by the lead of the customer's team."""
    lead = StaffMember.objects.get(username=f"sower-{customer.team.name.lower().replace(' ', '-')}")
    until = timezone.now() + timedelta(hours=1)
    return give_grant(customer, person, rights, by=lead, ends_at=until, reason="escalation")


def close_to_verifying(customer: Customer) -> None:
    """As after too many misses; it is over by now."""
    with recording(by=factories.system()):
        VerificationClosure(customer=customer, until=timezone.now()).save()


def end_by_itself(grant: AccessGrant) -> None:
    """As if its time were over: nobody ended it and nothing was cleaned up."""
    with recording(by=factories.system()):
        grant.given.update(starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now())
        factories.note()


def keys_of(customers: dict[str, Customer]) -> dict[str, dict[str, int]]:
    """What there is of each customer, by key."""
    found: dict[str, dict[str, int]] = {}
    for target, customer in customers.items():
        rows = {
            "address": customer.contact_points.get(channel="email", state="active"),
            "number": customer.contact_points.get(channel="phone", state="active"),
            "second address": customer.contact_points.get(channel="email", state="suspended"),
            "service": customer.services.get(service="Cloud Server"),
            "bare service": customer.services.get(service="Object Storage"),
            "request": customer.requests.get(request_kind="question"),
            "handed over": customer.request_moves.get(how="hand_over", subject__request_kind="question"),
            "question": customer.requests.get(request_kind="correction").information_requests.get(),
            "hold": customer.holds.get(state="open"),
            "correction": customer.corrections.get(state="proposed"),
            "login correction": customer.corrections.get(datum="login"),
            "letter": customer.notices.get(what="links"),
            "event": customer.consent_events.get(purpose="surveys"),
            "message": customer.contact_messages.get(),
        }
        for what, row in rows.items():
            found.setdefault(what, {})[target] = row.pk
        for what, row in keys_of_disclosures(customer).items():
            found.setdefault(what, {})[target] = row.pk
    return found


def add_outside_link() -> OutsideLink:
    """A page of somebody else's in the register, put there by an officer."""
    keeper = factories.person("keeper-of-links", OFFICER)
    return add_link("https://www.example.org/help", by=keeper, title_vi="Trợ giúp", title_en="Help")


@dataclass(frozen=True)
class There:
    """What is there whoever walks: the planted customers, people to be asked about, and keys."""

    customers: dict[str, Customer]
    grants: dict[str, AccessGrant]
    colleague: StaffMember
    ended: StaffMember
    found: int
    """A search of the colleague's."""
    link: OutsideLink
    keys: dict[str, dict[str, int]]
    codes: dict[str, str]
    tokens: dict[str, str]


def everything() -> There:
    """Everything planted. Needs a database without it."""
    cache.clear()  # how often links were asked
    planted = plant()
    customers = {OWN: planted.hanoi, OTHER: planted.da_nang}
    colleague = factories.person("colleague", AGENT, "Hanoi")
    StaffMember.objects.filter(pk=colleague.pk).update(email="colleague@example.com")
    colleague.refresh_from_db()
    left = factories.person("left", AGENT, "Hanoi")
    accounts.end_person(left, by=factories.system())
    grants = {
        OWN: give_on(planted.hanoi, factories.person("guest-hanoi", AGENT, "Hue"), ["see_customers"]),
        OTHER: give_on(planted.da_nang, factories.person("guest-danang", AGENT, "Hue"), ["see_customers"]),
    }
    keys, codes, tokens = keys_of(customers), {}, {}
    for target, customer in customers.items():
        close_to_verifying(customer)
        address = customer.contact_points.get(pk=keys["address"][target])
        worker = StaffMember.objects.get(username=f"worker-{customer.team.name.lower().replace(' ', '-')}")
        codes[target] = asked_code(address, by=worker)
        check = open_check(address)
        assert check is not None
        tokens[target] = token_of(check)
    found = find(CANARIES["Da Nang ContactPoint.email"].value, by=colleague).pk
    return There(customers, grants, colleague, left, found, add_outside_link(), keys, codes, tokens)


def world_of(actor: str, there: There | None = None) -> World:
    """Everything planted (``there``: it is already), and the actor signed in."""
    there = there or everything()
    person, colleague = person_of(actor, there.customers), there.colleague
    finds = {OTHER: there.found}
    client = Client(raise_request_exception=False, HTTP_ACCEPT_LANGUAGE="en")
    if person is not None:
        sign_in_for_real(client, person)
        finds[OWN] = own_find(person)
    sign_in_link = urlsafe_base64_encode(force_bytes(colleague.pk)), default_token_generator.make_token(colleague)
    return World(
        actor, person, there.customers, there.grants, finds, {OWN: colleague, OTHER: person or there.ended},
        there.ended, client, Leaf.objects.latest("seq").pk, sign_in_link, there.link, there.keys,
        dict(PolicyVersion.objects.values_list("label", "pk")), there.codes, there.tokens,
    )  # fmt: skip


def own_find(person: StaffMember) -> int:
    """A search of the actor's own for Da Nang's address; of who does not find, one that was let through once."""
    try:
        return find(CANARIES["Da Nang ContactPoint.email"].value, by=person).pk
    except Refused:
        with recording(by=person):
            record = Find(sought=["email"], own=[], elsewhere=[])
            record.save()
        return record.pk
