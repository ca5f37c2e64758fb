"""Filling, reading and attacking a log in tests."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from customers.access.find import find
from customers.access.grants import end_grant, give_grant
from customers.access.reveal import reveal
from customers.access.verify import verify as verify_caller
from customers.acts.budgets import allow_more
from customers.acts.refusals import Refused
from customers.audit_log.signer import log_signer
from customers.casework.service_access import rotate_secret
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.verify import Report, VerifierKey, installed_triggers, verify_database
from customers.models import Budget, Customer, Leaf
from customers.sign_in.rate_limits import visitor
from customers.sign_in.records import note_wrong_password
from customers.vault.kinds import Kind
from tests import factories
from tests.customers.evidence.desk_consent import desk_consent
from tests.customers.evidence.desk_disclosures import desk_disclosures
from tests.customers.evidence.desk_reviews import desk_reviews
from tests.customers.evidence.desk_tamper import desk_tamper
from tests.customers.evidence.desk_work import desk_work
from tests.databases import administer, copy_on_postgresql


def payloads() -> list[dict[str, Any]]:
    """Every entry, oldest first."""
    return [json.loads(bytes(leaf.payload)) for leaf in Leaf.objects.order_by("seq")]


def sealed_contents() -> int:
    """How many sealed contents the entries commit to."""
    return sum(len(entry["commits"]) for entry in payloads())


def newest() -> dict[str, Any]:
    """The newest entry."""
    return payloads()[-1]


def root(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962's own definition of the root (section 2.1), word for word: slow, and not the code under test."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


def verify(*, anchors: Sequence[bytes] = (), key: VerifierKey | None = None, **options: Any) -> Report:
    """The standalone verifier's answer about the test's database, with the installation's own key."""
    connection.ensure_connection()
    return verify_database(
        connection.connection, connection.vendor, key=key or log_signer().key, anchors=anchors, **options
    )


def fill() -> Customer:
    """At least one row in every table that is kept for good, through the acts that write them in life."""
    customer = factories.customer()
    agent = factories.person(f"agent-{customer.reference}", "Support lead")
    stranger = factories.person(f"stranger-{customer.reference}")
    reveal(customer, "full_name", by=agent, reason="other", ticket="T-1", text="Bà Hoa gọi lại")
    reveal(customer.contact_points.get(channel="email"), "email", by=agent, reason="call_back")
    with suppress(Refused):
        reveal(customer, "full_name", by=stranger, reason="call_back")
    find("N. Hoa", by=agent)
    for _ in range(5):
        verify_caller(customer, {Kind.EMAIL: "somebody.else@mail.example.com"}, by=agent)
    until = timezone.now() + timedelta(days=1)
    grant = give_grant(
        customer,
        factories.person(f"guest-{customer.reference}", "Support agent"),
        ["reveal_email"],
        by=agent,
        reason="other",
        text="Bà Hoa nhờ",
        ends_at=until,
    )
    end_grant(grant, by=agent)
    other = factories.person(f"other-{customer.reference}", "Support agent")
    allow_more(other, Budget.REVEAL, by=agent)
    rotate_secret(customer.services.get(), secret="an0ther-secret", by=agent)
    note_wrong_password(None, visitor("192.0.2.1"))
    desk_tamper(customer)
    desk_reviews(customer)
    desk_work(customer)
    desk_consent(customer)
    desk_disclosures(customer)
    make_checkpoint(log_signer())
    return customer


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def rows(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


@contextmanager
def as_owner(*tables: str) -> Iterator[None]:
    """What whoever owns the database can do: lift the triggers of tables, and put them back as they were."""
    if connection.vendor == "sqlite":
        marks = ", ".join("%s" for _ in tables)
        found = rows(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({marks})", tables)
        off, on = [f'DROP TRIGGER "{name}"' for name, _ in found], [sql for _, sql in found]
    else:
        named = [(table, name) for table in tables for name in installed_triggers_of(table)]
        off = [f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"' for table, name in named]
        on = [f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{name}"' for table, name in named]
    for statement in off:
        execute(statement)
    yield
    for statement in on:
        execute(statement)


def installed_triggers_of(table: str) -> dict[str, str]:
    """The triggers of one table, name to text."""
    with connection.cursor() as cursor:
        return installed_triggers(cursor, connection.vendor, [table])[table]


def back_up(folder: Path) -> Callable[[], None]:
    """Copy the test's own database as it stands; what comes back puts the copy in its place."""
    name = str(connection.settings_dict["NAME"])
    connections.close_all()
    if connection.vendor == "sqlite":
        copy = shutil.copy(name, folder / "backup.sqlite3")
        return lambda: [connections.close_all(), shutil.copy(copy, name)].clear()
    copy_on_postgresql(name, f"{name}_backup")

    def restore() -> None:
        connections.close_all()
        administer("DROP DATABASE {} WITH (FORCE)", name)
        administer("ALTER DATABASE {} RENAME TO {}", f"{name}_backup", name)

    return restore
