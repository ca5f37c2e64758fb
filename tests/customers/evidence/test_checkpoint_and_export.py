"""Signing the log, anchoring the note, and what an auditor takes away; checked by the verifier on its own."""

import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command

from customers.audit_log.signer import log_signer
from customers.evidence import bundle
from customers.evidence.checkpoints import LogShrank, Signer, anchor, make_checkpoint
from customers.evidence.errors import RecordFailed
from customers.evidence.verify import (
    BUNDLE_README,
    VerifierKey,
    open_checkpoint,
    parse_tlog_proof,
    split_notes,
    verify_bundle,
)
from customers.models import Anchoring, Checkpoint, Head, Leaf, StaffMember
from customers.vault.errors import KeyringError
from tests import factories
from tests.customers.evidence.attacks import LOG, an_act, rewrite
from tests.customers.evidence.logs import as_owner, execute, fill, root

pytestmark = [pytest.mark.django_db, pytest.mark.bare]
VERIFY = settings.BASE_DIR / "customers" / "evidence" / "verify.py"


@pytest.fixture(autouse=True)
def anchors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "ANCHOR_FILE", tmp_path / "anchors")
    return tmp_path / "anchors"


def run(command: str, *args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out, stderr=out, **options)
    return out.getvalue()


def verifier(*args: Any) -> tuple[int, str]:
    """The verifier as an auditor runs it: a process of its own, outside this project."""
    found = subprocess.run(
        [sys.executable, "-I", str(VERIFY), *map(str, args)], capture_output=True, text=True, check=False, cwd="/"
    )
    assert found.stderr == ""
    return found.returncode, found.stdout


# --- checkpoints -------------------------------------------------------------------------------------------------


