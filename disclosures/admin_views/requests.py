"""Pages that do something with a request from outside: put on file, read, match, end without a disclosure."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.acts.refusals import Refused
from customers.admin_views.base import REFUSED, act_page, get_or_post, page, post_data, require_permission
from customers.evidence.errors import RecordFailed
from customers.permissions.reader import reader
from customers.validation.errors import InvalidInput
from customers.vault.errors import NotAccounted, Unreadable
from disclosures.accounting.letters import ANSWERED, answer
from disclosures.accounting.notifications import keep_from_customer
from disclosures.admin_forms.recipients import AddDocumentForm, NothingForm, ReadForm
from disclosures.admin_forms.requests import (
    LetterForm,
    MeantForm,
    OptionalWordsForm,
    OrderForm,
    PermittedLetterForm,
    RefuseForm,
)
from disclosures.admin_views.base import about, disclosure_request_url, file_out, files, request_of, row_of
from disclosures.models import CustomerPermission, DisclosureRequest, Document, Recipient
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_propose, can_work_on_disclosures
from disclosures.recipients.documents import add_document, open_document, read_words
from disclosures.requests.register import RequestDetails, match, refuse_request, register, say_no_data, withdraw_request

REGISTERED = gettext_lazy("It is on file; its clock runs.")


@get_or_post
def register_view(request: HttpRequest) -> HttpResponse:
    """A request came in."""
    person = reader(request)
    require_permission(request, can_propose(person), DisclosureAct.REGISTER_DISCLOSURE)
    form = LetterForm(post_data(request), files(request))

    def act(recipient: Recipient, document: Any, **said: Any) -> str:
        found = register(recipient, form.letter(), by=person, document=document)
        _say_match(request, found)
        return disclosure_request_url(found)

    context = {
        "title": _("A request from outside"), "button": _("Put it on file"), "back": "..",
        "on_record": _("The document is sealed. Your name and the time go on record."),
    }  # fmt: skip
    return act_page(request, form, act, context)


@get_or_post
def register_permitted_view(request: HttpRequest, permission_id: int) -> HttpResponse:
    """Somebody asks for what a customer permits."""
    person = reader(request)
    permission: CustomerPermission = row_of(CustomerPermission, request, permission_id, "customer", "recipient")
    require_permission(request, can_propose(person), DisclosureAct.REGISTER_DISCLOSURE)
    form = PermittedLetterForm(post_data(request), files(request), initial={"asked": permission.fields})

    def act(asked: list[str], document: Any, came_by: str) -> str:
        letter = RequestDetails(identifiers=permission.customer.reference, asked=asked, came_by=came_by)
        found = register(permission.recipient, letter, by=person, document=document, permission=permission)
        messages.success(request, str(REGISTERED))
        return disclosure_request_url(found)

    context = {
        "title": _("Disclose what the customer permits"), "button": _("Put it on file"), "back": "..",
        "on_record": _("Your name and the time go on record."),
    }  # fmt: skip
    return act_page(request, form, act, context)


def _say_match(request: HttpRequest, found: DisclosureRequest) -> None:
    if found.ambiguous:
        messages.warning(request, _("It is on file. It is not clear yet who is meant: say that more exactly."))
    elif found.missed:
        messages.warning(request, _("It is on file. Somebody who is meant is not on file here."))
    else:
        messages.success(request, str(REGISTERED))


@get_or_post
def match_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Say more exactly who is meant."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_propose(person), DisclosureAct.MATCH)

    def act(identifiers: str) -> str:
        match(found, identifiers, by=person)
        return disclosure_request_url(found)

    context = {**about(found), "title": _("Who is meant in %(number)s") % {"number": found.number}, "button": _("Look")}
    return act_page(request, MeantForm(post_data(request)), act, context)


@get_or_post
def words_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """POST puts the reading on record and shows everything in words on this one response."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_work_on_disclosures(person), DisclosureAct.READ_DISCLOSURE)

    def act(read: str) -> HttpResponse:
        told = read_words(found, by=person)
        rows = [(_label(table, name), text) for (table, _key, name), text in told.items()]
        shown = page(
            request, "admin/disclosures/disclosurerequest/words.html",
            {**about(found), "title": found.number, "rows": rows, "seconds": settings.REVEAL_SECONDS},
        )  # fmt: skip
        shown["Refresh"] = f"{settings.REVEAL_SECONDS}; url={disclosure_request_url(found)}"
        return shown

    context = {**about(found), "title": _("Read what came with it"), "button": _("Read"), "on_record": _(
        "That you read it goes on record."
    )}  # fmt: skip
    return act_page(request, ReadForm(post_data(request)), act, context)


