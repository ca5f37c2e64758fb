"""Pages that act on one address: confirm it, retire it, mark it as bounced, suspend it, close its hold."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from customers.admin_forms.base import AskingForm
from customers.admin_forms.casework import ContactForm, ReadBackCodeForm, SuspendForm, TicketForm
from customers.admin_views.base import act_page, get_or_post, post_data, require_permission
from customers.admin_views.customer import customer_url, find_customer
from customers.admin_views.messages import flash_result
from customers.casework.address_verification import answer_with_code, ask_owner
from customers.casework.addresses import bounce, retire
from customers.casework.holds import close_after_contact, needs_second, suspend, ways_for
from customers.models import ContactPoint, Customer, Hold
from customers.models.acts import Act
from customers.models.holds import HoldContact
from customers.permissions.casework import can_handle, can_work_on
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader


def find_point(customer: Customer, key: int) -> ContactPoint:
    """An address of this customer, or 404."""
    point = customer.contact_points.filter(pk=key).first()
    if point is None:
        raise Http404
    point.customer = customer
    return point  # type: ignore[no-any-return]


def _place(request: HttpRequest, customer_id: int, key: int, act: Act) -> tuple[Any, Customer, ContactPoint]:
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_work_on(person, customer), act, customer=customer)
    return person, customer, find_point(customer, key)


def _about(point: ContactPoint, customer: Customer, **extra: Any) -> dict[str, Any]:
    page = customer_url(customer)
    return {"customer": customer, "point": point, "value": point.address, "page": page, "back": page, **extra}


@get_or_post
def retire_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Retire an address that the customer no longer uses."""
    person, customer, point = _place(request, customer_id, key, Act.RETIRE)

    def act(ticket: str) -> str:
        letter = retire(point, by=person, ticket=ticket)
        flash_result(request, _("This address is no longer used. Ask the customer for the one in use."), letter)
        return customer_url(customer)

    context = _about(
        point, customer, title=_("The customer no longer uses this address"), button=_("No longer used"),
        on_record=_("Nobody writes to it any more. At another address in use, the customer is asked for a new one."),
    )  # fmt: skip
    return act_page(request, TicketForm(post_data(request)), act, context)


@get_or_post
def bounce_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Mark an address as bounced: mail to it comes back."""
    person, customer, point = _place(request, customer_id, key, Act.BOUNCE)

    def act(ticket: str) -> str:
        bounce(point, by=person, ticket=ticket)
        messages.success(request, _("It is not written to until its owner confirms it again."))
        return customer_url(customer)

    context = _about(
        point, customer, title=_("Mail to this address bounces"), button=_("It bounces"),
        on_record=_("Your name and the time go on record."),
    )  # fmt: skip
    return act_page(request, TicketForm(post_data(request)), act, context)


@get_or_post
def ask_owner_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Send a link and a code to an address."""
    person, customer, point = _place(request, customer_id, key, Act.ASK_OWNER)

    def act() -> str:
        flash_result(request, _("A code is on its way; the one before is void."), ask_owner(point, by=person))
        return customer_url(customer)

    context = _about(
        point, customer, title=_("Have this address confirmed"), button=_("Send a code"),
        on_record=_("A letter with a link and a code goes there. That it was sent goes on record, the code does not."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)


@get_or_post
def code_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Type the code that the customer reads back."""
    person, customer, point = _place(request, customer_id, key, Act.ANSWER_CHECK)

    def act(code: str) -> str:
        answer = answer_with_code(point, code, by=person)
        if answer.matched:
            messages.success(request, _("The code matches: this address is confirmed."))
        else:
            messages.error(request, _("The code does not match. After five that do not, it is void."))
        return customer_url(customer)

    context = _about(
        point, customer, title=_("The code the customer reads back"), button=_("Confirm the address"),
        on_record=_("Match or no match goes on record; what you type is kept nowhere."),
    )  # fmt: skip
    return act_page(request, ReadBackCodeForm(post_data(request)), act, context)


@get_or_post
def suspend_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Suspend an address on signs of fraud."""
    person, customer, point = _place(request, customer_id, key, Act.SUSPEND)

    def act(reason: str, ticket: str, text: str) -> str:
        suspend(point, by=person, reason=reason, ticket=ticket, proof=text)
        messages.success(request, _("It is suspended. Reach the customer another way, and record what they say."))
        return customer_url(customer)

    newest = customer.requests.filter(from_point=point).exclude(ticket="").order_by("-pk").first()
    form = SuspendForm(post_data(request), initial={"ticket": newest.ticket if newest else ""})
    context = _about(
        point, customer, title=_("Suspend this address"), button=_("Suspend it now"), danger=True,
        on_record=_(
            "Requests from it are parked and nothing is done for it. Other addresses go on. Whoever writes from it is"
            " not told why."
        ),
    )  # fmt: skip
    return act_page(request, form, act, context)


@get_or_post
def contact_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Record how the customer of a hold was contacted; the result may release the address or record a fraud."""
    person = reader(request)
    hold = visible_to(Hold, person).select_related("customer__team", "contact_point").filter(pk=object_id).first()
    if hold is None:
        raise Http404
    require_permission(request, can_handle(person, hold.customer), Act.CLOSE_HOLD, customer=hold.customer)
    ways = ways_for(hold)

    def act(**contact: Any) -> str:
        letters = close_after_contact(hold, by=person, **contact)
        sentences = {
            HoldContact.Result.CONFIRMED: _("The address is released; what was parked goes on."),
            HoldContact.Result.DENIED: _("It was fraud: what was parked is refused, the address is no longer used."),
            HoldContact.Result.NOT_REACHED: _("That you tried is on file; the address stays suspended."),
        }
        flash_result(request, sentences[contact["result"]], letters)
        return customer_url(hold.customer)

    frees = _("Once the customer confirms, the address is released and what was parked goes on, at once.")
    record = _("Your name, how the customer was reached, when and the result go on record.")
    record = f"{frees} {record}"
    if needs_second(hold) and hold.opened_by_id == person.pk:
        second = _("A parked request touches e-mail, phone or password: somebody else releases the address.")
        record = f"{second} {record}"
    context = _about(
        hold.contact_point, hold.customer, title=_("Reach the customer another way"), button=_("Register"),
        on_record=record,
    )  # fmt: skip
    return act_page(request, ContactForm(post_data(request), ways=ways), act, context, fresh=needs_second(hold))
