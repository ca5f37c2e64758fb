"""What of staff and teams is worth an administrator's look: who cannot work yet, and which team nobody leads."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.evidence.schema import SYSTEM
from customers.models import Membership, Role, StaffMember, Team
from customers.sign_in.second_factors import PROVING

LEADS = "approve_corrections"
"""The right that makes a role one of a team's leads."""


def without_role(people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    """Those at the desk who hold no role, so that nothing is shown to them; the reserved account needs none."""
    return _at_desk(people).filter(~Exists(Membership.objects.filter(person=OuterRef("pk"))))


def without_sign_in(people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    """Those at the desk who have no password or no second factor yet."""
    proves = Authenticator.objects.filter(user=OuterRef("pk"), type__in=PROVING)
    return _at_desk(people).filter(Q(password__startswith=UNUSABLE_PASSWORD_PREFIX) | ~Exists(proves))


def without_lead(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Teams for which nobody at the desk holds a lead's role."""
    leading = [role.pk for role in Role.objects.all() if LEADS in role.rights]
    led = Membership.objects.filter(team=OuterRef("pk"), role__in=leading, person__is_active=True)
    return teams.filter(~Exists(led))


def _at_desk(people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    return people.filter(is_active=True, is_staff=True).exclude(username=SYSTEM).order_by("username")
