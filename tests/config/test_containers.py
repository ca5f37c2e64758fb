"""Dockerfile and compose.yaml hold to the settings the desk has: what they name is read, what is secret is a file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from config import gunicorn_conf
from config.logs.request_info import HEALTH
from config.mode import KEY_NAMES

pytestmark = pytest.mark.one_engine("it reads files; the one page it asks is kept from the database")

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE = ROOT / "config" / "OPERATING.md"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "privacy-desk"}

SECRETS = {*KEY_NAMES, "DATABASE_PASSWORD", "EMAIL_URL"}
"""What nobody may read in an image, a compose file or a list of processes."""
NEEDED = {"PRIVACY_DESK_MODE", "DATABASE_URL", "ALLOWED_HOSTS", "SITE_URL", "DEFAULT_FROM_EMAIL", "ANCHOR_FILE"}
"""What production cannot do without, besides the secrets."""
OF_OTHERS = re.compile(r"PATH|PYTHON[A-Z]+|UV_[A-Z_]+|POSTGRES_[A-Z_]+|PGDATA")


def names_read() -> set[str]:
    """The names that settings, mode and server read from the environment, each ``_FILE`` they take included."""
    texts = [(ROOT / "config" / name).read_text() for name in ("settings.py", "mode.py", "gunicorn_conf.py")]
    read = set(re.findall(r"""(?:env\.\w+|environ\.get|environ)[(\[]\s*"([A-Z_]+)\"""", "\n".join(texts)))
    from_files = set(re.findall(r"""(?:key|from_environment)\("([A-Z_]+)"\)""", "\n".join(texts)))
    return read | from_files | {f"{name}_FILE" for name in from_files}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's lines, those that go on joined, by instruction."""
    whole = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.M))
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in whole.splitlines() if line.strip()]


def image_environment() -> dict[str, str]:
    """What the image itself sets."""
    pairs = [re.findall(r"(\w+)=(\S+)", said) for word, said in instructions() if word == "ENV"]
    return dict(pair for each in pairs for pair in each)


def environment(service: str) -> dict[str, str]:
    """What a service of ours runs with."""
    return {**image_environment(), **OURS[service]["environment"]}


def test_the_services_are_the_desks_and_its_database() -> None:
    assert set(SERVICES) == {"database", "migrate", "roles", "web", "cron"}
    assert set(OURS) == set(SERVICES) - {"database"}


def test_every_name_that_is_set_is_one_that_something_reads() -> None:
    read = names_read()
    assert {"DATABASE_URL", "EMAIL_URL_FILE", "CHECKPOINT_KEY_FILE", "SERVE_ON", "PRIVACY_DESK_MODE"} <= read
    named = {name for service in OURS for name in environment(service)}
    assert {name for name in named if not OF_OTHERS.fullmatch(name)} - read == set()
    assert {name for name in SERVICES["database"]["environment"] if not OF_OTHERS.fullmatch(name)} == set()


@pytest.mark.parametrize("service", ["migrate", "roles", "web", "cron"])
def test_every_service_has_what_production_needs_and_each_secret_as_a_file(service: str) -> None:
    found = environment(service)
    assert NEEDED - {name for name, value in found.items() if value} == set()
    assert found["PRIVACY_DESK_MODE"] == "production"
    assert SECRETS & found.keys() == set()
    files = {name.removesuffix("_FILE"): value for name, value in found.items() if f"{name}".endswith("_FILE")}
    del files["ANCHOR"]
    assert files.keys() == SECRETS
    assert {value.removeprefix("/run/secrets/") for value in files.values()} == set(OURS[service]["secrets"])


def test_no_secret_stands_in_a_file_that_is_handed_around() -> None:
    for text in (DOCKERFILE, (ROOT / "compose.yaml").read_text()):
        assert re.findall(r"://[^\s@/]+:[^\s@/]+@", text) == []
        assert re.findall(r"[A-Za-z0-9+/_-]{43}=", text) == []
    declared = COMPOSE["secrets"]
    assert {name: each for name, each in declared.items() if each != {"file": f"secrets/{name}"}} == {}
    assert {name for service in SERVICES.values() for name in service["secrets"]} == set(declared)
    assert {"/secrets/", "/.env"} <= set((ROOT / ".gitignore").read_text().split())


