"""Pages on which officers set legal deadlines and keep the register of links."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.admin_forms.base import AskingForm
from customers.admin_forms.corrections import DeadlineForm, LinkForm
from customers.admin_views.base import REFUSED, act_page, get_or_post, page, post_data, require_permission
from customers.casework.deadlines import rule, set_deadline
from customers.casework.outside_links import add_link, end_link
from customers.models import OutsideLink
from customers.models.acts import Act
from customers.models.requests import Right
from customers.permissions.casework import can_keep_rules
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader
from customers.validation.errors import InvalidInput


@get_or_post
def deadline_view(request: HttpRequest, right: str) -> HttpResponse:
    """Replace the deadline in force for a right."""
    person = reader(request)
    require_permission(request, can_keep_rules(person), Act.SET_DEADLINE)
    if right not in Right.values:
        raise Http404
    back = reverse("admin:customers_legaldeadline_changelist")

    def act(**values: Any) -> str:
        set_deadline(right, by=person, **values)
        messages.success(request, _("From now on this deadline holds; clocks that run keep theirs."))
        return back

    try:
        deadline = rule(right)
    except InvalidInput as none:
        return page(request, REFUSED, {"title": _("Rules"), "sentence": str(none), "back": back}, 409)
    columns = ("amount", "unit", "third_party", "extension", "source", "confidence")
    initial = {**{name: getattr(deadline, name) for name in columns}, "instead_of": deadline.pk}
    form = DeadlineForm(post_data(request), initial=initial)
    del form.fields["right"]
    context = {
        "title": _("Deadline: %(right)s") % {"right": Right(right).label}, "back": back, "button": _("Set it"),
        "on_record": _("Your name and the time go on record. Older deadlines stay readable in the log."),
    }  # fmt: skip
    return act_page(request, form, act, context)


@get_or_post
def add_link_view(request: HttpRequest) -> HttpResponse:
    """Add a link to the register."""
    person = reader(request)
    require_permission(request, can_keep_rules(person), Act.ADD_LINK)
    back = reverse("admin:customers_outsidelink_changelist")

    def act(**values: Any) -> str:
        add_link(by=person, **values)
        messages.success(request, _("The link is in the register."))
        return back

    context = {
        "title": _("A link to somebody else’s page"), "back": back, "button": _("Put it into the register"),
        "on_record": _("Letters that carry it say that we are not responsible for the page."),
    }  # fmt: skip
    return act_page(request, LinkForm(post_data(request)), act, context)


@get_or_post
def end_link_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Take a link out of use."""
    person = reader(request)
    require_permission(request, can_keep_rules(person), Act.END_LINK)
    link = visible_to(OutsideLink, person).filter(pk=object_id).first()
    if link is None:
        raise Http404
    back = reverse("admin:customers_outsidelink_changelist")

    def act() -> str:
        end_link(link, by=person)
        messages.success(request, _("The link is out of use."))
        return back

    context = {
        "title": _("Take “%(title)s” out of use?") % {"title": link.title}, "back": back, "button": _("Out of use"),
        "on_record": _("Your name and the time go on record."), "danger": True,
    }  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)
