"""Proofs over the leaf hashes of the log (RFC 6962 §2.1.1 and §2.1.2); ``verify`` checks them."""

from collections.abc import Sequence

from customers.evidence import verify


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes from the sibling of leaf ``index`` up to the root's child. Raises ``IndexError`` for no leaf."""
    if not 0 <= index < len(hashes):
        raise IndexError("The log has no such entry.")
    proof: list[bytes] = []
    low, high = 0, len(hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_root(hashes[middle:high]))
            high = middle
        else:
            proof.append(_root(hashes[low:middle]))
            low = middle
    return proof[::-1]


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the tree over ``old_size`` leaves is the beginning of this one; empty for none or all of them.

    Raises ``IndexError`` for an old size beyond the log.
    """
    if not 0 <= old_size <= len(hashes):
        raise IndexError("The log was never that long.")
    proof: list[bytes] = []
    low, high = 0, len(hashes)
    while 0 < old_size < high:
        middle = low + _split(high - low)
        if old_size <= middle:
            proof.append(_root(hashes[middle:high]))
            high = middle
        else:
            proof.append(_root(hashes[low:middle]))
            low = middle
    # Where the old tree is one perfect subtree at the left edge, the verifier knows its root already.
    return [_root(hashes[low:high]), *proof[::-1]] if low else proof[::-1]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _root(hashes: Sequence[bytes]) -> bytes:
    tree = verify.Frontier()
    for leaf in hashes:
        tree.append(leaf)
    return tree.root()
