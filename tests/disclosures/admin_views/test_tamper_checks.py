"""The page that says whether the log is whole: the button, the freeze in words, who must still lift it, the anchor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.audit_log.signer import log_signer
from customers.models import Checkpoint, Leaf, Refusal
from disclosures.models import FreezeLift, TamperCheck
from disclosures.tamper_check.tamper_check import check_for_tampering, is_frozen, lift_freeze
from tests import factories
from tests.customers.evidence.attacks import forget_checkpoints
from tests.disclosures.tampered import House, anchors, break_head, edit_column, house, tampered
from tests.engines import PAGES_ONLY
from tests.reading import leaks, signed_in, texts

pytestmark = PAGES_ONLY

__all__ = ["anchors", "house"]
WORDS = "Bản ghi đã được khôi phục"


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:disclosures_tampercheck_{name}", args=args)


def shown(client: Client) -> set[str]:
    """What stands on the page."""
    response = client.get(url("changelist"))
    assert (response.status_code, leaks(response)) == (200, [])  # type: ignore[arg-type]
    return texts(response)  # type: ignore[arg-type]


def followed(client: Client, address: str, **data: Any) -> tuple[int, set[str]]:
    """The status that a post ends with, and what then stands there."""
    response = client.post(address, data, follow=True)
    return response.status_code, texts(response)  # type: ignore[arg-type]


def test_one_click_says_that_the_log_is_whole_and_how_much_was_checked(house: House) -> None:
    client = signed_in(house.auditor)
    assert {"Is the log whole?", "Never checked", "No check is on record yet.", "Check now"} <= shown(client)
    size = Leaf.objects.count()
    status, said = followed(client, url("check"))
    assert (status, f"{size} entries checked: the log is whole." in said) == (200, True)
    assert {"Whole when it was last checked", "whole", f"#{size}", str(size)} <= said
    assert [text for text in said if "held against 1 note kept outside the database." in text] != []


def test_tampering_is_said_in_words_with_its_place_and_who_must_lift_the_freeze(house: House) -> None:
    client = signed_in(house.an)
    first = edit_column()
    status, said = followed(client, url("check"))
    assert status == 200
    assert {"Disclosing is frozen", "tampered with", "2 officers must lift it.", "Lift the freeze…"} <= said
    assert f"Entry #{first} is the first that is not as it was written." in said
    assert "Column reason of table customers_reveal differs from the entry." in said
    assert "Whole when it was last checked" not in said
    entry = texts(client.get(reverse("admin:customers_leaf_change", args=[Leaf.objects.latest("seq").pk])))  # type: ignore[arg-type]
    assert f"Log checked: tampered with from entry #{first}; disclosing is frozen" in entry


def test_the_freeze_is_named_by_a_heading_in_both_languages_and_not_by_colour(house: House) -> None:
    tampered(house)
    for language in ("en", "vi"):
        page = signed_in(house.an, language).get(url("changelist")).content.decode()
        assert page.count('<h2 id="standing">') == 1


def test_two_officers_lift_the_freeze_by_pages_alone(house: House) -> None:
    check = tampered(house)
    an, chi = signed_in(house.an), signed_in(house.chi)
    address = url("lift", check.pk)
    status, said = followed(an, address, words=" ")
    assert (status, "Say in a few words what was found out, and what was done." in said) == (400, True)
    assert followed(an, address, words=WORDS, ticket="hoa@mail.example.com")[0] == 400
    status, said = followed(an, address, words=WORDS, ticket="t-9")
    assert (status, "That is on record. It takes one more officer before anything is disclosed." in said) == (200, True)
    assert {"Disclosing is frozen", "an lets disclosing go on", "T-9", "1 more officer must lift it."} <= said
    assert "Lift the freeze…" not in said
    status, said = followed(an, address, words=WORDS)
    assert (status, "You have lifted it already; it takes another officer." in said) == (400, True)
    status, said = followed(chi, address, words=WORDS)
    assert (status, "The freeze is lifted. Disclosing goes on." in said) == (200, True)
    assert {"Tampered with; disclosing goes on", "an lets disclosing go on", "chi lets disclosing go on"} <= said
    assert "Disclosing is frozen" not in said
    assert not is_frozen()


def test_a_later_check_that_is_whole_is_said_beside_the_freeze(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "disclosures.tamper_check.tamper_check._checkpoints_gone", lambda: [(None, "A checkpoint is gone.")]
    )
    assert not check_for_tampering(by=house.an).whole
    monkeypatch.undo()
    assert check_for_tampering(by=house.an).whole
    said = shown(signed_in(house.an))
    assert {"Disclosing is frozen", "A check that is whole lifts no freeze; officers do."} <= said
    assert "The entries agree with each other; something around them does not." in said


def test_what_officers_said_is_opened_by_those_who_work_on_disclosures(house: House) -> None:
    check = tampered(house)
    lift_freeze(check, by=house.an, words=WORDS)
    client, auditor = signed_in(house.approver), signed_in(house.auditor)
    assert "What the officers said" in shown(client)
    assert "What the officers said" not in shown(auditor)
    assert WORDS not in client.get(url("said", check.pk)).content.decode()
    assert followed(client, url("said", check.pk))[0] == 400
    status, said = followed(client, url("said", check.pk), read="yes")
    assert (status, WORDS in said) == (200, True)
    assert Leaf.objects.latest("seq").kind == "reading"
    assert auditor.post(url("said", check.pk)).status_code == 403


def test_a_check_that_found_tampering_and_is_not_on_record_says_so_in_one_sentence(house: House) -> None:
    client = signed_in(house.an)
    followed(client, url("check"))
    break_head()
    status, said = followed(client, url("check"))
    assert (status, "Not on record" in said) == (503, True)
    assert [text for text in said if text.startswith("The log is not whole, and that could not be")] != []
    said = shown(client)
    assert "The log takes no entries" in said
    assert "Whole when it was last checked" not in said


def test_without_a_checkpoint_the_button_says_what_to_do(house: House, anchors: Path) -> None:
    forget_checkpoints()
    anchors.unlink()
    client = signed_in(house.administrator)
    assert "No checkpoint yet: nothing vouches for the log." in shown(client)
    status, said = followed(client, url("check"))
    assert status == 400
    assert [text for text in said if "runs manage.py checkpoint" in text] != []
    assert not TamperCheck.objects.exists()


def test_the_newest_checkpoint_stands_there_for_printing(house: House) -> None:
    client = signed_in(house.auditor)
    newest = Checkpoint.objects.latest("pk")
    whole = client.get(url("changelist")).content.decode()
    assert f'<pre class="payload" tabindex="0">{newest.note}</pre>' in whole.replace("&#x27;", "'")
    assert {bytes(newest.root).hex(), log_signer().vkey(), str(newest.size)} <= shown(client)


def test_a_report_carries_the_newest_checkpoint_at_its_foot(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    foot = Template("{% load proof %}{% newest_checkpoint %}")
    newest = Checkpoint.objects.latest("pk")
    said = foot.render(Context())
    assert all(part in said for part in (str(newest.size), bytes(newest.root).hex(), log_signer().vkey(), "<time"))
    monkeypatch.setattr("django.conf.settings.CHECKPOINT_KEY", "A" * 43 + "=")
    without_key = foot.render(Context())
    assert (bytes(newest.root).hex() in without_key, "Public key" in without_key) == (True, False)
    forget_checkpoints()
    assert "No checkpoint yet" in foot.render(Context())


ROLES = {
    "an": (200, 200), "binh": (200, 403), "kiem": (200, 403), "quan": (200, 403), "linh": (403, 403), "ai": (403, 403),
}  # fmt: skip


@pytest.mark.parametrize("username", ROLES)
def test_each_role_gets_what_it_may_open(username: str, house: House) -> None:
    check = tampered(house)
    factories.person("ai")
    client = signed_in(type(house.an).objects.get(username=username))
    opens, lifts = ROLES[username]
    assert [client.get(url(name)).status_code for name in ("changelist", "check")] == [opens, opens]
    assert client.get(url("lift", check.pk)).status_code == lifts
    assert client.post(url("lift", check.pk), {"words": WORDS}).status_code == (302 if lifts == 200 else 403)
    assert FreezeLift.objects.count() == (1 if lifts == 200 else 0)
    refused = set(Refusal.objects.values_list("act", flat=True))
    assert client.post(url("check")).status_code == (302 if opens == 200 else 403)
    assert set(Refusal.objects.values_list("act", flat=True)) - refused == (set() if opens == 200 else {"check_log"})


def test_only_a_failed_check_has_a_page_to_lift_it(house: House) -> None:
    whole = check_for_tampering(by=house.an)
    client = signed_in(house.an)
    assert client.get(url("lift", whole.pk)).status_code == 404
    assert client.get(url("said", 987654)).status_code == 404
    assert client.get(url("lift", tampered(house).pk)).status_code == 200


def test_the_page_takes_as_many_queries_however_many_checks_there_are(house: House) -> None:
    client = signed_in(house.an)
    lift_freeze(tampered(house), by=house.chi, words=WORDS)
    counts = []
    for _ in range(2):
        shown(client)
        with CaptureQueriesContext(connection) as captured:
            shown(client)
        counts.append(len(captured))
        for _more in range(3):
            lift_freeze(check_for_tampering(by=house.an), by=house.chi, words=WORDS)
    assert counts[0] == counts[1] > 0
