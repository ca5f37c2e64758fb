"""``manage.py verify_evidence`` with the keys at hand, and ``verify.py`` on a live database without them."""

import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from customers.audit_log.signer import log_signer
from customers.evidence import schema
from customers.evidence.checkpoints import make_checkpoint
from customers.evidence.recording import recording
from customers.evidence.verify import installed_triggers, text_digest
from customers.models import Leaf, Reveal, SchemaRecord
from customers.vault import tokens
from tests import factories
from tests.customers.evidence.attacks import LOG, an_act, cut_off, forget_checkpoints, told
from tests.customers.evidence.logs import as_owner, execute, fill, sealed_contents, verify

pytestmark = pytest.mark.usefixtures("own_database")


def verify_evidence(*args: Any) -> tuple[int, str]:
    """Exit code and text of the command."""
    out = StringIO()
    try:
        call_command("verify_evidence", *map(str, args), stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


def the_reveal() -> Reveal:
    """The one with a reason in words."""
    return Reveal.objects.exclude(reason_text__isnull=True).get()


def store(token: str | None, pk: Any = None) -> None:
    """Put something into the sealed column; no trigger stops that, because keys must be changeable."""
    execute("UPDATE customers_reveal SET reason_text = %s WHERE id = %s", [token, pk or the_reveal().pk])


def place() -> tokens.Place:
    return tokens.Place("customers.Reveal.reason_text", the_reveal().seal_id)


def token() -> str:
    return str(the_reveal().reason_text._token)


def cut() -> None:
    store(token()[:-8])


def anothers() -> None:
    other = tokens.Place("customers.Reveal.reason_text", Reveal.objects.exclude(pk=the_reveal().pk).get().seal_id)
    store(tokens.seal("Bà Hoa gọi lại", other))


REPLACED: dict[str, tuple[Callable[[], Any], str]] = {
    "blank": (lambda: store(None), "is blank, and no erasure says so"),
    "plain text": (lambda: store("Ông Nam gọi lại"), "does not open"),
    "cut": (cut, "does not open"),
    "another row's": (anothers, "does not open"),
    "under an unknown key": (lambda: store("00000000" + token()[8:]), "does not open"),
    "another text, sealed with the key": (lambda: store(tokens.seal("Ông Nam", place())), "holds another value"),
    "the same text with another salt": (lambda: store(tokens.seal("Bà Hoa gọi lại", place())), "holds another value"),
}


def test_a_whole_log_is_whole_with_its_sealed_contents() -> None:
    fill()
    code, said = verify_evidence()
    assert (code, "not checked" in said) == (0, False), said


@pytest.mark.parametrize("what", REPLACED)
def test_a_sealed_content_of_a_record_is_told_when_it_becomes(what: str) -> None:
    fill()
    record, (replace, words) = the_reveal(), REPLACED[what]
    seq = Leaf.objects.get(table_name="customers_reveal", row_key=str(record.pk)).seq
    assert verify_evidence()[0] == 0
    replace()
    code, said = verify_evidence()
    assert code == 1
    assert f"Sequence {seq}: Sealed column reason_text of table customers_reveal {words}" in said
    assert not any(secret in said for secret in ("Hoa", "Nam"))


def test_a_sealed_content_put_in_later_is_told() -> None:
    fill()
    empty = Reveal.objects.get(reason_text__isnull=True)
    store(tokens.seal("Ông Nam", tokens.Place("customers.Reveal.reason_text", empty.seal_id)), empty.pk)
    code, said = verify_evidence()
    assert code == 1
    assert "Sealed column reason_text of table customers_reveal was filled after the entry." in said


def test_sealing_the_same_content_anew_is_no_tampering() -> None:
    fill()
    before = token()
    store(tokens.reseal(before, place()))
    assert token() != before
    assert verify_evidence()[0] == 0


def test_without_this_database_s_keys_it_cannot_say(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    monkeypatch.setattr(settings, "VAULT_KEYS", ["A" * 43 + "="])
    code, said = verify_evidence()
    assert (code, "which is not at hand" in said) == (2, True)


def test_a_missing_trigger_is_told_rather_than_stopping_the_verifier() -> None:
    fill()
    name = "customers_leaf_frozen" if connection.vendor == "postgresql" else "customers_leaf_no_update"
    execute(f'DROP TRIGGER "{name}"' + (" ON customers_leaf" if connection.vendor == "postgresql" else ""))
    code, said = verify_evidence()
    assert (code, f'Trigger "{name}" of table customers_leaf is missing.' in said) == (1, True)


def forge_list(change: Callable[[dict[str, Any]], Any]) -> None:
    """Append a list of tables that the code never wrote, with a checkpoint over it."""
    tables = schema.describe(connection.vendor)
    change(tables)
    with recording(by=factories.system()):
        SchemaRecord(tables=tables).save()
    make_checkpoint(log_signer())


LESS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "columns": lambda tables: tables["customers_reveal"].update(columns={}),
    "triggers": lambda tables: tables["customers_reveal"].update(triggers={}),
    "leaves": lambda tables: tables["customers_reveal"].update(leaves=False),
    "the table": lambda tables: tables.pop("customers_historicalcustomer"),
}


@pytest.mark.parametrize("what", LESS)
def test_a_list_of_tables_that_looks_after_less_is_told_without_the_software_too(what: str) -> None:
    fill()
    forge_list(LESS[what])
    report = verify()
    assert report.exit == 1
    assert "looks after less of table customers_" in told(report)


def test_a_list_of_tables_that_names_other_triggers_is_told() -> None:
    fill()
    table = "customers_historicalcustomer"
    for name, text in installed_triggers(connection.cursor(), connection.vendor, [table])[table].items():
        execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))
        if connection.vendor == "sqlite":
            execute(text.replace(" WHEN ", " WHEN 0 AND "))
    left = installed_triggers(connection.cursor(), connection.vendor, [table])[table]
    found = {name: text_digest(text) for name, text in left.items()}
    forge_list(lambda tables: tables[table].update(triggers=found))
    code, said = verify_evidence()
    assert code == 1
    assert "list of tables" in said


