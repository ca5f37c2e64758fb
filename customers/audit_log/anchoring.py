"""Taking a checkpoint and keeping it outside the database: in the anchor file, and by e-mail to officers."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from customers.evidence.checkpoints import Signer, anchor, make_checkpoint
from customers.evidence.models import Anchoring, Checkpoint
from customers.models import StaffMember

OFFICER = "Compliance officer"


@dataclass(frozen=True)
class Anchored:
    """A checkpoint, whether it was new to the anchor file, and how many officers it was mailed to, or could not be."""

    checkpoint: Checkpoint
    is_new: bool
    mailed: int
    not_mailed: int


def officers() -> list[StaffMember]:
    """The active compliance officers who have an e-mail address, by username."""
    officers_by_role = StaffMember.objects.filter(is_active=True, memberships__role__name=OFFICER)
    return list(officers_by_role.exclude(email="").order_by("username").distinct())


def take_checkpoint(signer: Signer, using: str = DEFAULT_DB_ALIAS) -> Anchored:
    """Sign the log as it stands, add the note to the anchor file and mail it to the officers where it is new there.

    Raises ``RecordFailed`` or ``LogShrank`` where nothing was signed, ``OSError`` where the anchor file cannot be
    written: the checkpoint is stored then, but not as anchored, and the next call tries again. A letter that cannot
    be sent undoes nothing.
    """
    checkpoint = make_checkpoint(signer, using)
    is_new = anchor(checkpoint.note, settings.ANCHOR_FILE)
    Anchoring.objects.using(using).get_or_create(checkpoint=checkpoint)
    sent = [_mail(officer, checkpoint, signer) for officer in officers()] if is_new else []
    return Anchored(checkpoint, is_new, sent.count(True), sent.count(False))


def _mail(officer: StaffMember, checkpoint: Checkpoint, signer: Signer) -> bool:
    """Mail it to one officer alone, who thus sees no other's address; False where it could not be sent."""
    subject = _("Checkpoint of the log over %(size)d entries") % {"size": checkpoint.size}
    text = _(
        "Keep this note as it is, outside the desk. It proves later that the first %(size)d entries of the log are\n"
        "still the same: verify.py … --anchor FILE, and with --key FILE a file that holds the public key:\n"
        "%(key)s\n"
    ) % {"size": checkpoint.size, "key": signer.vkey()}
    message = EmailMessage(subject, f"{text}\n{checkpoint.note}", to=[officer.email])
    try:
        return message.send() == 1
    except (OSError, smtplib.SMTPException, ValueError):  # ValueError: an address that makes no header
        return False
