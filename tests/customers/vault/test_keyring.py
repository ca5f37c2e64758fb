"""The keys at hand: named by id, told apart from others, refused where they are not keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
from typing import Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from django.core.checks import Error
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from customers.checks import database_is_ours
from customers.vault import known_keys, tokens
from customers.vault.errors import KeyringError
from customers.vault.keyring import Keyring, check_value, decode_key, derived_key, key_id, keyring
from customers.vault.models import KeyCheck
from tests.customers.vault.spots import NAME, make_stock

no_database = pytest.mark.one_engine("keys are read from the settings")

NEW = b"n" * 32
OTHER = b"o" * 32


def field_key(raw: bytes) -> str:
    """A field key as the settings hold it."""
    return base64.urlsafe_b64encode(raw).decode()


def plain_key(raw: bytes) -> str:
    """Any other key as the settings hold it."""
    return base64.b64encode(raw).decode()


# --- reading keys ----------------------------------------------------------------------------------------------


@no_database
def test_a_keys_id_is_the_start_of_its_hash() -> None:
    assert key_id(NEW) == hashlib.sha256(NEW).hexdigest()[:8]
    assert key_id(NEW) != key_id(OTHER)


@no_database
@pytest.mark.parametrize("raw", [NEW, bytes(range(224, 256)), b"\xfb\xff" * 16])
def test_a_key_is_read_in_either_alphabet(raw: bytes) -> None:
    assert decode_key(field_key(raw), "X") == decode_key(plain_key(raw), "X") == raw


BAD_KEYS = [
    "",
    "x",
    "not a key at all",
    field_key(b"short"),
    field_key(b"n" * 33),
    field_key(NEW) + "!",
    "ké" * 22,
    field_key(NEW)[:-1],
]


@no_database
@pytest.mark.parametrize("text", BAD_KEYS)
@pytest.mark.parametrize("setting", ["FIELD_ENCRYPTION_KEY", "BLIND_INDEX_KEY", "CHECKPOINT_KEY"])
def test_a_malformed_key_is_told_by_its_setting_and_not_repeated(settings: Any, setting: str, text: str) -> None:
    known_keys.keys_at_hand()
    setattr(
        settings,
        "VAULT_KEYS" if setting == "FIELD_ENCRYPTION_KEY" else setting,
        [text] if setting.startswith("F") else text,
    )
    with pytest.raises(KeyringError) as error:
        known_keys.keys_at_hand()
    assert str(error.value).startswith(f"{setting} ")
    assert f"{setting}_FILE" in str(error.value)
    assert len(text) < 4 or text not in str(error.value)


@no_database
def test_no_key_at_all_is_told(settings: Any) -> None:
    settings.VAULT_KEYS = []
    with pytest.raises(KeyringError, match="FIELD_ENCRYPTION_KEY is not set"):
        keyring()


@no_database
def test_a_second_malformed_key_is_told_too(settings: Any) -> None:
    settings.VAULT_KEYS = [*settings.VAULT_KEYS, "junk"]
    with pytest.raises(KeyringError, match="FIELD_ENCRYPTION_KEY"):
        keyring()


@no_database
def test_the_first_key_seals_and_each_is_found_by_its_id() -> None:
    ring = Keyring((NEW, OTHER), b"b" * 32)
    assert ring.sealing_key == NEW
    assert [ring.by_id(key_id(key)) for key in (NEW, OTHER, b"b" * 32)] == [NEW, OTHER, None]


@no_database
def test_a_keyring_does_not_show_its_keys() -> None:
    assert "nnn" not in repr(Keyring((NEW,), OTHER))
    assert "ooo" not in repr(Keyring((NEW,), OTHER))


@no_database
def test_keys_of_kinds_are_derived_by_hkdf() -> None:
    assert len({derived_key(NEW, kind) for kind in ("email", "phone")} | {derived_key(OTHER, "email")}) == 3
    expanded = hmac.digest(hmac.digest(bytes(32), NEW, "sha256"), b"privacy-desk blind index v1 email\x01", "sha256")
    assert derived_key(NEW, "email") == expanded  # RFC 5869 by hand: extract without salt, expand once


@no_database
def test_a_check_value_tells_nothing_of_the_key_and_differs_by_use() -> None:
    values = {check_value(key, use) for key in (NEW, OTHER) for use in ("field", "blind_index")}
    assert len(values) == 4
    assert all(NEW.hex() not in value and len(value) == 64 for value in values)


@no_database
def test_a_token_names_its_key_and_is_fernets_under_it() -> None:
    place = tokens.Place("customers.Customer.full_name", UUID(int=1))
    head, _, body = tokens.seal("value", place).partition(":")
    assert head == key_id(keyring().sealing_key)
    assert Fernet(base64.urlsafe_b64encode(keyring().sealing_key)).decrypt(body).startswith(str(place.field).encode())


# --- the database's keys ---------------------------------------------------------------------------------------


def trouble() -> list[str]:
    """What ``manage.py check --database default`` finds wrong with the keys."""
    found = database_is_ours(None, databases=["default"])
    assert all(isinstance(message, Error) for message in found)
    return [message.msg for message in found if message.id == "vault.E007"]


@pytest.mark.django_db
def test_the_keys_a_database_was_born_with_fit() -> None:
    assert trouble() == known_keys.strangers("default") == []
    assert set(KeyCheck.objects.values_list("use", flat=True)) == {"field", "blind_index", "checkpoint"}
    assert known_keys.learn_keys("default") == 0


@pytest.mark.django_db
def test_a_new_field_key_before_the_old_one_fits_and_is_learnt_once(settings: Any) -> None:
    settings.VAULT_KEYS = [field_key(NEW), *settings.VAULT_KEYS]
    assert trouble() == []
    assert (known_keys.learn_keys("default"), known_keys.learn_keys("default")) == (1, 0)
    assert trouble() == []
    settings.VAULT_KEYS = settings.VAULT_KEYS[1:]  # from now on the new one is needed too
    assert trouble() == [f"This database needs the field key {key_id(NEW)}, which is not at hand."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "given", "use"),
    [
        ("VAULT_KEYS", [field_key(NEW)], "field"),
        ("BLIND_INDEX_KEY", plain_key(NEW), "blind_index"),
        ("CHECKPOINT_KEY", plain_key(NEW), "checkpoint"),
    ],
)
def test_a_wrong_key_is_told_by_use_and_id_before_anything_is_read(
    settings: Any, setting: str, given: Any, use: str
) -> None:
    needed = KeyCheck.objects.get(use=use).key_id
    setattr(settings, setting, given)
    (said,) = trouble()
    assert said == f"This database needs the {use} key {needed}, which is not at hand."
    with pytest.raises(SystemCheckError) as error:
        call_command("check", databases=["default"], stderr=io.StringIO())
    assert said in str(error.value)


@pytest.mark.django_db
def test_another_key_with_the_same_id_is_told_apart() -> None:
    KeyCheck.objects.filter(use="field").update(check_value="0" * 64)
    assert len(trouble()) == 1
    assert "is another key" in trouble()[0]


@pytest.mark.django_db
def test_a_malformed_key_is_told_by_the_check_and_not_by_a_traceback(settings: Any) -> None:
    settings.BLIND_INDEX_KEY = "junk"
    assert trouble() == [
        "BLIND_INDEX_KEY is not 32 bytes in base64; set it, or BLIND_INDEX_KEY_FILE, to a key of this installation."
    ]


@pytest.mark.django_db
def test_the_check_reads_no_sealed_value(settings: Any) -> None:
    make_stock()
    NAME.plant("not a token")
    assert trouble() == []
    call_command("check", databases=["default"], stderr=io.StringIO(), stdout=io.StringIO())
