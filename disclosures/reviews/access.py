"""Once a quarter: who holds which roles and personal grants, and whether that is still right.

A quarter is looked through while it runs, of what is held then; what was missed cannot be made up. A verdict “end” is
no act: a role is taken away by whoever looks after staff, a grant ended by whoever decides about the customer, each by
the act for it. Until that is done it stands in ``to_end``, on the desk of whoever can do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from customers.access.grants import end_grant
from customers.acts.acting import Refuse, acting, lock_installation
from customers.models import AccessGrant, Leaf, Membership, StaffMember
from customers.models.acts import RefusalReason
from customers.permissions.access import can_decide_access
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from disclosures.models import AccessReview, AccessVerdict
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_review
from disclosures.reviews.due_dates import log_began
from disclosures.reviews.monthly import require_reviewer
from disclosures.reviews.periods import Quarter

What, Verdict = AccessVerdict.What, AccessVerdict.Verdict
Key = tuple[str, int]
LATE = timedelta(days=10)
"""How long before its end a quarter that nobody has looked through stands in red."""
TABLES: dict[str, Any] = {What.ROLE: Membership, What.GRANT: AccessGrant}


@dataclass(frozen=True)
class Held:
    """A role or a personal grant that somebody holds, and the newest verdict of the quarter on it (None: not yet)."""

    what: str
    row: Any
    verdict: AccessVerdict | None

    @property
    def named(self) -> Key:
        """What and which."""
        return self.what, self.row.pk

    @property
    def name(self) -> str:
        """The same as one word, as forms have it."""
        return f"{self.what}-{self.row.pk}"

    @property
    def person(self) -> StaffMember:
        """Whose it is."""
        holder: StaffMember = self.row.person
        return holder


def held(quarter: Quarter) -> list[Held]:
    """Every role and every open personal grant there is just now, by person; three queries."""
    verdicts = newest_verdicts(quarter)
    rows: list[tuple[str, Any]] = [(What.ROLE.value, row) for row in _memberships()]
    rows += [(What.GRANT.value, row) for row in _grants()]
    found = [Held(what, row, verdicts.get((what, row.pk))) for what, row in rows]
    return sorted(found, key=lambda each: (each.person.username, each.what != What.ROLE, each.row.pk))


def _memberships() -> Any:
    return Membership.objects.select_related("person", "role", "team")


def _grants() -> Any:
    personal = AccessGrant.objects.open().filter(how=AccessGrant.How.PERSONAL)
    return personal.select_related("person", "customer__team", "by", "end")


def newest_verdicts(quarter: Quarter) -> dict[Key, AccessVerdict]:
    """The newest verdict of a quarter on each role and grant."""
    rows = AccessVerdict.objects.filter(quarter=str(quarter)).select_related("by").order_by("pk")
    return {(row.what, row.row_key): row for row in rows}


def judge_access(quarter: Quarter, said: Mapping[Key, str], *, by: StaffMember, seen: int | None = None) -> int:
    """Put on record of what is held whether it is kept or ends; returns how many said something new.

    ``seen``: the key of the newest verdict that ``by`` knows of. Raises ``InvalidInput`` where somebody has judged one
    of these since, where something is no longer held, and for a quarter that does not run or is signed off; ``Refused``
    (on record) for whoever does not review, and for what ``by`` holds.
    """
    require_reviewer(DisclosureAct.JUDGE_ACCESS, by)
    _require_running(quarter)
    if not said or set(said.values()) - set(Verdict.values):
        raise InvalidInput(_("Choose “Keep” or “End” for at least one of these."))
    if not _unsaid(said, newest_verdicts(quarter), by):
        return 0
    with acting(DisclosureAct.JUDGE_ACCESS, by=by):
        _still(quarter, by)
        now = {each.named: each for each in held(quarter)}
        if said.keys() - now.keys():
            raise InvalidInput(_("Some of these are held no longer. Look at them again."))
        newest = {named: each.verdict for named, each in now.items() if each.verdict is not None}
        fresh = _unsaid(said, newest, by)
        if not fresh or (seen is not None and any(newest[n].pk > seen for n in fresh if n in newest)):
            raise InvalidInput(_("Somebody has just judged some of these. Look at them again."))
        if any(now[named].person.pk == by.pk for named in fresh):
            raise Refuse(
                RefusalReason.OWN_ACCESS, _("This is yours; somebody else judges it. The refusal is on record.")
            )
        for named, verdict in fresh.items():
            _write(quarter, now[named], verdict)
    return len(fresh)


def sign_off_access(quarter: Quarter, *, by: StaffMember) -> AccessReview:
    """Sign a quarter off: there is a word on every role and grant that is held just now.

    Raises ``InvalidInput`` where there is not, or somebody was faster; ``Refused`` (on record) for who does not review.
    """
    require_reviewer(DisclosureAct.SIGN_OFF_ACCESS, by)
    _require_running(quarter)
    with acting(DisclosureAct.SIGN_OFF_ACCESS, by=by):
        _still(quarter, by)
        if any(each.verdict is None for each in held(quarter)):
            raise InvalidInput(_("Not everything is judged yet. What is yours waits for somebody else."))
        said = [
            (TABLES[what]._meta.db_table, key, row.verdict) for (what, key), row in newest_verdicts(quarter).items()
        ]
        words = [verdict for _table, _key, verdict in said]
        review = AccessReview(
            quarter=str(quarter), looked_at=[list(each) for each in said], kept=words.count(Verdict.KEEP),
            ended=words.count(Verdict.END),
        )  # fmt: skip
        review.save()
    return review


def end_grants(said: Mapping[Key, str], *, by: StaffMember) -> int:
    """End the grants that were judged so, where ``by`` decides about the customer; returns how many."""
    keys = [key for (what, key), verdict in said.items() if what == What.GRANT and verdict == Verdict.END]
    found = [grant for grant in _grants().filter(pk__in=keys) if can_decide_access(by, grant.customer)]
    for grant in found:
        with suppress(InvalidInput):  # it is over by now
            end_grant(grant, by=by)
    return len(found)


def to_end() -> list[Held]:
    """What is to end by the newest word on it, whatever quarter that is of, and is held still; two queries."""
    return [*roles_to_end(), *(Held(What.GRANT.value, row, None) for row in _said_to_end(_grants(), What.GRANT))]


def roles_to_end() -> list[Held]:
    """The roles among it, for whoever looks after staff."""
    return [Held(What.ROLE.value, row, None) for row in _said_to_end(_memberships(), What.ROLE)]


def _said_to_end(rows: Any, what: str) -> Any:
    words = AccessVerdict.objects.filter(what=what, row_key=OuterRef("pk")).order_by("-pk").values("verdict")
    return rows.annotate(said=Subquery(words[:1])).filter(said=Verdict.END).order_by("person__username", "pk")


@dataclass(frozen=True)
class AccessReviewStatus:
    """A quarter and where its review stands; ``entry``: the sign-off's number in the log."""

    quarter: Quarter
    running: bool
    late: bool
    signed: AccessReview | None
    entry: int | None = None


