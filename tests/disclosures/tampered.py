"""A log with something in it, who looks after it, and what its database's owner does to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection

from customers.access.reveal import reveal
from customers.acts.acting import acting
from customers.audit_log.anchoring import take_checkpoint
from customers.audit_log.signer import log_signer
from customers.models import Leaf, StaffMember
from disclosures.models import TamperCheck
from disclosures.tamper_check.tamper_check import check_for_tampering, require_not_frozen
from tests import factories
from tests.customers.evidence.attacks import (
    LOG,
    an_act,
    cut_off,
    forget_checkpoints,
    rewrite,
    rewrite_history_from,
    set_head,
)
from tests.customers.evidence.logs import as_owner, execute


@dataclass(frozen=True)
class House:
    """Three officers, an approver, an administrator, an auditor and an agent."""

    an: StaffMember
    chi: StaffMember
    dung: StaffMember
    approver: StaffMember
    administrator: StaffMember
    auditor: StaffMember
    agent: StaffMember


def a_house() -> House:
    """The people, a customer of whom something was revealed, and an anchored checkpoint over all of it."""
    mail.outbox = []
    customer = factories.customer("BZ0000001")
    house = House(
        *(factories.person(name, "Compliance officer") for name in ("an", "chi", "dung")),
        factories.person("binh", "Disclosure approver"),
        factories.person("quan", "Administrator"),
        factories.person("kiem", "Auditor"),
        factories.person("linh", "Support agent"),
    )
    reveal(customer, "full_name", by=house.agent, reason="other", ticket="T-1", text="Bà Hoa gọi lại")
    reveal(customer.contact_points.get(channel="email"), "email", by=house.agent, reason="call_back")
    take_checkpoint(log_signer())
    return house


@pytest.fixture
def anchors(tmp_path: Path, settings: LazySettings) -> Path:
    """The file of anchors: the test's own."""
    settings.ANCHOR_FILE = tmp_path / "anchors"
    return tmp_path / "anchors"


@pytest.fixture
def house(own_database: str, anchors: Path) -> House:
    """The same, as a fixture."""
    return a_house()


# --- what the owner of the database does ------------------------------------------------------------------------------


def seq_of(kind: str) -> int:
    """The newest entry of a kind."""
    return Leaf.objects.filter(kind=kind).latest("seq").seq


def edit_payload() -> int:
    """An entry says something else, with a hash to match."""
    seq = seq_of("reveal")
    with as_owner(*LOG):
        rewrite(seq, rehash=True)
    return seq


def edit_column() -> int:
    """A record says something else than its entry."""
    seq = seq_of("reveal")
    with as_owner("customers_reveal"):
        assert execute("UPDATE customers_reveal SET reason = 'other' WHERE reason = 'call_back'") == 1
    return seq


def delete_row() -> int:
    """A record is gone, and its entry is still there."""
    seq = seq_of("reveal")
    with as_owner("customers_reveal"):
        execute("DELETE FROM customers_reveal WHERE id = %s", [int(Leaf.objects.get(seq=seq).row_key)])
    return seq


def delete_entry() -> int:
    """An entry in the middle is gone."""
    seq = seq_of("reveal")
    with as_owner(*LOG):
        execute("DELETE FROM customers_leaf WHERE seq = %s", [seq])
    return seq


def drop_trigger() -> None:
    """A table's rows are no longer frozen."""
    name = "customers_leaf_frozen" if connection.vendor == "postgresql" else "customers_leaf_no_update"
    execute(f'DROP TRIGGER "{name}"' + (" ON customers_leaf" if connection.vendor == "postgresql" else ""))


def cut_off_with_checkpoints() -> int:
    """The newest entries are gone, with their rows and the checkpoint over them: only an anchor tells."""
    before = Leaf.objects.count()
    an_act()
    an_act()
    take_checkpoint(log_signer())
    with as_owner(*LOG, "customers_importbatch"):
        cut_off(2)
    forget_checkpoints(above=before)
    return before


def written_anew() -> int:
    """An early entry is another, and every link after it fits."""
    with as_owner(*LOG):
        rewrite_history_from(2)
    return 0  # the first checkpoint is over all of it: no entry before can be cleared


def fill_sealed() -> int:
    """A sealed reason is blanked, and nothing says who did."""
    record = Leaf.objects.filter(kind="reveal").earliest("seq")
    execute("UPDATE customers_reveal SET reason_text = NULL WHERE id = %s", [int(record.row_key)])
    return record.seq


def rename_table() -> None:
    """A table that is kept for good is not where it was."""
    execute("ALTER TABLE customers_reveal RENAME TO elsewhere")


def drop_column() -> None:
    """A column of a table that is kept for good is gone: the check cannot read it."""
    with as_owner("customers_reveal"):
        execute("ALTER TABLE customers_reveal RENAME COLUMN reason TO whyever")


ATTACKS: dict[str, tuple[Callable[[], int | None], str]] = {
    "an edited payload": (edit_payload, "The entry is not the one the log was made with."),
    "an edited column": (edit_column, "Column reason of table customers_reveal differs from the entry."),
    "a deleted row": (delete_row, "The entry has no row of its own in table customers_reveal."),
    "a deleted entry": (delete_entry, "The entry is missing, and what follows was not examined."),
    "a dropped trigger": (drop_trigger, "of table customers_leaf is missing."),
    "a renamed table": (rename_table, "Table customers_reveal is missing."),
    "a log cut off with its checkpoint": (cut_off_with_checkpoints, "entries, but they end here."),
    "a log written anew": (written_anew, "was signed over others, the first of them not before 0."),
    "a blanked sealed content": (fill_sealed, "is blank, and no erasure says so."),
}
"""What is done, where that is (None: in no entry), and a part of what the check says of it."""


def break_head() -> None:
    """The log's head contradicts its end, so nothing can be put on record any more."""
    with as_owner(*LOG):
        set_head([bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")][:-1])


def tampered(house: House, attack: Callable[[], Any] = edit_column) -> TamperCheck:
    """Somebody did that, and an officer's check has found it."""
    attack()
    return check_for_tampering(by=house.an)


def a_disclosing_act(by: StaffMember) -> None:
    """What approving and releasing begin with."""
    with acting("release", by=by):
        require_not_frozen()
        factories.note()
