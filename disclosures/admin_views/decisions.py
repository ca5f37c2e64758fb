"""Pages that decide: propose, send back, approve, release, fetch, close; and the same in an emergency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.admin_forms.casework import WordsForm
from customers.admin_views.base import ACT, act_page, get_or_post, post_data, require_permission
from customers.models import StaffMember
from customers.permissions.reader import reader
from disclosures.admin_forms.recipients import NothingForm
from disclosures.admin_forms.requests import ApproveForm, EmergencyReviewForm, ScopeForm
from disclosures.admin_views.base import about, disclosure_request_url, file_out, request_of
from disclosures.models import DisclosureRequest, Proposal
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_approve, can_propose, can_work_on_disclosures
from disclosures.requests.decisions import NEEDED, approve, lines_of, propose, scope, send_back, unchecked
from disclosures.requests.download import fetch
from disclosures.requests.emergencies import release_at_once, review_emergency
from disclosures.requests.register import Basis
from disclosures.requests.release import close, make_again, release

SCOPE = "admin/disclosures/disclosurerequest/scope.html"


def scope_form(found: DisclosureRequest, data: Any = None) -> ScopeForm:
    """What is asked for, to be decided on line by line."""
    needed = list(NEEDED[Basis(found.basis)])
    return ScopeForm(data, lines=scope(found), needed=needed, unchecked=unchecked(found))


def approve_form(found: DisclosureRequest, data: Any = None) -> ApproveForm | None:
    """The proposal that stands, or None."""
    proposal = found.proposals.order_by("-pk").first()
    if proposal is None:
        return None
    return ApproveForm(data, lines=lines_of(proposal.lines), initial={"proposal": proposal.pk})


@get_or_post
def propose_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """What is given, field by field; what was checked goes on record with it."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_propose(person), DisclosureAct.PROPOSE)
    form = scope_form(found, post_data(request))
    at_once = "at_once" in request.POST

    def act(**said: Any) -> str:
        if at_once:
            release_at_once(found, form.given, by=person, checks=form.checks())
            messages.success(
                request, _("Released alone, in an emergency. Fetch the package; somebody else reviews it.")
            )
        else:
            propose(found, form.given, by=person, why=form.why, checks=form.checks())
            messages.success(request, _("Proposed. Somebody else decides now."))
        return disclosure_request_url(found)

    title = _("What is given under %(number)s") % {"number": found.number}
    alone = at_once or (request.method != "POST" and found.urgency == DisclosureRequest.Urgency.EMERGENCY)
    return act_page(request, form, act, {**about(found), "title": title}, SCOPE, fresh=alone)


@get_or_post
def send_back_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Not like this."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_approve(person) or found.proposed_by_id == person.pk, DisclosureAct.SEND_BACK)

    def act(words: str) -> str:
        send_back(found, by=person, words=words)
        return disclosure_request_url(found)

    title = _("Send %(number)s back") % {"number": found.number}
    return act_page(
        request, WordsForm(post_data(request)), act, {**about(found), "title": title, "button": _("Send it back")}
    )


@get_or_post
def approve_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """The second person says yes, or yes to less."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_approve(person), DisclosureAct.APPROVE_DISCLOSURE)
    form = approve_form(found, post_data(request))
    if form is None:
        raise Http404

    def act(proposal: int, why: str, **said: Any) -> str:
        chosen = Proposal.objects.filter(request=found, pk=proposal).first()
        if chosen is None:
            raise Http404
        approve(found, by=person, proposal=chosen, withheld=form.left_out, why=why)
        messages.success(request, _("Approved. An officer can release it now."))
        return disclosure_request_url(found)

    title = _("Approve %(number)s") % {"number": found.number}
    context = {**about(found), "title": title, "button": _("Approve")}
    return act_page(request, form, act, context, fresh=True)


def _plain(
    code: DisclosureAct,
    may: Callable[[Any], bool],
    title: str,
    button: str,
    do: Callable[[DisclosureRequest, StaffMember], str],
    *,
    fresh: bool,
) -> Callable[..., HttpResponse]:
    """A page for a step that needs no words; ``do`` returns the sentence that is said after it."""

    @get_or_post
    def view(request: HttpRequest, object_id: int) -> HttpResponse:
        person = reader(request)
        found = request_of(request, object_id)
        require_permission(request, may(person), code)

        def act() -> str:
            messages.success(request, do(found, person))
            return disclosure_request_url(found)

        context = {**about(found), "title": _(title) % {"number": found.number}, "button": _(button)}
        return act_page(request, NothingForm(post_data(request)), act, context, ACT, fresh=fresh)

    return view


def _release(found: DisclosureRequest, person: StaffMember) -> str:
    release(found, by=person)
    return _("Released. Fetch the package now; it is deleted when its time is over.")


def _again(found: DisclosureRequest, person: StaffMember) -> str:
    make_again(found, by=person)
    return _("Another package is made. Fetch it now.")


def _close(found: DisclosureRequest, person: StaffMember) -> str:
    close(found, by=person)
    return _("Closed.")


RELEASE, RELEASE_IT = gettext_noop("Release %(number)s"), gettext_noop("Release")
AGAIN, AGAIN_IT = gettext_noop("Make the package of %(number)s again"), gettext_noop("Make it again")
CLOSE, CLOSE_IT = gettext_noop("Close %(number)s"), gettext_noop("Close it")

release_view = _plain(DisclosureAct.RELEASE, can_propose, RELEASE, RELEASE_IT, _release, fresh=True)
again_view = _plain(DisclosureAct.RELEASE, can_propose, AGAIN, AGAIN_IT, _again, fresh=True)
close_view = _plain(DisclosureAct.CLOSE_DISCLOSURE, can_propose, CLOSE, CLOSE_IT, _close, fresh=False)


@get_or_post
def fetch_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """POST gives the sealed package, once."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_propose(person), DisclosureAct.FETCH)

    def act() -> HttpResponse:
        fetched = fetch(found, by=person)
        return file_out(fetched.content, "application/octet-stream", fetched.name)

    context = {**about(found), "title": _("Fetch the package"), "button": _("Fetch it")}
    return act_page(request, NothingForm(post_data(request)), act, context, fresh=True)


@get_or_post
def review_emergency_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Somebody else looks at what one person released."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_work_on_disclosures(person), DisclosureAct.REVIEW_EMERGENCY)

    def act(verdict: str, words: str) -> str:
        review_emergency(found, by=person, verdict=verdict, words=words)
        return disclosure_request_url(found)

    title = _("Review the emergency %(number)s") % {"number": found.number}
    context = {**about(found), "title": title, "button": _("Put it on record")}
    return act_page(request, EmergencyReviewForm(post_data(request)), act, context, fresh=True)