def quarters(on: date | None = None) -> list[AccessReviewStatus]:
    """Every quarter since the log began, the one that runs on top."""
    on = on or today()
    began = log_began()
    now = Quarter.of(on)
    reviews = {review.quarter: review for review in AccessReview.objects.select_related("by")}
    leaves = Leaf.objects.filter(table_name=AccessReview._meta.db_table)
    keys = [str(review.pk) for review in reviews.values()]
    entries = dict(leaves.filter(row_key__in=keys).values_list("row_key", "seq"))
    found: list[AccessReviewStatus] = []
    each = now if began is None else Quarter.of(began.first_day)
    while each <= now:
        review = reviews.get(str(each))
        late = review is None and on > each.last_day - LATE
        found.append(
            AccessReviewStatus(each, each == now, late, review, entries.get(str(review.pk)) if review else None)
        )
        each = each.next
    return found[::-1]


def open_quarter(on: date | None = None) -> AccessReviewStatus | None:
    """The quarter that runs, while nobody has signed it off."""
    on = on or today()
    now = Quarter.of(on)
    if AccessReview.objects.filter(quarter=str(now)).exists():
        return None
    return AccessReviewStatus(now, True, on > now.last_day - LATE, None)


def _require_running(quarter: Quarter) -> None:
    if quarter != Quarter.of(today()):
        raise InvalidInput(_("A quarter is looked through while it runs."))


def _still(quarter: Quarter, by: StaffMember) -> None:
    """Inside an act: one at a time, by who still may, and not after the sign-off."""
    lock_installation()
    if not can_review(by):
        raise Refuse(RefusalReason.NO_RIGHT, _("Officers and approvers review. The refusal is on record."))
    if AccessReview.objects.filter(quarter=str(quarter)).exists():
        raise InvalidInput(_("This quarter was signed off already."))


def _unsaid(said: Mapping[Key, str], newest: Mapping[Key, AccessVerdict], by: StaffMember) -> dict[Key, str]:
    """What would be new: the same verdict by the same person once more is none."""
    known = {named: (row.verdict, row.by_id) for named, row in newest.items()}
    return {named: verdict for named, verdict in said.items() if known.get(named) != (verdict, by.pk)}


def _write(quarter: Quarter, each: Held, verdict: str) -> None:
    """One verdict, inside the act."""
    is_role = each.what == What.ROLE
    row = AccessVerdict(
        quarter=str(quarter), what=each.what, row_key=each.row.pk, person=each.person, verdict=verdict,
        role=each.row.role.name if is_role else "", team=each.row.team if is_role else None,
    )  # fmt: skip
    row.save()
