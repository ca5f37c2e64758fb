"""What stands round every page: where one may go, the evidence in sight, who one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, ngettext_lazy

from customers.acts import budgets
from customers.models import Anchoring, Budget, Head, Membership, StaffMember
from customers.permissions.customers import RIGHT_TO_REVEAL
from customers.permissions.standing import rights_at_desk, standing_of

ROLE_NAMES = (
    gettext_noop("Support agent"),
    gettext_noop("Support lead"),
    gettext_noop("Compliance officer"),
    gettext_noop("Disclosure approver"),
    gettext_noop("Administrator"),
    gettext_noop("Auditor"),
)
"""Roles are data; their names are marked here so that they read in both languages."""


OF_DJANGO = (
    gettext_noop("Skip to main content"),
    ngettext_lazy("%(num)d year", "%(num)d years", "num"),
    ngettext_lazy("%(num)d month", "%(num)d months", "num"),
    ngettext_lazy("%(num)d week", "%(num)d weeks", "num"),
    ngettext_lazy("%(num)d day", "%(num)d days", "num"),
    ngettext_lazy("%(num)d hour", "%(num)d hours", "num"),
    ngettext_lazy("%(num)d minute", "%(num)d minutes", "num"),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
"""Words of Django's own pages that it does not say in Vietnamese."""


@dataclass(frozen=True)
class MenuItem:
    """A page of the navigation; ``current`` where the reader is on it or below it."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Evidence:
    """The log at a glance: its size, and when it was last anchored (None: never)."""

    size: int
    anchored_at: datetime | None
    anchored_size: int

    @property
    def entries(self) -> str:
        """The size in words."""
        return counted(self.size)

    @property
    def since(self) -> int:
        """How many entries came after the newest anchor."""
        return self.size - self.anchored_size


@dataclass(frozen=True)
class Frame:
    """Everything a page's frame shows to one person."""

    places: list[MenuItem]
    evidence: Evidence
    memberships: list[Membership]
    reads_evidence: bool
    sees_customers: bool
    finds: bool
    manages_staff: bool
    watches_access: bool
    reveals_left: int | None
    """How many values the person may still reveal today; None for who reveals nothing."""

    @property
    def standing(self) -> str:
        """Teams where the person has some, else roles: what stands beside the name in the top bar."""
        teams = sorted({held.team.name for held in self.memberships if held.team})
        return ", ".join(teams or self.roles)

    @property
    def roles(self) -> list[str]:
        """The names of the roles held, each once, in the reader's language."""
        return sorted({_(held.role.name) for held in self.memberships})


def counted(size: int) -> str:
    """So many log entries, the digits grouped as the reader's language does it."""
    return ngettext("%(size)s entry", "%(size)s entries", size) % {"size": number_format(size, force_grouping=True)}


def frame(request: HttpRequest, person: StaffMember) -> Frame:
    """The frame for one person: the same number of queries whatever there is."""
    standing = standing_of(person)
    sees_customers = bool(standing.reaches("see_customers"))
    rights = rights_at_desk(person)
    reads_evidence, manages_staff = "read_evidence" in rights, "manage_staff" in rights
    watches_access = bool(rights & {"review_access", "decide_access"})
    reveals = any(standing.reaches(right) for right in RIGHT_TO_REVEAL.values())
    places: list[tuple[str, str, tuple[str, ...], bool]] = [(_("Desk"), "admin:index", (), True)]
    places += [(_("Customers"), "admin:customers_customer_changelist", ("customer",), sees_customers)]
    work = ("customerrequest", "correction", "hold")
    places += [(_("Requests"), "admin:customers_customerrequest_changelist", work, sees_customers)]
    below = ("accessgrant", "refusal", "verificationclosure")
    places += [(_("Access"), "admin:customers_accessgrant_watch", below, watches_access)]
    places += [(_("Staff"), "admin:customers_staffmember_changelist", ("staffmember",), manages_staff)]
    places += [(_("Teams"), "admin:customers_team_changelist", ("team",), manages_staff)]
    rules = ("legaldeadline", "outsidelink", "/policy")
    places += [(_("Rules"), "admin:customers_legaldeadline_changelist", rules, "decide_escalated" in rights)]
    tables = ("contactrefusal", "policyversion", "policyacceptance", "purpose", "contactlimit", "messagetemplate")
    kept = tuple(f"consent/{table}" for table in (*tables, "consentevent"))
    places += [(_("Consent"), "admin:consent_contactrefusal_changelist", kept, "keep_policies" in rights)]
    outside = ("disclosurerequest", "disclosure", "recipient", "monthreview", "accessreview", "tampercheck")
    left = tuple(f"disclosures/{table}" for table in outside)
    reads_disclosures = "read_disclosures" in rights
    places += [(_("Disclosures"), "admin:disclosures_disclosurerequest_changelist", left, reads_disclosures)]
    places += [(_("Log"), "admin:customers_leaf_changelist", ("leaf",), reads_evidence)]
    only_checks = (reads_evidence or manages_staff) and not reads_disclosures  # the others have it as a tab
    places += [(_("Tamper check"), "admin:disclosures_tampercheck_changelist", left[-1:], only_checks)]
    return Frame(
        places=[_place(request, label, reverse(name), tables) for label, name, tables, is_open in places if is_open],
        evidence=evidence(),
        memberships=list(Membership.objects.filter(person=person).select_related("role", "team").order_by("pk")),
        reads_evidence=reads_evidence,
        sees_customers=sees_customers,
        finds="find" in rights,
        manages_staff=manages_staff,
        watches_access=watches_access,
        reveals_left=budgets.left(Budget.REVEAL, person) if reveals else None,
    )


def _place(request: HttpRequest, label: str, url: str, tables: tuple[str, ...]) -> MenuItem:
    """``current`` on the page itself, and on every page of those tables (of another floor's as ``app/table``).

    ``/policy`` is no table but a page of the site's own.
    """
    whole = (table if "/" in table else f"customers/{table}" for table in tables)
    below = tuple(f"{reverse('admin:index')}{table.strip('/')}/" for table in whole)
    return MenuItem(label, url, request.path == url or request.path.startswith(below))


def evidence() -> Evidence:
    """The log at a glance: two queries on one row each."""
    size = Head.objects.values_list("size", flat=True).first() or 0
    anchor = Anchoring.objects.order_by("-pk").values_list("at", "checkpoint__size").first()
    return Evidence(size, anchor[0] if anchor else None, anchor[1] if anchor else 0)
