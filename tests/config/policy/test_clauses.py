"""The policy as rules names nothing that is not there: no test, no place, no code, no purpose, no kind of recipient."""

from __future__ import annotations

import ast
import pkgutil
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from config.mode import BASE_DIR
from config.policy.clause import CONSTRAINT, TRIGGER, Clause, Stopped
from config.policy.clauses import PARTS, clauses
from config.policy.differences import DIFFERENCES, Deadlines, Fixed, Setting
from consent.gate.gate import WHYS as WHYS_OF_THE_GATE
from consent.gate.purposes import FIRST
from consent.models import Channel
from customers.acts.refusals import ACTS, WHYS
from customers.casework.deadlines import FIRST as DEADLINES
from customers.evidence.triggers import FrozenTable, expected, frozen_models
from customers.models import LegalDeadline
from disclosures.models import RecipientKind

pytestmark = pytest.mark.one_engine("it compares words of the code with the code")

OURS = ("customers", "consent", "disclosures")


def every(what: str) -> list[str]:
    """Every name of that sort in any clause, each once."""
    return sorted({name for clause in clauses() for name in getattr(clause, what)})


# --- tests that are named ------------------------------------------------------------------------------------------


@cache
def collected(path: str) -> frozenset[str]:
    """The tests that pytest collects from a file: functions of the module itself that are called so."""
    tree = ast.parse((BASE_DIR / path).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_")


def is_there(test: str) -> bool:
    """Whether a test of that name exists."""
    path, _colons, name = test.partition("::")
    return (BASE_DIR / path).is_file() and name in collected(path)


@pytest.mark.parametrize("test", every("tests"))
def test_every_test_that_is_named_exists(test: str) -> None:
    assert test.startswith("tests/")
    assert is_there(test)


def test_a_test_that_is_not_there_would_be_told() -> None:
    path = "tests/config/policy/test_clauses.py"
    assert is_there(f"{path}::test_a_test_that_is_not_there_would_be_told")
    assert not is_there(f"{path}::test_nothing_of_the_kind")
    assert not is_there(f"{path}::is_there")
    assert not is_there("tests/test_no_such_file.py::test_nothing_of_the_kind")


# --- places that are named -----------------------------------------------------------------------------------------


@cache
def constraints() -> frozenset[str]:
    """The constraints of our tables that the models name and the database has."""
    models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    with connection.cursor() as cursor:
        held = {
            name for model in models for name in connection.introspection.get_constraints(cursor, model._meta.db_table)
        }
    return frozenset(named & held)


@cache
def guarded() -> frozenset[str]:
    """The tables that triggers keep as they were written."""
    return frozenset(model._meta.db_table for model in frozen_models() if expected(FrozenTable.of(model), "sqlite"))


def stands(place: str) -> Any:
    """What a name of a place stands for; None where there is nothing of the kind."""
    for prefix, known in ((CONSTRAINT, constraints), (TRIGGER, guarded)):
        if place.startswith(prefix):
            name = place.removeprefix(prefix)
            return name if name in known() else None
    try:
        return pkgutil.resolve_name(place)
    except (ImportError, AttributeError):
        return None


PLACES = sorted({*every("places"), *(each.place for d in DIFFERENCES for each in d.decides if isinstance(each, Fixed))})


@pytest.mark.django_db
@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_is_named_exists(place: str) -> None:
    assert stands(place) is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "place",
    [
        "consent.gate.gate.may_not_contact", "consent.no_such_file.may_contact", CONSTRAINT + "anybody_approves",
        TRIGGER + "customers_customer", TRIGGER + "no_such_table",
    ],
)  # fmt: skip
def test_a_place_that_is_not_there_would_be_told(place: str) -> None:
    assert stands(place) is None


# --- codes that are named ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clause", list(clauses()), ids=lambda clause: clause.code)
def test_every_clause_has_a_rule_a_place_a_test_and_something_that_says_no(clause: Clause) -> None:
    assert str(clause.promise).endswith(".")
    assert str(clause.rule).endswith(".")
    assert clause.places
    assert clause.tests
    assert clause.cannot_be_expressed != bool(clause.refusals or clause.stopped)
    assert set(clause.refusals) <= set(ACTS)
    assert {why for whys in clause.refusals.values() for why in whys} <= set(WHYS)
    stopped = clause.stopped or Stopped(("promotions",), ("a_day",))
    assert stopped.purposes or stopped.whys
    assert set(stopped.purposes) <= set(FIRST)
    assert set(stopped.whys) <= {str(why) for why in WHYS_OF_THE_GATE}


def repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_no_clause_and_no_difference_stands_there_twice() -> None:
    found = list(clauses())
    assert len(found) == sum(len(part.clauses) for part in PARTS)
    assert repeated([clause.code for clause in found] + [difference.code for difference in DIFFERENCES]) == []
    assert repeated(str(clause.promise) for clause in found) == []


def test_every_purpose_of_the_policy_has_its_clause() -> None:
    named = [purpose for clause in clauses() if clause.stopped for purpose in clause.stopped.purposes]
    assert named == list(FIRST)


def test_every_kind_of_recipient_and_every_channel_appears() -> None:
    given = {clause.code: clause for clause in clauses()}
    by_kind = {
        RecipientKind.AUTHORITY: "authorities",
        RecipientKind.REGULATOR: "authorities",
        RecipientKind.PROCESSOR: "processors",
        RecipientKind.NAMED: "permitted",
    }
    assert set(by_kind) == set(RecipientKind)
    assert set(by_kind.values()) <= set(given)
    assert stands("disclosures.models.RecipientKind") in {stands(place) for place in given["never_sold"].places[:1]}
    assert stands(given["channels"].places[0]) is Channel


# --- where policy and law differ -----------------------------------------------------------------------------------

SECRET = ("KEY", "PASSWORD", "TOKEN", "URL")


def test_there_are_seven_differences_and_something_decides_each() -> None:
    assert len(DIFFERENCES) == 7
    assert all(difference.decides for difference in DIFFERENCES)


def test_what_decides_exists_and_is_no_secret() -> None:
    deciding = [each for difference in DIFFERENCES for each in difference.decides]
    named = {each.name: each for each in deciding if isinstance(each, Setting)}
    assert set(named) == {"CONTACT_WITHOUT_CONSENT", "POLICY_EFFECTIVE"}
    assert not [name for name in named if any(word in name for word in SECRET)]
    assert all(getattr(settings, name) in setting.words for name, setting in named.items())
    rights = [right for each in deciding if isinstance(each, Deadlines) for right in each.rights]
    assert set(rights) <= set(DEADLINES)


def test_nothing_the_law_says_is_called_settled_before_somebody_stands_for_it() -> None:
    assert LegalDeadline.Confidence.SETTLED not in {difference.confidence for difference in DIFFERENCES}
    for difference in DIFFERENCES:
        unsure = "open" if difference.confidence == LegalDeadline.Confidence.OPEN else "likely"
        assert unsure in str(difference.law)
