"""The command line: exit codes, keys, anchors, the state file, proofs of single entries; keys and notes."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from customers.evidence import verify
from customers.evidence.tree import inclusion_proof
from tests.customers.evidence import bundles

pytestmark = pytest.mark.one_engine("a bundle is a folder of files")

ENTRIES = bundles.log(9)
NOTE = bundles.note(ENTRIES)


@pytest.fixture
def where(tmp_path: Path) -> Path:
    bundles.key_file(tmp_path)
    bundles.write(tmp_path / "bundle", bundles.bundle(ENTRIES))
    return tmp_path


def run(where: Path, *more: str, name: str = "bundle", key: bool = True) -> int:
    return verify.main([str(where / name), *(["--key", str(where / "auditor.vkey")] if key else []), *more])


def keep(where: Path, name: str, data: bytes) -> str:
    (where / name).write_bytes(data)
    return str(where / name)


def test_it_runs_alone_as_a_program(where: Path) -> None:
    alone = where / "alone.py"
    alone.write_bytes(Path(verify.__file__).read_bytes())
    bundles.write(where / "bad", bundles.bundle(ENTRIES) | {"README.txt": b"\xff"})
    for args, code in [
        (["bundle", "--key", "auditor.vkey"], 0),
        (["bad", "--key", "auditor.vkey"], 1),
        (["bundle"], 2),
        (["nowhere", "--key", "auditor.vkey"], 2),
        ([], 2),
    ]:
        command = [sys.executable, "-I", "-W", "error", str(alone), *args]
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
        assert (args, done.returncode, "Traceback" in done.stdout + done.stderr) == (args, code, False)


def test_checking_needs_no_django(where: Path) -> None:
    code = "import sys, customers.evidence.tree; raise SystemExit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False).returncode == 0


def test_without_a_key_the_answer_is_two_and_names_the_bundles_own(
    where: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(where) == 0
    capsys.readouterr()
    assert run(where, key=False) == 2
    assert bundles.KEY.vkey() in capsys.readouterr().out


@pytest.mark.parametrize(
    "args",
    [["--nonsense"], ["a", "b"], ["a", "--database", "sqlite:///x"], ["--proof", "p", "--state", "s"], ["a\0b"]]
    + [["--database", url] for url in ("", "x", "mysql://h/d", "sqlite:///", "sqlite:////nowhere/x", "postgres://[")],
)
def test_a_request_that_makes_no_sense_is_two(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(args) == 2
    printed = capsys.readouterr()
    assert (printed.out + printed.err).strip()
    assert "Traceback" not in printed.out + printed.err


@pytest.mark.parametrize("data", [b"", b"\xff", b"x", b"a+00000000+AAAA\n", f"{bundles.KEY.vkey()}\n\n".encode()])
def test_a_key_file_that_holds_no_key_is_two(where: Path, data: bytes) -> None:
    assert run(where) == 0
    keep(where, "auditor.vkey", data)
    assert run(where) == 2


def test_the_state_is_written_the_first_time_and_followed_from_then_on(where: Path) -> None:
    state = where / "state"
    bundles.write(where / "longer", bundles.bundle(bundles.log(12)))
    assert run(where, "--state", str(state)) == 0
    assert state.read_bytes() == NOTE
    assert run(where, "--state", str(state), name="longer") == 0
    assert verify.open_checkpoint(state.read_bytes(), bundles.KEY).size == 12
    assert run(where, "--state", str(state)) == 1
    assert verify.open_checkpoint(state.read_bytes(), bundles.KEY).size == 12
    assert sorted(path.name for path in where.iterdir()) == ["auditor.vkey", "bundle", "longer", "state"]


def test_the_state_stays_as_it_was_where_the_answer_is_not_whole(where: Path) -> None:
    state = where / "state"
    assert run(where, "--state", str(state), key=False) == 2
    assert not state.exists()
    bundles.write(where / "other", bundles.bundle(bundles.log(12, by="huy")))
    assert run(where, "--state", str(state)) == 0
    assert run(where, "--state", str(state), name="other") == 1
    assert state.read_bytes() == NOTE
    state.write_bytes(b"not a note")
    assert run(where, "--state", str(state)) == 2
    assert state.read_bytes() == b"not a note"
    assert run(where, "--state", str(where / "no" / "place")) == 2


def test_every_anchor_is_asked(where: Path) -> None:
    good = keep(where, "good", bundles.note(ENTRIES, 4) + b"\n" + bundles.note(ENTRIES, 7))
    bad = keep(where, "bad", bundles.note(ENTRIES, 4) + bundles.note(bundles.log(7, by="huy")))
    assert run(where, "--anchor", good, "--anchor", good) == 0
    assert run(where, "--anchor", good, "--anchor", bad) == 1
    assert run(where, "--anchor", str(where / "missing")) == 2


def proof(where: Path, index: int) -> Path:
    hashes = [verify.leaf_hash(payload) for payload in ENTRIES]
    (where / f"{index}.json").write_bytes(ENTRIES[index])
    path = where / f"{index}.tlog-proof"
    path.write_bytes(verify.tlog_proof(index, inclusion_proof(hashes, index), NOTE))
    return path


def test_a_proof_of_each_entry_is_good(where: Path) -> None:
    for index in range(9):
        path = proof(where, index)
        assert verify.main(["--proof", str(path), "--key", str(where / "auditor.vkey")]) == 0
        assert verify.main(["--proof", str(path)]) == 2


def test_every_byte_of_a_proof_and_of_its_entry_counts(where: Path) -> None:
    path = proof(where, 5)
    for file in (path, path.with_suffix(".json")):
        data = file.read_bytes()
        for at, byte in enumerate(data):
            file.write_bytes(data[:at] + bytes([byte ^ 1]) + data[at + 1 :])
            assert (at, verify.verify_proof(path, key=bundles.KEY).exit) == (at, 1)
        file.write_bytes(data)
        assert verify.verify_proof(path, key=bundles.KEY).exit == 0


def test_a_proof_of_another_entry_is_refused(where: Path) -> None:
    path = proof(where, 5)
    (where / "5.json").write_bytes(ENTRIES[4])
    assert verify.verify_proof(path, key=bundles.KEY).exit == 1
    (where / "5.json").unlink()
    assert verify.main(["--proof", str(path), "--key", str(where / "auditor.vkey")]) == 2


def test_a_proof_may_carry_extra_data(where: Path) -> None:
    path = proof(where, 5)
    index, hashes, note = verify.parse_tlog_proof(path.read_bytes())
    extra = path.read_bytes().replace(b"index", b"extra aGVsbG8=\nindex", 1)
    assert verify.parse_tlog_proof(extra) == (index, hashes, note) == (5, hashes, NOTE)


# --- keys and notes ---


def test_a_key_reads_back_as_it_was_written() -> None:
    assert verify.VerifierKey.parse(bundles.KEY.vkey()) == bundles.KEY


def test_a_key_in_any_other_form_is_refused() -> None:
    vkey = bundles.KEY.vkey()
    name, key_id, data = vkey.split("+", 2)
    other = base64.b64encode(b"\2" + bundles.KEY.public).decode()
    for text in (f"{name}+00000000+{data}", f"{name}+{key_id.upper()}+{data}", f"x{vkey}", vkey + "=", vkey + "\n"):
        with pytest.raises(ValueError, match=r"key|[Bb]ase64|padding|data"):
            verify.VerifierKey.parse(text)
    for text in ("", "++", f"{name}+{key_id}+{other}", f"a b+{key_id}+{data}", f"{name}+{key_id}+"):
        with pytest.raises(ValueError, match="key"):
            verify.VerifierKey.parse(text)


def test_other_keys_signatures_are_ignored() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"\5" * 32)
    text = NOTE.decode().split("\n\n")[0] + "\n"
    witness = verify.sign_note(text, "witness.example", other).decode().split("\n\n")[1].encode()
    assert verify.open_checkpoint(NOTE + witness, bundles.KEY).size == 9
    with pytest.raises(verify.BadNote, match="not signed"):
        verify.open_checkpoint(text.encode() + b"\n" + witness, bundles.KEY)


def test_a_note_in_any_other_form_is_refused() -> None:
    text, origin = NOTE.decode().split("\n\n")[0] + "\n", bundles.ORIGIN
    assert verify.open_checkpoint(verify.sign_note(text + "more\n", origin, bundles.PRIVATE), bundles.KEY).size == 9
    lines = text.split("\n")
    for wrong in (
        text.replace(origin, "privacy-desk/other"),
        text.replace("\n9\n", "\n09\n"),
        text.replace("\n9\n", "\n-9\n"),
        text.replace("\n9\n", "\n" + "9" * 30 + "\n"),
        text.replace("\n9\n", "\n٩\n"),
        text.replace(lines[2], lines[2][:-1]),
        text.replace(lines[2], base64.b64encode(bytes(31)).decode()),
        text.replace("=\n", "=\r\n"),
        text + "\nmore\n",
        f"{origin}\n9\n",
        "",
    ):
        with pytest.raises(verify.BadNote):
            verify.open_checkpoint(verify.sign_note(wrong, origin, bundles.PRIVATE), bundles.KEY)
    with pytest.raises(verify.BadNote):
        verify.open_checkpoint(NOTE[:-1], bundles.KEY)


def test_base64_has_one_form() -> None:
    head, data = NOTE.decode().rstrip("\n").rsplit(" ", 1)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert data.endswith("=")
    loose = data[:-2] + alphabet[alphabet.index(data[-2]) ^ 1] + "="
    assert base64.b64decode(loose) == base64.b64decode(data)
    with pytest.raises(verify.BadNote):
        verify.open_checkpoint(f"{head} {loose}\n".encode(), bundles.KEY)


def test_an_anchor_file_is_taken_apart_into_its_notes() -> None:
    first, second = bundles.note(ENTRIES, 2), bundles.note(ENTRIES, 5)
    for between in (b"", b"\n", b"\n\n\n"):
        assert verify.split_notes(first + between + second + between) == [first, second]
    assert verify.split_notes(first + b"rest\n") == [first, b"rest\n"]
    assert verify.split_notes(b"\n\n") == []


def test_canonical_json_has_one_form() -> None:
    assert verify.canonical({"b": [1, True, None], "a": "e\u0301\n"}) == '{"a":"é\\n","b":[1,true,null]}'.encode()
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for wrong in (1.5, float("nan"), (1,), {1: "a"}, {"e\u0301": 1, "é": 2}, b"", {1}, object(), "\ud800", deep):
        with pytest.raises(ValueError, match=r".+"):
            verify.canonical(wrong)
