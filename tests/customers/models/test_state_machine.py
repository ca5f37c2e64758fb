"""Rows with a state: every move of every table, from every state; no other way to another state."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from customers.acts.acting import acting
from customers.evidence.errors import NotRecording
from customers.evidence.recording import recording
from customers.models import ContactPoint, Correction, CustomerRequest, Hold, InformationRequest, Leaf
from customers.models.state_machine import StatefulModel, TransitionNotAllowed
from customers.validation.errors import InvalidInput
from disclosures.models import DisclosureRequest, Recipient
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.logs import payloads
from tests.rows_in_states import MODELS, OF_NO_CUSTOMER, PLAIN, row_in, said_of, states_of, transition

Case = tuple[type[StatefulModel], str, str]
TURNS: list[tuple[type[StatefulModel], str, str, str]] = [
    (model, how, begin, end)
    for model in MODELS
    for how, begins in model.TRANSITIONS.items()
    for begin, ends in begins.items()
    for end in ends
]
"""Every move that the tables have: model, move, state it begins in, state it ends in."""
REFUSED: list[Case] = [
    (model, how, state)
    for model in MODELS
    for how, state in product(model.TRANSITIONS, states_of(model))
    if state not in model.TRANSITIONS[how]
]
"""Every move from every state that the tables do not have."""
ONCE = [
    next(turn for turn in TURNS if turn[0] is model and turn[3] not in model.TRANSITIONS[turn[1]]) for model in MODELS
]
"""Of each table the first move that cannot be made a second time."""


def named(value: Any) -> str:
    return value._meta.model_name if isinstance(value, type) else str(value)


def state_of(row: Any) -> str:
    """The state in the database."""
    return str(type(row)._base_manager.values_list("state", flat=True).get(pk=row.pk))


def state_beside(model: type[StatefulModel], state: str) -> str:
    """Another state of the same table."""
    return next(other for other in states_of(model) if other != state)


# --- the tables ----------------------------------------------------------------------------------------------------


def test_every_table_of_states_is_tried_here(db: None) -> None:
    assert {model for model in apps.get_models() if issubclass(model, StatefulModel)} == set(MODELS)


@pytest.mark.one_engine("it reads the tables of moves in the code")
@pytest.mark.parametrize("model", MODELS, ids=named)
def test_a_table_speaks_of_its_own_states_and_fits_its_record(model: type[StatefulModel]) -> None:
    told = {state for begins in model.TRANSITIONS.values() for state in begins}
    told |= {end for begins in model.TRANSITIONS.values() for ends in begins.values() for end in ends}
    assert told == set(states_of(model))
    record = apps.get_model(model.TRANSITION_RECORD)
    assert max(map(len, model.TRANSITIONS)) <= (record._meta.get_field("how").max_length or 0)
    assert max(map(len, told)) <= (record._meta.get_field("to_state").max_length or 0)


@pytest.mark.one_engine("it reads the tables of moves in the code")
@pytest.mark.parametrize(
    ("model", "ends"),
    [
        (ContactPoint, []),
        (Correction, ["done", "refused", "withdrawn"]),
        (CustomerRequest, ["done", "refused", "withdrawn"]),
        (Hold, ["released", "fraud"]),
        (InformationRequest, ["answered", "closed"]),
        (Recipient, []),
        (DisclosureRequest, ["closed"]),
    ],
    ids=named,
)
def test_from_these_states_there_is_no_way_on(model: type[StatefulModel], ends: list[str]) -> None:
    assert [
        state for state in states_of(model) if not any(model.allows(how, state) for how in model.TRANSITIONS)
    ] == ends


# --- the door ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "how", "begin", "end"), TURNS, ids=named)
def test_a_move_of_the_table_is_made_and_on_record(
    model: type[StatefulModel], how: str, begin: str, end: str, db: None
) -> None:
    row = row_in(model, begin)
    since = row.state_since
    assert row.can(how)
    record = transition(row, how, to=end)
    fresh = model._base_manager.get(pk=row.pk)
    assert (row.state, fresh.state, fresh.state_since > since) == (end, end, True)
    assert (record.subject_id, record.how, record.from_state, record.to_state) == (row.pk, how, begin, end)
    assert list(row.moves.values_list("pk", flat=True)) == [record.pk]
    entry = payloads()[-1]
    told = (entry["kind"], entry["row"], entry["customer"], entry["columns"]["how"], entry["columns"]["to_state"])
    assert told == (record.kind, str(record.pk), None if model in OF_NO_CUSTOMER else "BZ0000001", how, end)


@pytest.mark.parametrize(("model", "how", "state"), REFUSED, ids=named)
def test_a_move_the_table_does_not_have_is_refused_and_changes_nothing(
    model: type[StatefulModel], how: str, state: str, db: None
) -> None:
    row = row_in(model, state)
    log, assumed = Leaf.objects.count(), model._base_manager.filter(pk=row.pk).values().get()
    assert not row.can(how)
    for wanted in ("", *states_of(model)):
        with pytest.raises(TransitionNotAllowed):
            transition(row, how, to=wanted)
    assert (row.state, model._base_manager.filter(pk=row.pk).values().get()) == (state, assumed)
    assert (Leaf.objects.count(), row.moves.count()) == (log, 0)


@pytest.mark.parametrize(("model", "how", "begin", "end"), TURNS, ids=named)
def test_a_move_ends_nowhere_but_where_the_table_says(
    model: type[StatefulModel], how: str, begin: str, end: str, db: None
) -> None:
    row = row_in(model, begin)
    for elsewhere in set(states_of(model)) - set(model.TRANSITIONS[how][begin]):
        with pytest.raises(TransitionNotAllowed):
            transition(row, how, to=elsewhere)
    assert (state_of(row), row.moves.count()) == (begin, 0)
    assert transition(row, how, to=end).to_state == end


def test_a_move_with_several_ends_has_to_be_told_which(db: None) -> None:
    point = row_in(ContactPoint, "suspended")
    with pytest.raises(TransitionNotAllowed):
        transition(point, "release")
    assert state_of(point) == "suspended"
    assert transition(point, "release", to="bounced").to_state == "bounced"


def test_a_move_takes_other_columns_with_it(db: None) -> None:
    point, now = row_in(ContactPoint, "unverified"), timezone.now()
    transition(point, "confirm", update={"verified_at": now})
    assert (state_of(point), ContactPoint.objects.get(pk=point.pk).verified_at) == ("active", now)


@pytest.mark.parametrize(("model", "how", "begin", "end"), ONCE, ids=named)
def test_an_old_page_moves_nothing_and_its_person_is_told(
    model: type[StatefulModel], how: str, begin: str, end: str, db: None
) -> None:
    stale = row_in(model, begin)
    transition(model._base_manager.get(pk=stale.pk), how, to=end)
    log = Leaf.objects.count()
    with pytest.raises(InvalidInput) as told, acting("try", by=factories.system()):
        stale.transition(how, to=end, **said_of(stale, how))
    label = dict(model._meta.get_field("state").flatchoices)[end]  # type: ignore[union-attr]
    assert str(told.value) == f"Nothing was done: meanwhile this is “{label}”. Look at it again."
    assert (Leaf.objects.count(), stale.moves.count()) == (log, 1)


@pytest.mark.parametrize(("model", "how", "begin", "end"), ONCE, ids=named)
def test_nothing_is_moved_outside_an_act(model: type[StatefulModel], how: str, begin: str, end: str, db: None) -> None:
    row = row_in(model, begin)
    with pytest.raises(NotRecording):
        row.transition(how, to=end, **said_of(row, how))
    assert (state_of(row), row.moves.count()) == (begin, 0)


# --- no other door -------------------------------------------------------------------------------------------------

EVERY_STATE = [(model, state) for model in MODELS for state in states_of(model)]


@pytest.mark.parametrize(("model", "state"), EVERY_STATE, ids=named)
def test_a_state_that_was_typed_over_is_not_saved(model: type[StatefulModel], state: str, db: None) -> None:
    row = row_in(model, state)
    for only in (None, ["state"], [PLAIN[model][0]]):
        for other in set(states_of(model)) - {state}:
            row = model._base_manager.get(pk=row.pk)
            row.state = other
            with pytest.raises(NotRecording, match="by transition"), recording(by=factories.system()):
                row.save(update_fields=only)
    assert state_of(row) == state
    name, value = PLAIN[model]
    row = model._base_manager.get(pk=row.pk)
    setattr(row, name, value)
    with recording(by=factories.system()):
        row.save(update_fields=[name])
        factories.note()
    assert model._base_manager.filter(pk=row.pk).values_list(name, "state").get() == (value, state)


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_a_state_is_not_written_in_bulk(model: type[StatefulModel], db: None) -> None:
    begin = states_of(model)[0]
    row, end = row_in(model, begin), state_beside(model, begin)
    name, value = PLAIN[model]
    many = model._base_manager.filter(pk=row.pk)
    for manager in (model._default_manager, model._base_manager, many):
        with pytest.raises(NotRecording, match="by transition"), recording(by=factories.system()):
            manager.update(**{name: value, "state": end})
        row.state = end
        with pytest.raises(NotRecording, match="by transition"), recording(by=factories.system()):
            manager.bulk_update([row], iter([name, "state"]))
        with pytest.raises(NotRecording, match="by transition"), recording(by=factories.system()):
            manager.update_or_create(pk=row.pk, defaults={"state": end})
    with pytest.raises(NotRecording):
        many.update(**{name: value})
    assert state_of(row) == begin
    with recording(by=factories.system()):
        assert many.update(**{name: value}) == 1
        factories.note()
    assert model._base_manager.filter(pk=row.pk).values_list(name, "state").get() == (value, begin)


def test_a_row_read_without_its_state_is_saved_without_it(db: None) -> None:
    point = row_in(ContactPoint, "unverified")
    for read in (ContactPoint.objects.defer("state"), ContactPoint.objects.only("source")):
        typed = read.get(pk=point.pk)
        typed.state = "active"
        with pytest.raises(NotRecording, match="by transition"), recording(by=factories.system()):
            typed.save()
        untouched = read.get(pk=point.pk)
        untouched.source = "staff"
        with recording(by=factories.system()):
            untouched.save()
            factories.note()
    assert ContactPoint.objects.filter(pk=point.pk).values_list("state", "source").get() == ("unverified", "staff")


def test_rows_made_in_bulk_are_moved_like_others(db: None) -> None:
    customer = factories.customer("BZ0000001")
    with recording(by=factories.system()):
        rows = [ContactPoint(customer=customer, channel="email", source="import", state="active") for _ in range(2)]
        ContactPoint.objects.bulk_create(rows)
        factories.note()
    with recording(by=factories.system()):
        rows[0].transition("bounce", customer=customer)
    rows[1].state = "bounced"
    with pytest.raises(NotRecording, match="by transition"), recording(by=factories.system()):
        rows[1].save()
    assert [state_of(row) for row in rows] == ["bounced", "active"]


def saved_whole(row: Any) -> None:
    """Somebody's act that writes a row as it lies in memory."""
    with recording(by=factories.system()):
        row.save()
        factories.note()


