"""Versions of the policy: written once, seen on both sites, in effect from then on; nobody types that time."""

from __future__ import annotations

import hashlib
import inspect
import unicodedata
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import Error, transaction
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from consent.admin_forms.policies import PublicationForm, VersionForm
from consent.models import PolicyVersion, Publication
from consent.policies.versions import (
    confirm_publication,
    effects,
    in_force,
    normal_text,
    sha256_of,
    was_published,
    write_version,
)
from customers.acts.refusals import Refused
from customers.evidence.errors import AppendOnlyViolation, NotRecording
from customers.evidence.recording import recording
from customers.models import Leaf, Refusal, StaffMember
from customers.validation.errors import InvalidInput
from tests import factories
from tests.concurrency import at_once
from tests.conftest import Clock
from tests.consent.policy_desk import DOCS, MAIN, TEXT, in_effect, see, version
from tests.customers.evidence.logs import execute, newest
from tests.worlds import shared

A_MINUTE = timedelta(minutes=1)
OTHERS = ["Support agent", "Support lead", "Disclosure approver", "Administrator", "Auditor", ""]
LINES = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20), max_size=6)


@shared
def an() -> StaffMember:
    """An officer."""
    return factories.person("an", "Compliance officer")


def labels_in_effect() -> list[tuple[str, bool]]:
    """Each version, and whether it is in effect or was."""
    return [(each.version.label, each.since is not None) for each in effects()]


# --- the text ------------------------------------------------------------------------------------------------------


@pytest.mark.one_engine("texts and times are judged before any database is asked")
@given(LINES)
def test_normalising_a_text_twice_is_normalising_it_once(lines: list[str]) -> None:
    once = normal_text("\n".join(lines))
    assert normal_text(once) == once


@pytest.mark.one_engine("texts and times are judged before any database is asked")
@given(LINES, st.sampled_from(["\r\n", "\r"]), st.text(" \t\u00a0", max_size=3))
def test_line_ends_and_blanks_before_them_do_not_matter(lines: list[str], end: str, blanks: str) -> None:
    assert sha256_of(f"{blanks}{end}".join(lines)) == sha256_of("\n".join(lines))


@pytest.mark.one_engine("texts and times are judged before any database is asked")
@given(LINES)
def test_composed_and_decomposed_letters_are_the_same_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert sha256_of(unicodedata.normalize("NFD", text)) == sha256_of(unicodedata.normalize("NFC", text))


@pytest.mark.one_engine("texts and times are judged before any database is asked")
@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a\r\nb", True), ("a\rb", True), ("a  \nb\t", True), ("\n\na\nb\n", True), ("a b", False), ("a\n\nb", False),
        ("a\n b", False), ("A\nb", False),
    ],
)  # fmt: skip
def test_what_is_between_the_words_of_a_line_does_matter(text: str, same: bool) -> None:
    assert (sha256_of(text) == sha256_of("a\nb")) is same


def test_each_language_is_kept_normalised_beside_its_own_hash(an: StaffMember) -> None:
    text_vi = unicodedata.normalize("NFD", "Bảo mật  \r\n\r\nHết\r\n")
    row = version(an, text_vi=text_vi, text_en="Privacy \r\nThe end\n")
    assert (row.text_vi, row.text_en) == ("Bảo mật\n\nHết", "Privacy\nThe end")
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in (row.text_vi, row.text_en)]
    assert [row.sha256_vi, row.sha256_en] == hashes
    columns = newest()["columns"]
    assert [columns["sha256_vi"], columns["sha256_en"]] == hashes
    assert version(an).sha256_en == ""


UNUSABLE: dict[str, dict[str, Any]] = {
    "no Vietnamese text": {"text_vi": " \r\n "},
    "a text too long": {"text_vi": "a" * 200_001},
    "a NUL in the text": {"text_en": "a\0b"},
    "a label with a slash": {"label": "2026/03"},
    "no label": {"label": " "},
    "a label of forty-one letters": {"label": "a" * 41},
    "nothing that changes": {"changes": "  "},
    "an address in what changes": {"changes": "as hoa@mail.example.com asked"},
    "a number in what changes": {"changes": "as +84912345612 asked"},
}


