"""What a CRM export says about news: yes is a consent, no an opt-out, blank nothing; and no yes takes back a no."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from consent.choices import import_consents as module
from consent.choices.consents import Evidence, grant, opt_out
from consent.choices.import_consents import ImportOutcome, import_consents
from consent.gate.gate import decisions, may_contact
from consent.gate.purposes import purpose_of
from consent.models import ConsentEvent
from customers.crm_import.customers import import_customers
from customers.evidence.recording import recording
from customers.models import Customer, Leaf, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.consent.lives import house
from tests.exports import EXTRACT, export, record, records

WORDS = ("yes", "no", "")
NINE = [record(n, marketing_email=WORDS[n % 3], marketing_sms=WORDS[n // 3]) for n in range(9)]
"""Every pair of answers."""


@pytest.fixture
def taken_in(db: None, tmp_path: Path) -> Path:
    """An export with every pair of answers, whose customers are on record."""
    house()
    path = export(tmp_path / "crm.csv", NINE)
    import_customers(path, by=factories.system())
    return path


def take(path: Path, **options: object) -> ImportOutcome:
    """Take it in; the count adds up."""
    taken = import_consents(path, by=factories.system(), **options)  # type: ignore[arg-type]
    assert taken.rows == taken.recorded + taken.unchanged + taken.blank + taken.kept + len(taken.rejected)
    return taken


def on_record() -> Counter[tuple[str, str, str]]:
    """Purpose, channel and word of every event."""
    return Counter(ConsentEvent.objects.values_list("purpose", "channel", "what"))


def customer(number: int) -> Customer:
    return Customer.objects.get(reference=f"EX{number:07d}")


def test_yes_no_and_blank_become_consents_opt_outs_and_nothing(taken_in: Path) -> None:
    taken = take(taken_in)
    assert (taken.rows, taken.recorded, taken.blank, taken.events) == (9, 8, 1, 24)
    assert on_record() == {
        (code, channel, what): 3
        for code in ("new_products", "promotions")
        for channel in ("email", "sms")
        for what in ("granted", "objected")
    }
    sha256 = hashlib.sha256(taken_in.read_bytes()).hexdigest()
    assert set(ConsentEvent.objects.values_list("through", "evidence", "asked_at")) == {("import", sha256, None)}
    assert Leaf.objects.filter(kind="consent_event").count() == 24
    assert may_contact(customer(0), "promotions", "email")
    assert may_contact(customer(1), "promotions", "email").why == "objected"
    assert may_contact(customer(0), "surveys", "email").why == "no_consent"


def test_run_again_it_adds_nothing(taken_in: Path) -> None:
    take(taken_in)
    leaves = Leaf.objects.count()
    again = take(taken_in)
    assert (again.recorded, again.events, again.unchanged, again.blank) == (0, 0, 8, 1)
    assert Leaf.objects.count() == leaves


def test_stopped_between_batches_and_run_again_it_goes_on(taken_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 4)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(taken_in, progress=stop)
    first = ConsentEvent.objects.count()
    assert 0 < first < 24
    again = take(taken_in)
    assert (ConsentEvent.objects.count(), again.events) == (24, 24 - first)


def test_a_yes_takes_back_no_no_whoever_said_it(taken_in: Path, tmp_path: Path) -> None:
    take(taken_in)
    linh: StaffMember = factories.person("linh", "Support agent")
    opt_out(customer(0), [purpose_of("promotions")], by=linh, evidence=Evidence("phone", "T-1"))
    path = export(tmp_path / "later.csv", [record(n, marketing_email="yes", marketing_sms="yes") for n in (0, 1, 6)])
    taken = take(path)
    assert may_contact(customer(0), "promotions", "email").why == "objected"
    assert may_contact(customer(1), "promotions", "email").why == "objected"
    assert may_contact(customer(6), "promotions", "sms").why in ("", "quiet_hours")
    assert (taken.recorded, taken.kept) == (1, 2)
    assert (take(path).kept, take(path).recorded) == (2, 0)


def test_what_the_crm_has_said_before_overrules_nothing_that_was_said_at_the_desk_since(
    taken_in: Path, tmp_path: Path
) -> None:
    take(taken_in)
    linh: StaffMember = factories.person("linh", "Support agent")
    grant(customer(1), purpose_of("promotions"), "email", by=linh, evidence=Evidence("ticket", "T-1"))
    rows = [record(1, marketing_email="no"), record(0, marketing_email="no")]
    taken = take(export(tmp_path / "later.csv", rows))
    assert may_contact(customer(1), "promotions", "email")
    assert may_contact(customer(0), "promotions", "email").why == "objected"
    assert (taken.recorded, taken.unchanged) == (1, 1)


def test_an_opt_out_told_between_two_batches_is_not_overruled_by_the_second(
    taken_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 4)
    linh: StaffMember = factories.person("linh", "Support agent")

    def call(done: int, total: int) -> None:
        if done == 4:
            opt_out(customer(6), [purpose_of("promotions")], by=linh, evidence=Evidence("phone", "T-1"))

    take(taken_in, progress=call)
    assert may_contact(customer(6), "promotions", "email").why == "objected"
    assert may_contact(customer(0), "promotions", "email")


def test_opt_outs_told_while_an_import_runs_all_hold(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house()
    path = export(tmp_path / "crm.csv", [record(n) for n in range(12)])
    import_customers(path, by=factories.system())
    linh: StaffMember = factories.person("linh", "Support agent")
    monkeypatch.setattr(module, "BATCH_ROWS", 1)
    promotions, chosen = purpose_of("promotions"), [customer(n) for n in range(11, 5, -1)]

    def tell() -> None:
        for each in chosen:
            opt_out(each, [promotions], by=linh, evidence=Evidence("phone", "T-1"), confirm=False)

    assert at_once(partial(take, path), tell) == []
    found = decisions(Customer.objects.all(), promotions, "email")
    assert {key for key, decision in found.items() if decision.why == "objected"} == {each.pk for each in chosen}
    assert {key for key, decision in found.items() if decision} == {customer(n).pk for n in range(6)}


CRM = {"crm yes": "yes", "crm no": "no", "crm blank": ""}
WHAT = {"desk yes": "granted", "desk no": "objected"}
STEPS = (*CRM, *WHAT)


def what_holds(steps: tuple[str, ...]) -> str:
    """What a customer's word is after these steps: the desk is believed at once, the CRM only where it says a new no
    or where no no stands. A yes of the CRM that was not taken is not remembered, so a no after it is no new one.
    """
    held = of_crm = ""
    for step in steps:
        who, word = step.split()
        if who == "desk":
            held = word
        elif word == "no" and of_crm != "no":
            held = of_crm = "no"
        elif word == "yes" and held != "no" and (held, of_crm) != ("yes", ""):
            held = of_crm = "yes"
    return held


def test_desk_and_crm_in_any_order_leave_the_word_that_counts(taken_in: Path, tmp_path: Path) -> None:
    orders = list(product(STEPS, repeat=4))
    rows = [record(n) for n in range(100, 100 + len(orders))]
    import_customers(export(tmp_path / "all.csv", rows), by=factories.system())
    people = [Customer.objects.get(reference=row["customer_no"]) for row in rows]
    promotions = purpose_of("promotions")
    for turn in range(4):
        now = [(row, person, order[turn]) for row, person, order in zip(rows, people, orders, strict=True)]
        with recording(by=factories.system()):
            ConsentEvent.objects.bulk_create(
                ConsentEvent(customer=person, purpose=promotions, channel="email", what=WHAT[step], through="phone")
                for _row, person, step in now
                if step in WHAT
            )
        said = [{**row, "marketing_email": CRM[step]} for row, _person, step in now if step in CRM]
        path = export(tmp_path / f"turn{turn}.csv", said)
        take(path)
        before = ConsentEvent.objects.count()
        assert (take(path).events, ConsentEvent.objects.count()) == (0, before)
    found = decisions(Customer.objects.filter(pk__in=[person.pk for person in people]), promotions, "email")
    words = {"objected": "no", "no_consent": "", "": "yes"}
    assert {order: words[found[person.pk].why] for order, person in zip(orders, people, strict=True)} == {
        order: what_holds(order) for order in orders
    }


def test_the_same_no_read_again_overrules_no_consent_given_since(taken_in: Path, tmp_path: Path) -> None:
    linh: StaffMember = factories.person("linh", "Support agent")
    promotions = purpose_of("promotions")
    opt_out(customer(2), [promotions], by=linh, evidence=Evidence("phone", "T-1"))
    path = export(tmp_path / "no.csv", [record(2, marketing_email="no")])
    assert take(path).recorded == 1
    grant(customer(2), promotions, "email", by=linh, evidence=Evidence("ticket", "T-2"))
    assert take(path).recorded == 0
    assert may_contact(customer(2), "promotions", "email")


def test_a_no_that_the_crm_says_anew_ends_a_consent_given_at_the_desk(taken_in: Path, tmp_path: Path) -> None:
    linh: StaffMember = factories.person("linh", "Support agent")
    no, yes = (export(tmp_path / f"{word}.csv", [record(2, marketing_email=word)]) for word in ("no", "yes"))
    take(no)
    grant(customer(2), purpose_of("promotions"), "email", by=linh, evidence=Evidence("ticket", "T-1"))
    take(yes)
    assert may_contact(customer(2), "promotions", "email")
    take(no)
    assert may_contact(customer(2), "promotions", "email").why == "objected"


def test_rows_that_make_no_sense_are_rejected_in_sentences_that_repeat_nothing_of_them(
    taken_in: Path, tmp_path: Path
) -> None:
    rows = [
        record(0, marketing_email="maybe"), record(1, marketing_sms="YES "), record(77),
        record(2, marketing_email="no"), record(2, marketing_email="yes"), record(2, marketing_email="no"),
    ]  # fmt: skip
    path, report = export(tmp_path / "odd.csv", rows), tmp_path / "report.json"
    taken = take(path, report=report)
    assert [(no.row, no.column) for no in taken.rejected] == [
        (1, "marketing_email"), (3, "customer_no"), (5, "customer_no"),
    ]  # fmt: skip
    assert taken.recorded == 2
    told = json.loads(report.read_text())
    assert (told["rows"], told["recorded"], len(told["rejected"])) == (6, 2, 3)
    assert [word for word in ("maybe", "EX0000077", "hoa") if word in report.read_text()] == []


def test_rows_without_a_number_are_nobody_s_and_not_one_customer_s(taken_in: Path, tmp_path: Path) -> None:
    rows = [record(1, customer_no="", marketing_email=word) for word in ("no", "yes")]
    rows += [record(2, marketing_email=word) for word in ("no", "yes")]
    taken = take(export(tmp_path / "odd.csv", rows))
    nobody, twice = str(module.UNKNOWN), str(module.TWICE)
    assert [(no.row, no.why) for no in taken.rejected] == [(1, nobody), (2, nobody), (4, twice)]


@pytest.mark.parametrize("words", [("yes", "no"), ("no", "yes"), ("yes", "no", "yes")])
def test_of_a_customer_who_stands_there_twice_a_no_counts_and_a_yes_does_not(
    taken_in: Path, tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 1)
    taken = take(export(tmp_path / "torn.csv", [record(2, marketing_email=word) for word in words]))
    assert may_contact(customer(2), "promotions", "email").why == "objected"
    assert (taken.recorded, len(taken.rejected)) == (1, words.count("yes"))


def test_a_file_that_cannot_be_used_is_refused_whole(taken_in: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        take(tmp_path / "nowhere.csv")
    with pytest.raises(InvalidInput):
        take(taken_in, report=taken_in)
    assert not ConsentEvent.objects.exists()


@pytest.mark.bare
def test_without_purposes_on_file_the_command_says_what_to_do_first(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="sync_roles"):
        call_command("import_consents", export(tmp_path / "crm.csv", NINE))


def test_the_extract_of_a_real_export_adds_up(db: None) -> None:
    house()
    import_customers(EXTRACT, by=factories.system())
    taken = take(EXTRACT)
    known = set(Customer.objects.values_list("reference", flat=True))
    said: dict[str, list[tuple[str, str]]] = {}
    for row in records(EXTRACT):
        said.setdefault(row["customer_no"], []).append((row["marketing_email"], row["marketing_sms"]))
    answers: Counter[tuple[str, str, str]] = Counter()
    for reference in known & said.keys():
        for column, channel in enumerate(("email", "sms")):
            words = {answer[column].strip() for answer in said[reference]}
            torn = len(set(said[reference])) > 1
            word = "no" if "no" in words else "yes" if "yes" in words and not torn else ""
            if word:
                what = {"yes": "granted", "no": "objected"}[word]
                answers.update((code, channel, what) for code in ("new_products", "promotions"))
    assert (on_record(), taken.events) == (answers, sum(answers.values()))
    assert taken.events > 0


def test_the_command_counts_and_says_no_in_one_line(
    taken_in: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_consents", taken_in)
    assert "9 rows: 8 recorded (24 events), 0 unchanged, 1 blank, 0 kept" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no such file"):
        call_command("import_consents", tmp_path / "nowhere.csv")
