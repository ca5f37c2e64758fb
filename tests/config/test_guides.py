"""The help page: everybody gets the guides of their own roles, in both languages, and every link in them opens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import override

from config.guides import GUIDES, LINKS
from config.mode import BASE_DIR
from config.roles import ROLES
from customers.models import Role, StaffMember
from customers.staff import accounts
from tests import factories
from tests.engines import PAGES_ONLY
from tests.reading import signed_in, texts

pytestmark = [
    pytest.mark.django_db,
    PAGES_ONLY,
]
HELP = "/help/"
TEMPLATES = BASE_DIR / "config" / "templates" / "admin" / "guides"


def shown(person: StaffMember, language: str = "en") -> HttpResponse:
    response = signed_in(person, language).get(HELP)
    assert response.status_code == 200
    return response


def codes(response: Any) -> list[str]:
    """The guides on the page."""
    return re.findall(r'<article class="panel guide" id="(\w+)"', response.content.decode())


def links(response: HttpResponse) -> set[str]:
    """Where the guides lead."""
    guides = "".join(re.findall(r"<article.*?</article>", response.content.decode(), re.S))
    return set(re.findall(r'href="([^"]+)"', guides))


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_own_guide_and_no_other(role: str) -> None:
    response = shown(factories.person("reader", role))
    assert codes(response) == [guide.code for guide in GUIDES if role in guide.roles]
    assert len(codes(response)) == 1


def test_who_holds_two_roles_has_both_guides_and_who_holds_none_is_told() -> None:
    both = factories.person("an", "Compliance officer")
    accounts.give_role(both, Role.objects.get(name="Support lead"), factories.team(), by=factories.system())
    assert codes(shown(both)) == ["support", "compliance"]
    nobody = shown(factories.person("moi"))
    assert (codes(nobody), "there is no guide for you" in nobody.content.decode()) == ([], True)


def test_a_superuser_has_the_administrators_guide() -> None:
    person = factories.person("root")
    StaffMember.objects.filter(pk=person.pk).update(is_superuser=True)
    assert codes(shown(person)) == ["administration"]


@pytest.mark.parametrize("has_teams", [True, False])
@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_a_guide_opens_for_its_reader(role: str, has_teams: bool) -> None:
    person = factories.person("reader", role)
    if has_teams:
        factories.team("Da Nang")
    client, found = signed_in(person), links(shown(person))
    assert {reverse("admin:own_sign_in")} < found
    assert {url: client.get(url).status_code for url in found} == dict.fromkeys(found, 200)


def test_a_page_that_a_reader_may_not_open_is_named_without_a_link() -> None:
    officer, approver = factories.person("an", "Compliance officer"), factories.person("binh", "Disclosure approver")
    factories.team()
    assert reverse("admin:customers_customerrequest_changelist") in links(shown(officer))
    consent = reverse("admin:consent_contactrefusal_changelist")
    assert (consent in links(shown(officer)), consent in links(shown(approver))) == (True, False)
    assert "Consent" in shown(approver).content.decode()


def test_every_page_that_guides_may_name_is_named_and_every_guide_is_written() -> None:
    named = {name for path in TEMPLATES.glob("*.html") for name in re.findall(r"\bto\.(\w+)", path.read_text())}
    assert named == LINKS.keys()
    assert {path.stem for path in TEMPLATES.glob("*.html")} == {guide.code for guide in GUIDES} | {"sign_in"}
    assert {role for guide in GUIDES for role in guide.roles} == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_guide_speaks_the_readers_language_only(role: str) -> None:
    person = factories.person("reader", role)
    spoken = {language: texts(shown(person, language)) for language in ("en", "vi")}
    for guide in (each for each in GUIDES if role in each.roles):
        for language, page in spoken.items():
            with override(language):
                assert str(guide.title) in page
    same = {text for text in spoken["en"] & spoken["vi"] if len(text.split()) > 3}
    assert {text for text in same if not text.startswith("python verify.py")} == set()


def test_a_guide_says_the_numbers_that_the_desk_goes_by(settings: Any) -> None:
    agent = factories.person("linh", "Support agent")
    assert "47 seconds" not in shown(agent).content.decode()
    settings.REVEAL_SECONDS = 47
    assert "47 seconds" in shown(agent).content.decode()


def test_help_stands_beside_the_name_on_every_page_and_is_only_read() -> None:
    client = signed_in(factories.person("yen", "Auditor"))
    for page in ("/", HELP, reverse("admin:customers_leaf_changelist")):
        assert f'href="{HELP}"' in client.get(page).content.decode()
    assert client.post(HELP).status_code == 405


def test_what_a_guide_calls_a_button_is_one_and_of_a_reset_it_says_what_it_does() -> None:
    buttons = re.findall(r'class="button[^"]*"[^>]*> ?{% translate "([^"]+…)" %}', _all_templates())
    quoted = {name for path in TEMPLATES.glob("*.html") for name in re.findall(r"“([^”]+…)”", squeezed(path))}
    assert {"End access…", "Start a reset…"} <= quoted <= set(buttons)
    guide = squeezed(TEMPLATES / "administration.html")
    (lost,) = re.findall(r"somebody has lost the phone.*?</dd>", guide)
    assert re.findall(r"“([^”]+)”", lost) == ["Start a reset…"]  # the one that takes the lost phone's factor away


def _all_templates() -> str:
    paths = [
        path for app in ("config", "customers", "consent", "disclosures") for path in (BASE_DIR / app).rglob("*.html")
    ]
    return "".join(map(squeezed, paths))


def squeezed(path: Path) -> str:
    """A file's text with one space for each run of white space."""
    return " ".join(path.read_text().split())