@pytest.mark.parametrize("different", UNUSABLE.values(), ids=UNUSABLE)
def test_a_version_that_makes_no_sense_is_not_kept(different: dict[str, Any], an: StaffMember) -> None:
    log = Leaf.objects.count()
    with pytest.raises(InvalidInput):
        version(an, **different)
    assert (PolicyVersion.objects.count(), Leaf.objects.count()) == (0, log)
    version(an, label="a" * 40, text_vi="a" * 200_000)
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize("same", ["label", "text_vi"])
def test_a_version_of_a_name_or_a_text_that_is_there_is_not_kept_again(same: str, an: StaffMember) -> None:
    first = version(an)
    with pytest.raises(InvalidInput, match="already"):
        version(an, **{same: f" {getattr(first, same)}\r\n"})
    version(an)
    assert PolicyVersion.objects.count() == 2


def test_a_version_and_where_it_was_seen_are_never_changed(an: StaffMember) -> None:
    row = version(an)
    for kept, column in ((row, "text_vi"), (see(row, an), "url")):
        table, rows = kept._meta.db_table, type(kept).objects.all()
        setattr(kept, column, "https://example.com/")
        with pytest.raises(AppendOnlyViolation), recording(by=an):
            factories.note()
            kept.save()
        for way in (kept.delete, rows.delete, partial(rows.update, **{column: ""})):
            with pytest.raises((AppendOnlyViolation, NotRecording)):
                way()
        for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(Error, match=r"append-only|kept"), transaction.atomic():
                execute(statement)
    assert PolicyVersion.objects.get().text_vi.startswith(TEXT)
    assert Publication.objects.get().url == f"https://{MAIN}/privacy-policy"


# --- seen on a site ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [MAIN, DOCS])
def test_a_version_is_in_effect_from_the_later_of_both_sites(first: str, an: StaffMember, clock: Clock) -> None:
    row, other = version(an), DOCS if first == MAIN else MAIN
    see(row, an, first)
    begun, clock.now = clock.now, clock.now + A_MINUTE
    assert (in_force(), effects()[0].since) == (None, None)
    later = see(row, an, other).at
    assert (in_force(), effects()[0].since, later) == (row, later, begun + A_MINUTE)
    assert (in_force(begun), in_force(later - timedelta(microseconds=1)), in_force(later)) == (None, None, row)


def test_with_the_other_setting_it_is_from_the_earlier_once_both_are_confirmed(
    an: StaffMember, clock: Clock, settings: LazySettings
) -> None:
    settings.POLICY_EFFECTIVE = "earlier"
    row, begun = version(an), clock.now
    see(row, an, DOCS)
    clock.now += A_MINUTE
    assert (in_force(), effects()[0].since) == (None, None)
    see(row, an, MAIN)
    assert (in_force(), in_force(begun), effects()[0].since) == (row, row, begun)


def test_only_the_vietnamese_text_counts(an: StaffMember) -> None:
    row = version(an, text_en="Privacy")
    for site in (MAIN, DOCS):
        see(row, an, site, language="en", text="Privacy")
    assert in_force() is None
    see(row, an, MAIN)
    assert in_force() is None
    see(row, an, DOCS)
    assert in_force() == row


def test_nobody_can_type_when_a_version_takes_effect(an: StaffMember, clock: Clock) -> None:
    acts, forms = (write_version, confirm_publication), (VersionForm, PublicationForm)
    typed = [set(inspect.signature(act).parameters) for act in acts] + [set(form.base_fields) for form in forms]
    assert typed == [
        {"label", "by", "text_vi", "text_en", "is_material", "changes"},
        {"version", "by", "site", "language", "url", "text"},
        {"label", "changes", "is_material", "text_vi", "text_en"},
        {"site", "language", "url", "text"},
    ]
    kinds = {type(field).__name__ for form in forms for field in form.base_fields.values()}
    assert kinds == {"CharField", "BooleanField", "ChoiceField"}
    assert see(version(an), an).at == clock.now


