"""What the owner of the database does to a log, as far as it goes without the keys."""

import json

from customers.evidence.recording import recording
from customers.evidence.verify import Frontier, Report, canonical, leaf_hash
from customers.models import Leaf
from tests import factories
from tests.customers.evidence.logs import as_owner, execute

LOG = ("customers_leaf", "customers_head")


def an_act() -> None:
    """An act that leaves one record and changes nothing else."""
    with recording(by=factories.system()):
        factories.note()


def told(report: Report) -> str:
    return "\n".join(report.lines)


def rewrite(seq: int, *, rehash: bool) -> None:
    """Change what an entry says, and its hash too if asked."""
    leaf = Leaf.objects.get(seq=seq)
    payload = canonical({**json.loads(bytes(leaf.payload)), "by": "somebody"})
    digest = leaf_hash(payload) if rehash else bytes(leaf.leaf_hash)
    execute("UPDATE customers_leaf SET payload = %s, leaf_hash = %s WHERE seq = %s", [payload, digest, seq])


def set_head(hashes: list[bytes]) -> None:
    """Make the head fit these leaves."""
    tree = Frontier()
    for each in hashes:
        tree.append(each)
    execute("UPDATE customers_head SET size = %s, frontier = %s", [tree.size, tree.to_bytes()])


def cut_off(count: int) -> None:
    """Remove the newest entries with their rows, and make the head fit what is left."""
    for leaf in Leaf.objects.order_by("-seq")[:count]:
        execute(f'DELETE FROM "{leaf.table_name}" WHERE id = %s', [int(leaf.row_key)])
        execute("DELETE FROM customers_leaf WHERE seq = %s", [leaf.seq])
    set_head([bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("seq")])


def rewrite_history_from(seq: int) -> None:
    """Rewrite an entry and every link after it, and make the head fit: all an owner without the key can do."""
    prev, hashes = b"", []
    for leaf in Leaf.objects.order_by("seq"):
        payload = json.loads(bytes(leaf.payload))
        payload["by"] = "somebody" if leaf.seq == seq else payload["by"]
        payload["prev"] = prev.hex() if leaf.seq else payload["prev"]
        raw = canonical(payload)
        prev = leaf_hash(raw)
        hashes.append(prev)
        execute("UPDATE customers_leaf SET payload = %s, leaf_hash = %s WHERE seq = %s", [raw, prev, leaf.seq])
    set_head(hashes)


def forget_checkpoints(above: int = -1) -> None:
    """Remove the checkpoints that would tell."""
    with as_owner("customers_checkpoint", "customers_anchoring"):
        newer = "SELECT id FROM customers_checkpoint WHERE size > %s"
        execute(f"DELETE FROM customers_anchoring WHERE checkpoint_id IN ({newer})", [above])
        execute("DELETE FROM customers_checkpoint WHERE size > %s", [above])
