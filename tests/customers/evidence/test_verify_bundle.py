"""Whatever is done to a bundle is told, and the entry at fault is named where one is."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.evidence import verify
from tests.customers.evidence import bundles

pytestmark = pytest.mark.one_engine("a bundle is a folder of files")

ENTRIES = bundles.log(6)
FILES = bundles.bundle(ENTRIES)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(where: Path, files: dict[str, bytes], **options: object) -> verify.Report:
    return verify.verify_bundle(bundles.write(where, files), **({"key": bundles.KEY} | options))  # type: ignore[arg-type]


def with_entries(payloads: list[bytes]) -> dict[str, bytes]:
    """Other entries under the checkpoint of the real ones."""
    return FILES | {"entries.jsonl": b"".join(payload + b"\n" for payload in payloads)}


def test_a_whole_bundle_is_whole(tmp_path: Path) -> None:
    report = check(tmp_path, FILES)
    assert (report.exit, report.entries, report.first_bad) == (0, 6, None)
    assert report.last_good == verify.open_checkpoint(FILES["checkpoint"], bundles.KEY)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64, 257])
def test_a_whole_bundle_of_any_size_is_whole(tmp_path: Path, count: int) -> None:
    report = check(tmp_path, bundles.bundle(bundles.log(count)))
    assert (report.exit, report.entries) == (0, count)


@pytest.mark.parametrize("change", [lambda byte: byte ^ 1, lambda byte: 10 if byte != 10 else 32])
def test_every_byte_of_every_file_counts(tmp_path: Path, change: Callable[[int], int]) -> None:
    assert check(tmp_path, FILES).exit == 0
    for name in bundles.FILES:
        path, data = tmp_path / name, FILES[name]
        for at, byte in enumerate(data):
            path.write_bytes(data[:at] + bytes([change(byte)]) + data[at + 1 :])
            report = verify.verify_bundle(tmp_path, key=bundles.KEY)
            first = data[:at].count(b"\n") if name == "entries.jsonl" else None
            assert (name, at, report.exit, report.first_bad) == (name, at, 1, first)
        path.write_bytes(data)


@MANY
@given(st.integers(1, 40), st.data())
def test_any_other_byte_anywhere_is_told_with_its_sequence(tmp_path: Path, count: int, data: st.DataObject) -> None:
    files = bundles.bundle(bundles.log(count))
    assert check(tmp_path, files).exit == 0
    name = data.draw(st.sampled_from(bundles.FILES))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != files[name][at]))
    changed = files[name][:at] + bytes([byte]) + files[name][at + 1 :]
    report = check(tmp_path, files | {name: changed})
    first = files[name][:at].count(b"\n") if name == "entries.jsonl" else None
    assert (report.exit, report.first_bad) == (1, first)


@MANY
@given(st.integers(1, 40), st.sampled_from(["remove", "repeat", "swap", "truncate"]), st.data())
def test_entries_removed_repeated_swapped_or_cut_off_are_told(
    tmp_path: Path, count: int, how: str, data: st.DataObject
) -> None:
    payloads = bundles.log(count)
    files = bundles.bundle(payloads)
    assert check(tmp_path, files).exit == 0
    at = data.draw(st.integers(0, count - 1))
    first = at
    if how == "remove":
        del payloads[at]
    elif how == "repeat":
        first = at + 1
        payloads.insert(first, payloads[at])
    elif how == "truncate":
        del payloads[at:]
    elif count > 1:
        other = data.draw(st.integers(0, count - 1).filter(lambda n: n != at))
        payloads[at], payloads[other] = payloads[other], payloads[at]
        first = min(at, other)
    else:
        return
    report = check(tmp_path, files | {"entries.jsonl": b"".join(p + b"\n" for p in payloads)})
    assert (report.exit, report.first_bad) == (1, first)


@pytest.mark.parametrize("field", ["salt", "at", "kind", "by", "row", "columns", "commits", "customer", "table"])
def test_an_entry_that_was_rewritten_well_is_named(tmp_path: Path, field: str) -> None:
    other: dict[str, object] = {"salt": "0" * 32, "at": "2026-02-01T00:00:00.000000Z", "columns": {}, "commits": {}}
    for seq in range(6):
        prev = verify.leaf_hash(ENTRIES[seq - 1]) if seq else bytes(32)
        value = other.get(field, "other") if field != "commits" else {"x": "0" * 64}
        payload = verify.canonical(bundles.entry(seq, prev, **{field: value}))
        report = check(tmp_path, with_entries([*ENTRIES[:seq], payload, *ENTRIES[seq + 1 :]]))
        assert (report.exit, report.first_bad, report.last_good) == (1, seq, None)


def test_an_entry_that_names_another_before_it_is_named(tmp_path: Path) -> None:
    for seq in range(6):
        payload = verify.canonical(bundles.entry(seq, b"\7" * 32))
        report = check(tmp_path, with_entries([*ENTRIES[:seq], payload, *ENTRIES[seq + 1 :]]))
        assert (report.exit, report.first_bad) == (1, seq)


def test_entries_beyond_the_checkpoint_are_told(tmp_path: Path) -> None:
    report = check(tmp_path, with_entries(bundles.log(8)))
    assert (report.exit, report.first_bad) == (1, 6)
    assert report.last_good == verify.open_checkpoint(FILES["checkpoint"], bundles.KEY)


def test_a_checkpoint_of_another_tree_of_the_same_size_is_told(tmp_path: Path) -> None:
    others = bundles.log(6, by="huy")
    assert check(tmp_path, bundles.bundle(others)).exit == 0
    report = check(tmp_path, FILES | {"checkpoint": bundles.note(others)})
    assert (report.exit, report.first_bad) == (1, 5)


def test_a_log_rewritten_and_signed_again_is_told_by_an_anchor(tmp_path: Path) -> None:
    rewritten = bundles.bundle(bundles.log(6, by="huy"))
    assert check(tmp_path, rewritten).exit == 0
    anchors = [bundles.note(ENTRIES, 2) + b"\n\n" + bundles.note(ENTRIES, 4)]
    assert check(tmp_path, FILES, anchors=anchors).exit == 0
    report = check(tmp_path, rewritten, anchors=anchors)
    assert (report.exit, report.first_bad) == (1, 0)


def test_a_log_rolled_back_behind_an_anchor_is_told(tmp_path: Path) -> None:
    shorter = bundles.bundle(ENTRIES[:4])
    assert check(tmp_path, shorter, anchors=[bundles.note(ENTRIES, 3)]).exit == 0
    report = check(tmp_path, shorter, anchors=[bundles.note(ENTRIES, 3), bundles.note(ENTRIES)])
    assert (report.exit, report.first_bad) == (1, 4)
    assert report.last_good is not None
    assert report.last_good.size == 4


def test_the_last_good_checkpoint_is_the_newest_before_the_fault(tmp_path: Path) -> None:
    changed = verify.canonical(bundles.entry(3, verify.leaf_hash(ENTRIES[2]), by="huy"))
    files = with_entries([*ENTRIES[:3], changed, *ENTRIES[4:]])
    report = check(tmp_path, files, anchors=[bundles.note(ENTRIES, size) for size in (1, 3, 5)])
    assert (report.exit, report.first_bad) == (1, 3)
    assert report.last_good is not None
    assert report.last_good.size == 3


@pytest.mark.parametrize("anchor", [b"", b"\n", b"something", bundles.note(ENTRIES, 2, OTHER_KEY)])
def test_an_anchor_that_proves_nothing_leaves_the_answer_open(tmp_path: Path, anchor: bytes) -> None:
    assert check(tmp_path, FILES, anchors=[bundles.note(ENTRIES, 2)]).exit == 0
    assert check(tmp_path, FILES, anchors=[anchor]).exit == 2
    assert check(tmp_path, FILES, state=anchor).exit == 2


def test_another_key_in_the_bundle_is_told_even_where_it_signed(tmp_path: Path) -> None:
    key = verify.VerifierKey.of(bundles.ORIGIN, OTHER_KEY.public_key().public_bytes_raw())
    files = bundles.bundle(ENTRIES, bundles.note(ENTRIES, private=OTHER_KEY)) | {"key": f"{key.vkey()}\n".encode()}
    assert check(tmp_path, files, key=key).exit == 0
    assert check(tmp_path, files).exit == 1


def test_without_a_key_the_bundles_own_is_named_as_unproven(tmp_path: Path) -> None:
    report = check(tmp_path, FILES, key=None)
    assert report.exit == 2
    assert bundles.KEY.vkey() in report.lines[0]
    assert report.lines[1].startswith("All agree: entries under the newest checkpoint 6,")
    report = check(tmp_path, with_entries(ENTRIES[:5]), key=None)
    assert (report.exit, report.first_bad) == (2, 5)
    assert bundles.KEY.vkey() in report.lines[0]


def test_an_entry_out_of_form_is_refused_even_where_it_was_signed(tmp_path: Path) -> None:
    last = bundles.entry(6, verify.leaf_hash(ENTRIES[5]))
    assert check(tmp_path, bundles.bundle([*ENTRIES, verify.canonical(last)])).exit == 0
    raw = verify.canonical(last)
    wrong = [
        *(verify.canonical({k: v for k, v in last.items() if k != name}) for name in last),
        *(verify.canonical(last | {name: []}) for name in last),
        *(verify.canonical(last | {name: True}) for name in last),
        verify.canonical(last | {"extra": 1}),
        verify.canonical(last | {"at": "2026-02-30T08:15:00.000000Z"}),
        verify.canonical(last | {"commits": {"reason": "short"}}),
        raw.replace(b'"v":1', b'"v":1.0'),
        raw.replace(b'"v":1', b'"v":1,"v":1'),
        raw.replace(b'"v":1', b'"v": 1'),
        raw.replace(b'"by":"lan"', b'"by":"la\\u006e"'),
        raw.replace(b'"by":"lan"', '"by":"e\u0301"'.encode()),
        raw.replace(b'"by":"lan"', b'"by":"\\ud800"'),
        raw.replace(b'"columns":{', b'"columns":{"a":NaN,'),
        b"\xef\xbb\xbf" + raw,
        b"[]",
        b"",
    ]
    for payload in wrong:
        report = check(tmp_path, bundles.bundle([*ENTRIES, payload]))
        assert (payload, report.exit, report.first_bad) == (payload, 1, 6)


def test_findings_beyond_twenty_are_counted(tmp_path: Path) -> None:
    report = check(tmp_path, with_entries([b"{}"] * 40))
    assert (report.exit, report.first_bad) == (1, 0)
    assert len(report.lines) == 1 + 20 + 2
    assert "more findings" in report.lines[21]


NOISE: list[bytes] = [b"", b"\n", b"\0" * 50, b"[" * 100_000, b'{"a":' * 50_000, b"9" * 10_000]
NOISE += [b'{"seq":' + b"9" * 9_000]
NOISE += [b"null\n", b'{"v":1e999}\n', "— a b\n".encode(), "\n\n— a AAAA\n".encode(), b"\r\n", "٣\n".encode()]


def malformed(rng: random.Random, where: Path) -> None:
    """Write a bundle with at least one file that is not what it was."""
    bundles.write(where, FILES)
    for name in rng.sample(bundles.FILES, rng.choice([1, 1, 1, 2, 4])):
        path, data = where / name, FILES[name]
        how, at = rng.randrange(8), rng.randrange(len(data))
        if how == 0:
            path.unlink()
        elif how == 1:
            path.unlink()
            path.mkdir()
        elif how == 2:
            path.write_bytes(rng.randbytes(rng.randrange(400)))
        elif how == 3:
            path.write_bytes(rng.choice(NOISE))
        elif how == 4:
            path.write_bytes(data[:at] + rng.choice(NOISE[1:]) + data[at:])
        elif how == 5:
            path.write_bytes(data[:at])
        elif how == 6:
            path.write_bytes(data[:at] + data[at + 1 + rng.randrange(20) :])
        else:
            path.write_bytes(rng.choice(list(FILES.values())) * rng.choice([2, 3]))


def test_a_thousand_malformed_bundles_are_never_whole_and_never_a_crash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng, key = random.Random(6962), bundles.key_file(tmp_path)
    bundles.write(tmp_path / "good", FILES)
    assert verify.main([str(tmp_path / "good"), "--key", str(key)]) == 0
    for number in range(1000):
        malformed(rng, tmp_path / str(number))
        code = verify.main([str(tmp_path / str(number)), "--key", str(key)])
        printed = capsys.readouterr()
        assert (number, code in (1, 2), "Traceback" in printed.out + printed.err) == (number, True, False)