def test_only_what_the_image_needs_goes_to_its_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    allowed = {line[1:].rstrip("/") for line in lines if line[0] == "!"}
    copied = [said.split() for word, said in instructions() if word == "COPY" and "--from" not in said]
    assert allowed == {source for said in copied for source in said[:-1]}
    assert all((ROOT / name).exists() for name in allowed)


def test_the_image_serves_as_nobody_in_particular_with_what_the_project_depends_on() -> None:
    by_word = dict(instructions())
    assert by_word["USER"] == "10001:10001"
    assert by_word["CMD"] == '["gunicorn", "--config", "python:config.gunicorn_conf"]'
    assert image_environment()["SERVE_ON"].endswith(f":{by_word['EXPOSE']}")
    assert gunicorn_conf.wsgi_app == "config.wsgi"
    assert any(word == "RUN" and "collectstatic" in said for word, said in instructions())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert any(each.startswith("gunicorn~=") for each in project["dependencies"])
    (base,) = {said.split()[0] for word, said in instructions() if word == "FROM"}
    assert f">={base.removeprefix('python:').partition('-')[0]}" in project["requires-python"]


@pytest.mark.parametrize("service", ["migrate", "roles", "web", "cron"])
def test_a_service_may_do_little_besides_its_work(service: str) -> None:
    ours = OURS[service]
    assert (ours["read_only"], ours["cap_drop"], ours["user"]) == (True, ["ALL"], "10001:10001")
    assert ours["security_opt"] == ["no-new-privileges:true"]


def test_only_the_web_is_reached_from_outside_and_by_its_own_machine_alone() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert environment("web")["BEHIND_TLS_PROXY"] == "true"


def test_tables_are_changed_once_before_anything_works_with_them() -> None:
    after = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    done = {"condition": "service_completed_successfully"}
    assert after == {
        "database": {},
        "migrate": {"database": {"condition": "service_healthy"}},
        "roles": {"migrate": done},
        "web": {"roles": done},
        "cron": {"roles": done},
    }
    assert "healthcheck" in SERVICES["database"]
    owners = {name for name in OURS if "privacy_desk_owner" in environment(name)["DATABASE_URL"]}
    assert owners == {"migrate"}


def test_the_image_asks_its_own_server_whether_the_desk_is_well(client: Client) -> None:
    said = next(said for word, said in instructions() if word == "HEALTHCHECK")
    (port, path), *others = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", said)
    assert (port, path, others) == (dict(instructions())["EXPOSE"], HEALTH, [])
    without_database = {"status": "not ok", "database": "not ok"}  # pytest-django keeps it away: what there is, answers
    answer = client.get(path)
    assert answer.status_code == 503
    assert without_database.items() <= answer.json().items()
    runs_no_server = {name for name, service in OURS.items() if service.get("healthcheck") == {"disable": True}}
    assert runs_no_server == set(OURS) - {"web"}


def test_every_command_is_one_there_is() -> None:
    known = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    said = " ".join(part for service in OURS.values() for part in service.get("command", []))
    assert set(re.findall(r"manage\.py (\w+)", said)) == {"migrate", "sync_roles", "checkpoint", "delete_packages"}
    assert set(re.findall(r"manage\.py (\w+)", said)) <= known


def test_the_role_the_desk_works_as_owns_nothing_and_empties_no_table() -> None:
    statements = COMPOSE["configs"]["roles"]["content"]
    granted = re.findall(r"GRANT (.+?) ON (\w+)", statements)
    assert granted == [
        ("CONNECT", "DATABASE"),
        ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
        ("USAGE", "SEQUENCES"),
    ]
    assert re.findall(r"SUPERUSER|CREATEROLE|CREATEDB|OWNER|TRUNCATE|TRIGGER", statements) == []


def test_the_guide_makes_every_secret_and_value_that_compose_asks_for() -> None:
    begin = GUIDE.read_text().partition("## Begin, with containers")[2].partition("\n## ")[0]
    assert {name for name in COMPOSE["secrets"] if not re.search(rf"\b{name}\b", begin)} == set()
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text()))
    assert asked == set(re.findall(r"\b([A-Z_]+)=", begin))


def test_the_guide_names_every_setting_that_compose_sets() -> None:
    told = set(re.findall(r"\b[A-Z_]{4,}\b", GUIDE.read_text()))
    set_here = {name.removesuffix("_FILE") if name != "ANCHOR_FILE" else name for name in environment("web")}
    assert {name for name in set_here - told if not OF_OTHERS.fullmatch(name)} == {"STATIC_ROOT"}  # the image's own
