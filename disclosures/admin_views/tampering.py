"""The check of the log for tampering, and what officers do about one that failed."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.admin_forms.base import AskingForm
from customers.admin_views.base import act_page, get_or_post, page, post_data, require_permission
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader
from disclosures.admin_forms.recipients import ReadForm
from disclosures.admin_forms.tampering import LiftForm
from disclosures.models import TamperCheck
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_check_log, can_lift_freeze, can_work_on_disclosures
from disclosures.recipients.documents import read_lifts
from disclosures.tamper_check.tamper_check import check_for_tampering, is_frozen, lift_freeze

SAID = "admin/disclosures/tampercheck/said.html"


def _list() -> str:
    return reverse("admin:disclosures_tampercheck_changelist")


def _check(request: HttpRequest, key: int) -> TamperCheck:
    """A check that failed. Raises ``Http404``."""
    found: TamperCheck | None = visible_to(TamperCheck, reader(request)).filter(pk=key, whole=False).first()
    if found is None:
        raise Http404
    return found


@get_or_post
def check_view(request: HttpRequest) -> HttpResponse:
    """One click: the log is checked now."""
    person = reader(request)
    require_permission(request, can_check_log(person), DisclosureAct.CHECK_LOG)

    def act() -> str:
        found = check_for_tampering(by=person)
        if found.whole:
            size = number_format(found.size, force_grouping=True)
            whole = ngettext(
                "%(size)s entry checked: the log is whole.", "%(size)s entries checked: the log is whole.", found.size
            )
            messages.success(request, whole % {"size": size})
        else:
            messages.error(
                request, _("The log was tampered with. Nothing is disclosed until two officers have lifted that.")
            )
        return _list()

    context = {
        "title": _("Check the log"), "back": _list(), "button": _("Check now"), "not_done": _("Not on record"),
        "on_record": _("The answer goes on record. A long log takes minutes; leave the page open."),
    }  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)


@get_or_post
def lift_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """One of two officers lets disclosing go on."""
    person = reader(request)
    require_permission(request, can_lift_freeze(person), DisclosureAct.LIFT_FREEZE)
    check = _check(request, object_id)

    def act(**said: str) -> str:
        lift_freeze(check, by=person, **said)
        waits = _("That is on record. It takes one more officer before anything is disclosed.")
        messages.success(request, waits if is_frozen() else _("The freeze is lifted. Disclosing goes on."))
        return _list()

    context = {
        "title": _("Let disclosing go on"), "back": _list(), "button": _("Lift the freeze"), "danger": True,
        "on_record": _("It takes two officers. What was tampered with stays so, and the next check tells it again."),
    }  # fmt: skip
    return act_page(request, LiftForm(post_data(request)), act, context, fresh=True)


@get_or_post
def said_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """What the officers said who lifted a freeze; opening it goes on record."""
    person = reader(request)
    require_permission(request, can_work_on_disclosures(person), DisclosureAct.READ_DISCLOSURE)
    check = _check(request, object_id)

    def act(read: str) -> HttpResponse:
        said = read_lifts(check, by=person)
        lifts = [(lift, said[lift.pk]) for lift in check.lifts.select_related("by").order_by("pk") if lift.pk in said]
        shown = page(request, SAID, {"title": _("What the officers said"), "lifts": lifts, "back": _list()})
        shown["Refresh"] = f"{settings.REVEAL_SECONDS}; url={_list()}"
        return shown

    context = {
        "title": _("What the officers said"), "back": _list(), "button": _("Open it"),
        "on_record": _("Your name and the time go on record."),
    }  # fmt: skip
    return act_page(request, ReadForm(post_data(request)), act, context)
