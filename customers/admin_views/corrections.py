"""Pages about corrections: propose, approve, refuse, withdraw."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.admin_forms.base import AskingForm
from customers.admin_forms.casework import WhyForm
from customers.admin_forms.corrections import CorrectForm
from customers.admin_views.addresses import find_point
from customers.admin_views.base import act_page, get_or_post, post_data, require_permission
from customers.admin_views.customer import customer_url, find_customer, workable_requests
from customers.admin_views.messages import flash_result
from customers.casework.addresses import KnownElsewhere
from customers.casework.approvals import approve, refuse_correction, withdraw_correction
from customers.casework.corrections import Why, correct
from customers.models import Correction, Customer, CustomerRequest
from customers.models.acts import Act
from customers.models.corrections import ADDRESSES, Datum
from customers.permissions.casework import can_handle
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader

ON_PAGES = (Datum.NAME, Datum.COMPANY, Datum.EMAIL, Datum.PHONE, Datum.LOGIN)
"""The data that staff correct by hand; other data are corrected by the CRM import only."""


def _what(customer: Customer, datum: str, key: int) -> dict[str, Any]:
    """The target of a correction: arguments of ``correct``, and ``on_file``; ``key`` 0 adds an address. Or 404."""
    if datum in ADDRESSES:
        point = find_point(customer, key) if key else None
        if point is not None and point.channel != datum:
            raise Http404
        return {"point": point, "on_file": point.address if point else None}
    if datum == Datum.LOGIN:
        service = customer.services.filter(pk=key).first()
        if service is None:
            raise Http404
        return {"service": service, "on_file": service.login}
    if datum not in ON_PAGES or key:
        raise Http404
    return {"on_file": customer.full_name if datum == Datum.NAME else customer.company}


@get_or_post
def correct_view(request: HttpRequest, customer_id: int, datum: str, key: int) -> HttpResponse:
    """Correct one datum, or add an address."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    target = _what(customer, datum, key)
    require_permission(request, can_handle(person, customer), Act.CORRECT, customer=customer)
    on_file = target.pop("on_file")
    form = CorrectForm(post_data(request), requests=workable_requests(customer), on_file=on_file is not None)

    def act(value: str, request: CustomerRequest | None, knowingly: bool, ticket: str, **reasons: Any) -> str:
        origin = Correction.Origin.CUSTOMER_REQUEST if request else Correction.Origin.PROACTIVE
        why = Why(origin=origin, request=request, proof_reference=ticket, **reasons)
        try:
            correction = correct(customer, datum, value, by=person, why=why, knowingly=knowingly, **target)
        except KnownElsewhere:
            form.ask_whether_known()
            raise
        _say(correction)
        return customer_url(customer)

    def _say(correction: Correction) -> None:
        sentences = {
            Correction.State.PROPOSED: _("It waits for a second person, then for the customer’s confirmation."),
            Correction.State.WITH_OFFICER: _("It waits for an officer."),
        }
        sentence = sentences.get(correction.state, _("It is corrected, and the version before is kept."))  # type: ignore[call-overload]
        messages.success(request, sentence)

    label = str(Datum(datum).label)
    context = {
        "title": (_("Add: %(datum)s") if on_file is None else _("Correct: %(datum)s")) % {"datum": label},
        "customer": customer, "value": on_file, "page": customer_url(customer), "back": customer_url(customer),
        "button": _("Correct") if datum in (Datum.NAME, Datum.COMPANY) else _("Propose"),
        "on_record": _(
            "Your name, kind, ground, evidence and the time go on record. E-mail, phone and logins wait for a second"
            " person."
        ),
    }  # fmt: skip
    return act_page(request, form, act, context)


def corrections_url() -> str:
    """URL of the list of corrections."""
    return reverse("admin:customers_correction_changelist")


def _found(request: HttpRequest, object_id: int, act: Act) -> tuple[Any, Correction]:
    person = reader(request)
    visible = visible_to(Correction, person).select_related("customer__team", "request", "old_point", "new_point")
    correction: Correction | None = visible.filter(pk=object_id).first()
    if correction is None:
        raise Http404
    require_permission(request, can_handle(person, correction.customer), act, customer=correction.customer)
    return person, correction


def _reveals(correction: Correction) -> dict[str, str]:
    """URLs on which the approver reveals the new value and the text of the evidence, by name."""
    place = ("contactpoint", correction.new_point_id, correction.datum) if correction.new_point_id else None
    if place is None and correction.datum in (Datum.NAME, Datum.COMPANY, Datum.LOGIN):
        place = ("correction", correction.pk, f"new_{correction.datum}")
    text = ("correction", correction.pk, "proof_text") if correction.proof_text is not None else None
    return {
        name: reverse("admin:customers_customer_reveal", args=[correction.customer_id, *args])
        for name, args in (("value", place), ("words", text))
        if args
    }


def _about(correction: Correction, **extra: Any) -> dict[str, Any]:
    page = customer_url(correction.customer)
    return {
        "customer": correction.customer,
        "page": page,
        "back": page,
        "correction": correction,
        "value": correction.new_value,
        "reveals": _reveals(correction),
        **extra,
    }


@get_or_post
def approve_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Approve a correction that somebody else proposed."""
    person, correction = _found(request, object_id, Act.APPROVE)

    def act() -> str:
        letter = approve(correction, by=person)
        correction.refresh_from_db()
        done = _("It is corrected, and the version before is kept.")
        if correction.state == Correction.State.APPROVED:
            done = _("Approved: it takes over once the customer confirms the new address.")
        flash_result(request, done, letter if letter else ())
        return customer_url(correction.customer)

    context = _about(
        correction, title=_("Approve: %(datum)s") % {"datum": correction.get_datum_display()}, button=_("Approve"),
        on_record=_("Your name and the time go on record. A new address is asked to confirm itself first."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context, APPROVE, fresh=True)


APPROVE = "admin/customers/correction/approve.html"


@get_or_post
def refuse_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Refuse a correction that somebody else proposed."""
    person, correction = _found(request, object_id, Act.REFUSE_CORRECTION)

    def act(why: str) -> str:
        refuse_correction(correction, by=person, why=why)
        messages.success(request, _("It is refused; what is on file stays."))
        return customer_url(correction.customer)

    context = _about(
        correction, title=_("Refuse: %(datum)s") % {"datum": correction.get_datum_display()}, button=_("Refuse"),
        danger=True, on_record=_("Your name, the reason and the time go on record."),
    )  # fmt: skip
    return act_page(request, WhyForm(post_data(request), reasons=Correction.WhyRefused.choices), act, context, APPROVE)


@get_or_post
def withdraw_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Withdraw a waiting correction."""
    person, correction = _found(request, object_id, Act.WITHDRAW_CORRECTION)

    def act() -> str:
        withdraw_correction(correction, by=person)
        messages.success(request, _("It is withdrawn; what is on file stays as it is."))
        return customer_url(correction.customer)

    context = _about(
        correction, title=_("Take back: %(datum)s") % {"datum": correction.get_datum_display()},
        button=_("Withdraw it"), on_record=_("Your name and the time go on record."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context, APPROVE)