def test_an_auditor_s_key_anchors_and_state_are_taken(tmp_path: Path) -> None:
    fill()
    key, anchor, state = tmp_path / "key", tmp_path / "anchor", tmp_path / "state"
    key.write_text(log_signer().vkey() + "\n")
    old = make_checkpoint(log_signer())
    an_act()
    an_act()
    newest = make_checkpoint(log_signer())
    anchor.write_text(newest.note)
    assert verify_evidence("--key", key, "--anchor", anchor, "--state", state)[0] == 0
    assert state.read_text() == newest.note
    with as_owner(*LOG, "customers_importbatch"):
        cut_off(1)
    forget_checkpoints(above=old.size)
    assert verify_evidence("--key", key)[0] == 0
    assert verify_evidence("--key", key, "--anchor", anchor)[0] == 1
    assert verify_evidence("--key", key, "--state", state)[0] == 1
    assert state.read_text() == newest.note


@pytest.mark.parametrize("words", ["", "no key", "a+00000000+AAAA"])
def test_a_key_that_is_none_is_one_line_and_exit_2(tmp_path: Path, words: str) -> None:
    fill()
    (tmp_path / "key").write_text(words)
    code, said = verify_evidence("--key", tmp_path / "key")
    assert (code, said.startswith("Cannot verify: "), said.count("\n")) == (2, True, 0)
    assert verify_evidence("--key", tmp_path / "missing")[0] == 2
    assert verify_evidence("--anchor", tmp_path / "missing")[0] == 2


def test_the_verifier_reads_a_live_database_on_its_own(tmp_path: Path) -> None:
    fill()
    (tmp_path / "key").write_text(log_signer().vkey() + "\n")
    given = connection.settings_dict
    url = f"sqlite:///{given['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"
    script = settings.BASE_DIR / "customers" / "evidence" / "verify.py"
    command = [sys.executable, "-I", str(script), "--database", url, "--key", str(tmp_path / "key")]
    whole = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert (whole.returncode, whole.stderr) == (0, ""), whole.stdout
    assert f"{sealed_contents()} sealed contents were not checked." in whole.stdout
    factories.team("Hue")
    with as_owner("customers_refusal"):
        execute("UPDATE customers_refusal SET why = 'no_reason'")
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert (told.returncode, told.stderr) == (1, "")
    assert "Column why of table customers_refusal differs from the entry." in told.stdout
