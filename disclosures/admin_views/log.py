"""Pages about the log as a whole: export, the report to print, counts, and who is still to be told."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.refusals import Refused
from customers.admin_views.base import REFUSED, get_or_post, page, require_permission
from customers.admin_views.step_up import ask_again
from customers.evidence.errors import RecordFailed
from customers.models import Checkpoint
from customers.permissions.reader import reader
from customers.sign_in.sessions import is_fresh
from disclosures.accounting.log import by_month, export, narrowed
from disclosures.accounting.notifications import to_tell
from disclosures.admin_views.base import file_out
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_propose, can_read_disclosures

MOST_PRINTED = 1000


@get_or_post
def export_view(request: HttpRequest) -> HttpResponse:
    """POST gives the entries, narrowed as on the page, as CSV."""
    person = reader(request)
    require_permission(request, can_read_disclosures(person), DisclosureAct.EXPORT_DISCLOSURES)
    if request.method != "POST":
        raise Http404
    if not is_fresh(request):
        return ask_again(request, reverse("admin:disclosures_disclosure_changelist"))
    rows, by = narrowed(request.GET)
    try:
        text = export(rows, by=person, narrowed=by)
    except (Refused, RecordFailed) as error:
        status = 403 if isinstance(error, Refused) else 503
        return page(request, REFUSED, {"title": _("Disclosures"), "sentence": str(error)}, status)
    return file_out(text.encode("utf-8-sig"), "text/csv; charset=utf-8", f"disclosures-{timezone.localdate()}.csv")


@get_or_post
def report_view(request: HttpRequest) -> HttpResponse:
    """The same to print, with the newest checkpoint of the log at its foot."""
    person = reader(request)
    require_permission(request, can_read_disclosures(person), DisclosureAct.EXPORT_DISCLOSURES)
    rows, by = narrowed(request.GET)
    context = {
        "title": _("Disclosures"), "entries": rows.order_by("pk")[:MOST_PRINTED], "count": rows.count(), "narrowed": by,
        "most": MOST_PRINTED, "checkpoint": Checkpoint.objects.order_by("-pk").first(), "at": timezone.now(),
        "controller": settings.CONTROLLER_NAME,
    }  # fmt: skip
    return page(request, "admin/disclosures/disclosure/report.html", context)


@get_or_post
def counts_view(request: HttpRequest) -> HttpResponse:
    """Counts by month, kind and outcome, as a transparency report needs them."""
    person = reader(request)
    require_permission(request, can_read_disclosures(person), DisclosureAct.EXPORT_DISCLOSURES)
    context = {"title": _("Disclosures"), "tab": "counts", "months": by_month()}
    return page(request, "admin/disclosures/disclosure/counts.html", context)


@get_or_post
def to_tell_view(request: HttpRequest) -> HttpResponse:
    """Customers who may be told now, and have not been."""
    person = reader(request)
    require_permission(request, can_read_disclosures(person), DisclosureAct.TELL_CUSTOMER)
    context = {"title": _("Disclosures"), "tab": "to_tell", "entries": to_tell()[:200], "works": can_propose(person)}
    return page(request, "admin/disclosures/disclosure/to_tell.html", context)
