"""The roles, as data. ``manage.py sync_roles`` writes them to the database.

Rights on customers are held on a team and extend to its customers; the others concern the desk as a whole.
"""

from typing import TypedDict


class RoleData(TypedDict):
    """A role: whether it is held for all teams or for single ones, and its rights."""

    all_teams: bool
    rights: list[str]


CONTACT = ["see_customers", "verify_customers", "reveal_name", "reveal_email", "reveal_phone", "read_requests"]
OUTREACH = ["record_consent", "write_to_customers"]

ROLES: dict[str, RoleData] = {
    "Support agent": {
        "all_teams": False,
        "rights": [*CONTACT, *OUTREACH, "work_on_requests", "find", "break_glass", "take_grants"],
    },
    "Support lead": {
        "all_teams": False,
        "rights": [
            *CONTACT,
            *OUTREACH,
            "reveal_service_access",
            "set_service_access",
            "work_on_requests",
            "approve_corrections",
            "decide_access",
            "find",
            "break_glass",
            "take_grants",
        ],
    },
    "Compliance officer": {
        "all_teams": True,
        "rights": [
            *CONTACT,
            *OUTREACH,
            "decide_escalated",
            "decide_access",
            "find",
            "review_access",
            "read_evidence",
            "keep_policies",
            "keep_recipients",
            "propose_disclosures",
            "read_disclosures",
            "review_disclosures",
        ],
    },
    "Disclosure approver": {
        "all_teams": True,
        "rights": [
            "see_customers",
            "review_access",
            "read_evidence",
            "approve_disclosures",
            "read_disclosures",
            "review_disclosures",
        ],
    },
    "Administrator": {"all_teams": True, "rights": ["manage_staff"]},
    "Auditor": {"all_teams": True, "rights": ["review_access", "read_evidence", "read_disclosures"]},
}
