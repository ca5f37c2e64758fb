"""Pages to set and rotate a service's login and secret, and to start the reset of a customer's password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from customers.admin_forms.base import AskingForm
from customers.admin_forms.corrections import RotateForm, ServiceForm
from customers.admin_views.addresses import find_point
from customers.admin_views.base import act_page, get_or_post, post_data, require_permission
from customers.admin_views.customer import customer_url, find_customer
from customers.admin_views.messages import flash_result
from customers.casework.service_access import rotate_secret, set_service_access, start_reset
from customers.models import Customer, ServiceAccess
from customers.models.acts import Act
from customers.permissions.casework import can_set_access, can_work_on
from customers.permissions.reader import reader


def _place(request: HttpRequest, customer_id: int, key: int, act: Act) -> tuple[Any, Customer, ServiceAccess]:
    person = reader(request)
    customer = find_customer(person, customer_id)
    access = customer.services.filter(pk=key).first()
    if access is None:
        raise Http404
    require_permission(request, can_set_access(person, customer), act, customer=customer)
    access.customer = customer
    return person, customer, access


def _about(customer: Customer, **extra: Any) -> dict[str, Any]:
    return {"customer": customer, "page": customer_url(customer), "back": customer_url(customer), **extra}


@get_or_post
def set_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Set a service's first login and secret."""
    person, customer, access = _place(request, customer_id, key, Act.SET_SERVICE_ACCESS)

    def act(login: str, secret: str) -> str:
        set_service_access(access, login=login, secret=secret, by=person)
        messages.success(request, _("Login and secret are sealed."))
        return customer_url(customer)

    context = _about(
        customer, title=_("Set what opens %(service)s") % {"service": access.service}, button=_("Seal them"),
        on_record=_("Your name and the time go on record; neither is shown again without a reveal."),
    )  # fmt: skip
    return act_page(request, ServiceForm(post_data(request)), act, context, fresh=True)


@get_or_post
def rotate_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Replace a service's secret."""
    person, customer, access = _place(request, customer_id, key, Act.ROTATE_SECRET)

    def act(secret: str) -> str:
        rotate_secret(access, by=person, secret=secret)
        messages.success(request, _("The secret is a new one."))
        return customer_url(customer)

    context = _about(
        customer, title=_("Rotate the secret of %(service)s") % {"service": access.service}, button=_("Rotate"),
        on_record=_("Your name and the time go on record. The old secret is gone for good."),
    )  # fmt: skip
    return act_page(request, RotateForm(post_data(request)), act, context, fresh=True)


@get_or_post
def reset_view(request: HttpRequest, customer_id: int, key: int) -> HttpResponse:
    """Send the provider's link for choosing a password to a confirmed address."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_work_on(person, customer), Act.START_RESET, customer=customer)
    point = find_point(customer, key)

    def act() -> str:
        flash_result(request, _("The reset is started."), start_reset(point, by=person))
        return customer_url(customer)

    context = _about(
        customer, title=_("Start a reset of the password"), button=_("Send the link"), value=point.address,
        on_record=_("The customer gets the link of our own page. Nobody at the desk chooses or sees a password."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)
