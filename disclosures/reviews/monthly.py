"""The monthly review of the log: begun after the month ends, judged entry by entry, signed off with a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting, lock_installation
from customers.acts.refusals import refuse
from customers.audit_log.anchoring import Anchored, take_checkpoint
from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import LogShrank, make_checkpoint
from customers.evidence.errors import EvidenceError
from customers.evidence.models import Checkpoint, Leaf
from customers.evidence.verify import Frontier, leaf_hash
from customers.models import StaffMember
from customers.models.acts import RefusalReason
from customers.validation.errors import InvalidInput
from customers.validation.text import clean_words
from disclosures.models import MonthReview, ReviewBegun, ReviewVerdict
from disclosures.models.acts import DisclosureAct, DisclosureRefusalReason
from disclosures.permissions import can_review
from disclosures.reviews.entries import TABLES, Key, ReviewedEntry, TakingPart, newest_verdicts, parts_of, review_of
from disclosures.reviews.periods import Month
from disclosures.reviews.sampling import Split, seed_of, split

SETTLES = timedelta(hours=1)
"""Time from the end of a month until its review can begin: by then every act begun in it has committed or failed."""
CHUNK = 2000
"""Rows fetched from the database at a time."""
Verdict = ReviewVerdict.Verdict


@dataclass(frozen=True)
class Judgement:
    """A verdict to put on record; a question also says in ``words`` what is questioned."""

    verdict: str
    words: str = field(default="", repr=False)


@dataclass(frozen=True)
class SignedOff:
    """The sign-off of a month, and the anchoring of a checkpoint that covers it (None: anchoring failed)."""

    review: MonthReview
    anchored: Anchored | None


def begin(month: Month, *, by: StaffMember) -> ReviewBegun:
    """Begin the review of a month: put on record which entries must be seen and which are sampled.

    Takes a checkpoint where none was taken since the end of the month. Raises ``InvalidInput`` less than ``SETTLES``
    after the end of the month, where it has nothing to review, where its review is begun already, or where the log
    contradicts its newest checkpoint; ``Refused`` (on record) where ``by`` may not review.
    """
    if timezone.now() < month.ended + SETTLES:
        raise InvalidInput(_("The month is not over yet. Its review can be begun an hour after its end."))
    require_reviewer(DisclosureAct.BEGIN_REVIEW, by)
    try:
        checkpoint = first_after(month) or make_checkpoint(log_signer())
    except LogShrank:
        raise InvalidInput(
            _("The log is not the one that was signed for before. Nothing was begun; run the tamper check.")
        ) from None
    numbers = {"many_fields": settings.MANY_FIELDS, "sample_size": settings.REVIEW_SAMPLE}
    seed = seed_of(bytes(checkpoint.root), month)
    selection: Split = split(month, seed=seed, **numbers)
    if not (selection.entries or selection.must_see):
        raise InvalidInput(_("Nothing happened in this month that is reviewed."))
    with acting(DisclosureAct.BEGIN_REVIEW, by=by):
        lock_installation()
        _decline_others(by)
        if ReviewBegun.objects.filter(month=str(month)).exists():
            raise InvalidInput(_("This review is begun already. Open it."))
        begun = ReviewBegun(
            month=str(month), seed=seed, checkpoint_size=checkpoint.size, checkpoint_root=bytes(checkpoint.root).hex(),
            entries=selection.entries, must_see=[list(row) for row in selection.must_see], sampled=selection.sampled,
            **numbers,
        )  # fmt: skip
        begun.save()
    return begun


def first_after(month: Month) -> Checkpoint | None:
    """The first checkpoint taken after the end of a month, or None."""
    return Checkpoint.objects.filter(at__gte=month.ended).order_by("id").first()


def judge(month: Month, said: Mapping[Key, Judgement], *, by: StaffMember, seen: int | None = None) -> int:
    """Put verdicts on entries of a month on record; returns the number of verdicts that were new.

    ``seen`` is the key of the newest verdict that ``by`` has seen; where one of these entries has a newer one, nothing
    is stored. Raises ``InvalidInput`` for that, for entries that are not under review, for a question without words,
    and once the month is signed off; ``Refused`` (on record) where ``by`` may not review, or had a part in an entry.
    """
    clean = {named: _clean(judgement) for named, judgement in said.items()}
    require_reviewer(DisclosureAct.JUDGE, by)
    begun = _begun(month)
    known = {(what, key) for what, key, _why in begun.must_see} | {("disclosure", key) for key in begun.sampled}
    if not clean or clean.keys() - known:
        raise InvalidInput(_("Choose for at least one of the entries on this page."))
    if not _unsaid(clean, newest_verdicts(str(month)), by):
        return 0  # a repeated request, as from a button pressed twice
    with acting(DisclosureAct.JUDGE, by=by):
        lock_installation()
        _decline_others(by)
        _require_unsigned(month)
        newest = newest_verdicts(str(month))
        fresh = _unsaid(clean, newest, by)
        if not fresh or (seen is not None and any(newest[n].pk > seen for n in fresh if n in newest)):
            raise InvalidInput(_("Somebody has just judged some of these. Look at them again."))
        parts = parts_of(fresh)
        if any(parts[named].has(by) for named in fresh):
            raise Refuse(
                DisclosureRefusalReason.OWN_ENTRY,
                _("You had a part in this; somebody else judges it. The refusal is on record."),
            )
        for named, judgement in fresh.items():
            _write(month, named, judgement, parts[named])
    return len(fresh)


def sign_off(month: Month, *, by: StaffMember) -> SignedOff:
    """Sign a month off; every entry needs a verdict, and the log must be a continuation of the last review's log.

    The review is bound to a checkpoint that covers all verdicts. After the commit the log is anchored; a failure of
    that leaves the sign-off valid. Raises ``InvalidInput`` where an entry has no verdict, the month is signed off, or
    somebody else reviewed in the meantime; ``Refused`` (on record) where ``by`` may not review, and where the log does
    not continue the one that the last review was bound to.
    """
    require_reviewer(DisclosureAct.SIGN_OFF, by)
    begun = _begun(month)
    _require_judged(review_of(begun).entries)
    previous = MonthReview.objects.order_by("-pk").first()
    checkpoint = _checkpoint()
    one_log = checkpoint is not None and goes_on(previous, checkpoint)
    with acting(DisclosureAct.SIGN_OFF, by=by):
        lock_installation()
        _decline_others(by)
        _require_unsigned(month)
        entries = review_of(begun).entries
        _require_judged(entries)
        if checkpoint is None or not one_log:
            raise Refuse(
                DisclosureRefusalReason.NOT_ONE_LOG,
                _("The log does not go on from what the last review saw. Run the tamper check."),
            )
        if _changed_since(previous, checkpoint, entries):
            raise InvalidInput(_("Somebody else has just reviewed something. Look at it again."))
        review = MonthReview(
            month=str(month), begun=begun, looked_at=[_as_row(entry) for entry in entries], consistent=True,
            questioned=sum(entry.verdict is not None and entry.verdict.verdict == "questioned" for entry in entries),
            checkpoint_size=checkpoint.size, checkpoint_root=bytes(checkpoint.root).hex(), previous=previous,
        )  # fmt: skip
        review.save()
    return SignedOff(review, _anchored())


def goes_on(previous: MonthReview | None, checkpoint: Checkpoint) -> bool:
    """True where the log, hashed anew, has the root of the last review and then the root of the checkpoint.

    Both roots are met while one Merkle tree grows over the log's payloads, so the two are consistent in the sense of
    RFC 6962 §2.1.2. One pass over the log, in little memory.
    """
    claimed = {checkpoint.size: bytes(checkpoint.root)}
    if previous is not None:
        if claimed.get(previous.checkpoint_size, root := bytes.fromhex(previous.checkpoint_root)) != root:
            return False
        claimed[previous.checkpoint_size] = root
    tree, last = Frontier(), max(claimed)
    payloads = Leaf.objects.filter(seq__lt=last).order_by("seq").values_list("payload", flat=True)
    for payload in payloads.iterator(chunk_size=CHUNK):
        tree.append(leaf_hash(bytes(payload)))
        if tree.size in claimed and claimed.pop(tree.size) != tree.root():
            return False
    return not claimed and last == checkpoint.size


def require_reviewer(act: DisclosureAct, by: StaffMember) -> None:
    """Raise ``Refused`` (on record) where ``by`` may not review. Call it outside an act."""
    if not can_review(by):
        refuse(act, by=by, why=RefusalReason.NO_RIGHT, sentence=_not_yours())


def _decline_others(by: StaffMember) -> None:
    """Raise ``Refuse`` where ``by`` may no longer review; called inside an act, after ``require_reviewer``."""
    if not can_review(by):
        raise Refuse(RefusalReason.NO_RIGHT, _not_yours())


def _not_yours() -> str:
    return _("Officers and approvers review. The refusal is on record.")


def _begun(month: Month) -> ReviewBegun:
    begun = ReviewBegun.objects.filter(month=str(month)).first()
    if begun is None:
        raise InvalidInput(_("This review is not begun yet."))
    return begun


def _require_unsigned(month: Month) -> None:
    if MonthReview.objects.filter(month=str(month)).exists():
        raise InvalidInput(_("This month was signed off already."))


def _require_judged(entries: list[ReviewedEntry]) -> None:
    if any(entry.verdict is None for entry in entries):
        raise InvalidInput(_("Not everything is judged yet. What you had a part in waits for somebody else."))


def _clean(judgement: Judgement) -> Judgement:
    """The judgement with its words normalized. Raises ``InvalidInput`` where it is invalid."""
    if judgement.verdict not in Verdict.values:
        raise InvalidInput(_("Choose “Right” or “Questioned”."))
    words = clean_words(judgement.words)
    if judgement.verdict == Verdict.QUESTIONED and not words:
        raise InvalidInput(_("Say in a few words what is questioned."))
    return Judgement(judgement.verdict, words)


def _unsaid(
    said: Mapping[Key, Judgement], newest: Mapping[Key, ReviewVerdict], by: StaffMember
) -> dict[Key, Judgement]:
    """The verdicts that are new: those that differ from the newest verdict, or are by another person."""
    return {
        named: judgement
        for named, judgement in said.items()
        if named not in newest or (newest[named].verdict, newest[named].by_id) != (judgement.verdict, by.pk)
    }


def _write(month: Month, named: Key, judgement: Judgement, part: TakingPart) -> None:
    """Save one verdict; called inside an act."""
    row = ReviewVerdict(
        month=str(month), what=named[0], row_key=named[1], verdict=judgement.verdict, words=judgement.words or None,
        proposed_by_id=part.proposed_by, approved_by_id=part.approved_by, done_by_id=part.done_by,
    )  # fmt: skip
    row.save()


def _as_row(entry: ReviewedEntry) -> list[object]:
    """An entry as kept in ``MonthReview.looked_at``."""
    return [TABLES[entry.what]._meta.db_table, entry.key, entry.whys, entry.verdict.verdict if entry.verdict else ""]


def _checkpoint() -> Checkpoint | None:
    """A new checkpoint of the log; None where the log contradicts its newest one."""
    try:
        return make_checkpoint(log_signer())
    except LogShrank:
        return None


def _changed_since(previous: MonthReview | None, checkpoint: Checkpoint, entries: list[ReviewedEntry]) -> bool:
    """True where a month was signed off since ``previous``, or the newest verdict came after the checkpoint."""
    newest = max((entry.verdict.pk for entry in entries if entry.verdict), default=0)
    table = ReviewVerdict._meta.db_table
    later = Leaf.objects.filter(table_name=table, row_key=str(newest), seq__gte=checkpoint.size)
    return MonthReview.objects.order_by("-pk").first() != previous or later.exists()


def _anchored() -> Anchored | None:
    """Take a checkpoint that covers the sign-off, and anchor it outside the database; None where that fails."""
    try:
        return take_checkpoint(log_signer())
    except (OSError, EvidenceError):
        return None