def test_a_checkpoint_signs_size_and_root_of_all_entries() -> None:
    fill()
    an_act()
    made = make_checkpoint(log_signer())
    hashes = [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")]
    said = open_checkpoint(made.note.encode(), log_signer().key)
    assert (said.size, said.root) == (made.size, bytes(made.root)) == (len(hashes), root(hashes))
    assert said.origin.startswith("privacy-desk/")


def test_a_checkpoint_is_no_entry_and_none_is_made_twice() -> None:
    fill()
    an_act()
    first, size = make_checkpoint(log_signer()), Leaf.objects.count()
    assert make_checkpoint(log_signer()) == first
    assert Leaf.objects.count() == size
    an_act()
    assert make_checkpoint(log_signer()).size == size + 1


def test_the_first_checkpoint_of_a_log_covers_its_list_of_tables() -> None:
    assert Leaf.objects.count() == 0
    assert make_checkpoint(log_signer()).size == 1
    assert Leaf.objects.get().kind == "schema"


def test_the_signer_s_key_reads_as_text_and_its_secret_does_not() -> None:
    signer = log_signer()
    assert VerifierKey.parse(signer.vkey()) == signer.key
    assert settings.CHECKPOINT_KEY not in repr(signer)
    assert "Ed25519PrivateKey" not in repr(signer)


def test_a_key_that_is_not_this_database_s_signs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.team()
    monkeypatch.setattr(settings, "CHECKPOINT_KEY", "A" * 43 + "=")
    with pytest.raises(KeyringError, match="not this database's"):
        log_signer()
    with pytest.raises(CommandError):
        run("checkpoint")
    assert Checkpoint.objects.count() == 0


def test_a_log_that_is_shorter_than_it_was_is_not_signed_again() -> None:
    fill()
    before = Checkpoint.objects.count()
    with as_owner("customers_head"):
        execute("UPDATE customers_head SET size = 1, frontier = %s", [bytes(Leaf.objects.get(seq=0).leaf_hash)])
    with pytest.raises(LogShrank, match="verify_evidence"):
        make_checkpoint(log_signer())
    assert Checkpoint.objects.count() == before


def test_another_log_of_the_same_size_is_not_signed() -> None:
    factories.team()
    make_checkpoint(log_signer())
    with as_owner("customers_head"):
        execute("UPDATE customers_head SET frontier = %s", [bytes(32 * Head.objects.get().size.bit_count())])
    with pytest.raises(LogShrank):
        make_checkpoint(log_signer())


@pytest.mark.parametrize("frontier", [b"short", b"", b"\0" * 96, "text"])
def test_a_head_that_contradicts_itself_is_not_signed(frontier: bytes | str) -> None:
    factories.team()
    with as_owner("customers_head"):
        execute("UPDATE customers_head SET frontier = %s", [frontier])
    with pytest.raises(RecordFailed):
        make_checkpoint(log_signer())
    assert Checkpoint.objects.count() == 0


# --- anchors -----------------------------------------------------------------------------------------------------


def test_each_checkpoint_is_added_to_the_anchor_file_once(anchors: Path) -> None:
    factories.team()
    assert "Signed 2 entries" in run("checkpoint")
    assert "Nothing new: the checkpoint over 2 entries stands." in run("checkpoint")
    factories.team("Hue")
    run("checkpoint")
    notes = [made.note.encode() for made in Checkpoint.objects.order_by("size")]
    assert split_notes(anchors.read_bytes()) == notes
    assert [open_checkpoint(note, log_signer().key).size for note in notes] == [2, 3]
    assert anchors.stat().st_mode & 0o777 == 0o600


def test_a_checkpoint_that_could_not_be_anchored_is_kept_and_anchored_by_the_next_run(
    anchors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.team()
    monkeypatch.setattr(settings, "ANCHOR_FILE", anchors.parent / "not mounted" / "anchors")
    with pytest.raises(CommandError, match="Signed, but not anchored"):
        run("checkpoint")
    assert (Checkpoint.objects.count(), Anchoring.objects.count()) == (1, 0)
    monkeypatch.setattr(settings, "ANCHOR_FILE", anchors)
    run("checkpoint")
    assert split_notes(anchors.read_bytes()) == [Checkpoint.objects.get().note.encode()]
    assert Anchoring.objects.get().checkpoint == Checkpoint.objects.get()


def test_an_export_signs_and_anchors_nothing(anchors: Path, tmp_path: Path) -> None:
    factories.team()
    call_command("export_evidence", str(tmp_path / "bundle"))
    assert (Checkpoint.objects.count(), Anchoring.objects.count()) == (1, 0)
    run("checkpoint")
    assert (Checkpoint.objects.count(), Anchoring.objects.count()) == (1, 1)


def test_what_stands_in_an_anchor_file_is_never_rewritten(anchors: Path) -> None:
    anchors.write_bytes(b"somebody's own words\n")
    assert anchor("note\n", anchors) is True
    assert anchor("note\n", anchors) is False
    assert anchors.read_bytes() == b"somebody's own words\n\nnote\n"


# --- letters to the officers -------------------------------------------------------------------------------------


def officer(username: str, role: str = "Compliance officer") -> StaffMember:
    person = factories.person(username, role)
    StaffMember.objects.filter(pk=person.pk).update(email=f"{username}@desk.example.com")
    return person


def test_the_note_is_mailed_to_each_officer_and_to_nobody_else(mailoutbox: list[EmailMessage]) -> None:
    factories.customer()
    officer("lan")
    officer("mai")
    officer("linh", "Support agent")
    factories.person("no-address", "Compliance officer")
    StaffMember.objects.filter(pk=officer("gone").pk).update(is_active=False)
    assert "mailed to 2 officers" in run("checkpoint")
    assert [message.to for message in mailoutbox] == [["lan@desk.example.com"], ["mai@desk.example.com"]]
    body = str(mailoutbox[0].body)
    assert Checkpoint.objects.get().note in body
    assert log_signer().vkey() in body
    words = body.replace(Checkpoint.objects.get().note, "").replace(
        log_signer().vkey(), ""
    )  # base64 may spell anything
    assert not any(word in words for word in ("hoa.nguyen", "Hoa", "BZ0", "linh", "mai@"))
    run("checkpoint")
    assert len(mailoutbox) == 2


def test_a_letter_that_cannot_be_sent_is_told_and_undoes_nothing(
    monkeypatch: pytest.MonkeyPatch, anchors: Path
) -> None:
    officer("lan")
    officer("mai")

    def send(message: EmailMessage) -> int:
        if "lan" in message.to[0]:
            raise ConnectionRefusedError(message.to[0])
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    said = run("checkpoint")
    assert "mailed to 1 officer." in said
    assert "1 officer could not be mailed; the checkpoint stands all the same." in said
    assert "lan@" not in said
    assert split_notes(anchors.read_bytes()) == [Checkpoint.objects.get().note.encode()]


# --- the bundle --------------------------------------------------------------------------------------------------


def test_an_exported_log_is_whole_in_the_auditor_s_hands(tmp_path: Path) -> None:
    fill()
    an_act()
    (tmp_path / "key").write_text(log_signer().vkey() + "\n")
    assert f"{Leaf.objects.count()} entries are in" in run("export_evidence", tmp_path / "out")
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["README.txt", "checkpoint", "entries.jsonl", "key"]
    lines = (out / "entries.jsonl").read_bytes().split(b"\n")
    assert lines == [*(bytes(leaf.payload) for leaf in Leaf.objects.order_by("seq")), b""]
    assert (out / "README.txt").read_text() == BUNDLE_README
    assert (out / "checkpoint").read_text() == Checkpoint.objects.order_by("-size")[0].note
    code, said = verifier(out, "--key", tmp_path / "key")
    assert (code, f"{Leaf.objects.count()} entries" in said) == (0, True)
    assert verifier(out)[0] == 2
    (out / "entries.jsonl").write_bytes(b"\n".join([*lines[:2], lines[2].replace(b'"v":1', b'"v":1 '), *lines[3:]]))
    code, said = verifier(out, "--key", tmp_path / "key")
    assert (code, "the first bad sequence is 2" in said) == (1, True)


def test_nothing_personal_leaves_with_a_bundle(tmp_path: Path) -> None:
    fill()
    run("export_evidence", tmp_path / "out")
    text = (tmp_path / "out" / "entries.jsonl").read_text()
    assert "BZ0" in text
    assert not any(word in text for word in ("Hoa", "hoa.nguyen", "912345612", "s3cret", "an0ther", "Mai", "Bà"))


def test_a_bundle_ends_at_its_checkpoint_whatever_comes_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.team()

    def act_in_between(signer: Signer, using: str) -> Checkpoint:
        made = make_checkpoint(signer, using)
        an_act()
        return made

    monkeypatch.setattr(bundle, "make_checkpoint", act_in_between)
    exported = bundle.export_bundle(tmp_path / "out", log_signer())
    assert (exported.entries, exported.agrees, Leaf.objects.count()) == (2, True, 3)
    assert verify_bundle(tmp_path / "out", key=log_signer().key).exit == 0


def test_a_bundle_goes_to_a_new_or_an_empty_directory_only(tmp_path: Path) -> None:
    factories.team()
    (tmp_path / "empty").mkdir()
    run("export_evidence", tmp_path / "empty")
    assert len(list((tmp_path / "empty").iterdir())) == 4
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("keep")
    (tmp_path / "file").write_text("keep")
    for taken in ("full", "file"):
        with pytest.raises(CommandError, match="is not empty"):
            run("export_evidence", tmp_path / taken)
    with pytest.raises(CommandError, match="does not exist"):
        run("export_evidence", tmp_path / "missing" / "out")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]
    assert (tmp_path / "file").read_text() == "keep"


def test_an_export_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.team()
    (tmp_path / "there").mkdir()

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "_write", full)
    with pytest.raises(CommandError, match="Nothing was exported: No space left on device"):
        run("export_evidence", tmp_path / "there" / "out")
    assert list((tmp_path / "there").iterdir()) == []


