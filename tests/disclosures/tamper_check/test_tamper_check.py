"""The tamper check: what it names and where, the freeze after it, and how two officers lift that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from customers.acts.refusals import Refused
from customers.audit_log.anchoring import take_checkpoint
from customers.audit_log.signer import log_signer
from customers.evidence.append_only import AppendOnlyViolation
from customers.evidence.errors import RecordFailed
from customers.evidence.recording import recording
from customers.models import Leaf, Refusal, StaffMember
from customers.staff.accounts import end_person
from customers.validation.errors import InvalidInput
from disclosures.models import FreezeLift, TamperCheck
from disclosures.permissions import can_check_log, can_lift_freeze, liftable_by
from disclosures.recipients.documents import read_lifts
from disclosures.tamper_check.tamper_check import (
    check_for_tampering,
    is_frozen,
    lift_freeze,
    takes_entries,
    verdict,
)
from tests import factories
from tests.concurrency import at_once
from tests.customers.evidence.attacks import forget_checkpoints
from tests.customers.evidence.logs import as_owner, execute, newest, verify
from tests.disclosures.tampered import (
    ATTACKS,
    House,
    a_disclosing_act,
    anchors,
    break_head,
    drop_column,
    edit_column,
    edit_payload,
    house,
    tampered,
)

__all__ = ["anchors", "house"]
WORDS = "Bản ghi đã được khôi phục; an đã xem"


@contextmanager
def refused(act: str, why: str, by: StaffMember) -> Iterator[None]:
    """Refused for that reason, on record."""
    before = Refusal.objects.count()
    with pytest.raises(Refused):
        yield
    assert Refusal.objects.count() == before + 1
    record = Refusal.objects.latest("pk")
    assert (record.act, record.why, record.by) == (act, why, by)


# --- what a check finds -----------------------------------------------------------------------------------------------


def test_a_whole_log_is_whole_and_says_how_much_was_checked_against_what(house: House) -> None:
    size = Leaf.objects.count()
    check = check_for_tampering(by=house.an)
    said = (check.whole, check.size, check.anchors, check.last_good, check.first_bad, check.what, check.more)
    assert said == (True, size, 1, size, None, "", 0)
    assert (Leaf.objects.count(), newest()["kind"], newest()["customer"]) == (size + 1, "tamper_check", None)
    assert not is_frozen()
    again = check_for_tampering(by=house.auditor)
    assert (again.whole, again.size, again.last_good) == (True, size + 1, size)


@pytest.mark.parametrize("what", ATTACKS)
def test_whatever_was_done_is_named_with_its_place_and_freezes_disclosing(what: str, house: House) -> None:
    attack, sentence = ATTACKS[what]
    assert check_for_tampering(by=house.an).whole
    where = attack()
    check = check_for_tampering(by=house.an)
    assert (check.whole, check.first_bad, sentence in check.what) == (False, where, True), check.what
    assert newest()["columns"]["what"] == check.what
    assert not any(secret in json.dumps(newest()) for secret in ("Hoa", "hoa.nguyen"))
    assert is_frozen()


def test_further_findings_are_counted(house: House) -> None:
    edit_payload()
    edit_column()
    check = check_for_tampering(by=house.an)
    assert (check.whole, check.more > 0) == (False, True)


def test_what_the_check_cannot_read_to_its_end_is_not_whole(house: House) -> None:
    drop_column()
    check = check_for_tampering(by=house.an)
    assert (check.whole, check.first_bad) == (False, None)
    assert check.what.startswith("The check did not come to an end: ")
    assert is_frozen()


def test_a_name_that_somebody_chose_does_not_get_into_the_log(house: House) -> None:
    name = "Nguyễn Thị Hoa"
    if connection.vendor == "postgresql":
        execute("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        execute(f'CREATE TRIGGER "{name}" AFTER INSERT ON customers_reveal FOR EACH ROW EXECUTE FUNCTION nothing()')
    else:
        execute(f'CREATE TRIGGER "{name}" AFTER INSERT ON customers_reveal BEGIN SELECT 1; END')
    check = check_for_tampering(by=house.an)
    assert check.what == 'Trigger "…" of table customers_reveal is not on the list.'


def test_entries_since_the_newest_checkpoint_are_checked_too(house: House) -> None:
    factories.team("Hue")
    leaf = Leaf.objects.latest("seq")
    with as_owner("customers_accesschange"):
        execute("UPDATE customers_accesschange SET what = 'role_given' WHERE id = %s", [int(leaf.row_key)])
    check = check_for_tampering(by=house.an)
    assert (check.whole, check.first_bad, check.last_good) == (False, leaf.seq, leaf.seq)


def test_anchors_are_what_tells_of_a_log_that_was_cut_off(house: House, anchors: Path) -> None:
    attack, _sentence = ATTACKS["a log cut off with its checkpoint"]
    attack()
    kept = anchors.read_bytes()
    anchors.unlink()
    check = check_for_tampering(by=house.an)
    assert (check.whole, check.anchors) == (True, 0)  # the exposure, and the record says that none was at hand
    anchors.write_bytes(kept)
    assert not check_for_tampering(by=house.an).whole


# --- no answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"no note at all", None], ids=["unbelievable", "unreadable"])
def test_anchors_that_cannot_be_read_are_no_answer_and_no_whole_log(
    content: bytes | None, house: House, anchors: Path
) -> None:
    kept = anchors.read_bytes()
    anchors.unlink()
    anchors.write_bytes(content) if content else anchors.mkdir()
    with pytest.raises(InvalidInput, match="There is no answer: "):
        check_for_tampering(by=house.an)
    assert not TamperCheck.objects.exists()
    anchors.unlink() if content else anchors.rmdir()
    anchors.write_bytes(kept)
    assert check_for_tampering(by=house.an).whole


def test_before_the_first_checkpoint_nothing_vouches_for_the_log(house: House, anchors: Path) -> None:
    forget_checkpoints()
    anchors.unlink()
    with pytest.raises(InvalidInput, match=r"manage\.py checkpoint"):
        check_for_tampering(by=house.an)
    take_checkpoint(log_signer())
    assert check_for_tampering(by=house.an).whole


def test_checkpoints_that_an_earlier_check_relied_on_are_missed(house: House, anchors: Path) -> None:
    relied_on = check_for_tampering(by=house.an).last_good
    forget_checkpoints()
    anchors.unlink()
    check = check_for_tampering(by=house.an)
    assert not check.whole
    assert check.what == f"The checkpoint over {relied_on} entries is gone, and an earlier check relied on it."


def test_without_this_database_s_keys_there_is_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.CHECKPOINT_KEY", "A" * 43 + "=")
    with pytest.raises(InvalidInput, match="There is no answer: "):
        check_for_tampering(by=house.an)


def test_tampering_that_cannot_be_put_on_record_is_told_and_nothing_can_be_disclosed(house: House) -> None:
    assert takes_entries()
    assert check_for_tampering(by=house.an).whole
    break_head()
    with pytest.raises(RecordFailed, match="not whole, and that could not be put on record"):
        check_for_tampering(by=house.an)
    assert TamperCheck.objects.count() == 1
    assert not takes_entries()
    with pytest.raises(RecordFailed):
        a_disclosing_act(house.an)


def test_a_log_without_its_table_takes_no_entries(house: House) -> None:
    execute("ALTER TABLE customers_leaf RENAME TO elsewhere")
    assert not takes_entries()
    with pytest.raises(RecordFailed, match="not whole, and that could not be put on record"):
        check_for_tampering(by=house.an)


# --- the freeze -------------------------------------------------------------------------------------------------------


def test_nothing_is_disclosed_while_it_is_frozen_and_one_officer_does_not_lift_that(house: House) -> None:
    a_disclosing_act(house.chi)
    check = tampered(house)
    with refused("release", "frozen", house.chi):
        a_disclosing_act(house.chi)
    lift_freeze(check, by=house.an, words=WORDS, ticket="#t-7")
    assert (is_frozen(), verdict().to_come) == (True, 1)
    with refused("release", "frozen", house.chi):
        a_disclosing_act(house.chi)
    lift_freeze(check, by=house.chi, words=WORDS)
    assert (is_frozen(), verdict().to_come) == (False, 0)
    a_disclosing_act(house.chi)
    assert list(FreezeLift.objects.order_by("pk").values_list("by__username", "ticket")) == [("an", "T-7"), ("chi", "")]


def test_the_same_officer_twice_is_not_two_under_another_name_neither(house: House) -> None:
    check = tampered(house)
    lift_freeze(check, by=house.an, words=WORDS)
    with pytest.raises(InvalidInput, match="another officer"):
        lift_freeze(check, by=house.an, words=WORDS)
    StaffMember.objects.filter(pk=house.an.pk).update(username="an.moi")
    renamed = StaffMember.objects.get(username="an.moi")
    with pytest.raises(InvalidInput, match="another officer"):
        lift_freeze(check, by=renamed, words=WORDS)
    with pytest.raises(RecordFailed), recording(by=renamed):
        FreezeLift(tamper_check=check, words=WORDS).save()
    assert (is_frozen(), FreezeLift.objects.count()) == (True, 1)
    lift_freeze(check, by=house.chi, words=WORDS)
    assert not is_frozen()


def test_a_third_officer_has_nothing_to_lift(house: House) -> None:
    check = tampered(house)
    for officer in (house.an, house.chi):
        lift_freeze(check, by=officer, words=WORDS)
    with pytest.raises(InvalidInput, match="already"):
        lift_freeze(check, by=house.dung, words=WORDS)


def test_a_check_that_is_whole_lifts_nothing_and_cannot_be_lifted(house: House) -> None:
    with as_owner("customers_reveal"):
        execute("UPDATE customers_reveal SET reason = 'other' WHERE reason = 'call_back'")
    failed = check_for_tampering(by=house.an)
    with as_owner("customers_reveal"):
        execute("UPDATE customers_reveal SET reason = 'call_back' WHERE reason_text IS NULL")
    whole = check_for_tampering(by=house.an)
    assert (failed.whole, whole.whole, is_frozen()) == (False, True, True)
    with pytest.raises(InvalidInput, match="not this check"):
        lift_freeze(whole, by=house.an, words=WORDS)
    for officer in (house.an, house.chi):
        lift_freeze(failed, by=officer, words=WORDS)
    assert not is_frozen()


def test_a_check_that_fails_again_freezes_again_and_takes_two_anew(house: House) -> None:
    first = tampered(house)
    lift_freeze(first, by=house.an, words=WORDS)
    second = check_for_tampering(by=house.auditor)
    with pytest.raises(InvalidInput, match="not this check"):
        lift_freeze(first, by=house.chi, words=WORDS)
    assert verdict().to_come == 2
    for officer in (house.an, house.chi):
        lift_freeze(second, by=officer, words=WORDS)
    assert not is_frozen()
    assert not check_for_tampering(by=house.an).whole
    assert is_frozen()


def test_lifting_takes_words(house: House) -> None:
    check = tampered(house)
    with pytest.raises(InvalidInput, match="few words"):
        lift_freeze(check, by=house.an, words=" \n ")
    with pytest.raises(InvalidInput, match="ticket"):
        lift_freeze(check, by=house.an, words=WORDS, ticket="hoa@mail.example.com")
    assert not FreezeLift.objects.exists()


def test_what_officers_said_is_sealed_and_opened_on_record(house: House) -> None:
    check = tampered(house)
    with pytest.raises(InvalidInput, match="Nobody has lifted"):
        read_lifts(check, by=house.approver)
    lift = lift_freeze(check, by=house.an, words=WORDS)
    assert "khôi phục" not in str(FreezeLift.objects.get().words)
    assert "khôi phục" not in bytes(Leaf.objects.latest("seq").payload).decode()
    assert read_lifts(check, by=house.approver) == {lift.pk: WORDS}
    assert (newest()["kind"], newest()["by"]) == ("reading", "binh")
    with refused("read_disclosure", "no_right", house.auditor):
        read_lifts(check, by=house.auditor)


# --- who --------------------------------------------------------------------------------------------------------------


def test_readers_of_evidence_and_administrators_check_and_nobody_else(house: House) -> None:
    for person in (house.an, house.approver, house.auditor, house.administrator, factories.system()):
        assert can_check_log(person)
        assert check_for_tampering(by=person).whole
    assert not can_check_log(house.agent)
    before = TamperCheck.objects.count()
    with refused("check_log", "no_right", house.agent):
        check_for_tampering(by=house.agent)
    assert TamperCheck.objects.count() == before


def test_only_officers_lift_and_whoever_has_left_does_not(house: House) -> None:
    check = tampered(house)
    for person in (house.approver, house.auditor, house.administrator, house.agent):
        assert (can_lift_freeze(person), liftable_by(person).exists()) == (False, False)
        with refused("lift_freeze", "no_right", person):
            lift_freeze(check, by=person, words=WORDS)
    end_person(house.chi, by=house.administrator)
    with refused("lift_freeze", "ended", house.chi):
        lift_freeze(check, by=house.chi, words=WORDS)
    assert list(liftable_by(house.an)) == [check]
    lift_freeze(check, by=house.an, words=WORDS)
    assert (liftable_by(house.an).exists(), list(liftable_by(house.dung))) == (False, [check])
    lift_freeze(check, by=house.dung, words=WORDS)
    assert not liftable_by(house.an).exists()


# --- at once ----------------------------------------------------------------------------------------------------------


def lifting(check: TamperCheck, officer: StaffMember) -> Callable[[], FreezeLift]:
    return lambda: lift_freeze(check, by=officer, words=WORDS)


def test_two_officers_at_once_lift_it(house: House) -> None:
    check = tampered(house)
    assert at_once(lifting(check, house.an), lifting(check, house.chi)) == []
    assert (is_frozen(), FreezeLift.objects.count()) == (False, 2)


def test_of_three_officers_at_once_two_lift_it(house: House) -> None:
    check = tampered(house)
    (told,) = at_once(*(lifting(check, officer) for officer in (house.an, house.chi, house.dung)))
    assert told == "InvalidInput: Two officers have lifted this freeze already."
    assert FreezeLift.objects.count() == 2


def test_one_officer_at_once_in_four_windows_is_one(house: House) -> None:
    check = tampered(house)
    told = at_once(*(lifting(check, house.an) for _ in range(4)))
    assert told == ["InvalidInput: You have lifted it already; it takes another officer."] * 3
    assert (is_frozen(), FreezeLift.objects.count()) == (True, 1)


def test_checks_at_once_are_all_on_record_and_the_log_stays_whole(house: House) -> None:
    assert (
        at_once(*(lambda person=person: check_for_tampering(by=person) for person in (house.an, house.auditor))) == []
    )
    assert list(TamperCheck.objects.values_list("whole", flat=True)) == [True, True]
    assert verify().exit == 0


def test_a_check_is_not_disturbed_by_those_who_work_meanwhile(house: House) -> None:
    work = [lambda n=n: factories.team(f"Team {n}") for n in range(4)]
    assert at_once(lambda: check_for_tampering(by=house.an), *work) == []
    assert TamperCheck.objects.get().whole


# --- the records ------------------------------------------------------------------------------------------------------


def test_checks_and_liftings_are_kept_as_they_were_written(house: House) -> None:
    check = tampered(house)
    lift_freeze(check, by=house.an, words=WORDS)
    for model in (TamperCheck, FreezeLift):
        with pytest.raises(AppendOnlyViolation):
            model.objects.all().delete()
        with pytest.raises(Exception, match=r"kept|cannot|append") as told, transaction.atomic():
            execute(f"DELETE FROM {model._meta.db_table}")
        assert type(told.value).__module__.startswith("django.db")
    assert TamperCheck.objects.count() == FreezeLift.objects.count() == 1


def test_a_failed_check_says_what_and_a_whole_one_says_nothing(house: House) -> None:
    columns = {"size": 1, "anchors": 0, "at": timezone.now(), "by": house.an}
    for wrong in ({"whole": True, "what": "Something"}, {"whole": False}, {"whole": True, "first_bad": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            super(TamperCheck, TamperCheck(**columns, **wrong)).save_base(force_insert=True)
    assert not TamperCheck.objects.exists()


def test_a_lifting_without_its_entry_is_found_by_the_next_check(house: House) -> None:
    check = tampered(house)
    lift_freeze(check, by=house.an, words=WORDS)
    lift_freeze(check, by=house.chi, words=WORDS)
    with as_owner("disclosures_freezelift"):
        execute("UPDATE disclosures_freezelift SET by_id = %s WHERE by_id = %s", [house.dung.pk, house.chi.pk])
    again = check_for_tampering(by=house.an)
    assert (again.whole, again.more) == (False, 1)
    assert is_frozen()
