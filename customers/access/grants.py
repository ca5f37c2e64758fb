"""Rights on one customer for a time: given by a lead or officer, ended by one, or taken by breaking glass."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.acts.budgets import require_budget_left
from customers.models import (
    AccessGrant,
    AccessGrantEnd,
    Budget,
    Customer,
    CustomerUserPermission,
    Find,
    StaffMember,
)
from customers.models.access import GrantReason
from customers.models.staff import RIGHTS_ON_CUSTOMERS
from customers.permissions.access import can_decide_access, people_grantable_by
from customers.permissions.customers import can_break_glass, can_see
from customers.validation.errors import InvalidInput
from customers.validation.reasons import require_reason
from customers.validation.tickets import normal_ticket

GRANTABLE = dict(RIGHTS_ON_CUSTOMERS)
"""Every right that a personal grant may give, with its words."""

THROUGH_BROKEN_GLASS = ["see_customers", "verify_customers", "reveal_email", "reveal_phone"]

How = AccessGrant.How


def give_grant(
    customer: Customer,
    person: StaffMember,
    rights: Iterable[str],
    *,
    by: StaffMember,
    reason: str,
    ends_at: datetime,
    starts_at: datetime | None = None,
    ticket: str = "",
    text: str = "",
) -> AccessGrant:
    """Give a person rights on one customer from ``starts_at`` (now) until, and not including, ``ends_at``.

    Seeing the customer goes with every other right. ``reason`` is a ``GrantReason`` code; ``other`` needs ``text``.
    Raises ``InvalidInput`` for rights, times, a reason or a person that make no sense, ``Refused`` (on record) where
    ``by`` does not decide about this customer, or gives to oneself.
    """
    asked = set(rights)
    _require_rights(asked)
    wanted = [right for right in GRANTABLE if right in {*asked, "see_customers"}]
    now = timezone.now()
    starts_at = max(starts_at or now, now)
    _require_times(now, starts_at, ends_at)
    require_reason(reason, text, GrantReason)
    ticket = normal_ticket(ticket)
    with acting("give_grant", by=by, customer=customer, about=person):
        if not can_decide_access(by, customer):
            raise Refuse("no_right", _("You do not decide who sees this customer. The refusal is on record."))
        if person.pk == by.pk:
            raise Refuse("own_rights", _("Nobody gives rights to themselves; ask another lead or an officer."))
        if not people_grantable_by(by).filter(pk=person.pk).exists():
            raise InvalidInput(_("Grants go to agents and leads who are at the desk; choose somebody else."))
        grant = AccessGrant(
            customer=customer, person=person, how=How.PERSONAL, rights=wanted, starts_at=starts_at, ends_at=ends_at,
            reason=reason, ticket=ticket, reason_text=text.strip() or None,
        )  # fmt: skip
        _write(grant)
    return grant


def break_glass(
    record: Find, customer: Customer, *, by: StaffMember, reason: str, ticket: str = "", text: str = ""
) -> AccessGrant:
    """Take an hour's rights on another team's customer that a search of one's own has just found by an exact value.

    ``reason`` is a ``RevealReason`` code; ``other`` needs ``text``. Raises ``InvalidInput`` where the search is
    another's, too old, or did not find this customer, where the customer is visible anyway, or the reason makes no
    sense; ``Refused`` (on record) without the right or over the day's budget.
    """
    require_reason(reason, text)
    ticket = normal_ticket(ticket)
    with acting("break_glass", by=by, customer=customer):
        if not can_break_glass(by):
            raise Refuse("no_right", _("Your role does not break glass. The refusal is on record; ask your lead."))
        hour = timedelta(minutes=settings.BREAK_GLASS_MINUTES)
        now = timezone.now()
        ended = AccessGrantEnd.objects.filter(person=by, customer=customer, at__gte=record.at)
        fresh = record.by_id == by.pk and record.at > now - hour and not ended.exists()
        if not fresh or customer.reference not in record.elsewhere:
            raise InvalidInput(_("Look for the customer again; this search is no longer fresh."))
        if can_see(by, customer):
            raise InvalidInput(_("You see this customer already; open the page."))
        require_budget_left(Budget.BREAK_GLASS, by)
        grant = AccessGrant(
            customer=customer, person=by, how=How.BREAK_GLASS, rights=THROUGH_BROKEN_GLASS, starts_at=now,
            ends_at=now + hour, reason=reason, ticket=ticket, reason_text=text.strip() or None,
        )  # fmt: skip
        _write(grant)
    return grant


def end_grant(grant: AccessGrant, *, by: StaffMember) -> AccessGrantEnd:
    """End a grant before its time; from now on it gives nothing.

    Raises ``Refused`` (on record) where ``by`` does not decide about the customer, ``InvalidInput`` where it is over.
    """
    with acting("end_grant", by=by, customer=grant.customer, about=grant.person):
        if not can_decide_access(by, grant.customer):
            raise Refuse("no_right", _("You do not decide who sees this customer. The refusal is on record."))
        if not AccessGrant.objects.open().filter(pk=grant.pk).exists():
            raise InvalidInput(_("This grant is over already."))
        return end_now(grant)


def end_now(grant: AccessGrant) -> AccessGrantEnd:
    """The same inside an act under way."""
    end = AccessGrantEnd(grant=grant, customer=grant.customer, person=grant.person)
    end.save()
    CustomerUserPermission.objects.filter(grant=grant).update(ends_at=end.at)
    return end


def end_untaken(person: StaffMember) -> None:
    """End whatever grants a person holds or would get, unless a role that takes grants is left; in an act under way."""
    if any("take_grants" in each.role.rights for each in person.memberships.select_related("role")):
        return
    for grant in AccessGrant.objects.open().filter(person=person).select_related("customer", "person"):
        end_now(grant)


def _write(grant: AccessGrant) -> None:
    """The record, and each right as guardian keeps it."""
    grant.save()
    content_type = ContentType.objects.get_for_model(Customer)
    permissions = Permission.objects.filter(content_type=content_type, codename__in=grant.rights)
    CustomerUserPermission.objects.bulk_create(
        [
            CustomerUserPermission(
                user=grant.person, permission=permission, content_object=grant.customer, grant=grant,
                starts_at=grant.starts_at, ends_at=grant.ends_at,
            )
            for permission in permissions.order_by("pk")
        ]
    )  # fmt: skip


def _require_rights(rights: set[str]) -> None:
    if not rights or rights - GRANTABLE.keys():
        raise InvalidInput(_("Choose at least one of the rights."))


def _require_times(now: datetime, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise InvalidInput(_("A grant ends after it starts, and not in the past."))
    if ends_at > now + timedelta(days=settings.GRANT_DAYS_AT_MOST + 1):  # to the end of the last day
        sentence = _("A grant ends in %(days)s days at most; give a new one then.")
        raise InvalidInput(sentence % {"days": settings.GRANT_DAYS_AT_MOST})