def test_a_log_that_was_tampered_with_is_exported_and_said_to_be(tmp_path: Path) -> None:
    fill()
    with as_owner(*LOG):
        rewrite(1, rehash=True)
    with pytest.raises(CommandError, match="Tampered"):
        run("export_evidence", tmp_path / "out")
    report = verify_bundle(tmp_path / "out", key=log_signer().key)
    assert (report.exit, report.first_bad) == (1, 1)


# --- the proof of one entry --------------------------------------------------------------------------------------


def test_one_entry_is_proved_on_its_own(tmp_path: Path) -> None:
    fill()
    key = tmp_path / "key"
    key.write_text(log_signer().vkey() + "\n")
    assert "Entry 3 and its proof are in" in run("export_evidence", tmp_path / "out", entry=3)
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["3.json", "3.tlog-proof"]
    assert (out / "3.json").read_bytes() == bytes(Leaf.objects.get(seq=3).payload)
    assert parse_tlog_proof((out / "3.tlog-proof").read_bytes())[0] == 3
    assert verifier("--proof", out / "3.tlog-proof", "--key", key)[0] == 0
    (out / "3.json").write_bytes(bytes(Leaf.objects.get(seq=2).payload))
    assert verifier("--proof", out / "3.tlog-proof", "--key", key)[0] == 1


def test_every_entry_of_a_log_can_be_proved(tmp_path: Path) -> None:
    fill()
    key = tmp_path / "key"
    key.write_text(log_signer().vkey() + "\n")
    for seq in (0, 1, Leaf.objects.count() - 1):
        run("export_evidence", tmp_path / "out", entry=seq)
        assert verifier("--proof", tmp_path / "out" / f"{seq}.tlog-proof", "--key", key)[0] == 0


def test_an_entry_that_is_not_there_or_was_proved_already_is_refused(tmp_path: Path) -> None:
    factories.team()
    with pytest.raises(CommandError, match="The log has no entry 7"):
        run("export_evidence", tmp_path / "out", entry=7)
    run("export_evidence", tmp_path / "out", entry=1)
    with pytest.raises(CommandError, match="is there already"):
        run("export_evidence", tmp_path / "out", entry=1)


def test_another_s_signature_in_a_bundle_is_not_taken_for_ours(tmp_path: Path) -> None:
    factories.team()
    stranger = Signer(log_signer().origin, Ed25519PrivateKey.generate())
    bundle.export_bundle(tmp_path / "out", stranger)
    assert verify_bundle(tmp_path / "out", key=stranger.key).exit == 0
    assert verify_bundle(tmp_path / "out", key=log_signer().key).exit == 1