def test_another_text_than_the_one_on_file_is_not_confirmed(an: StaffMember) -> None:
    row, log = version(an, text_en="Privacy"), Leaf.objects.count()
    for language, text in (("vi", f"{row.text_vi}."), ("vi", "Privacy"), ("en", row.text_vi), ("vi", "")):
        with pytest.raises(InvalidInput, match="SHA-256 is another"):
            see(row, an, language=language, text=text)
    with pytest.raises(InvalidInput, match="no text in that language"):
        see(version(an), an, language="en", text="")
    assert (Publication.objects.count(), Leaf.objects.count()) == (0, log + 1)
    pasted = unicodedata.normalize("NFD", row.text_vi).replace("\n", "  \r\n")
    assert see(row, an, text=pasted).sha256 == row.sha256_vi


FOREIGN = [
    "http://bizflycloud.vn/policy", "ftp://bizflycloud.vn/policy", "//bizflycloud.vn/policy", "bizflycloud.vn/policy",
    "https://docs.bizflycloud.vn/policy", "https://bizflycloud.vn.example.com/policy", "https://bizflycloud.vn./policy",
    "https://xbizflycloud.vn/policy", "https://bizflycloud.com/policy", "https://bizflycIoud.vn/policy",
    "https://bizflycloud.vn@example.com/policy", "https://user@bizflycloud.vn/policy", "https://@bizflycloud.vn/",
    "https://:pw@bizflycloud.vn/policy", "https://user:pw@bizflycloud.vn/policy", "https://bizflycloud.vn:8443/policy",
    "https://bizflycloud.vn:443/policy", "https://bizflycloud.vn:/policy", "https://bizflycloud.vn:x/policy",
    "https://bizflycloud.vn/policy?v=1", "https://bizflycloud.vn/policy#vi", "https://bizflycloud.vn\\@example.com/",
    "https://bizfly\ncloud.vn/policy", "https://bizflycloud.vn/a\tb", "https://bizflyсloud.vn/policy", "https://[::1",
    "", "https:///policy", "javascript:alert(1)", "https://bizflycloud.vn/" + "a" * 300, "https://www.bizflycloud.vn/",
]  # fmt: skip


@pytest.mark.parametrize("url", FOREIGN)
def test_an_address_that_is_not_on_that_site_is_not_confirmed(url: str, an: StaffMember) -> None:
    row = version(an)
    with pytest.raises(InvalidInput, match="on that site"):
        see(row, an, MAIN, url=url)
    assert Publication.objects.count() == 0
    assert see(row, an, MAIN, url=" https://BizflyCloud.vn/policy ").url == "https://bizflycloud.vn/policy"


@pytest.mark.parametrize("different", [{"site": "example.com"}, {"language": "fr"}, {"site": ""}, {"language": ""}])
def test_a_site_or_a_language_that_the_policy_does_not_name_is_none(different: Any, an: StaffMember) -> None:
    row = version(an)
    words = {"site": MAIN, "language": "vi", "url": f"https://{MAIN}/", "text": row.text_vi}
    with pytest.raises(InvalidInput, match="one of the two sites"):
        confirm_publication(row, by=an, **{**words, **different})
    assert Publication.objects.count() == 0
    assert confirm_publication(row, by=an, **words).url == f"https://{MAIN}/"


def test_what_is_confirmed_is_not_confirmed_again(an: StaffMember) -> None:
    row = version(an)
    see(row, an)
    with pytest.raises(InvalidInput, match="confirmed already"):
        see(row, an, url=f"https://{MAIN}/another-page")
    assert Publication.objects.count() == 1
    see(row, an, DOCS)
    assert Publication.objects.count() == 2


