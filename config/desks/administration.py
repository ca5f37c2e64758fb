"""The administrator's part of the first page: staff who cannot work, teams without a lead, roles to end, trouble."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from config.desks.tiles import BAD, GOOD, MOST, WARN, Tile, listed
from config.frame import Frame
from customers.evidence import triggers
from customers.models import StaffMember, Team
from customers.permissions.staff import staff_visible_to, teams_visible_to
from customers.staff.warnings import without_lead, without_role, without_sign_in
from customers.vault import known_keys
from customers.vault.errors import KeyringError
from disclosures.reviews.access import Held, roles_to_end


@dataclass(frozen=True)
class Administration:
    """What an administrator's part of the page shows."""

    tiles: list[Tile]
    roleless: list[StaffMember]
    without_sign_in: list[StaffMember]
    leaderless: list[Team]
    to_end: list[Held]
    trouble: list[str]


def administration_desk(person: StaffMember, frame: Frame) -> Administration | None:
    """The administrator's part; None for anybody who does not manage staff. A fixed number of queries."""
    if not frame.manages_staff:
        return None
    staff_members = staff_visible_to(person)
    roleless, no_sign_in, leaderless = (
        without_role(staff_members),
        without_sign_in(staff_members),
        without_lead(teams_visible_to(person)),
    )
    to_end = roles_to_end()
    staff, teams = "customers_staffmember", "customers_team"
    numbers = [roleless.count(), no_sign_in.count(), leaderless.count()]
    tiles = [
        Tile(_("Without a role"), numbers[0], listed(staff, "lacks=role"), WARN if numbers[0] else GOOD),
        Tile(_("Without a sign-in"), numbers[1], listed(staff, "lacks=sign_in")),
        Tile(_("Teams without a lead"), numbers[2], listed(teams, "lacks=lead"), WARN if numbers[2] else GOOD),
        Tile(_("Roles to take away"), len(to_end), "#to-end" if to_end else "", BAD if to_end else GOOD),
    ]
    return Administration(
        tiles=tiles,
        roleless=list(roleless[:MOST]),
        without_sign_in=list(no_sign_in[:MOST]),
        leaderless=list(leaderless.order_by("name")[:MOST]),
        to_end=to_end,
        trouble=trouble(),
    )


def trouble() -> list[str]:
    """Sentences about what is wrong with keys and triggers; empty where all is well."""
    sentences: list[str] = []
    try:
        sentences += known_keys.strangers(DEFAULT_DB_ALIAS)
        sentences += known_keys.forgotten(DEFAULT_DB_ALIAS)
    except KeyringError as error:
        sentences.append(str(error))
    if triggers.trouble(DEFAULT_DB_ALIAS):
        sentences.append(_("Triggers that keep the records as they are were taken off; run verify_evidence."))
    return sentences
