"""The frame of every page: the menu, the log at a glance, and who is signed in."""

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
"""Roles are rows in the database; their names are marked here so that they are in the catalogue of translations."""


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
"""Texts of Django's own pages that its Vietnamese catalogue lacks."""


@dataclass(frozen=True)
class MenuItem:
    """A page of the menu; ``current`` where the reader is on it or below it."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Evidence:
    """The log at a glance: its size, when it was last anchored (None: never), and its size at that time."""

    size: int
    anchored_at: datetime | None
    anchored_size: int

    @property
    def entries(self) -> str:
        """The size as text, in the reader's language."""
        return counted(self.size)

    @property
    def since(self) -> int:
        """How many entries were added after the newest anchor."""
        return self.size - self.anchored_size


@dataclass(frozen=True)
class Frame:
    """What the frame shows to one person."""

    places: list[MenuItem]
    evidence: Evidence
    memberships: list[Membership]
    reads_evidence: bool
    sees_customers: bool
    finds: bool
    manages_staff: bool
    watches_access: bool
    reveals_left: int | None
    """How many values the person may still reveal today; None for anybody who may not reveal any."""

    @property
    def standing(self) -> str:
        """The person's teams, or where there are none the roles: shown beside the name in the top bar."""
        teams = sorted({membership.team.name for membership in self.memberships if membership.team})
        return ", ".join(teams or self.roles)

    @property
    def roles(self) -> list[str]:
        """The names of the person's roles, each once, in the reader's language."""
        return sorted({_(membership.role.name) for membership in self.memberships})


def counted(size: int) -> str:
    """A number of log entries as text, with the digits grouped as in the reader's language."""
    return ngettext("%(size)s entry", "%(size)s entries", size) % {"size": number_format(size, force_grouping=True)}


def frame(request: HttpRequest, person: StaffMember) -> Frame:
    """The frame for one person. The number of queries does not grow with the number of rows."""
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
    """A menu item; ``current`` on the page itself and on all pages of these tables (of other apps as ``app/table``).

    ``/policy`` is not a table but a page of the admin site.
    """
    whole = (table if "/" in table else f"customers/{table}" for table in tables)
    below = tuple(f"{reverse('admin:index')}{table.strip('/')}/" for table in whole)
    return MenuItem(label, url, request.path == url or request.path.startswith(below))


def evidence() -> Evidence:
    """The log at a glance: two queries, each for one row."""
    size = Head.objects.values_list("size", flat=True).first() or 0
    anchor = Anchoring.objects.order_by("-pk").values_list("at", "checkpoint__size").first()
    return Evidence(size, anchor[0] if anchor else None, anchor[1] if anchor else 0)
