"""Plaintext has one door, and the code says who stands at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_engine("it reads sources")

HOUSE = Path(__file__).parents[3]
ROOMS = ("config", "customers", "consent", "disclosures")
DECRYPTING = ("customers.vault.tokens", "cryptography.fernet", "encrypted_model_fields")
INSIDES = {"_open", "_token", "_place", "unseal", "reseal", "decrypt"}
EXPOSING = {
    "customers/access/reveal.py", "customers/messages/delivery.py", "disclosures/recipients/documents.py",
    "disclosures/requests/release.py", "disclosures/reviews/comments.py",
}  # fmt: skip
MAKES_A_KEY = {"config/settings.py"}
"""Gives the field package a key nobody keeps; imports Fernet for ``generate_key`` alone."""


@cache
def sources() -> dict[str, str]:
    """Every file of the house that runs, by path."""
    files = [HOUSE / "manage.py", *(path for room in ROOMS for path in sorted((HOUSE / room).rglob("*.py")))]
    return {path.relative_to(HOUSE).as_posix(): path.read_text() for path in files}


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """A source, taken apart."""
    return tuple(ast.walk(ast.parse(source)))


def imported(source: str) -> set[str]:
    """The modules a source imports, and the names it takes from them, dotted."""
    found: set[str] = set()
    for node in nodes_of(source):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} & set(DECRYPTING)  # import_module("…")
    return found


def decrypts(source: str) -> bool:
    """Whether a source imports what can decrypt."""
    return any(name == wanted or name.startswith(f"{wanted}.") for name in imported(source) for wanted in DECRYPTING)


def attributes(source: str) -> set[str]:
    """Every attribute a source asks for, by dot or by name."""
    nodes = nodes_of(source)
    asked = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    named = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return asked | (named & (INSIDES | {"expose"}))


def test_only_the_vault_imports_what_decrypts() -> None:
    found = {path for path, source in sources().items() if decrypts(source)}
    assert {path for path in found if not path.startswith("customers/vault/")} == MAKES_A_KEY
    assert "customers/vault/sealed.py" in found


def test_the_settings_take_no_more_than_a_new_key() -> None:
    source = sources()["config/settings.py"]
    assert {
        line.strip() for line in source.splitlines() if "Fernet" in line and not line.startswith(("#", '"', "from"))
    } == {"FIELD_ENCRYPTION_KEY: str = Fernet.generate_key().decode()"}


def test_only_the_reveal_the_delivery_and_the_disclosure_call_expose() -> None:
    found = {path for path, source in sources().items() if "expose" in attributes(source)}
    assert {path for path in found if not path.startswith("customers/vault/")} == EXPOSING


def test_nobody_outside_the_vault_reaches_into_a_sealed_value() -> None:
    found = {path: attributes(source) & INSIDES for path, source in sources().items()}
    reaching = {path: names for path, names in found.items() if names and not path.startswith("customers/vault/")}
    assert reaching == {}
    assert "_open" in found["customers/vault/sealed.py"]


def test_the_vault_decrypts_in_one_place() -> None:
    found = {path for path, source in sources().items() if "decrypt" in attributes(source)}
    assert found == {"customers/vault/tokens.py"}
    tree = ast.parse(sources()["customers/vault/tokens.py"])
    assert [f.name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and ".decrypt(" in ast.unparse(f)] == [
        "_open"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "import customers.vault.tokens",
        "from customers.vault import tokens",
        "from customers.vault.tokens import unseal as innocent",
        "def f():\n    from cryptography.fernet import Fernet",
        "import importlib\nimportlib.import_module('customers.vault.tokens')",
        "from encrypted_model_fields.fields import EncryptedTextField",
    ],
)
def test_an_import_that_could_decrypt_is_seen(source: str) -> None:
    assert decrypts(source)


@pytest.mark.parametrize("source", ["x.expose(y)", "open = x.expose", "getattr(x, 'expose')(y)", "x._open().value"])
def test_a_way_to_the_plaintext_is_seen(source: str) -> None:
    assert attributes(source) & (INSIDES | {"expose"})
    assert not decrypts(source)
