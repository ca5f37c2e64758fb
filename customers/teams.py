"""Who may do what is written here: roles, teams, people and the roles they hold, each on record.

Behind a role held for a team stands a group (role × team) with guardian's object permissions on that team.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.evidence.recording import recording
from customers.models import AccessChange, Installation, Membership, Role, StaffMember, Team, TeamGroupPermission
from customers.refusals import Unusable

What = AccessChange.What


def one_at_a_time() -> None:
    """Wait for whoever else is writing rights: of a new team and a new membership, each would miss the other's.

    On PostgreSQL the installation's row is the lock; on SQLite an act has the database for itself. Inside an act.
    """
    Installation.objects.select_for_update().get()


def group_for(role: Role, team: Team) -> Group:
    """The group that stands for a role on a team, made where it is missing."""
    group, _made = Group.objects.get_or_create(name=f"{role.name} / team {team.pk}")
    return group


def sync_roles(roles: Mapping[str, Any], *, by: StaffMember) -> int:
    """Bring the roles in the database to this list, on record for each that differs; returns how many did.

    ``roles`` maps a name to ``{"all_teams": bool, "rights": [str]}``. A role that is not in it loses its rights.
    Raises ``Unusable`` where somebody else has just written the same.
    """
    changed = 0
    wanted = {name: (bool(data["all_teams"]), sorted(data["rights"])) for name, data in roles.items()}
    known = {role.name: role for role in Role.objects.all()}
    for name in sorted(wanted.keys() | known.keys()):
        all_teams, rights = wanted.get(name, (False, []))
        if name in known and (known[name].all_teams, known[name].rights) == (all_teams, rights):
            continue
        with recording(by=by):
            one_at_a_time()
            role = Role.objects.filter(name=name).first() or Role(name=name)
            if role.pk and (role.all_teams, role.rights) == (all_teams, rights):
                raise Unusable(_("Somebody else has just written these roles. Run the command again."))
            role.all_teams, role.rights = all_teams, rights
            role.save()
            for team in Team.objects.all():
                _write_rights(role, team)
            AccessChange(what=What.ROLE_WRITTEN, role=name, detail={"all_teams": all_teams, "rights": rights}).save()
        changed += 1
    return changed


def create_team(name: str, *, by: StaffMember) -> Team:
    """Make a team with no members of its own; roles held for all teams reach it at once.

    Raises ``Unusable`` where there is a team of that name.
    """
    with recording(by=by):
        one_at_a_time()
        if Team.objects.filter(name=name).exists():
            raise Unusable(_("There is a team of this name already; choose another one."))
        return make_team(name)


def make_team(name: str) -> Team:
    """The same inside an act under way: an import meets teams it does not know."""
    one_at_a_time()
    team = Team(name=name)
    team.save()
    for role in Role.objects.all():
        _write_rights(role, team)
    for membership in Membership.objects.filter(team=None).select_related("person", "role"):
        membership.person.groups.add(group_for(membership.role, team))
    AccessChange(what=What.TEAM_MADE, team=team, detail={"team": team.name}).save()
    return team


def add_person(username: str, *, by: StaffMember, password: str, first_name: str = "", email: str = "") -> StaffMember:
    """Add a member of staff who holds no role yet. Raises ``Unusable`` where the username is taken or malformed."""
    try:
        StaffMember._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        raise Unusable(" ".join(error.messages)) from None
    with recording(by=by):
        one_at_a_time()
        if StaffMember.objects.filter(username=username).exists():
            raise Unusable(_("This username is taken; choose another one."))
        person = StaffMember(username=username, first_name=first_name, email=email, is_staff=True)
        person.set_password(password)
        person.save()
        AccessChange(what=What.PERSON_ADDED, person=person, detail={"person": person.username}).save()
    return person


def give_role(person: StaffMember, role: Role, team: Team | None, *, by: StaffMember) -> Membership:
    """Give a role for a team, or for all (``team=None``).

    Raises ``Unusable`` where the role is held the other way, or is held already.
    """
    demand_fit(role, team)
    with recording(by=by):
        one_at_a_time()
        if Membership.objects.filter(person=person, role=role, team=team).exists():
            raise Unusable(_("This person holds this role already."))
        membership = Membership(person=person, role=role, team=team)
        membership.save()
        person.groups.add(*[group_for(role, each) for each in ([team] if team else Team.objects.all())])
        detail = {"person": person.username, "team": team.name if team else None}
        AccessChange(what=What.ROLE_GIVEN, person=person, role=role.name, team=team, detail=detail).save()
    return membership


def set_password(person: StaffMember, password: str, *, by: StaffMember) -> None:
    """Give a person a new password, on record."""
    with recording(by=by):
        person.set_password(password)
        person.save(update_fields=["password"])
        AccessChange(what=What.PASSWORD_SET, person=person, detail={"person": person.username}).save()


def demand_fit(role: Role, team: Team | None) -> None:
    """Raise ``Unusable`` where a role for all teams is given for one, or the other way round."""
    if role.all_teams is not (team is None):
        raise Unusable(_("This role is held for all teams.") if role.all_teams else _("Say for which team."))


def _write_rights(role: Role, team: Team) -> None:
    """Bring the object permissions of a role's group on a team to the role's rights."""
    group = group_for(role, team)
    wanted = {p.pk: p for p in _team_permissions() if p.codename in role.rights}
    held = TeamGroupPermission.objects.filter(group=group, content_object=team)
    held.exclude(permission__in=wanted).delete()
    missing = wanted.keys() - set(held.values_list("permission", flat=True))
    TeamGroupPermission.objects.bulk_create(
        [TeamGroupPermission(group=group, permission=wanted[pk], content_object=team) for pk in sorted(missing)]
    )


def _team_permissions() -> list[Permission]:
    return list(Permission.objects.filter(content_type=ContentType.objects.get_for_model(Team)))
