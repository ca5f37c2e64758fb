"""What administrators should look at: staff who cannot work yet, and teams without a lead."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet

from customers.evidence.schema import SYSTEM
from customers.models import Membership, Role, StaffMember, Team
from customers.sign_in.second_factors import PROVING

LEADS = "approve_corrections"
"""A role with this right counts as the role of a lead."""


def without_role(people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    """Active staff without a role, who see nothing; the reserved account is left out."""
    return _at_desk(people).filter(~Exists(Membership.objects.filter(person=OuterRef("pk"))))


def without_sign_in(people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    """Active staff without a password or without a second factor."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=PROVING)
    return _at_desk(people).filter(Q(password__startswith=UNUSABLE_PASSWORD_PREFIX) | ~Exists(factors))


def without_lead(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Teams for which no active person holds a lead's role."""
    lead_roles = [role.pk for role in Role.objects.all() if LEADS in role.rights]
    leads = Membership.objects.filter(team=OuterRef("pk"), role__in=lead_roles, person__is_active=True)
    return teams.filter(~Exists(leads))


def _at_desk(people: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    return people.filter(is_active=True, is_staff=True).exclude(username=SYSTEM).order_by("username")
