"""Every string of ours has its Vietnamese, and every page speaks one language."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.urls import reverse

from config.mode import BASE_DIR
from customers.models import Leaf
from tests import factories
from tests.reading import customer_url, reveal_url, signed_in, texts

CATALOGUE = BASE_DIR / "config" / "locale" / "vi" / "LC_MESSAGES" / "django.po"
APPS = ["config", "customers", "consent", "disclosures"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources and the catalogue, where makemessages may write."""
    if shutil.which("xgettext") is None:
        pytest.fail("xgettext is not installed; this test needs GNU gettext (apt-get install gettext).")
    for app in APPS:
        shutil.copytree(BASE_DIR / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(BASE_DIR / "manage.py", tmp_path)
    return tmp_path


def lacking(copy: Path) -> list[str]:
    """What makemessages, run anew, finds without (or with a guessed) Vietnamese."""
    command = [sys.executable, "manage.py", "makemessages", "-l", "vi", "-d", "django", "--no-location"]
    env = {**os.environ, "PRIVACY_DESK_MODE": "test", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fresh = polib.pofile(str(copy / CATALOGUE.relative_to(BASE_DIR)))
    return [entry.msgid for entry in fresh.untranslated_entries() + fresh.fuzzy_entries()]


@pytest.mark.one_engine("words stand in catalogues and in the code")
def test_every_string_of_ours_has_its_vietnamese(copy: Path) -> None:
    assert lacking(copy) == []


@pytest.mark.one_engine("words stand in catalogues and in the code")
def test_a_string_without_vietnamese_would_be_told(copy: Path) -> None:
    source = copy / "customers" / "staff" / "teams.py"
    source.write_text(source.read_text() + '\nNEW = _("Quite a new sentence.")\n')
    template = copy / "config" / "templates" / "404.html"
    template.write_text(template.read_text() + '{% translate "And one on a page." %}')
    assert sorted(lacking(copy)) == ["And one on a page.", "Quite a new sentence."]


@pytest.mark.one_engine("words stand in catalogues and in the code")
def test_no_string_hides_in_another_where_it_would_not_be_found() -> None:
    for path in (path for app in APPS for path in (BASE_DIR / app).rglob("*.py")):
        for outer in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr)):
            calls = [node.func for node in ast.walk(outer) if isinstance(node, ast.Call) and node.args]
            names = {call.id for call in calls if isinstance(call, ast.Name)}
            marked = [node.value for node in ast.walk(outer) if isinstance(node, ast.Constant)]
            assert not names & {"_", "gettext", "ngettext", "gettext_lazy"} or not any(
                isinstance(text, str) and " " in text.strip() for text in marked
            ), f"{path.name}:{outer.lineno}"


def words_in(script: str) -> list[str]:
    """Texts in a script that a person might read: two words or more, or one that begins like a sentence."""
    code = re.sub(r"^\s*//.*$", "", script, flags=re.MULTILINE).replace('"use strict"', "")
    quoted = [text for _, text in re.findall(r"""(["'`])((?:(?!\1).)+)\1""", code)]
    return [text for text in quoted if re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}|^[A-ZĐ][^\W\d_]+[.!?… ]", text)]


@pytest.mark.one_engine("words stand in catalogues and in the code")
def test_scripts_say_only_what_the_page_hands_them() -> None:
    scripts = [path for app in APPS for path in (BASE_DIR / app).rglob("static/**/*.js")]
    assert scripts
    assert {path.name: words_in(path.read_text()) for path in scripts} == {path.name: [] for path in scripts}
    assert words_in('say("The key did not answer"); at("#revealed"); say(\'Wrong.\');') == [
        "The key did not answer",
        "Wrong.",
    ]


@pytest.mark.one_engine("words stand in catalogues and in the code")
def test_the_compiled_catalogue_says_what_the_readable_one_says() -> None:
    def entries(catalogue: polib.POFile | polib.MOFile) -> dict[str, object]:
        return {e.msgid: e.msgstr_plural or e.msgstr for e in catalogue if not e.obsolete}

    readable, compiled = polib.pofile(str(CATALOGUE)), polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    assert entries(compiled) == entries(readable)
    assert len(compiled) > 100


@pytest.mark.one_engine("words stand in catalogues and in the code")
@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="wants gettext")
def test_a_translation_keeps_the_places_that_are_filled_in() -> None:
    checked = subprocess.run(
        ["msgfmt", "--check-format", "-o", os.devnull, str(CATALOGUE)], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.django_db
def test_a_page_speaks_the_readers_language_only() -> None:
    words = {e.msgid: e.msgstr for e in polib.pofile(str(CATALOGUE)) if e.msgstr and e.msgid != e.msgstr}
    customer = factories.customer("BZ0000001")
    point = customer.contact_points.get(channel="email")
    pages = [
        reverse(f"admin:{name}") for name in ("index", "customers_customer_changelist", "customers_leaf_changelist")
    ]
    pages += [customer_url(customer), reveal_url(customer, point, "email"), reverse("admin:password_change"), "/no/"]
    pages += [reverse("admin:customers_leaf_change", args=[Leaf.objects.count() - 1])]
    names = {"English", "Tiếng Việt"}  # each language's own name stands on every page
    for person in (factories.person("an", "Compliance officer"), factories.person("binh", "Administrator")):
        for page in pages:
            seen = {language: texts(signed_in(person, language).get(page)) - names for language in ("en", "vi")}
            spoken = {either.lower() for either in words} | {word.capitalize() for word in words}
            assert not {text for text in seen["vi"] if text in words or text in spoken}, page
            assert not seen["en"] & (set(words.values()) - set(words)), page
            assert seen["vi"] & set(words.values()), page
            assert seen["en"] & set(words), page
