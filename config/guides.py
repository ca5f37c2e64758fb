"""The help page: the guides for the reader's roles, each to print on one sheet, with links into the desk."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from customers.admin_views.base import page
from customers.models import Membership, StaffMember
from customers.permissions.customers import can_see_customers
from customers.permissions.reader import reader
from customers.permissions.standing import SUPERUSERS_ROLE, rights_at_desk


@dataclass(frozen=True)
class Guide:
    """A guide: the names of the roles it is for, and its template."""

    code: str
    title: str | Promise
    roles: frozenset[str]

    @property
    def template(self) -> str:
        """The template with the guide's text."""
        return f"admin/guides/{self.code}.html"


GUIDES = (
    Guide("support", _("For support agents and leads"), frozenset({"Support agent", "Support lead"})),
    Guide(
        "compliance",
        _("For compliance officers and disclosure approvers"),
        frozenset({"Compliance officer", "Disclosure approver"}),
    ),
    Guide("audit", _("For auditors"), frozenset({"Auditor"})),
    Guide("administration", _("For administrators"), frozenset({"Administrator"})),
)
"""The guides; each role of ``config/roles.py`` is in one of them."""


@dataclass(frozen=True)
class Link:
    """A page that guides link to. Any of ``rights`` opens it; without rights, everybody may."""

    label: str | Promise
    url_name: str
    rights: frozenset[str] = frozenset()


def _link(label: str | Promise, url_name: str, *rights: str) -> Link:
    return Link(label, f"admin:{url_name}", frozenset(rights))


LINKS = {
    "desk": _link(_("Desk"), "index"),
    "sign_in": _link(_("Your sign-in"), "own_sign_in"),
    "requests": _link(_("Requests"), "customers_customerrequest_changelist", "see_customers"),
    "corrections": _link(_("Corrections"), "customers_correction_changelist", "see_customers"),
    "suspended": _link(_("Suspended addresses"), "customers_hold_changelist", "see_customers"),
    "access": _link(_("Access"), "customers_accessgrant_watch", "review_access", "decide_access"),
    "policy": _link(_("Policy as rules"), "policy_rules", "read_evidence"),
    "consent": _link(_("Consent"), "consent_contactrefusal_changelist", "keep_policies"),
    "disclosures": _link(_("Disclosures"), "disclosures_disclosurerequest_changelist", "read_disclosures"),
    "left": _link(_("Disclosure log"), "disclosures_disclosure_changelist", "read_disclosures"),
    "to_tell": _link(_("To tell"), "disclosures_disclosure_to_tell", "read_disclosures"),
    "recipients": _link(_("Recipients"), "disclosures_recipient_changelist", "read_disclosures"),
    "reviews": _link(_("Reviews"), "disclosures_monthreview_changelist", "read_disclosures"),
    "access_reviews": _link(_("Access reviews"), "disclosures_accessreview_changelist", "read_disclosures"),
    "log": _link(_("Log"), "customers_leaf_changelist", "read_evidence"),
    "tamper_check": _link(
        _("Tamper check"), "disclosures_tampercheck_changelist", "read_evidence", "manage_staff"
    ),
    "staff": _link(_("Staff"), "customers_staffmember_changelist", "manage_staff"),
    "add_person": _link(_("Add a person"), "customers_staffmember_add", "manage_staff"),
    "teams": _link(_("Teams"), "customers_team_changelist", "manage_staff"),
}  # fmt: skip


@require_safe
def help_view(request: HttpRequest) -> HttpResponse:
    """The guides of the reader's own roles; open to everybody at the desk."""
    person = reader(request)
    rights = rights_at_desk(person)
    if not can_see_customers(person):  # a desk without teams has none to show
        rights.discard("see_customers")
    context = {
        "title": _("Help"),
        "guides": guides_of(person),
        "to": {name: shown(link, rights) for name, link in LINKS.items()},
        "numbers": settings,
    }
    return page(request, "admin/help.html", context)


def guides_of(person: StaffMember) -> list[Guide]:
    """The guides for a person's roles, each once; a superuser gets the administrators' guide."""
    role_names = set(Membership.objects.filter(person=person).values_list("role__name", flat=True))
    role_names |= {SUPERUSERS_ROLE} if person.is_superuser else set()
    return [guide for guide in GUIDES if guide.roles & role_names]


def shown(link: Link, rights: set[str]) -> SafeString:
    """The page's name; a link only for those who may open it."""
    if link.rights and not link.rights & rights:
        return escape(link.label)
    return format_html('<a href="{}">{}</a>', reverse(link.url_name), link.label)
