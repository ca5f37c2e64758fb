"""Pages that do something with recipients: put on file, change, suspend; and with processors' commitments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from customers.admin_views.base import act_page, get_or_post, post_data, require_permission
from customers.permissions.reader import reader
from disclosures.admin_forms.recipients import CommitmentForm, DetailsForm, NothingForm, RecipientForm
from disclosures.admin_views.base import ON_RECORD, files, recipient_url, row_of
from disclosures.admin_views.requests import give_document
from disclosures.models import Commitment, Document, Recipient
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_keep_recipients
from disclosures.recipients.legal_bases import commit, commitment_of, stop_commitment
from disclosures.recipients.recipients import add_recipient, change_recipient, resume_recipient, suspend_recipient


def _recipient(request: HttpRequest, key: int) -> Recipient:
    return row_of(Recipient, request, key, "current", "customer")  # type: ignore[no-any-return]


def _about(found: Recipient) -> dict[str, Any]:
    return {"recipient": found, "back": recipient_url(found), "on_record": ON_RECORD}


@get_or_post
def add_view(request: HttpRequest) -> HttpResponse:
    """Put a recipient on file."""
    person = reader(request)
    require_permission(request, can_keep_recipients(person), DisclosureAct.KEEP_RECIPIENT)
    form = RecipientForm(post_data(request))

    def act(kind: str, **said: Any) -> str:
        return recipient_url(add_recipient(kind, form.details(), by=person))

    context = {"title": _("A recipient"), "button": _("Put it on file"), "back": "..", "on_record": ON_RECORD}
    return act_page(request, form, act, context)


@get_or_post
def change_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Newer details. Of whom a customer named, name and contact are typed anew: they are shown to nobody."""
    person = reader(request)
    found = _recipient(request, object_id)
    require_permission(request, can_keep_recipients(person), DisclosureAct.KEEP_RECIPIENT)
    current = found.current
    names = ("name", "contact", "found", "country", "age_key")
    form = DetailsForm(post_data(request), initial={name: getattr(current, name) for name in names})

    def act(**said: Any) -> str:
        change_recipient(found, form.details(), by=person)
        return recipient_url(found)

    context = {**_about(found), "title": _("Newer details"), "button": _("Put them on file")}
    return act_page(request, form, act, context)


def _plain(
    code: DisclosureAct, title: str, do: Callable[..., Any], *, danger: bool = False
) -> Callable[..., HttpResponse]:
    @get_or_post
    def view(request: HttpRequest, object_id: int) -> HttpResponse:
        person = reader(request)
        found = _recipient(request, object_id)
        require_permission(request, can_keep_recipients(person), code)

        def act() -> str:
            do(found, by=person)
            return recipient_url(found)

        context = {**_about(found), "title": _(title), "button": _(title), "danger": danger}
        return act_page(request, NothingForm(post_data(request)), act, context)

    return view


SUSPEND, RESUME = gettext_noop("Suspend the recipient"), gettext_noop("Take the recipient back")
suspend_view = _plain(DisclosureAct.SUSPEND_RECIPIENT, SUSPEND, suspend_recipient, danger=True)
resume_view = _plain(DisclosureAct.RESUME_RECIPIENT, RESUME, resume_recipient)


def commit_form(found: Recipient, data: Any = None, uploaded: Any = None) -> CommitmentForm:
    """For a new commitment, with the fields of the one before."""
    last = commitment_of(found)
    return CommitmentForm(data, uploaded, initial={"fields_covered": last.fields if last else []})


@get_or_post
def commit_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """A commitment of a payment processor."""
    person = reader(request)
    found = _recipient(request, object_id)
    require_permission(request, can_keep_recipients(person), DisclosureAct.COMMIT)
    form = commit_form(found, post_data(request), files(request))

    def act(document: Any, signed_on: Any, valid_until: Any, fields_covered: list[str]) -> str:
        commit(found, document, by=person, signed_on=signed_on, valid_until=valid_until, fields=fields_covered)
        messages.success(request, _("The commitment is on file and takes the place of the one before."))
        return recipient_url(found)

    context = {
        **_about(found), "title": _("A commitment"), "button": _("Put it on file"),
        "on_record": _("For payment and nothing else. The document is sealed; its SHA-256 goes on record."),
    }  # fmt: skip
    return act_page(request, form, act, context)


@get_or_post
def stop_view(request: HttpRequest, object_id: int, commitment_id: int) -> HttpResponse:
    """Suspend a commitment."""
    person = reader(request)
    found = _recipient(request, object_id)
    commitment: Commitment = row_of(Commitment, request, commitment_id, "recipient")
    if commitment.recipient_id != found.pk:
        raise Http404
    require_permission(request, can_keep_recipients(person), DisclosureAct.STOP_COMMITMENT)

    def act() -> str:
        stop_commitment(commitment, by=person)
        return recipient_url(found)

    title = _("Suspend the commitment")
    context = {**_about(found), "title": title, "button": title, "danger": True}
    return act_page(request, NothingForm(post_data(request)), act, context)


@get_or_post
def document_view(request: HttpRequest, object_id: int, document_id: int) -> HttpResponse:
    """POST puts the opening on record and gives the document."""
    found = _recipient(request, object_id)
    document: Document = row_of(Document, request, document_id, "request", "recipient")
    if document.recipient_id != found.pk:
        raise Http404
    return give_document(request, document, {**_about(found), "title": str(found)})
