"""The tree is RFC 6962's: roots, proofs, and refusal of wrong proofs."""

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.evidence import verify
from customers.evidence.tree import consistency_proof, inclusion_proof

pytestmark = pytest.mark.one_engine("the tree is computed without a database")

# The eight leaves and the roots over the first n of them that implementations of RFC 6962 agree on.
REFERENCE_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
REFERENCE_LEAVES += ["606162636465666768696a6b6c6d6e6f"]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [verify.leaf_hash(b"%d" % number) for number in range(70)]


def root(leaves: list[bytes]) -> bytes:
    tree = verify.Frontier()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = max(1 << power for power in range(8) if 1 << power < len(leaves))
    return verify.node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


def naive_proof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 §2.1.2, word for word."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = max(1 << power for power in range(8) if 1 << power < len(leaves))
    if old <= split:
        return [*naive_proof(old, leaves[:split], whole), naive_root(leaves[split:])]
    return [*naive_proof(old - split, leaves[split:], False), naive_root(leaves[:split])]


ROOTS = [root(LEAVES[:size]) for size in range(71)]


def test_roots_are_those_of_the_reference() -> None:
    leaves = [verify.leaf_hash(bytes.fromhex(text)) for text in REFERENCE_LEAVES]
    assert [root(leaves[:size]).hex() for size in range(9)] == REFERENCE_ROOTS


def test_roots_and_inclusion_proofs_are_those_of_another_implementation() -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256", disable_security=False)
    for size in range(1, 71):
        other.append_entry(b"%d" % (size - 1))
        assert other.get_state() == ROOTS[size]
        for index in range(size):
            # Theirs begins with the leaf itself.
            theirs = other.prove_inclusion(index + 1, size).path
            assert theirs == [LEAVES[index], *inclusion_proof(LEAVES[:size], index)]


def test_consistency_proofs_are_those_of_the_rfc_and_theirs_agree_on_the_old_root() -> None:
    other = pymerkle.InmemoryTree.init_from_entries([b"%d" % n for n in range(70)], algorithm="sha256")
    for size in range(1, 71):
        for old in range(1, size):
            assert consistency_proof(LEAVES[:size], old) == naive_proof(old, LEAVES[:size], True)
            theirs = other.prove_consistency(old, size)
            assert (theirs.retrieve_prior_state(), theirs.resolve()) == (ROOTS[old], ROOTS[size])


def test_every_proof_made_is_accepted() -> None:
    for size in range(71):
        for index in range(size):
            proof = inclusion_proof(LEAVES[:size], index)
            assert verify.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
        for old in range(size + 1):
            proof = consistency_proof(LEAVES[:size], old)
            assert verify.verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)


def test_a_proof_of_another_leaf_place_size_or_root_is_refused() -> None:
    for size in range(1, 24):
        for index in range(size):
            proof = inclusion_proof(LEAVES[:size], index)
            assert verify.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
            assert not verify.verify_inclusion(LEAVES[index + 1], index, size, proof, ROOTS[size])
            assert not verify.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size + 1])
            assert not verify.verify_inclusion(LEAVES[index], index, size, [*proof, bytes(32)], ROOTS[size])
            assert not proof or not verify.verify_inclusion(LEAVES[index], index, size, proof[:-1], ROOTS[size])
            for wrong in {-1, *range(size + 1)} - {index}:
                assert not verify.verify_inclusion(LEAVES[index], wrong, size, proof, ROOTS[size])


def test_a_consistency_proof_of_other_sizes_or_roots_is_refused() -> None:
    for size in range(1, 24):
        for old in range(1, size):
            proof = consistency_proof(LEAVES[:size], old)
            assert verify.verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)
            assert not verify.verify_consistency(old, ROOTS[old + 1], size, ROOTS[size], proof)
            assert not verify.verify_consistency(old, ROOTS[old], size, ROOTS[size + 1], proof)
            assert not verify.verify_consistency(old, ROOTS[old], size, ROOTS[size], [*proof, bytes(32)])
            assert not verify.verify_consistency(old, ROOTS[old], size, ROOTS[size], proof[:-1])
            assert not verify.verify_consistency(size, ROOTS[size], old, ROOTS[old], proof)
    assert not verify.verify_consistency(5, ROOTS[5], 5, ROOTS[6], [])
    assert not verify.verify_consistency(0, ROOTS[1], 5, ROOTS[5], [])
    assert not verify.verify_consistency(-1, ROOTS[0], 5, ROOTS[5], [])


@given(st.integers(1, 70), st.data())
def test_a_proof_with_one_bit_changed_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    assert verify.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        proof[at] = (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32)
        assert not verify.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


def test_a_frontier_goes_on_from_where_it_was_stored() -> None:
    for size in range(70):
        tree = verify.Frontier()
        for leaf in LEAVES[:size]:
            tree.append(leaf)
        again = verify.Frontier.from_bytes(size, tree.to_bytes())
        again.append(LEAVES[size])
        assert (again.size, again.root()) == (size + 1, ROOTS[size + 1])


@pytest.mark.parametrize(("size", "length"), [(0, 32), (1, 0), (1, 31), (3, 32), (3, 65), (4, 64), (-1, 32)])
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, length: int) -> None:
    assert verify.Frontier.from_bytes(3, bytes(64)).size == 3
    with pytest.raises(ValueError, match="does not fit"):
        verify.Frontier.from_bytes(size, bytes(length))


def test_no_proof_is_made_for_what_the_log_does_not_hold() -> None:
    assert inclusion_proof(LEAVES[:1], 0) == []
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion_proof(LEAVES[:3], index)
    with pytest.raises(IndexError):
        consistency_proof(LEAVES[:3], 4)
