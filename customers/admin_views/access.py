"""Pages about access: give and end personal grants, allow more of a budget, and review anomalies."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access.anomalies import watch
from customers.access.grants import end_grant, give_grant
from customers.acts.budgets import allow_more
from customers.admin_forms.access import AllowForm, GrantForm
from customers.admin_views.base import act_page, get_or_post, page, post_data, require_permission
from customers.admin_views.customer import customer_url, find_customer
from customers.casework.worklists import work_watch
from customers.models import Budget, StaffMember
from customers.models.acts import Act
from customers.permissions.access import (
    can_decide_access,
    can_watch_access,
    grants_visible_to,
    people_decided_by,
    people_grantable_by,
)
from customers.permissions.reader import reader


def midnight_before(day: date) -> datetime:
    """Midnight at which a day begins in Vietnam's time zone."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())


@get_or_post
def grant_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Give a person rights on this customer for a time."""
    by = reader(request)
    customer = find_customer(by, customer_id)
    require_permission(request, can_decide_access(by, customer), Act.GIVE_GRANT, customer=customer)

    def act(*, person: StaffMember, rights: list[str], first: date | None, last: date, **reason: str) -> str:
        starts_at = midnight_before(first) if first else None
        ends_at = midnight_before(last + timedelta(days=1))
        give_grant(customer, person, rights, by=by, starts_at=starts_at, ends_at=ends_at, **reason)
        messages.success(request, _("The grant is given and on record."))
        return customer_url(customer)

    form = GrantForm(post_data(request), people=people_grantable_by(by))
    context = {
        "title": _("Personal grant on %(reference)s") % {"reference": customer.reference},
        "back": customer_url(customer),
        "button": _("Give the grant"),
        "on_record": _("Your name, whom you give what, until when and why go on record; officers review it."),
    }
    return act_page(request, form, act, context, fresh=True)


@get_or_post
def end_grant_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """End a grant before its time."""
    visible = grants_visible_to(reader(request)).select_related("customer__team", "person", "end")
    grant = visible.filter(pk=object_id).first()
    if grant is None:
        raise Http404
    person = reader(request)
    may = can_decide_access(person, grant.customer)
    require_permission(request, may, Act.END_GRANT, customer=grant.customer, about=grant.person)

    def act() -> str:
        end_grant(grant, by=person)
        messages.success(request, _("The grant is ended; from now on it gives nothing."))
        return reverse("admin:customers_accessgrant_changelist")

    names = {"person": grant.person.username, "reference": grant.customer.reference}
    context = {
        "title": _("End the grant of %(person)s on %(reference)s?") % names,
        "back": reverse("admin:customers_accessgrant_changelist"),
        "button": _("End it now"),
        "on_record": _("Your name and the time go on record."),
        "danger": True,
    }
    return act_page(request, Form(post_data(request)), act, context)


def watch_view(request: HttpRequest) -> HttpResponse:
    """The page of anomalies in access and casework: of all teams for officers, of their own teams for leads."""
    person = reader(request)
    if not can_watch_access(person):
        raise PermissionDenied
    context = {
        "title": _("Access"),
        "watch": watch(person),
        "work": work_watch(person),
        "tab": "watch",
        "more_for_today": settings.MORE_FOR_TODAY,
    }
    return page(request, "admin/customers/accessgrant/watch.html", context)


@require_POST
def allow_view(request: HttpRequest) -> HttpResponse:
    """Allow somebody more of an act for today."""
    decided = people_decided_by(reader(request))
    require_permission(request, decided.exists(), Act.ALLOW_MORE)
    back = reverse("admin:customers_accessgrant_watch")

    def act(person: StaffMember, budget: str) -> str:
        allowance = allow_more(person, budget, by=reader(request))
        names = {"more": allowance.more, "person": person.username, "act": Budget(budget).label}
        messages.success(request, _("%(person)s may do %(more)s more today: %(act)s.") % names)
        return back

    form = AllowForm(post_data(request), people=decided)
    return act_page(request, form, act, {"title": _("Allow more for today"), "back": back, "button": _("Allow")})
