"""Pages that carry out acts about one customer: opt out, consent, withdraw, accept, write; and the list of events."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.admin_forms.customer import AcceptForm, ConsentForm, OptOutForm, WithdrawForm, WriteForm
from consent.choices.consents import grant, news, opt_out, withdraw
from consent.gate.gate import matrix
from consent.gate.purposes import purposes
from consent.models import ConsentEvent, PolicyAcceptance, Purpose
from consent.models.acts import ConsentAct
from consent.outreach.send import write
from consent.outreach.templates import templates
from consent.permissions import can_record_consent, can_write_to
from consent.policies.versions import accept, in_force, must_accept_again
from customers.admin.casework_panels import newest_ticket
from customers.admin_views.base import act_page, get_or_post, page, post_data, require_permission
from customers.admin_views.customer import customer_url, find_customer
from customers.admin_views.messages import flash_result
from customers.models import Customer, Leaf
from customers.permissions.reader import reader

ON_RECORD = gettext_lazy("Your name, the evidence and the time go on record, with the policy that was in effect.")
MOST = 50


def _about(customer: Customer) -> dict[str, Any]:
    """The context that all of these pages share."""
    return {
        "customer": customer,
        "page": customer_url(customer),
        "back": customer_url(customer),
        "on_record": ON_RECORD,
    }


def _ways(customer: Customer) -> str:
    return reverse("admin:consent_consentevent_of", args=[customer.pk])


@get_or_post
def opt_out_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Put an opt-out from news on record; all news purposes are chosen beforehand."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_record_consent(person, customer), ConsentAct.OBJECT_TO, customer=customer)
    form = OptOutForm(post_data(request), purposes=news(), initial={"ticket": newest_ticket(customer)})

    def act(purposes: Any, channel: str, **data: Any) -> str:
        outcome = opt_out(customer, list(purposes), by=person, evidence=form.evidence(), channel=channel)
        if outcome.is_new:
            flash_result(request, _("The customer has opted out. It holds from now on."), outcome.letter)
        else:
            messages.info(request, _("The customer had opted out before; nothing was added."))
        return customer_url(customer)

    context = {
        **_about(customer), "title": _("Opt out"), "button": _("Opt out"),
        "on_record": _("It holds at once. The customer gets a confirmation that says what is still sent."),
    }  # fmt: skip
    return act_page(request, form, act, context)


def _purpose(code: str) -> Purpose:
    purpose = Purpose.objects.filter(code=code).first()
    if purpose is None:
        raise Http404
    return purpose


@get_or_post
def grant_view(request: HttpRequest, customer_id: int, code: str) -> HttpResponse:
    """Put a consent to one purpose on record."""
    person = reader(request)
    customer, purpose = find_customer(person, customer_id), _purpose(code)
    require_permission(request, can_record_consent(person, customer), ConsentAct.GRANT_CONSENT, customer=customer)
    form = ConsentForm(post_data(request), ways=purpose.channels, initial={"ticket": newest_ticket(customer)})

    def act(channel: str, **data: Any) -> str:
        grant(customer, purpose, channel, by=person, evidence=form.evidence())
        messages.success(request, _("The consent is on record."))
        return _ways(customer)

    title = _("Consent: %(purpose)s") % {"purpose": purpose.name}
    context = {**_about(customer), "back": _ways(customer), "title": title, "button": _("Put the consent on record")}
    return act_page(request, form, act, context)


@get_or_post
def withdraw_view(request: HttpRequest, customer_id: int, code: str) -> HttpResponse:
    """Put the withdrawal of a consent to one purpose on record."""
    person = reader(request)
    customer, purpose = find_customer(person, customer_id), _purpose(code)
    require_permission(request, can_record_consent(person, customer), ConsentAct.WITHDRAW_CONSENT, customer=customer)
    form = WithdrawForm(post_data(request), initial={"ticket": newest_ticket(customer)})

    def act(channel: str, **data: Any) -> str:
        withdraw(customer, purpose, by=person, evidence=form.evidence(), channel=channel)
        messages.success(request, _("The consent is withdrawn. It holds from now on."))
        return _ways(customer)

    title = _("Withdraw the consent: %(purpose)s") % {"purpose": purpose.name}
    context = {**_about(customer), "back": _ways(customer), "title": title, "button": _("Withdraw")}
    return act_page(request, form, act, context)


@get_or_post
def accept_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Put the customer's acceptance of the policy on record."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_record_consent(person, customer), ConsentAct.ACCEPT_POLICY, customer=customer)

    def act(how: str, accepted_at: Any, ticket: str) -> str:
        accept(customer, by=person, how=how, accepted_at=accepted_at, evidence=ticket)
        messages.success(request, _("The acceptance is on record."))
        return _ways(customer)

    context = {
        **_about(customer), "back": _ways(customer), "title": _("Acceptance of the policy"),
        "button": _("Put it on record"), "on_record": _("Your name, the version in effect then, and how go on record."),
    }  # fmt: skip
    return act_page(request, AcceptForm(post_data(request)), act, context)


@get_or_post
def write_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Write to the customer through the gate; the page does not show the address."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_write_to(person, customer), ConsentAct.WRITE, customer=customer)
    form = WriteForm(post_data(request), purposes=purposes(), templates=templates())

    def act(purpose: Purpose, channel: str, **words: Any) -> str:
        written = write(customer, purpose, channel, by=person, **words)
        if written.outcome is None:
            messages.warning(request, _("Whether the message left could not be put on record."))
        elif written.left:
            messages.success(request, _("The message has left."))
        else:
            messages.error(request, _("The message did not leave. See that mail works, then write again."))
        return customer_url(customer)

    context = {
        **_about(customer), "title": _("Write to the customer"), "button": _("Send"), "matrix": matrix(customer),
        "points": [p for p in customer.contact_points.order_by("channel", "pk") if p.state == "active"],
        "on_record": _("The gate is asked first. Your name, the purpose and the sealed text go on record."),
    }  # fmt: skip
    return act_page(request, form, act, context, "admin/consent/write.html")


@get_or_post
def of_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """What the customer said so far, newest first, with the gate's answers; ``?for=`` chooses one purpose."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    events = ConsentEvent.objects.filter(customer=customer).select_related("purpose", "by").order_by("-pk")
    chosen = next((purpose for purpose in purposes() if purpose.code == request.GET.get("for")), None)
    rows = list((events.filter(purpose=chosen) if chosen is not None else events)[:MOST])
    table = ConsentEvent._meta.db_table
    leaves = Leaf.objects.filter(table_name=table, row_key__in=[str(row.pk) for row in rows])
    entries = dict(leaves.values_list("row_key", "seq"))
    for row in rows:
        row.customer = customer
    accepted = PolicyAcceptance.objects.filter(customer=customer).select_related("version", "by").order_by("-pk")
    context = {
        "title": _("Consent of %(reference)s") % {"reference": customer.reference},
        "customer": customer,
        "page": customer_url(customer),
        "matrix": matrix(customer),
        "events": [(row, entries.get(str(row.pk))) for row in rows],
        "most": MOST,
        "chosen": chosen,
        "acceptances": list(accepted[:MOST]),
        "policy": in_force(),
        "asks_again": must_accept_again(customer),
        "records": can_record_consent(person, customer),
        "granted": set(events.filter(what=ConsentEvent.What.GRANTED).order_by().values_list("purpose", flat=True)),
    }
    return page(request, "admin/consent/of_customer.html", context)
