"""What only signatures tell, and what only a note kept outside the database tells."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import Signer, make_checkpoint
from customers.evidence.verify import Frontier, VerifierKey, leaf_hash
from customers.models import Checkpoint, Leaf
from tests import factories
from tests.customers.evidence.attacks import (
    LOG,
    an_act,
    cut_off,
    forget_checkpoints,
    rewrite,
    rewrite_history_from,
    told,
)
from tests.customers.evidence.logs import as_owner, back_up, execute, fill, verify

pytestmark = pytest.mark.usefixtures("own_database")


def test_entries_cut_off_with_their_checkpoints_are_told_by_an_anchor_and_by_nothing_else() -> None:
    fill()
    before = Leaf.objects.count()
    an_act()
    an_act()
    anchor = make_checkpoint(log_signer()).note.encode()
    assert verify(anchors=[anchor]).exit == 0
    with as_owner(*LOG, "customers_importbatch"):
        cut_off(2)
    forget_checkpoints(above=before)
    report = verify(anchors=[anchor])
    assert (report.exit, report.first_bad) == (1, before), told(report)
    assert verify().exit == 0  # the exposure: what no anchor outside the database vouches for


def test_an_old_backup_put_in_place_is_told_by_an_anchor(tmp_path: Path) -> None:
    fill()
    restore = back_up(tmp_path)
    before = Leaf.objects.count()
    an_act()
    anchor = make_checkpoint(log_signer()).note.encode()
    assert verify(anchors=[anchor]).exit == 0
    restore()
    assert Leaf.objects.count() == before
    report = verify(anchors=[anchor])
    assert (report.exit, report.first_bad) == (1, before), told(report)
    assert verify(state=anchor).exit == 1


def test_after_an_old_backup_the_log_goes_on_but_never_agrees_with_the_anchor(tmp_path: Path) -> None:
    fill()
    restore = back_up(tmp_path)
    an_act()
    anchor = make_checkpoint(log_signer()).note.encode()
    restore()
    for _ in range(3):
        an_act()
    make_checkpoint(log_signer())
    assert verify().exit == 0
    assert verify(anchors=[anchor]).exit == 1


def test_a_log_written_anew_and_signed_with_another_key_is_told() -> None:
    fill()
    anchor = make_checkpoint(log_signer()).note.encode()
    forget_checkpoints()
    with as_owner(*LOG):
        rewrite_history_from(2)
    assert verify().exit == 2  # nothing vouches for it
    make_checkpoint(Signer(log_signer().origin, Ed25519PrivateKey.generate()))
    report = verify()
    assert report.exit == 1
    assert "not to be believed" in told(report)
    assert verify(anchors=[anchor]).exit == 1


def test_a_checkpoint_whose_columns_say_something_else_is_told() -> None:
    fill()
    with as_owner("customers_checkpoint"):
        execute("UPDATE customers_checkpoint SET size = size - 1")
    report = verify()
    assert report.exit == 1
    assert "A checkpoint's columns differ from its note." in told(report)


def test_a_checkpoint_of_another_log_of_the_same_size_is_told() -> None:
    fill()
    size = Leaf.objects.count()
    other = Frontier()
    for number in range(size):
        other.append(leaf_hash(b"%d" % number))
    forged = Signer(log_signer().origin, Ed25519PrivateKey.generate())
    with as_owner(*LOG):
        execute("UPDATE customers_head SET frontier = %s", [other.to_bytes()])
    forget_checkpoints()
    make_checkpoint(forged)
    assert Checkpoint.objects.get().size == size
    for key in (forged.key, log_signer().key):
        report = verify(key=key)
        assert (report.exit, report.last_good) == (1, None), told(report)


def test_another_key_does_not_verify() -> None:
    fill()
    stranger = VerifierKey.of(log_signer().origin, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    assert verify().exit == 0
    assert verify(key=stranger).exit == 1


def test_a_new_head_over_tampered_entries_is_not_made_good_by_acting_on() -> None:
    fill()
    with as_owner(*LOG):
        rewrite(1, rehash=True)
    factories.team("Hue")
    make_checkpoint(log_signer())
    report = verify()
    assert (report.exit, report.first_bad) == (1, 1)
