"""Is the log whole? A check that finds it tampered with freezes disclosing, until two officers lift that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.models import Max
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting, lock_installation
from customers.audit_log.commitments import verify_with_keys
from customers.evidence.errors import RecordFailed
from customers.evidence.verify import Frontier, Report, split_notes
from customers.models import Checkpoint, Head, Leaf, StaffMember
from customers.models.acts import RefusalReason
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from customers.validation.tickets import normal_ticket
from customers.vault.errors import KeyringError
from disclosures.models import FreezeLift, TamperCheck
from disclosures.models.acts import DisclosureAct, DisclosureRefusalReason
from disclosures.models.tamper_checks import OFFICERS_NEEDED
from disclosures.permissions import can_check_log, can_lift_freeze

# --- where the log stands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """The newest check, the newest one that failed, and who has lifted the freeze of that one so far."""

    newest: TamperCheck | None
    failed: TamperCheck | None
    lifts: list[FreezeLift]

    @property
    def is_frozen(self) -> bool:
        """True from a failed check until enough officers have lifted it; a later check that is whole lifts nothing."""
        return self.failed is not None and self.to_come > 0

    @property
    def to_come(self) -> int:
        """How many officers must still lift the freeze, where there is one."""
        return max(0, OFFICERS_NEEDED - len({lift.by_id for lift in self.lifts}))

    def is_lifted_by(self, person: StaffMember) -> bool:
        """True where this person has lifted it already."""
        return any(lift.by_id == person.pk for lift in self.lifts)


def verdict() -> Verdict:
    """Where the log stands by the checks on record."""
    checks = TamperCheck.objects.select_related("by").order_by("-pk")
    failed = checks.filter(whole=False).first()
    lifts = failed.lifts.select_related("by").order_by("pk") if failed else ()
    return Verdict(checks.first(), failed, list(lifts))


def is_frozen() -> bool:
    """True while nothing may be disclosed, because the log was found tampered with."""
    return verdict().is_frozen


def require_not_frozen() -> None:
    """Raise ``Refuse`` while disclosing is frozen. Inside an act: no check fails between the answer and its end."""
    lock_installation()
    if is_frozen():
        raise Refuse(
            DisclosureRefusalReason.FROZEN,
            _("Disclosing is frozen: the log was found tampered with. Two officers lift that. This is on record."),
        )


def takes_entries() -> bool:
    """False where the log’s end and its head contradict each other: then nothing can be put on record, or disclosed.

    A glance, for pages; only a check tells whether the log is whole.
    """
    try:
        newest = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()  # before the head: it only grows
        head = Head.objects.get()
        Frontier.from_bytes(head.size, bytes(head.frontier))
        ends = Leaf.objects.filter(seq=head.size - 1).exists() if head.size else newest is None
    except (Error, Head.DoesNotExist, TypeError, ValueError):
        return False
    return ends and (newest is None or newest < head.size)


def with_entries(checks: Any) -> list[tuple[int | None, TamperCheck]]:
    """Each check with the number of its entry in the log; None where that entry is gone."""
    rows: list[TamperCheck] = list(checks)
    leaves = Leaf.objects.filter(table_name=TamperCheck._meta.db_table, row_key__in=[str(row.pk) for row in rows])
    entries = dict(leaves.values_list("row_key", "seq"))
    return [(entries.get(str(row.pk)), row) for row in rows]


# --- checking ---------------------------------------------------------------------------------------------------------


def check_for_tampering(*, by: StaffMember) -> TamperCheck:
    """Check the log, every table it keeps and every sealed content, against the anchors too; the answer goes on record.

    It takes as long as the log is; nobody else waits for it. Raises ``InvalidInput`` where there can be no answer,
    ``Refused`` (on record) for whoever may not ask, ``RecordFailed`` where the answer cannot be put on record: one
    that found tampering says so.
    """
    found = _found() if can_check_log(by) else None
    try:
        with acting(DisclosureAct.CHECK_LOG, by=by):
            if found is None or not can_check_log(by):
                raise Refuse(RefusalReason.NO_RIGHT, _("Your role does not check the log. The refusal is on record."))
            lock_installation()
            found.save()
    except RecordFailed as error:
        if found is None or found.whole:
            raise
        told = _("The log is not whole, and that could not be put on record. First finding: %(what)s")
        raise RecordFailed(told % {"what": found.what}) from error
    return found


def _found() -> TamperCheck:
    """What a check finds now, not yet on record. Raises ``InvalidInput`` where there can be no answer."""
    anchors = _anchors()
    try:
        report = verify_with_keys(anchors=[anchors] if anchors else [])
    except KeyringError as error:
        raise _no_answer(str(error)) from error
    except Exception as error:
        # Whoever makes the check stumble must not get round it: what was not read to its end is not whole.
        report = Report(1, [], found=[(None, f"The check did not come to an end: {type(error).__name__}.")])
    gone = _checkpoints_gone()
    findings = [*report.found, *gone]
    if report.exit == 2 and not gone:
        raise _no_answer(_why(report))
    first, what = findings[0] if findings else (None, "")
    return TamperCheck(
        size=report.entries,
        anchors=len(split_notes(anchors)),
        whole=not findings,
        first_bad=first,
        what=_clean(what),
        more=max(0, len(findings) - 1),
        last_good=report.last_good.size if report.last_good else None,
    )


def _anchors() -> bytes:
    """The notes kept outside the database; nothing where none was ever kept. Raises ``InvalidInput``."""
    try:
        return settings.ANCHOR_FILE.read_bytes()  # type: ignore[no-any-return]
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _no_answer(_("the file of anchors cannot be read (%(why)s)") % {"why": error.strerror}) from error


def _checkpoints_gone() -> list[tuple[None, str]]:
    """Without its checkpoints the log might pass for one that nobody ever vouched for: earlier checks remember."""
    relied_on = TamperCheck.objects.aggregate(size=Max("last_good"))["size"]
    newest = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    if relied_on is None or relied_on <= newest:
        return []
    return [(None, f"The checkpoint over {relied_on} entries is gone, and an earlier check relied on it.")]


def _why(report: Report) -> str:
    """Why the verifier gives no answer, for people."""
    if report.last_good is None and not Checkpoint.objects.exists():
        return _("nothing vouches for the log yet; an administrator runs manage.py checkpoint")
    start = "Cannot verify: "
    return " ".join(line.removeprefix(start) for line in report.lines if line.startswith(start))


def _no_answer(why: str) -> InvalidInput:
    return InvalidInput(_("There is no answer: %(why)s.") % {"why": why.rstrip(".")})


def _clean(what: str) -> str:
    """The finding without names that whoever tampered may have chosen: they could be anybody's."""
    plain = re.sub(r'"(?![a-z0-9_-]*")(?:[^"\\]|\\.)*"', '"…"', what)
    return plain[: TamperCheck.LONGEST]