@pytest.mark.parametrize("role", OTHERS)
def test_only_officers_keep_the_policy_and_the_others_no_is_on_record(role: str, an: StaffMember) -> None:
    row, other = version(an), factories.person("other", role)
    log = Leaf.objects.count()
    for act in (lambda: version(other), lambda: see(row, other)):
        with pytest.raises(Refused, match="Officers keep the policy"):
            act()
    assert (PolicyVersion.objects.count(), Publication.objects.count(), Leaf.objects.count()) == (1, 0, log + 2)
    said = list(Refusal.objects.order_by("-pk").values_list("act", "why", "by__username")[:2])
    assert said == [("confirm_publication", "no_right", "other"), ("write_version", "no_right", "other")]
    see(row, an)
    assert Publication.objects.count() == 1


# --- one after the other -------------------------------------------------------------------------------------------


def test_an_older_version_cannot_take_effect_after_a_later_one(an: StaffMember) -> None:
    old, new = version(an), version(an)
    see(old, an, MAIN)
    see(new, an, MAIN)
    see(new, an, DOCS)
    with pytest.raises(InvalidInput, match="later version is in effect"):
        see(old, an, DOCS)
    assert (in_force(), labels_in_effect()) == (new, [(old.label, False), (new.label, True)])
    assert in_force() == new
    newest_of_all = in_effect(an)
    assert in_force() == newest_of_all


STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from([MAIN, DOCS])), max_size=9)


class TestWhateverIsConfirmedInWhateverOrder(TestCase):
    """Whoever writes three versions and confirms them at random."""

    def hold(self, steps: list[tuple[int, str]]) -> None:
        """At no time are two in effect, and what each way of asking says is the same."""
        an = factories.person("an", "Compliance officer")
        rows, times = [version(an) for _ in range(3)], [timezone.now()]
        for which, site in steps:
            with suppress(InvalidInput):
                times.append(see(rows[which], an, site).at)
            both = [row for row in rows if row.publications.count() == 2]
            assert in_force() == (both[-1] if both else None)
        begun = [each for each in effects() if each.since is not None]
        for at in times:
            held = [each.version for each in begun if each.since <= at and (each.until is None or at < each.until)]
            assert len(held) <= 1
            assert held == [row for row in [in_force(at)] if row is not None]
            assert held == [row for row in rows if was_published(row, at)]

    @settings(deadline=None, max_examples=40)
    @given(STEPS)
    def test_one_version_at_most_is_in_effect_at_a_time(self, steps: list[tuple[int, str]]) -> None:
        self.hold(steps)

    @settings(deadline=None, max_examples=40)
    @given(STEPS)
    @example([(1, MAIN), (0, MAIN), (0, DOCS), (1, DOCS)])
    def test_so_it_is_where_the_earlier_site_counts(self, steps: list[tuple[int, str]]) -> None:
        with self.settings(POLICY_EFFECTIVE="earlier"):
            self.hold(steps)


def test_of_two_officers_at_once_one_confirms_and_the_other_is_told(own_database: str) -> None:
    an, ba = (factories.person(name, "Compliance officer") for name in ("an", "ba"))
    row = version(an)
    told = at_once(lambda: see(row, an), lambda: see(row, ba))
    assert told == ["InvalidInput: This is confirmed already."]
    assert (Publication.objects.count(), Leaf.objects.filter(kind="publication").count()) == (1, 1)
    told = at_once(lambda: version(an, label="same"), lambda: version(ba, label="same"))
    assert told == ["InvalidInput: There is a version of that name, or with that very text, already."]
    assert PolicyVersion.objects.filter(label="same").count() == 1


def test_of_two_versions_confirmed_at_once_the_one_written_later_is_in_effect(own_database: str) -> None:
    an, ba = (factories.person(name, "Compliance officer") for name in ("an", "ba"))
    old, new = version(an), version(an)
    for row in (old, new):
        see(row, an, MAIN)
    told = at_once(lambda: see(old, an, DOCS), lambda: see(new, ba, DOCS))
    assert told in ([], ["InvalidInput: A later version is in effect already; this one can no longer take effect."])
    assert in_force() == new
    assert labels_in_effect() == [(old.label, not told), (new.label, True)]
