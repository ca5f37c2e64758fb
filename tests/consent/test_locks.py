"""Two who meet over the policy, a purpose, a limit, a template, or what a customer says: one waits for the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from consent.choices.consents import Evidence, opt_out
from consent.choices.import_consents import import_consents
from consent.gate.limits import limit, set_limit
from consent.gate.purposes import add_purpose, purpose_of
from consent.models import Channel, ConsentEvent, ContactLimit, MessageTemplate, PolicyVersion, Publication, Purpose
from consent.outreach.templates import keep_template
from customers.crm_import.customers import import_customers
from customers.models import Customer, StaffMember
from tests import factories
from tests.concurrency import assert_told, assert_waited, committed_copy, meet
from tests.consent.lives import house as furnished
from tests.consent.policy_desk import DOCS, see, version
from tests.exports import export, record

_each = count(1)
Act = Callable[[StaffMember], Any]


@pytest.fixture(scope="module")
def officers(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[StaffMember, StaffMember]]:
    """Two officers, for every meeting below."""
    with django_db_blocker.unblock(), committed_copy(tmp_path_factory.mktemp("locks")):
        furnished()
        yield factories.person("an", "Compliance officer"), factories.person("ba", "Compliance officer")


def writing_a_version(by: StaffMember) -> Act:
    label = f"2027-{next(_each)}"
    return lambda person: version(person, label=label)


def confirming(by: StaffMember) -> Act:
    row = version(by)
    return lambda person: see(row, person, DOCS)


def keeping_a_template(by: StaffMember) -> Act:
    code = f"maintenance-{next(_each)}"
    words = {"subject_vi": "Bảo trì", "text_vi": "Bảo trì", "subject_en": "Maintenance", "text_en": "Maintenance"}
    purposes = {by.pk: purpose_of("support")}
    other = purpose_of("renewal_notice")
    return lambda person: keep_template(code, by=person, purpose=purposes.get(person.pk, other), **words)


def adding_a_purpose(by: StaffMember) -> Act:
    names = ("name_vi", "name_en", "words_vi", "words_en", "source")
    said = {"channels": ["email"], "basis": "opt_in", **dict.fromkeys(names, "Order status")}
    code = f"order_status_{next(_each)}"
    return lambda person: add_purpose(code, by=person, **said)


def setting_a_limit(by: StaffMember) -> Act:
    held = limit(Channel.EMAIL)
    assert held is not None
    said = {"from_hour": 8, "to_hour": 20, "a_day": 3, "source": "Law, article 13", "confidence": "likely"}
    return lambda person: set_limit("email", by=person, verified=False, instead_of=held.pk, **said)


RULES: dict[str, tuple[Callable[[StaffMember], Act], str, Any, str]] = {
    "write_version": (writing_a_version, "write_version", PolicyVersion, "There is a version of that name"),
    "confirm_publication": (confirming, "confirm_publication", Publication, "This is confirmed already."),
    "keep_template": (keeping_a_template, "keep_template", MessageTemplate, "A template of another purpose has"),
    "add_purpose": (adding_a_purpose, "add_purpose", Purpose, "There is a purpose with this code already."),
    "set_limit": (setting_a_limit, "limit", ContactLimit, "Somebody else has just set it."),
}
"""Where the second waits → what both do, behind which statement the first stands still, what the second is told."""


@pytest.mark.parametrize("place", RULES)
def test_of_two_officers_who_write_one_rule_one_does(place: str, officers: tuple[StaffMember, StaffMember]) -> None:
    beginning, behind, table, told = RULES[place]
    one, other = officers
    act = beginning(one)
    meeting = meet(partial(act, one), partial(act, other), behind=behind, table=table)
    assert_waited(meeting, place)
    assert_told(meeting, f"InvalidInput: {told}")


def test_who_opts_out_while_the_export_says_yes_has_the_last_word(officers: Any, tmp_path: Path) -> None:
    path = export(tmp_path / "crm.csv", [record(1)])
    import_customers(path, by=factories.system())
    customer = Customer.objects.get(reference="EX0000001")
    linh = factories.person("linh", "Support agent")
    meeting = meet(
        partial(import_consents, path, by=factories.system()),
        partial(opt_out, customer, [purpose_of("promotions")], by=linh, evidence=Evidence("phone", "T-1")),
        behind="_last_words",
        table=ConsentEvent,
    )
    assert_waited(meeting, "acting_on_customer")
    assert_told(meeting, "")
    words = ConsentEvent.objects.filter(customer=customer, purpose="promotions").order_by("pk")
    assert list(words.values_list("what", flat=True)) == ["granted", "objected"]