def _label(table: str, name: str) -> str:
    from django.apps import apps

    return str(apps.get_model("disclosures", table)._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


@get_or_post
def document_view(request: HttpRequest, object_id: int, document_id: int) -> HttpResponse:
    """POST puts the opening on record and gives the document."""
    found = request_of(request, object_id)
    document: Document = row_of(Document, request, document_id, "request", "recipient")
    if document.request_id != found.pk:
        raise Http404
    return give_document(request, document, {**about(found), "title": found.number})


def give_document(request: HttpRequest, document: Document, context: dict[str, Any]) -> HttpResponse:
    """The document as a file to save, or why not."""
    person = reader(request)
    require_permission(request, can_work_on_disclosures(person), DisclosureAct.READ_DISCLOSURE)
    if request.method != "POST":
        raise Http404
    try:
        given = open_document(document, by=person)
    except (Refused, InvalidInput, RecordFailed, NotAccounted, Unreadable) as error:
        status = 403 if isinstance(error, Refused) else 503
        return page(request, REFUSED, {**context, "sentence": str(error)}, status)
    return file_out(given.content, given.media_type, given.name)


@get_or_post
def add_document_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Another document of this request."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_propose(person), DisclosureAct.REGISTER_DISCLOSURE)

    def act(document: Any, what: str) -> str:
        add_document(found, document, what, by=person)
        return disclosure_request_url(found)

    context = {**about(found), "title": _("Add a document"), "button": _("Add it"), "on_record": _(
        "It is sealed; its SHA-256 goes on record."
    )}  # fmt: skip
    return act_page(request, AddDocumentForm(post_data(request), files(request)), act, context)


@get_or_post
def refuse_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Nothing is given."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_work_on_disclosures(person), DisclosureAct.REFUSE_DISCLOSURE)

    def act(why: str, words: str) -> str:
        refuse_request(found, by=person, why=why, words=words)
        messages.success(request, _("It is refused. Print the letter that says so."))
        return disclosure_request_url(found)

    context = {**about(found), "title": _("Refuse %(number)s") % {"number": found.number}, "button": _("Refuse")}
    return act_page(request, RefuseForm(post_data(request)), act, {**context, "danger": True})


@get_or_post
def withdraw_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Whoever asked takes it back."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_propose(person), DisclosureAct.WITHDRAW_DISCLOSURE)

    def act(words: str) -> str:
        withdraw_request(found, by=person, words=words)
        return disclosure_request_url(found)

    title = _("%(number)s was withdrawn by its asker") % {"number": found.number}
    context = {**about(found), "title": title, "button": _("Close it")}
    return act_page(request, OptionalWordsForm(post_data(request)), act, context)


@get_or_post
def no_data_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Nothing is held about anybody who is meant."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_propose(person), DisclosureAct.CLOSE_DISCLOSURE)

    def act() -> str:
        say_no_data(found, by=person)
        return disclosure_request_url(found)

    context = {**about(found), "title": _("We hold no data about anybody it names"), "button": _("Close it")}
    return act_page(request, NothingForm(post_data(request)), act, context)


@get_or_post
def order_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """The customers must not be told, until then."""
    person = reader(request)
    found = request_of(request, object_id)
    require_permission(request, can_propose(person), DisclosureAct.KEEP_FROM_CUSTOMER)

    def act(form: str, **said: Any) -> str:
        keep_from_customer(found, by=person, form=form, **said)
        messages.success(request, _("It is kept from the customers until then. Support staff see nothing of it."))
        return disclosure_request_url(found)

    title = _("Keep %(number)s from its customers") % {"number": found.number}
    context = {**about(found), "title": title, "button": _("Keep it back")}
    return act_page(request, OrderForm(post_data(request), files(request)), act, context)


@get_or_post
def answer_view(request: HttpRequest, object_id: int, language: str) -> HttpResponse:
    """The letter to whoever asked, to print; it names no customer."""
    found = request_of(request, object_id)
    if found.state not in ANSWERED or language not in ("vi", "en"):
        raise Http404
    context = {**about(found), "title": found.number, "letter": answer(found, language), "language": language}
    return page(request, "admin/disclosures/disclosurerequest/answer.html", context)