def test_reading_another_field_anew_does_not_make_a_typed_state_good(db: None) -> None:
    point = row_in(ContactPoint, "unverified")
    point.state = "active"
    point.refresh_from_db(fields=["source"])
    with pytest.raises(NotRecording, match="by transition"):
        saved_whole(point)
    assert state_of(point) == "unverified"


@pytest.mark.parametrize(("model", "how", "begin", "end"), ONCE, ids=named)
def test_an_old_row_saved_whole_takes_no_move_back(
    model: type[StatefulModel], how: str, begin: str, end: str, db: None
) -> None:
    stale = row_in(model, begin)
    transition(model._base_manager.get(pk=stale.pk), how, to=end)
    saved_whole(stale)
    assert (state_of(stale), stale.moves.get().to_state) == (end, end)


def test_a_row_whose_move_was_undone_does_not_bring_it_back(db: None) -> None:
    point = row_in(ContactPoint, "unverified")
    with pytest.raises(ZeroDivisionError), recording(by=factories.system()):
        point.transition("confirm", customer=point.customer)
        raise ZeroDivisionError
    assert (state_of(point), point.moves.count()) == ("unverified", 0)
    saved_whole(point)
    assert (state_of(point), point.moves.count()) == ("unverified", 0)


def test_a_row_made_anew_under_an_old_key_does_not_write_over_it(db: None) -> None:
    point = row_in(ContactPoint, "retired")
    twin = ContactPoint(pk=point.pk, customer=point.customer, channel="email", source="staff", state="active")
    twin.email = "another@mail.example.com"
    with pytest.raises(Exception, match=r"."):
        saved_whole(twin)
    assert state_of(point) == "retired"


