"""Grants: rights on one customer for a time, given and ended by a lead or officer, or taken by breaking glass."""

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
from customers.models.acts import Act, RefusalReason
from customers.models.staff import RIGHTS_ON_CUSTOMERS
from customers.permissions.access import can_decide_access, people_grantable_by
from customers.permissions.customers import can_break_glass, can_see
from customers.validation.errors import InvalidInput
from customers.validation.reasons import require_reason
from customers.validation.tickets import normal_ticket

GRANTABLE = dict(RIGHTS_ON_CUSTOMERS)
"""Every right that a personal grant may give, with its label."""

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
    """Give a person rights on one customer from ``starts_at`` (default: now) until, and not including, ``ends_at``.

    The right to see the customer is added to any other right. ``reason`` is a ``GrantReason`` code; ``other`` needs
    ``text``. Raises ``InvalidInput`` for invalid rights, times, reason or person; ``Refused`` (on record) where ``by``
    does not decide access to this customer, or is ``person``.
    """
    chosen = set(rights)
    _require_rights(chosen)
    wanted = [right for right in GRANTABLE if right in {*chosen, "see_customers"}]
    now = timezone.now()
    starts_at = max(starts_at or now, now)
    _require_times(now, starts_at, ends_at)
    require_reason(reason, text, GrantReason)
    ticket = normal_ticket(ticket)
    with acting(Act.GIVE_GRANT, by=by, customer=customer, about=person):
        if not can_decide_access(by, customer):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("You do not decide who sees this customer. The refusal is on record.")
            )
        if person.pk == by.pk:
            raise Refuse(
                RefusalReason.OWN_RIGHTS, _("Nobody gives rights to themselves; ask another lead or an officer.")
            )
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
    """Take rights for ``BREAK_GLASS_MINUTES`` on another team's customer, just found by ``by`` with an exact value.

    ``reason`` is a ``RevealReason`` code; ``other`` needs ``text``. Raises ``InvalidInput`` where the search is
    another person's, too old, or did not find this customer, where the customer is visible anyway, or the reason is
    invalid; ``Refused`` (on record) without the right or over the day's budget.
    """
    require_reason(reason, text)
    ticket = normal_ticket(ticket)
    with acting(Act.BREAK_GLASS, by=by, customer=customer):
        if not can_break_glass(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Your role does not break glass. The refusal is on record; ask your lead.")
            )
        hour = timedelta(minutes=settings.BREAK_GLASS_MINUTES)
        now = timezone.now()
        grant_ends = AccessGrantEnd.objects.filter(person=by, customer=customer, at__gte=record.at)
        fresh = record.by_id == by.pk and record.at > now - hour and not grant_ends.exists()
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
    """End a grant before its time, with immediate effect.

    Raises ``Refused`` (on record) where ``by`` does not decide access to the customer, ``InvalidInput`` where the grant
    is over already.
    """
    with acting(Act.END_GRANT, by=by, customer=grant.customer, about=grant.person):
        if not can_decide_access(by, grant.customer):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("You do not decide who sees this customer. The refusal is on record.")
            )
        if not AccessGrant.objects.open().filter(pk=grant.pk).exists():
            raise InvalidInput(_("This grant is over already."))
        return end_now(grant)


def end_now(grant: AccessGrant) -> AccessGrantEnd:
    """End a grant inside an act under way, without the check of rights."""
    end = AccessGrantEnd(grant=grant, customer=grant.customer, person=grant.person)
    end.save()
    CustomerUserPermission.objects.filter(grant=grant).update(ends_at=end.at)
    return end


def end_untaken(person: StaffMember) -> None:
    """End a person's current and future grants, unless a role that may hold grants is left; inside an act under way."""
    if any("take_grants" in membership.role.rights for membership in person.memberships.select_related("role")):
        return
    for grant in AccessGrant.objects.open().filter(person=person).select_related("customer", "person"):
        end_now(grant)


def _write(grant: AccessGrant) -> None:
    """Save the record and a django-guardian permission for each right."""
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
    if ends_at > now + timedelta(days=settings.GRANT_DAYS_AT_MOST + 1):  # the last day counts to its end
        sentence = _("A grant ends in %(days)s days at most; give a new one then.")
        raise InvalidInput(sentence % {"days": settings.GRANT_DAYS_AT_MOST})
