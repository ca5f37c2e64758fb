"""Exports for an auditor: the whole log as a directory, or one entry with its proof."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from customers.evidence.checkpoints import Signer, make_checkpoint
from customers.evidence.errors import EvidenceError
from customers.evidence.models import Checkpoint, Leaf
from customers.evidence.tree import inclusion_proof
from customers.evidence.verify import BUNDLE_README, Frontier, leaf_hash, tlog_proof

CHUNK = 2000


class NotExported(EvidenceError):
    """An export was refused before anything was written. ``str()`` says why."""


@dataclass(frozen=True)
class Exported:
    """What was exported: how many entries, their checkpoint, and whether they are the ones it was signed over."""

    entries: int
    checkpoint: Checkpoint
    agrees: bool


def export_bundle(
    directory: Path,
    signer: Signer,
    *,
    using: str = DEFAULT_DB_ALIAS,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write ``entries.jsonl``, ``checkpoint``, ``key`` and ``README.txt`` to a new or empty directory.

    A checkpoint is made first, and exactly the entries it covers are written, in one pass over the table. The
    directory appears whole or not at all. Raises ``NotExported`` where it is not empty or its parent is missing,
    ``OSError`` where it cannot be written. A log that no longer agrees with its checkpoint is exported all the same:
    it is evidence.
    """
    directory = _free(directory)
    checkpoint = make_checkpoint(signer, using)
    partial = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        tree = _write_entries(partial / "entries.jsonl", checkpoint.size, using, progress)
        _write(partial / "checkpoint", checkpoint.note.encode())
        _write(partial / "key", f"{signer.vkey()}\n".encode())
        _write(partial / "README.txt", BUNDLE_README.encode())
        os.rename(partial, directory)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    agrees = (tree.size, tree.root()) == (checkpoint.size, bytes(checkpoint.root))
    return Exported(tree.size, checkpoint, agrees)


def export_proof(seq: int, directory: Path, signer: Signer, *, using: str = DEFAULT_DB_ALIAS) -> Path:
    """Write ``<seq>.json``, the entry byte for byte, and ``<seq>.tlog-proof``, the proof that it is in the log.

    Returns the proof's path. The directory is made where it is missing. Raises ``NotExported`` where one of the files
    is there already, or the entry is not in the log.
    """
    entry, proof = directory / f"{seq}.json", directory / f"{seq}.tlog-proof"
    if entry.exists() or proof.exists():
        raise NotExported(_("%(path)s is there already; choose another directory.") % {"path": entry})
    inclusion = proof_of(seq, signer, using=using)
    directory.mkdir(parents=True, exist_ok=True)
    _write(entry, inclusion.payload)
    _write(proof, inclusion.note)
    return proof


@dataclass(frozen=True)
class Proof:
    """The proof that an entry is in the log.

    ``payload`` is the entry byte for byte; ``note`` is the proof in C2SP's tlog-proof form, with a signed checkpoint.
    """

    seq: int
    payload: bytes
    note: bytes


def proof_of(seq: int, signer: Signer, *, using: str = DEFAULT_DB_ALIAS) -> Proof:
    """The proof of one entry, under a checkpoint of the log as it is. Raises ``NotExported`` without such an entry."""
    return proofs_of([seq], signer, using=using)[0]


def proofs_of(seqs: Collection[int], signer: Signer, *, using: str = DEFAULT_DB_ALIAS) -> list[Proof]:
    """The proofs of several entries, in the order given, under one checkpoint: the log's hashes are read once."""
    checkpoint = make_checkpoint(signer, using)
    covered = Leaf.objects.using(using).filter(seq__lt=checkpoint.size).order_by("seq")
    payloads = dict(covered.filter(seq__in=seqs).values_list("seq", "payload"))
    if missing := set(seqs) - set(payloads):
        raise NotExported(_("The log has no entry %(seq)d.") % {"seq": min(missing)})
    hashes = [bytes(digest) for digest in covered.values_list("leaf_hash", flat=True).iterator(CHUNK)]
    note = checkpoint.note.encode()
    return [Proof(seq, bytes(payloads[seq]), tlog_proof(seq, inclusion_proof(hashes, seq), note)) for seq in seqs]


def _free(directory: Path) -> Path:
    """The directory's absolute path. Raises ``NotExported`` where it is not empty, or its parent is missing."""
    directory = directory.absolute()
    if directory.is_symlink() or (directory.exists() and not (directory.is_dir() and not any(directory.iterdir()))):
        raise NotExported(_("%(path)s is not empty; name a new directory, or an empty one.") % {"path": directory})
    if not directory.parent.is_dir():
        raise NotExported(_("%(path)s does not exist; make it first.") % {"path": directory.parent})
    return directory


def _payloads(size: int, using: str) -> Iterator[bytes]:
    covered = Leaf.objects.using(using).filter(seq__lt=size).order_by("seq")
    yield from (bytes(payload) for payload in covered.values_list("payload", flat=True).iterator(CHUNK))


def _write_entries(path: Path, size: int, using: str, progress: Callable[[int, int], None] | None) -> Frontier:
    """Write the first ``size`` payloads, one to a line, and return the tree over them."""
    tree = Frontier()
    with open(path, "xb") as file:
        for payload in _payloads(size, using):
            file.write(payload + b"\n")
            tree.append(leaf_hash(payload))
            if progress and (tree.size % CHUNK == 0 or tree.size == size):
                progress(tree.size, size)
        file.flush()
        os.fsync(file.fileno())
    return tree


def _write(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