# --- letting disclosing go on -----------------------------------------------------------------------------------------


def lift_freeze(check: TamperCheck, *, by: StaffMember, words: str, ticket: str = "") -> FreezeLift:
    """One of the two officers who let disclosing go on after a failed check says what was found out and done.

    Raises ``InvalidInput`` without words, where ``by`` has lifted it already, it is lifted, or another check is the
    newest that failed; ``Refused`` (on record) for whoever is no officer.
    """
    words, ticket = clean_words(words), normal_ticket(ticket.strip())
    if not words:
        raise InvalidInput(_("Say in a few words what was found out, and what was done."))
    with acting(DisclosureAct.LIFT_FREEZE, by=by):
        if not can_lift_freeze(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Compliance officers lift a freeze. The refusal is on record."))
        lock_installation()
        _require_liftable(check, by)
        row = FreezeLift(tamper_check=check, ticket=ticket, words=words)
        row.save()
    return row


def _require_liftable(check: TamperCheck, by: StaffMember) -> None:
    """Raise ``InvalidInput`` unless disclosing is frozen by this check and ``by`` has not lifted that yet."""
    now = verdict()
    if now.failed is None or now.failed.pk != check.pk:
        raise InvalidInput(_("It is not this check that froze disclosing. Look at the newest one that failed."))
    if now.is_lifted_by(by):
        raise InvalidInput(_("You have lifted it already; it takes another officer."))
    if not now.is_frozen:
        raise InvalidInput(_("Two officers have lifted this freeze already."))
