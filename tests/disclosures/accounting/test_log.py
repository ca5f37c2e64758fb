"""The log, its export, statements, what is kept back and told; emergencies; and a log that cannot be written."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.template.loader import render_to_string

from customers.acts.refusals import Refused
from customers.audit_log.timeline import timeline
from customers.casework.corrections import Why, correct
from customers.evidence import leaves
from customers.evidence.errors import RecordFailed
from customers.models import Notice
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from disclosures.accounting.letters import answer
from disclosures.accounting.log import by_month, export, narrowed, plain_cell
from disclosures.accounting.notifications import keep_from_customer, outdated, tell_customer, tell_recipients, to_tell
from disclosures.accounting.statement import give_statement, who_got
from disclosures.models import (
    CustomerTold,
    Disclosure,
    DisclosureRequest,
    LogExport,
    Package,
    PackageGone,
    RecipientTold,
)
from disclosures.permissions import READ
from disclosures.requests.download import delete_packages, fetch
from disclosures.requests.emergencies import release_at_once, review_due, review_emergency
from disclosures.requests.release import close, release
from tests import factories
from tests.conftest import Clock
from tests.disclosures.outside import CALLED, Desk, approved, asked, authority, desk, document, fresh

__all__ = ["desk"]
VERIFIER = Path(__file__).parents[3] / "customers/evidence/verify.py"


def left(desk: Desk, fields: tuple[str, ...] = ("name", "email"), **said: Any) -> DisclosureRequest:
    """A package that was fetched."""
    request = approved(desk, fields, **said)
    release(request, by=desk.officer)
    fetch(request, by=desk.officer)
    return fresh(request)


# --- the log --------------------------------------------------------------------------------------------------------


def test_an_entry_tells_the_recipient_as_it_was_then(desk: Desk) -> None:
    from disclosures.recipients.recipients import change_recipient
    from tests.disclosures.outside import details

    left(desk)
    change_recipient(desk.police, details(name="Cơ quan khác"), by=desk.officer)
    assert Disclosure.objects.get().details.name == "Cơ quan điều tra Hà Nội"


@pytest.mark.parametrize(
    ("asked_for", "found"),
    [
        ({}, 2), ({"basis": "authority"}, 2), ({"basis": "processor"}, 0), ({"urgency": "emergency"}, 0),
        ({"officer": "binh"}, 2), ({"officer": "linh"}, 0), ({"month": f"{today():%Y-%m}"}, 2),
        ({"month": "2020-01"}, 0), ({"month": "2020-13"}, 2), ({"recipient": "x"}, 2), ({"nonsense": "1"}, 2),
    ],
    ids=str,
)  # fmt: skip
def test_the_log_is_narrowed(desk: Desk, asked_for: dict[str, str], found: int) -> None:
    left(desk)
    other = authority(desk.officer, name="Toà án")
    left(Desk(desk.customer, desk.officer, desk.colleague, desk.approver, desk.agent, other))
    assert narrowed(asked_for)[0].count() == found
    assert narrowed({"recipient": str(other.pk)})[0].count() == 1


FORMULAS = [
    "=1+1", "+84912345612", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", "＋1", "－1", "＠x",
    "=HYPERLINK(\"https://example.net\")", "=cmd|' /C calc'!A0", "\ufeff=1", "\u200b@x",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_taken_for_a_formula(desk: Desk, formula: str) -> None:
    assert plain_cell(formula) == f"'{formula}"
    assert plain_cell("Toà án") == "Toà án"


def test_the_export_is_plain_and_on_record(desk: Desk) -> None:
    other = authority(desk.officer, name="=HYPERLINK(x) An")
    left(Desk(desk.customer, desk.officer, desk.colleague, desk.approver, desk.agent, other))
    rows, used = narrowed({"basis": "authority"})
    (line,) = csv.DictReader(io.StringIO(export(rows, by=desk.officer, narrowed=used)))
    assert (line["recipient"], line["fields"]) == ("'=HYPERLINK(x) An", "name email")
    assert (line["proposed_by"], line["approved_by"], line["sent_by"]) == ("an", "binh", "an")
    record = LogExport.objects.get()
    assert (record.entries, record.narrowed, record.by) == (1, {"basis": "authority"}, desk.officer)
    with pytest.raises(Refused):
        export(rows, by=desk.agent, narrowed=used)


def test_months_count_requests_by_kind_and_outcome(desk: Desk) -> None:
    request = left(desk)
    close(request, by=desk.officer)
    asked(desk)
    (month,) = by_month()
    assert (month.came_in, month.customers, month.kinds) == (2, 1, [("authority", 2)])
    assert sorted(count for _label, count in month.outcomes) == [1, 1]


def test_the_answer_says_what_is_withheld_and_why_but_of_nobody(desk: Desk) -> None:
    body = answer(left(desk), "en").body
    assert "We give, in a package sealed to your key: name, e-mail addresses." in body
    assert "We withhold: phone numbers. Reason: More than the purpose needs." in body
    assert not [told for told in (desk.reference, "Hoa", "mail.example.com") if told in body]


# --- kept back ------------------------------------------------------------------------------------------------------


def kept(request: DisclosureRequest, desk: Desk, days: int = 10, **said: Any) -> None:
    """An order not to tell, in writing."""
    words: dict[str, Any] = {"form": "written", "document": document(), "until": today() + timedelta(days=days)}
    keep_from_customer(request, by=desk.officer, instrument="Article 88", **{**words, **said})


def test_support_staff_see_nothing_of_what_left(desk: Desk) -> None:
    left(desk)
    told = [line.what for line in timeline(desk.customer)]
    assert not [what for what in told if "D-" in what or "isclos" in what]
    assert [line for line in timeline(desk.customer, rights={READ}) if "Disclosed under" in line.what]


def test_the_day_after_an_order_ends_the_customer_is_to_be_told(desk: Desk, clock: Clock) -> None:
    request = left(desk)
    kept(request, desk, days=3)
    entry = Disclosure.objects.get()
    clock.now += timedelta(days=3)
    assert list(to_tell()) == []
    with pytest.raises(InvalidInput):
        tell_customer(entry, by=desk.officer)
    clock.now += timedelta(days=1)
    assert list(to_tell()) == [entry]
    mail.outbox = []
    tell_customer(entry, by=desk.officer)
    assert "Cơ quan điều tra Hà Nội" in str(mail.outbox[0].body)
    assert Notice.objects.filter(what="disclosed").count() == CustomerTold.objects.count() == 1
    assert list(to_tell()) == []
    with pytest.raises(InvalidInput):
        tell_customer(entry, by=desk.officer)


def test_an_oral_order_holds_thirty_days_unless_a_written_one_follows(desk: Desk, clock: Clock) -> None:
    request = left(desk)
    with pytest.raises(InvalidInput):
        kept(request, desk, days=31, form="oral", document=None)
    kept(request, desk, days=30, form="oral", document=None)
    clock.now += timedelta(days=20)
    with pytest.raises(InvalidInput):
        kept(request, desk, days=11, form="oral", document=None)
    with pytest.raises(InvalidInput):
        kept(request, desk, days=90, document=None)
    kept(request, desk, days=90)
    assert request.non_disclosures.count() == 2


# --- who got my data ------------------------------------------------------------------------------------------------


def test_a_statement_leaves_out_what_is_kept_back_and_its_proofs_hold_without_us(desk: Desk, tmp_path: Path) -> None:
    left(desk)
    hidden = left(desk, ("name",))
    kept(hidden, desk)
    given = give_statement(desk.customer, by=desk.officer, language="vi")
    assert (len(given.statement.listed), given.statement.kept_back) == (1, 1)
    assert [bool(each.kept_until) for each in who_got(desk.customer)] == [True, False]
    with zipfile.ZipFile(io.BytesIO(given.content)) as archive:
        archive.extractall(tmp_path)
    page = (tmp_path / "statement.html").read_text()
    assert page.count("Cơ quan điều tra Hà Nội") == 1
    assert hidden.number not in page
    proofs = sorted(tmp_path.glob("*.tlog-proof"))
    assert len(proofs) == 2  # the entry, and what was on file about the recipient then
    for proof in proofs:
        run = subprocess.run(
            [sys.executable, VERIFIER, "--proof", proof, "--key", tmp_path / "key"], capture_output=True, check=False
        )
        assert run.returncode == 0, run.stderr
    proofs[0].with_suffix(".json").write_bytes(b"{}")
    tampered = subprocess.run(
        [sys.executable, VERIFIER, "--proof", proofs[0], "--key", tmp_path / "key"], capture_output=True, check=False
    )
    assert tampered.returncode == 1


def test_support_staff_give_no_statements(desk: Desk) -> None:
    for person in (desk.agent, desk.approver):
        with pytest.raises(Refused):
            give_statement(desk.customer, by=person, language="vi")


def test_those_who_got_the_old_value_are_told_once_and_not_the_new_one(desk: Desk) -> None:
    bank = authority(desk.officer, name="Toà án", contact="office@court.example.com")
    left(desk)
    left(Desk(desk.customer, desk.officer, desk.colleague, desk.approver, desk.agent, bank))
    lead = factories.person("thao", "Support lead")
    correction = correct(
        desk.customer, "name", "Nguyễn Thị Hoà", by=lead, why=Why("correct", "inaccurate", "proactive", "call")
    )
    left(desk)
    assert [each.recipient.pk for each in outdated(correction)] == [desk.police.pk, bank.pk]
    mail.outbox = []
    assert [has_left for _row, has_left in tell_recipients(correction, by=desk.officer)] == [False, True]
    assert "Hoà" not in str(mail.outbox[0].body)
    assert RecipientTold.objects.count() == 2
    with pytest.raises(InvalidInput):
        tell_recipients(correction, by=desk.officer)


# --- emergencies ----------------------------------------------------------------------------------------------------


def test_in_an_emergency_one_officer_releases_and_another_person_reviews(desk: Desk) -> None:
    ordinary = asked(desk)
    given = {(desk.reference, "phone")}
    with pytest.raises(Refused) as refused:
        release_at_once(ordinary, given, by=desk.officer, checks=CALLED)
    assert refused.value.why == "second_person"
    request = asked(desk, urgency="emergency")
    with pytest.raises(Refused) as unchecked:
        release_at_once(request, given, by=desk.officer)
    assert unchecked.value.why == "not_checked"
    release_at_once(request, given, by=desk.officer, checks=CALLED)
    entry = Disclosure.objects.get()
    assert (entry.in_emergency, entry.approved_by, entry.fields) == (True, None, ["phone"])
    assert review_due(request) > entry.at
    with pytest.raises(Refused):
        review_emergency(request, by=desk.officer, verdict="right")
    with pytest.raises(InvalidInput):
        review_emergency(request, by=desk.approver, verdict="questioned")
    review_emergency(request, by=desk.approver, verdict="questioned", words="Why so much?")
    with pytest.raises(InvalidInput):
        review_emergency(request, by=desk.colleague, verdict="right")


# --- packages -------------------------------------------------------------------------------------------------------


def test_a_package_is_gone_after_its_minutes(desk: Desk, clock: Clock) -> None:
    request = approved(desk)
    release(request, by=desk.officer)
    clock.now += timedelta(minutes=15)
    with pytest.raises(InvalidInput):
        fetch(request, by=desk.officer)
    assert delete_packages(by=factories.system()) == 1
    assert (Package.objects.count(), PackageGone.objects.get().how) == (0, "timed_out")
    assert delete_packages(by=factories.system()) == 0


def test_without_a_key_nothing_is_opened(desk: Desk) -> None:
    court = authority(desk.officer, name="Toà án", age_key="")
    request = approved(Desk(desk.customer, desk.officer, desk.colleague, desk.approver, desk.agent, court))
    with pytest.raises(InvalidInput):
        release(request, by=desk.officer)
    assert request.packings.count() == 0


def test_where_the_log_cannot_be_written_nothing_leaves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    request = approved(desk)
    whole, calls = leaves.append, []

    def failing(entries: Any, using: str) -> None:
        calls.append(len(entries))
        if len(calls) == 2:
            raise OSError("disk full")
        whole(entries, using)

    with monkeypatch.context() as broken:
        broken.setattr(leaves, "append", failing)
        with pytest.raises(RecordFailed):
            release(request, by=desk.officer)
    assert (Package.objects.count(), Disclosure.objects.count(), fresh(request).state) == (0, 0, "approved")
    release(request, by=desk.officer)
    assert Disclosure.objects.count() == 1


@pytest.mark.one_engine("it asks no database")
@pytest.mark.parametrize("name", ["Nguyễn Thị Hoà", "Đặng Ỷ Nhữ", "Ề Ầ Ộ Ừ Ẵ", "<script>alert(1)</script> & Sons"])
def test_names_stand_whole_in_the_document_and_do_nothing_there(name: str) -> None:
    from django.utils import timezone

    from disclosures.requests.package import Contents, FieldValues

    contents = Contents("D-1", "1", "2", name, timezone.now(), [("BZ1", [FieldValues("name", [(name, "")])])])
    page = render_to_string("disclosures/package.html", {"contents": contents, "language": "vi"})
    assert page.count(name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")) == 2
    assert "<script" not in page
