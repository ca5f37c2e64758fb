"""Looking back at a month of the log: begun when it is over, judged entry by entry, signed off on a checkpoint."""

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
"""How long after its end a month is begun at the earliest: an act that began in it has ended by then, either way."""
CHUNK = 2000
Verdict = ReviewVerdict.Verdict


@dataclass(frozen=True)
class Judgement:
    """A verdict, and in words what is questioned."""

    verdict: str
    words: str = field(default="", repr=False)


@dataclass(frozen=True)
class SignedOff:
    """A month's sign-off, and what became of the checkpoint that covers it (None: it could not be anchored)."""

    review: MonthReview
    anchored: Anchored | None


def begin(month: Month, *, by: StaffMember) -> ReviewBegun:
    """Begin the review of a month: what must be seen and what the lot draws are on record from now on.

    Takes a checkpoint where none was taken since the month was over. Raises ``InvalidInput`` where the month is not
    over yet, has nothing to look at, or its review is begun already; ``Refused`` (on record) for whoever does not
    review.
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
    found: Split = split(month, seed=seed, **numbers)
    if not (found.entries or found.must_see):
        raise InvalidInput(_("Nothing happened in this month that is reviewed."))
    with acting(DisclosureAct.BEGIN_REVIEW, by=by):
        lock_installation()
        _decline_others(by)
        if ReviewBegun.objects.filter(month=str(month)).exists():
            raise InvalidInput(_("This review is begun already. Open it."))
        begun = ReviewBegun(
            month=str(month), seed=seed, checkpoint_size=checkpoint.size, checkpoint_root=bytes(checkpoint.root).hex(),
            entries=found.entries, must_see=[list(each) for each in found.must_see], sampled=found.sampled, **numbers,
        )  # fmt: skip
        begun.save()
    return begun


def first_after(month: Month) -> Checkpoint | None:
    """The first checkpoint that was taken after a month was over."""
    return Checkpoint.objects.filter(at__gte=month.ended).order_by("id").first()


def judge(month: Month, said: Mapping[Key, Judgement], *, by: StaffMember, seen: int | None = None) -> int:
    """Put verdicts on entries of a month on record; returns how many there were that said something new.

    ``seen``: the key of the newest verdict that ``by`` knows of; where somebody else has judged one of these entries
    since, nothing is stored. Raises ``InvalidInput`` for that, for entries that are not under review, for a question
    without words, and once the month is signed off; ``Refused`` (on record) for whoever does not review, or for an
    entry that ``by`` proposed, approved or sent.
    """
    clean = {named: _clean(each) for named, each in said.items()}
    require_reviewer(DisclosureAct.JUDGE, by)
    begun = _begun(month)
    known = {(what, key) for what, key, _why in begun.must_see} | {("disclosure", key) for key in begun.sampled}
    if not clean or clean.keys() - known:
        raise InvalidInput(_("Choose for at least one of the entries on this page."))
    if not _unsaid(clean, newest_verdicts(str(month)), by):
        return 0  # the same once more: a button pressed twice
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
        for named, each in fresh.items():
            _write(month, named, each, parts[named])
    return len(fresh)


def sign_off(month: Month, *, by: StaffMember) -> SignedOff:
    """Sign a month off: every entry under review has a verdict, and the log goes on from the last review.

    What was looked at is bound to a checkpoint that holds all of it. After the commit the log is anchored; where that
    fails, the sign-off stands. Raises ``InvalidInput`` where something is not judged yet or somebody was faster,
    ``Refused`` (on record) for whoever does not review, and where the log is not the one the last review saw.
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
    """True where the log's payloads, hashed anew, give the last review's root and the checkpoint's, one after another.

    One pass over the log, in little memory: the same tree grows from the one into the other, so the one is consistent
    with the other (RFC 6962 §2.1.2).
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
    """Raise ``Refused``, on record, for whoever does not review."""
    if not can_review(by):
        refuse(act, by=by, why=RefusalReason.NO_RIGHT, sentence=_not_yours())


def _decline_others(by: StaffMember) -> None:
    """The same inside an act: the right may have been taken since."""
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


def _clean(said: Judgement) -> Judgement:
    if said.verdict not in Verdict.values:
        raise InvalidInput(_("Choose “Right” or “Questioned”."))
    words = clean_words(said.words)
    if said.verdict == Verdict.QUESTIONED and not words:
        raise InvalidInput(_("Say in a few words what is questioned."))
    return Judgement(said.verdict, words)


def _unsaid(
    said: Mapping[Key, Judgement], newest: Mapping[Key, ReviewVerdict], by: StaffMember
) -> dict[Key, Judgement]:
    """What would be new: the same verdict by the same person once more is none."""
    return {
        named: each
        for named, each in said.items()
        if named not in newest or (newest[named].verdict, newest[named].by_id) != (each.verdict, by.pk)
    }


def _write(month: Month, named: Key, said: Judgement, part: TakingPart) -> None:
    """One verdict, inside the act."""
    row = ReviewVerdict(
        month=str(month), what=named[0], row_key=named[1], verdict=said.verdict, words=said.words or None,
        proposed_by_id=part.proposed_by, approved_by_id=part.approved_by, done_by_id=part.done_by,
    )  # fmt: skip
    row.save()


def _as_row(entry: ReviewedEntry) -> list[object]:
    """An entry as the sign-off keeps it."""
    return [TABLES[entry.what]._meta.db_table, entry.key, entry.whys, entry.verdict.verdict if entry.verdict else ""]


def _checkpoint() -> Checkpoint | None:
    """The log as it stands, signed for; None where it is not the one that was signed for before."""
    try:
        return make_checkpoint(log_signer())
    except LogShrank:
        return None


def _changed_since(previous: MonthReview | None, checkpoint: Checkpoint, entries: list[ReviewedEntry]) -> bool:
    """Whether another month was signed off, or a verdict put on record, after the checkpoint was taken."""
    newest = max((entry.verdict.pk for entry in entries if entry.verdict), default=0)
    table = ReviewVerdict._meta.db_table
    later = Leaf.objects.filter(table_name=table, row_key=str(newest), seq__gte=checkpoint.size)
    return MonthReview.objects.order_by("-pk").first() != previous or later.exists()


def _anchored() -> Anchored | None:
    """A checkpoint that covers the sign-off, out of the house; None where that did not work."""
    try:
        return take_checkpoint(log_signer())
    except (OSError, EvidenceError):
        return None
