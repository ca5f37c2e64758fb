"""The roles, as data. ``manage.py sync_roles`` writes them to the database.

``team`` rights are held on a team and reach its customers; ``desk`` rights are about the desk as a whole.
"""

from typing import TypedDict


class RoleData(TypedDict):
    """One role: held for all teams or team by team, and its rights."""

    all_teams: bool
    rights: list[str]


ROLES: dict[str, RoleData] = {
    "Support agent": {"all_teams": False, "rights": ["see_customers", "reveal_contact"]},
    "Support lead": {"all_teams": False, "rights": ["see_customers", "reveal_contact", "reveal_service_access"]},
    "Compliance officer": {"all_teams": True, "rights": ["see_customers", "reveal_contact", "read_evidence"]},
    "Disclosure approver": {"all_teams": True, "rights": ["see_customers", "read_evidence"]},
    "Administrator": {"all_teams": True, "rights": []},
    "Auditor": {"all_teams": True, "rights": ["read_evidence"]},
}
