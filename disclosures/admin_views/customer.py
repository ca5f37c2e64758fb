"""Pages about one customer: who got the data, statements, whom the customer permits, telling of corrections."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.acts.refusals import Refused
from customers.admin_views.base import REFUSED, act_page, get_or_post, page, post_data, require_permission
from customers.admin_views.customer import customer_url, find_customer
from customers.admin_views.messages import flash_result
from customers.admin_views.step_up import ask_again
from customers.evidence.errors import EvidenceError
from customers.models import Correction, Customer
from customers.permissions.reader import reader
from customers.sign_in.sessions import is_fresh
from customers.validation.errors import InvalidInput
from customers.vault.errors import KeyringError
from disclosures.accounting.notifications import outdated, tell_customer, tell_recipients
from disclosures.accounting.statement import give_statement, who_got
from disclosures.admin_forms.recipients import DetailsForm, NothingForm, PermissionForm, TakenBackForm
from disclosures.admin_views.base import ON_RECORD, file_out, row_of
from disclosures.models import CustomerPermission, Disclosure, Recipient
from disclosures.models.acts import DisclosureAct
from disclosures.models.recipients import RecipientKind
from disclosures.permissions import can_keep_recipients, can_propose, can_read_disclosures
from disclosures.recipients.legal_bases import permit, still_permits, withdraw_permission
from disclosures.recipients.recipients import add_recipient


def _who(customer: Customer) -> str:
    return reverse("admin:disclosures_disclosure_who", args=[customer.pk])


def _about(customer: Customer) -> dict[str, Any]:
    return {"customer": customer, "page": customer_url(customer), "back": _who(customer), "on_record": ON_RECORD}


@get_or_post
def who_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Who got this customer's data, what the customer permits, and who holds a value that was corrected since."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_read_disclosures(person), DisclosureAct.GIVE_STATEMENT, customer=customer)
    done = Correction.objects.filter(customer=customer, state=Correction.State.DONE).order_by("-pk")[:20]
    stale = [(each, rows) for each in done if (rows := outdated(each))]
    permissions = customer.disclosure_permissions.select_related("recipient__current", "withdrawal").order_by("-pk")
    context = {
        **_about(customer),
        "title": _("Who got the data of %(reference)s") % {"reference": customer.reference},
        "got": who_got(customer),
        "works": can_propose(person),
        "keeps": can_keep_recipients(person),
        "permissions": [(each, still_permits(each)) for each in permissions],
        "named": customer.named_recipients.select_related("current").order_by("pk"),
        "stale": stale,
    }
    return page(request, "admin/disclosures/who.html", context)


@get_or_post
def statement_view(request: HttpRequest, customer_id: int, language: str) -> HttpResponse:
    """POST gives a statement with its proofs, as a file."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_propose(person), DisclosureAct.GIVE_STATEMENT, customer=customer)
    if request.method != "POST" or language not in Customer.Locale.values:
        raise Http404
    if not is_fresh(request):
        return ask_again(request, reverse("admin:disclosures_disclosure_who", args=[customer.pk]))
    try:
        given = give_statement(customer, by=person, language=language)
    except (Refused, InvalidInput, KeyringError, EvidenceError) as error:
        status = 403 if isinstance(error, Refused) else 503
        return page(request, REFUSED, {**_about(customer), "sentence": str(error)}, status)
    return file_out(given.content, "application/zip", given.name)


@get_or_post
def name_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The customer names somebody."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_keep_recipients(person), DisclosureAct.KEEP_RECIPIENT, customer=customer)
    form = DetailsForm(post_data(request))

    def act(**said: Any) -> str:
        recipient = add_recipient(RecipientKind.NAMED, form.details(), by=person, customer=customer)
        return reverse("admin:disclosures_disclosure_permit", args=[customer.pk, recipient.pk])

    context = {
        **_about(customer), "title": _("Whom the customer names"), "button": _("Put it on file"),
        "on_record": _("Name and contact are sealed. Your name and the time go on record."),
    }  # fmt: skip
    return act_page(request, form, act, context)