def test_a_version_made_by_an_old_page_says_what_the_row_says(db: None) -> None:
    stale = row_in(ContactPoint, "unverified")
    transition(ContactPoint.objects.get(pk=stale.pk), "confirm", update={"verified_at": timezone.now()})
    transition(stale, "retire")
    row = ContactPoint.objects.get(pk=stale.pk)
    version = row.history.first()
    assert (version.state, version.verified_at) == (row.state, row.verified_at) != ("retired", None)


# --- two at once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "how", "begin", "end"), ONCE, ids=named)
def test_of_four_who_make_one_move_one_makes_it_and_the_others_are_told(
    model: type[StatefulModel], how: str, begin: str, end: str, own_database: str
) -> None:
    factories.deadlines()
    for number in range(1, 4):
        customer = factories.customer(f"BZ000000{number}", email=f"hoa{number}@mail.example.com")
        row = row_in(model, begin, customer)
        told = at_once(*[lambda row=row: transition(model._base_manager.get(pk=row.pk), how, to=end)] * 4)
        label = row._meta.label
        assert told == [f"TransitionNotAllowed: {label} {row.pk} is {end}"] * 3
        assert (state_of(row), row.moves.count()) == (end, 1)


def test_of_two_different_moves_of_one_row_one_is_made(own_database: str) -> None:
    factories.deadlines()
    for number in range(1, 4):
        request = row_in(CustomerRequest, "open", factories.customer(f"BZ000000{number}"))
        told = at_once(
            lambda request=request: transition(CustomerRequest.objects.get(pk=request.pk), "complete"),
            lambda request=request: transition(CustomerRequest.objects.get(pk=request.pk), "withdraw"),
        )
        now = state_of(request)
        assert told == [f"TransitionNotAllowed: customers.CustomerRequest {request.pk} is {now}"]
        assert list(request.moves.values_list("from_state", "to_state")) == [("open", now)]
