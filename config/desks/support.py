"""The agents' part of the first page: own requests, suspended addresses; for leads queue, approvals, broken glass."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.desks.tiles import BAD, GOOD, MOST, WARN, Tile, listed
from customers.casework.worklists import Waiting, in_queue
from customers.models import AccessGrant, Correction, CustomerRequest, Hold, StaffMember
from customers.permissions.access import grants_visible_to
from customers.permissions.casework import corrections_approvable_by, holds_visible_to, requests_visible_to
from customers.permissions.customers import customers_visible_to

WORKS, LEADS = "work_on_requests", "approve_corrections"


@dataclass(frozen=True)
class Glass:
    """Break-glass grants in force and their number; ``seen``: the customers whose pages the reader may open."""

    grants: list[AccessGrant]
    number: int
    seen: set[int]


@dataclass(frozen=True)
class Support:
    """What the agents' part shows; ``queue``, ``corrections`` and ``glass`` are None for anybody but leads."""

    tiles: list[Tile]
    waiting: Waiting
    mine: list[CustomerRequest]
    holds: list[Hold]
    queue: list[CustomerRequest] | None
    corrections: list[Correction] | None
    glass: Glass | None


def support_desk(person: StaffMember, rights: Collection[str], waiting: Waiting | None) -> Support | None:
    """The agents' part; None for anybody who does not work on requests. A fixed number of queries."""
    if WORKS not in rights or waiting is None:
        return None
    leads = LEADS in rights
    requests = requests_visible_to(person)
    mine = in_queue(requests, "mine", person).select_related("customer").order_by("due_at", "pk")
    holds = holds_visible_to(person).filter(state=Hold.State.OPEN)
    return Support(
        tiles=_tiles(waiting, leads),
        waiting=waiting,
        mine=list(mine[:MOST]),
        holds=list(holds.select_related("customer", "contact_point", "opened_by").order_by("opened_at", "pk")[:MOST]),
        queue=_queue(person) if leads else None,
        corrections=_corrections(person) if leads else None,
        glass=_glass(person) if leads else None,
    )


def _tiles(waiting: Waiting, leads: bool) -> list[Tile]:
    requests, old = "customers_customerrequest", waiting.aged
    too_long = ngettext("%(n)s for too long", "%(n)s for too long", old) % {"n": old} if old else ""
    mine = Tile(_("Your requests"), waiting.mine, listed(requests))
    late = Tile(_("Overdue"), waiting.overdue, listed(requests, "queue=overdue"), BAD if waiting.overdue else GOOD)
    parked = Tile(_("Parked"), waiting.parked, listed(requests, "queue=parked"))
    unassigned = Tile(
        _("Nobody’s"), waiting.nobodys, listed(requests, "queue=nobody"), WARN if waiting.nobodys else GOOD
    )
    approvals = Tile(
        _("Corrections waiting for your approval"), waiting.for_my_word, listed("customers_correction", "waits=me")
    )
    open_holds = listed("customers_hold", "state__exact=open")
    suspended = Tile(_("Addresses suspended"), waiting.suspended, open_holds, WARN if old else GOOD, too_long)
    return [mine, late, unassigned, approvals, suspended] if leads else [mine, late, parked, suspended]


def _queue(person: StaffMember) -> list[CustomerRequest]:
    waiting = in_queue(requests_visible_to(person), "all", person)
    return list(waiting.select_related("customer", "worker").order_by("due_at", "pk")[:MOST])


def _corrections(person: StaffMember) -> list[Correction]:
    mine = corrections_approvable_by(person)
    return list(mine.select_related("customer", "proposed_by", "request").order_by("proposed_at", "pk")[:MOST])


def _glass(person: StaffMember) -> Glass:
    now = timezone.now()
    broken = grants_visible_to(person).filter(how=AccessGrant.How.BREAK_GLASS)
    in_force = broken.filter(end=None, starts_at__lte=now, ends_at__gt=now)
    grants = list(in_force.select_related("customer", "person", "end").order_by("ends_at", "pk")[:MOST])
    customer_keys = [grant.customer_id for grant in grants]
    visible = customers_visible_to(person).filter(pk__in=customer_keys)
    return Glass(grants, in_force.count(), set(visible.values_list("pk", flat=True)))
