"""Pages about requests: register one, and each step until it is finished; information requests and links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.admin_forms.base import AskingForm
from customers.admin_forms.casework import AskForm, LinksForm, RefuseRequestForm, RequestForm, WhyForm, WordsForm
from customers.admin_forms.corrections import AnswerForm
from customers.admin_views.base import act_page, get_or_post, post_data, require_permission
from customers.admin_views.customer import customer_url, find_customer
from customers.admin_views.messages import flash_result
from customers.casework import information_requests, requests
from customers.casework.addresses import KnownElsewhere
from customers.casework.outside_links import send_links
from customers.messages.notices import Letter
from customers.models import ContactPoint, Correction, CustomerRequest, InformationRequest, OutsideLink
from customers.models.acts import Act
from customers.permissions.casework import can_handle, can_work_on
from customers.permissions.querysets import visible_to
from customers.permissions.reader import reader


def request_url(found: CustomerRequest) -> str:
    """URL of a request's page."""
    return reverse("admin:customers_customerrequest_change", args=[found.pk])


@get_or_post
def register_view(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Register a request."""
    person = reader(request)
    customer = find_customer(person, customer_id)
    require_permission(request, can_work_on(person, customer), Act.REGISTER_REQUEST, customer=customer)

    def act(kind: str, **typed_in: Any) -> str:
        registered = requests.register(customer, kind, by=person, **typed_in)
        if registered.state == CustomerRequest.State.PARKED:
            messages.warning(request, _("It is on file and parked: the address it came from is suspended."))
        else:
            messages.success(request, _("%(number)s is on file, and its clocks run.") % {"number": registered.number})
        return request_url(registered)

    points = customer.contact_points.order_by("channel", "pk")
    context = {
        "title": _("A request of %(reference)s") % {"reference": customer.reference},
        "customer": customer,
        "page": customer_url(customer),
        "back": customer_url(customer),
        "button": _("Register"),
        "on_record": _("That it came in, from where and when goes on record; what it says is sealed."),
    }
    return act_page(request, RequestForm(post_data(request), points=points), act, context)


def _found(request: HttpRequest, object_id: int, act: Act) -> tuple[Any, CustomerRequest]:
    """The person and the request; 404 where it is missing or not visible, 403 where the person may only look at it."""
    person = reader(request)
    visible = visible_to(CustomerRequest, person).select_related("customer__team", "worker", "complete_rule")
    customer_request: CustomerRequest | None = visible.filter(pk=object_id).first()
    if customer_request is None:
        raise Http404
    require_permission(request, can_handle(person, customer_request.customer), act, customer=customer_request.customer)
    return person, customer_request


def _about(customer_request: CustomerRequest, **extra: Any) -> dict[str, Any]:
    back = request_url(customer_request)
    return {
        "customer": customer_request.customer,
        "page": customer_url(customer_request.customer),
        "back": back,
        "danger": False,
        **extra,
    }


# --- steps that need a click only, or a text --------------------------------------------------------------------

Step = tuple[Promise, Promise, Promise, Callable[..., Any]]

PLAIN: dict[str, Step] = {
    "take": (
        gettext_lazy("Work on %(number)s"), gettext_lazy("Take it on"), gettext_lazy("It is yours now."),
        requests.take_on,
    ),
    "acknowledge": (
        gettext_lazy("Acknowledge %(number)s"), gettext_lazy("Tell the customer"),
        gettext_lazy("It is acknowledged; the first clock has stopped."), requests.acknowledge,
    ),
}  # fmt: skip
"""Steps without a text: title, button, message afterwards, act."""

WITH_WORDS: dict[str, Step] = {
    "hand_over": (
        gettext_lazy("Hand %(number)s to an officer"), gettext_lazy("Hand over"), gettext_lazy("The officers have it."),
        requests.hand_over,
    ),
    "hand_back": (
        gettext_lazy("Hand %(number)s back to the team"), gettext_lazy("Hand back"), gettext_lazy("The team has it."),
        requests.hand_back,
    ),
    "withdraw": (
        gettext_lazy("The customer takes %(number)s back"), gettext_lazy("Withdrawn"), gettext_lazy("It is withdrawn."),
        requests.withdraw,
    ),
    "complete": (
        gettext_lazy("%(number)s is carried out"), gettext_lazy("Done, tell the customer"),
        gettext_lazy("It is done and on record."), requests.complete,
    ),
}  # fmt: skip
"""Steps with a text that says why or how; columns as in ``PLAIN``."""


def _told(outcome: Any) -> Any:
    """The letters of a step for ``flash_result``: the letter or None it returned; () for steps without letters."""
    return outcome if isinstance(outcome, Letter) or outcome is None else ()


@get_or_post
def plain_view(request: HttpRequest, object_id: int, step: str) -> HttpResponse:
    """Take a request on, or acknowledge it."""
    if step not in PLAIN:
        raise Http404
    title, button, after, act_on = PLAIN[step]
    person, customer_request = _found(request, object_id, Act.TAKE_ON if step == "take" else Act(step))

    def act() -> str:
        flash_result(request, str(after), _told(act_on(customer_request, by=person)))
        return request_url(customer_request)

    record = _("Your name and the time go on record.")
    context = _about(
        customer_request, title=str(title) % {"number": customer_request.number}, button=button, on_record=record
    )
    return act_page(request, AskingForm(post_data(request)), act, context)


@get_or_post
def words_view(request: HttpRequest, object_id: int, step: str) -> HttpResponse:
    """Hand a request over or back, complete it, or withdraw it."""
    if step not in WITH_WORDS:
        raise Http404
    title, button, after, act_on = WITH_WORDS[step]
    person, customer_request = _found(request, object_id, Act(f"request_{step}"))

    def act(words: str) -> str:
        flash_result(request, str(after), _told(act_on(customer_request, by=person, words=words)))
        return request_url(customer_request)

    record = _("Your name and the time go on record, your words are sealed.")
    context = _about(
        customer_request, title=str(title) % {"number": customer_request.number}, button=button, on_record=record
    )
    if step == "complete":
        letter_notice = _("The customer gets our letter that it is carried out; it does not say your words.")
        context |= {"on_record": f"{letter_notice} {record}", "first": _before_completing(customer_request)}
    return act_page(request, WordsForm(post_data(request)), act, context)


def _before_completing(customer_request: CustomerRequest) -> list[str]:
    """Warnings before completing: work that staff do outside this application, and a sender nobody has verified."""
    if customer_request.request_kind == CustomerRequest.Kind.CORRECTION:
        corrected = customer_request.corrections.filter(state=Correction.State.DONE).exists()
        return [] if corrected else [_("No data was corrected for this request yet.")]
    if not customer_request.for_officer:
        return []
    warnings = [
        _(
            "The desk carries nothing out and deletes nothing by itself. Do first what is asked for, where the data"
            " lies; then say here what was done, where and when."
        )
    ]
    if not any(
        verification.matched and not verification.missed for verification in customer_request.verifications.all()
    ):
        warnings.append(_("Nobody has verified for this request who it came from."))
    return warnings


@get_or_post
def refuse_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Refuse a request, with a letter in the customer's language."""
    person, customer_request = _found(request, object_id, Act.REQUEST_REFUSE)

    def act(why: str, words: str) -> str:
        flash_result(
            request,
            _("It is refused, for the reason given."),
            requests.refuse_request(customer_request, by=person, why=why, words=words),
        )
        return request_url(customer_request)

    reasons = [
        choice for choice in CustomerRequest.WhyRefused.choices
        if choice[0] != CustomerRequest.WhyRefused.SUSPECTED_FRAUD
    ]  # fmt: skip
    context = _about(
        customer_request, title=_("Refuse %(number)s") % {"number": customer_request.number},
        button=_("Refuse, tell the customer"),
        on_record=_("A letter says the reason in the customer’s language (%(language)s), and how to object.")
        % {"language": customer_request.customer.get_locale_display()},
        danger=True,
    )  # fmt: skip
    return act_page(request, RefuseRequestForm(post_data(request), reasons=reasons), act, context)


@get_or_post
def extend_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Extend a request's deadline once."""
    person, customer_request = _found(request, object_id, Act.EXTEND)

    def act(why: str) -> str:
        flash_result(request, _("It may take longer now, once."), requests.extend(customer_request, by=person, why=why))
        return request_url(customer_request)

    rule = customer_request.complete_rule
    context = _about(
        customer_request, title=_("%(number)s takes longer") % {"number": customer_request.number},
        button=_("Extend, tell the customer"),
        on_record=_("Once: %(amount)s %(unit)s more.") % {"amount": rule.extension, "unit": rule.get_unit_display()},
    )  # fmt: skip
    return act_page(request, WhyForm(post_data(request), reasons=CustomerRequest.WhyExtended.choices), act, context)


# --- information requests, links -------------------------------------------------------------------------------------


@get_or_post
def ask_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Ask the customer for what this kind of request needs."""
    person, customer_request = _found(request, object_id, Act.ASK)
    points = list(customer_request.customer.contact_points.order_by("channel", "pk"))

    def act(fields_asked: list[str], point: ContactPoint) -> str:
        letter = information_requests.ask(customer_request, fields_asked, by=person, point=point)
        flash_result(request, _("The customer is asked."), letter)
        return request_url(customer_request)

    context = _about(
        customer_request, title=_("Ask for what %(number)s needs") % {"number": customer_request.number},
        button=_("Ask the customer"),
        on_record=_("The letter says why each is needed. Only where identity is asked for does the clock stand still."),
    )  # fmt: skip
    form = AskForm(post_data(request), request=customer_request, points=points)
    return act_page(request, form, act, context)


def _question(request: HttpRequest, object_id: int, act: Act) -> tuple[Any, InformationRequest]:
    person = reader(request)
    visible = visible_to(InformationRequest, person).select_related("request", "customer__team", "contact_point")
    question: InformationRequest | None = visible.filter(pk=object_id).first()
    if question is None:
        raise Http404
    question.request.customer = question.customer
    require_permission(request, can_handle(person, question.customer), act, customer=question.customer)
    return person, question


@get_or_post
def answer_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Take the answer to an information request, field by field."""
    person, question = _question(request, object_id, Act.TAKE_ANSWER)
    in_use = question.customer.contact_points.filter(state__in=("active", "unverified", "bounced")).order_by("pk")
    form = AnswerForm(post_data(request), question=question, points=in_use)

    def act(proof: str, ticket: str, **_fields: Any) -> str:
        try:
            corrections = information_requests.take_answer(
                question, form.taken(), by=person, proof=proof, proof_reference=ticket
            )
        except KnownElsewhere:
            form.ask_whether_known()
            raise
        done = _("The answer is dealt with; what was not asked for is kept nowhere.")
        follows = _("A correction follows from it.")
        flash_result(request, f"{done} {follows}" if corrections else done)
        return request_url(question.request)

    context = _about(
        question.request, title=_("The answer to our question"), button=_("Take it over"),
        on_record=_("What became of each field goes on record; a discarded answer is kept nowhere."),
    )  # fmt: skip
    return act_page(request, form, act, context)


@get_or_post
def close_question_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Close an information request that the customer did not answer."""
    person, question = _question(request, object_id, Act.CLOSE_QUESTION)

    def act() -> str:
        information_requests.close_question(question, by=person)
        messages.success(request, _("The question is closed; the clock runs."))
        return request_url(question.request)

    context = _about(
        question.request, title=_("No answer came"), button=_("Close the question"),
        on_record=_("Your name and the time go on record."),
    )  # fmt: skip
    return act_page(request, AskingForm(post_data(request)), act, context)


@get_or_post
def links_view(request: HttpRequest, object_id: int) -> HttpResponse:
    """Send links of the register."""
    person, customer_request = _found(request, object_id, Act.SEND_LINKS)

    def act(links: list[OutsideLink]) -> str:
        flash_result(request, _("The links are sent."), send_links(customer_request, list(links), by=person))
        return request_url(customer_request)

    context = _about(
        customer_request, title=_("Send links about %(number)s") % {"number": customer_request.number},
        button=_("Send the links"),
        on_record=_("The letter says that the pages belong to others and that we are not responsible for them."),
    )  # fmt: skip
    return act_page(request, LinksForm(post_data(request)), act, context)
