"""The gate's answer for scripts: 0 yes, 1 no with its reason and on record, 2 where there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import BaseCommand, CommandError, call_command
from django.core.management.base import SystemCheckError
from django.utils import timezone

from consent.choices.consents import Evidence, opt_out
from consent.gate.purposes import purpose_of
from consent.gate.refusals import counts
from consent.models import ContactRefusal
from customers.management import desk_command
from customers.models import Customer, Leaf
from tests import factories
from tests.consent.lives import house
from tests.worlds import shared

pytestmark = pytest.mark.django_db


@shared
def hoa() -> Customer:
    """A customer who wants no promotions."""
    house()
    customer = factories.customer("BZ0000001")
    linh = factories.person("linh", "Support agent")
    opt_out(customer, [purpose_of("promotions")], by=linh, evidence=Evidence("phone", "T-1"))
    return customer


def test_a_yes_is_said_and_leaves_no_record(hoa: Customer, capsys: pytest.CaptureFixture[str]) -> None:
    leaves = Leaf.objects.count()
    call_command("may_contact", "BZ0000001", "renewal_notice", "email")
    assert capsys.readouterr().out == "yes\n"
    assert (ContactRefusal.objects.count(), Leaf.objects.count()) == (0, leaves)


def test_a_no_is_exit_1_with_its_reason_and_is_counted(hoa: Customer, capsys: pytest.CaptureFixture[str]) -> None:
    for channel in ("email", "sms"):
        with pytest.raises(SystemExit) as left:
            call_command("may_contact", "BZ0000001", "promotions", channel)
        assert left.value.code == 1
    with pytest.raises(SystemExit):
        call_command("may_contact", "BZ0000001", "surveys", "email")
    assert capsys.readouterr().out == "no: opted out\nno: opted out\nno: no consent on record\n"
    assert set(ContactRefusal.objects.values_list("customer", "door", "by__username")) == {
        (hoa.pk, "command", "system")
    }
    hour_ago = timezone.now() - timedelta(hours=1)
    assert counts(hour_ago) == [("opted out", "objected", 2), ("no consent on record", "no_consent", 1)]
    assert counts(timezone.now()) == []


@pytest.mark.parametrize(
    "question",
    [
        ("BZ9999999", "support", "email"), ("BZ0000001", "gossip", "email"), ("BZ0000001", "support", "pigeon"),
        ("BZ\0", "support", "email"), ("BZ0000001", "support\0", "email"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_exit_2_and_neither_yes_nor_no(hoa: Customer, question: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as said:
        call_command("may_contact", *question)
    assert said.value.returncode == 2
    assert not ContactRefusal.objects.exists()


def test_a_database_that_is_not_ready_gives_no_answer(hoa: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_command, "migrations_wait", lambda using: True)
    with pytest.raises(CommandError) as said:
        call_command("may_contact", "BZ0000001", "support", "email")
    assert said.value.returncode == 2


@pytest.mark.parametrize(
    "question", [("BZ\udcff", "support", "email"), ("BZ0000001", "support\udcff", "email")], ids=["who", "what for"]
)
def test_bytes_that_are_no_text_are_exit_2_and_not_the_exit_code_of_a_no(
    hoa: Customer, question: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError) as said:
        call_command("may_contact", *question)
    assert said.value.returncode == 2


def test_what_breaks_in_the_checks_before_it_is_exit_2_too(hoa: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def complain(self: BaseCommand, **options: object) -> None:
        raise SystemCheckError("A check has found something.")

    monkeypatch.setattr(BaseCommand, "check", complain)
    with pytest.raises(CommandError) as said:
        call_command("may_contact", "BZ0000001", "support", "email", skip_checks=False)
    assert said.value.returncode == 2


def test_a_breakdown_while_a_no_is_put_on_record_is_exit_2(hoa: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*given: object, **named: object) -> None:
        raise RuntimeError("hoa@mail.example.com")

    monkeypatch.setattr(ContactRefusal, "save", break_down)
    with pytest.raises(CommandError) as said:
        call_command("may_contact", "BZ0000001", "promotions", "email")
    assert (said.value.returncode, str(said.value)) == (2, "The question cannot be answered (RuntimeError).")
