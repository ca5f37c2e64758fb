"""Acts on roles and teams, and the permissions behind them.

A role held for a team is implemented by a group (role × team) with django-guardian object permissions on the team.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unicodedata import normalize

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from customers.access.grants import end_untaken
from customers.acts.acting import Refuse, acting, lock_installation
from customers.models import AccessChange, Membership, Role, StaffMember, Team, TeamGroupPermission
from customers.models.acts import Act, ActCode, RefusalReason
from customers.permissions.staff import can_manage_staff
from customers.validation.contact_data import LIKE_AN_ADDRESS
from customers.validation.errors import InvalidInput

What = AccessChange.What
LONGEST = 100


@contextmanager
def acting_on_staff(act: ActCode, *, by: StaffMember, about: StaffMember | None = None) -> Iterator[None]:
    """``acting`` for acts on staff, roles and teams; one such act at a time.

    Raises ``Refused`` (on record) where ``by`` does not manage staff, or is the person the act is ``about``.
    """
    with acting(act, by=by, about=about):
        lock_installation()
        if not can_manage_staff(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("You do not look after staff, roles and teams. The refusal is on record.")
            )
        if about is not None and about.pk == by.pk:
            raise Refuse(RefusalReason.OWN_ACCESS, _("Nobody changes their own access; ask another administrator."))
        yield


def group_for(role: Role, team: Team) -> Group:
    """The group of a role for a team, created where it is missing."""
    group, _made = Group.objects.get_or_create(name=_group_name(role, team))
    return group


def _group_name(role: Role, team: Team) -> str:
    return f"{role.name} / team {team.pk}"


def sync_roles(roles: Mapping[str, Any], *, by: StaffMember) -> int:
    """Make the roles in the database equal to ``roles``, one recorded act per difference; returns how many differed.

    ``roles`` maps a name to ``{"all_teams": bool, "rights": [str]}``. A role that is not in it loses its rights.
    Raises ``InvalidInput`` where another process has just written the same.
    """
    changed = 0
    wanted = {name: (bool(data["all_teams"]), sorted(data["rights"])) for name, data in roles.items()}
    known = {role.name: role for role in Role.objects.all()}
    for name in sorted(wanted.keys() | known.keys()):
        all_teams, rights = wanted.get(name, (False, []))
        if name in known and (known[name].all_teams, known[name].rights) == (all_teams, rights):
            continue
        with acting_on_staff(Act.SYNC_ROLES, by=by):
            role = Role.objects.filter(name=name).first() or Role(name=name)
            if role.pk and (role.all_teams, role.rights) == (all_teams, rights):
                raise InvalidInput(_("Somebody else has just written these roles. Run the command again."))
            role.all_teams, role.rights = all_teams, rights
            role.save()
            for team in Team.objects.all():
                _write_rights(role, team)
            for person in StaffMember.objects.filter(memberships__role=role).distinct():
                end_untaken(person)
            AccessChange(what=What.ROLE_WRITTEN, role=name, detail={"all_teams": all_teams, "rights": rights}).save()
        changed += 1
    return changed


def create_team(name: str, *, by: StaffMember) -> Team:
    """Create a team without members; roles held for all teams include it at once.

    Raises ``InvalidInput`` where the name is taken or invalid, ``Refused`` (on record) where ``by`` does not manage
    staff.
    """
    name = " ".join(normalize("NFKC", name).split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise InvalidInput(_("Give the team a name of 1 to 100 characters."))
    if LIKE_AN_ADDRESS.search(name):
        raise InvalidInput(_("A team’s name stands in clear everywhere; choose one without an address or a number."))
    with acting_on_staff(Act.CREATE_TEAM, by=by):
        if name.casefold() in {known.casefold() for known in Team.objects.values_list("name", flat=True)}:
            raise InvalidInput(_("There is a team of this name already; choose another one."))
        return make_team(name)


def make_team(name: str) -> Team:
    """Create a team inside an act under way, as an import does for a team that is not on file."""
    lock_installation()
    team = Team(name=name)
    team.save()
    groups = _make_groups(team)
    for membership in Membership.objects.filter(team=None).select_related("person"):
        membership.person.groups.add(groups[membership.role_id])
    AccessChange(what=What.TEAM_MADE, team=team, detail={"team": team.name}).save()
    return team


def _make_groups(team: Team) -> dict[int, Group]:
    """Create the groups of a new team with their permissions; returns them by the key of their role."""
    roles, permissions = list(Role.objects.all()), _team_permissions()
    created = Group.objects.bulk_create([Group(name=_group_name(role, team)) for role in roles])
    groups = {role.pk: group for role, group in zip(roles, created, strict=True)}
    TeamGroupPermission.objects.bulk_create(
        TeamGroupPermission(group=groups[role.pk], permission=permission, content_object=team)
        for role in roles
        for permission in permissions
        if permission.codename in role.rights
    )
    return groups


def require_fitting_team(role: Role, team: Team | None) -> None:
    """Raise ``InvalidInput`` where a role for all teams is given for one team, or one for a team without a team."""
    if role.all_teams is not (team is None):
        raise InvalidInput(_("This role is held for all teams.") if role.all_teams else _("Say for which team."))


def _write_rights(role: Role, team: Team) -> None:
    """Make the object permissions of a role's group on a team equal to the role's rights."""
    group = group_for(role, team)
    wanted = {permission.pk: permission for permission in _team_permissions() if permission.codename in role.rights}
    granted = TeamGroupPermission.objects.filter(group=group, content_object=team)
    granted.exclude(permission__in=wanted).delete()
    missing = wanted.keys() - set(granted.values_list("permission", flat=True))
    TeamGroupPermission.objects.bulk_create(
        [TeamGroupPermission(group=group, permission=wanted[pk], content_object=team) for pk in sorted(missing)]
    )


def _team_permissions() -> list[Permission]:
    return list(Permission.objects.filter(content_type=ContentType.objects.get_for_model(Team)))
