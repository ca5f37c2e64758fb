"""Pages ask as often at 2,000 customers as at 20, and no plan walks through a customer table."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.gate import limits, purposes
from consent.models import ConsentEvent, ContactRefusal
from customers.access.find import find
from customers.access.name_index import index_names
from customers.access.verify import verify
from customers.evidence.recording import recording
from customers.models import ContactPoint, Customer, Refusal, ServiceAccess, StaffMember
from customers.vault.kinds import Kind
from tests import factories
from tests.reading import customer_url, signed_in

pytestmark = pytest.mark.django_db
TABLES = (
    "customers_(?:customer|contactpoint|serviceaccess|leaf|nameindex|reveal|find|verification|refusal|accessgrant"
    "|customeruserpermission)|consent_(?:consentevent|message|messageoutcome|contactrefusal|policyacceptance)"
)

NEWEST_OF_ALL = {"stopped", "what customers said"}
"""Lists that begin with the newest row there is and go no further than a page: they walk, but not far."""


def make_many(first: int, count: int) -> None:
    """So many customers of two teams', in one act, with an address, a number, a service, and a consent each."""
    purposes.provide(by=factories.system())
    limits.provide(by=factories.system())
    points: list[ContactPoint] = []
    homes = [factories.team("Hanoi"), factories.team("Da Nang")]
    with recording(by=factories.system()):
        made = Customer.objects.bulk_create(
            Customer(
                reference=f"BZ{n:07d}", full_name=f"Trần Văn {n}", locale="vi", status="connected",
                registered_at=timezone.now(), team=homes[n % 2],
            )
            for n in range(first, first + count)
        )  # fmt: skip
        points = [
            ContactPoint(customer=c, channel="email", email=f"{c.reference}@mail.example.com", source="import")
            for c in made
        ]
        points += [
            ContactPoint(customer=c, channel="phone", phone=f"+8491{c.reference[2:]}", source="import") for c in made
        ]
        ContactPoint.objects.bulk_create(points)
        index_names((customer, f"Trần Văn {customer.reference}") for customer in made)
        ServiceAccess.objects.bulk_create(ServiceAccess(customer=c, service="Cloud Server") for c in made)
        said = {"purpose_id": "promotions", "channel": "email", "what": "granted", "through": "import"}
        ConsentEvent.objects.bulk_create(ConsentEvent(customer=c, **said) for c in made)
        factories.note([c.reference for c in made])


def visits(person: StaffMember) -> dict[str, Callable[[], Any]]:
    """The hot paths, by name."""
    client, first = signed_in(person), Customer.objects.order_by("reference")[0]

    def opened(url: str) -> Callable[[], Any]:
        def visit() -> None:
            assert client.get(url).status_code == 200

        return visit

    roles = set(person.memberships.values_list("role__name", flat=True))
    watched = {}
    if roles & {"Support lead", "Compliance officer"}:
        watched["watch"] = opened("/customers/accessgrant/watch/")
        watched["broken glass"] = opened("/customers/accessgrant/?how__exact=break_glass")
    if "Compliance officer" in roles:
        watched["stopped"] = opened("/consent/contactrefusal/")
        watched["what customers said"] = opened("/consent/consentevent/")
    if "Support lead" in roles:  # an officer's begins with the newest of all, and goes no further than a page
        watched["refusals"] = opened("/customers/refusal/")
    return watched | {
        "first page": opened("/"),
        "list": opened("/customers/customer/"),
        "filtered list": opened("/customers/customer/?status__exact=connected&locale__exact=vi"),
        "page": opened(customer_url(first)),
        "consent": opened(f"/consent/consentevent/customer/{first.pk}/"),
        "opt out": opened(f"/consent/consentevent/customer/{first.pk}/opt-out/"),
        "write": opened(f"/consent/consentevent/customer/{first.pk}/write/"),
        "find by e-mail": lambda: list(Customer.objects.by_email("bz0000001@mail.example.com")),
        **{
            f"find: {text}": lambda text=text: find(text, by=person)
            for text in ("bz0000001@mail.example.com", "0910000001", "BZ0000001", "T-88120", "Trần Văn", "Trần")
        },
        "verify": lambda: verify(first, {Kind.PHONE: "0910000000", Kind.NAME: "Trần Văn BZ0000000"}, by=person),
        "find by phone": lambda: list(Customer.objects.by_phone("+84910000001")),
    }


def counts(person: StaffMember) -> dict[str, int]:
    """How many queries each hot path takes."""
    found = {}
    for name, visit in visits(person).items():
        visit()  # whatever is cached for the process is cached now
        with CaptureQueriesContext(connection) as captured:
            visit()
        found[name] = len(captured)
    return found


@pytest.mark.parametrize("role", ["Support agent", "Compliance officer"])
def test_pages_take_as_many_queries_at_2000_customers_as_at_20(role: str) -> None:
    person = factories.person("reader", role)
    make_many(0, 20)
    few = counts(person)
    make_many(20, 1980)
    assert Customer.objects.count() == 2000
    assert counts(person) == few
    assert all(count > 0 for count in few.values())


def plan(visit: Callable[[], Any]) -> list[str]:
    """The plan of every SELECT of a visit, line by line, as if a walk through a table were dear."""
    asked: list[tuple[str, Any]] = []

    def remember(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        visit()
    verb, lines = ("EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"), []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql, params in asked:
            if sql.startswith("SELECT"):
                cursor.execute(f"{verb} {sql}", params)
                lines += [str(row[-1]) for row in cursor.fetchall()]
    return lines


def scans(lines: list[str]) -> list[str]:
    """Plan lines that read a customer table, or one under an alias, from end to end."""
    pattern = rf"SCAN (?:{TABLES}|U\d+)$|Seq Scan on (?:{TABLES})\b"
    return [line for line in lines if re.search(pattern, line)]


def test_no_plan_on_a_hot_path_reads_a_customer_table_from_end_to_end() -> None:
    agent, officer = factories.person("linh", "Support agent"), factories.person("an", "Compliance officer")
    lead = factories.person("thao", "Support lead")
    make_many(0, 300)
    for number in range(50):
        with recording(by=agent):
            customer = Customer.objects.order_by("pk")[number]
            Refusal(act="reveal", why="no_right", customer=customer).save()
            ContactRefusal(customer=customer, purpose_id="surveys", channel="sms", why="objected", door="desk").save()
    for unindexed in (Customer.objects.filter(row_digest="0" * 64), ConsentEvent.objects.filter(evidence="T-1")):
        assert scans(plan(lambda rows=unindexed: list(rows))) != []
    for person in (agent, lead, officer):
        hot = {name: visit for name, visit in visits(person).items() if name not in NEWEST_OF_ALL}
        for name, visit in hot.items():
            lines = plan(visit)
            assert lines != []
            assert scans(lines) == [], name