@get_or_post
def permit_view(request: HttpRequest, customer_id: int, recipient_id: int) -> HttpResponse:
    """The customer permits a disclosure."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    recipient: Recipient = row_of(Recipient, request, recipient_id, "current", "customer")
    if recipient.customer_id != customer.pk:
        raise Http404
    require_permission(request, can_propose(person), DisclosureAct.PERMIT, customer=customer)

    def act(fields_permitted: list[str], ticket: str, **said: Any) -> str:
        permit(customer, recipient, by=person, fields=fields_permitted, evidence=ticket, **said)
        messages.success(request, _("The permission is on record."))
        return _who(customer)

    context = {
        **_about(customer), "title": _("What the customer permits"), "button": _("Put it on record"),
        "value": recipient.current.sealed_name if recipient.current else None,
    }  # fmt: skip
    return act_page(request, PermissionForm(post_data(request)), act, context)


@get_or_post
def take_back_view(request: HttpRequest, customer_id: int, permission_id: int) -> HttpResponse:
    """The customer takes a permission back: whoever sees the customer puts that on record."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    permission = CustomerPermission.objects.filter(customer=customer, pk=permission_id).first()
    if permission is None:
        raise Http404
    permission.customer = customer

    def act(ticket: str) -> str:
        withdraw_permission(permission, by=person, evidence=ticket)
        messages.success(request, _("The permission is withdrawn. Nothing is disclosed on it from now on."))
        return customer_url(customer)

    title = _("The customer takes the permission back")
    context = {**_about(customer), "back": customer_url(customer), "title": title, "button": _("Withdraw it")}
    return act_page(request, TakenBackForm(post_data(request)), act, context)


@get_or_post
def tell_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Tell a customer what had to be kept back until now; or say that it was told by another way."""
    person = reader(request)
    entry: Disclosure = row_of(Disclosure, request, object_id, "customer", "request", "details")
    require_permission(request, can_propose(person), DisclosureAct.TELL_CUSTOMER)
    otherwise = "otherwise" in request.POST

    def act() -> str:
        letter = tell_customer(entry, by=person, without_letter=otherwise)
        said = _("It is on record that the customer was told.")
        flash_result(request, said, () if otherwise else letter)
        return reverse("admin:disclosures_disclosure_to_tell")

    context = {
        "title": _("Tell %(reference)s") % {"reference": entry.customer.reference}, "entry": entry,
        "back": reverse("admin:disclosures_disclosure_to_tell"), "button": _("Send the letter"),
        "on_record": _("The letter says who got what, when and on which basis."),
    }  # fmt: skip
    return act_page(request, NothingForm(post_data(request)), act, context, "admin/disclosures/tell.html")


@get_or_post
def tell_recipients_view(request: HttpRequest, customer_id: int, correction_id: int) -> HttpResponse:
    """Tell all who got the old value that it was corrected."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    correction = Correction.objects.filter(customer=customer, pk=correction_id).first()
    if correction is None:
        raise Http404
    correction.customer = customer
    require_permission(request, can_propose(person), DisclosureAct.TELL_RECIPIENT, customer=customer)

    def act() -> str:
        told = tell_recipients(correction, by=person)
        left = sum(has_left for _row, has_left in told)
        if left:
            words = ngettext("%(n)s letter has left.", "%(n)s letters have left.", left)
            messages.success(request, words % {"n": left})
        if rest := len(told) - left:
            words = ngettext(
                "%(n)s letter is to be printed and posted.", "%(n)s letters are to be printed and posted.", rest
            )
            messages.warning(request, words % {"n": rest})
        return _who(customer)

    context = {
        **_about(customer), "title": _("Tell those who got the old value"), "button": _("Tell them"),
        "on_record": _("They learn that it was corrected, not the new value. That they were told goes on record."),
    }  # fmt: skip
    return act_page(request, NothingForm(post_data(request)), act, context)
