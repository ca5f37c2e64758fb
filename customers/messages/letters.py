"""Texts of letters, in the customer's language. Of the customer's data they contain the reference only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from customers.messages.delivery import Words
from customers.models import Customer, CustomerRequest, LegalDeadline, OutsideLink
from customers.models.contact_points import ContactPoint

Given = ParamSpec("Given")


def in_their_language(
    write: Callable[Concatenate[Customer, Given], tuple[str, str]],
) -> Callable[Concatenate[Customer, Given], Words]:
    """Decorate a function that returns subject and text: in the customer's language, with greeting and close."""

    @wraps(write)
    def written(customer: Customer, *args: Given.args, **kwargs: Given.kwargs) -> Words:
        with override(customer.locale):
            subject, text = write(customer, *args, **kwargs)
            greeting = _("Dear customer %(reference)s,") % {"reference": customer.reference}
            close = _("Kind regards\nCustomer support")
            return Words(customer.locale, subject, f"{greeting}\n\n{text}\n\n{close}\n")

    return written  # type: ignore[return-value]


def day(at: datetime) -> str:
    """A day in the language of the letter; a deadline at midnight is shown as the day before, its last full day."""
    local = timezone.localtime(at - timedelta(microseconds=1))
    return formatted(local, "j/n/Y" if get_language() == "vi" else "j F Y")


@in_their_language
def check(customer: Customer, link: str, code: str, hours: int) -> tuple[str, str]:
    """Ask to confirm an e-mail address by the link or by reading the code back; both work for ``hours``."""
    text = _(
        "this address was given to us as yours. If it is, confirm it here:\n\n%(link)s\n\nor read this code to our"
        " support when you speak to them: %(code)s\n\nBoth work for %(hours)s hours. If you did not expect this letter,"
        " do nothing: without your confirmation the address is not used."
    )
    return _("Please confirm your address"), text % {"link": link, "code": code, "hours": hours}


@in_their_language
def check_by_text_message(customer: Customer, code: str, hours: int) -> tuple[str, str]:
    """Ask to confirm a phone number by reading the code back."""
    text = _("read this code to our support to confirm your number: %(code)s. It works for %(hours)s hours.")
    return _("Please confirm your number"), text % {"code": code, "hours": hours}


@in_their_language
def corrected(customer: Customer, datum: str) -> tuple[str, str]:
    """Inform the old address that it was replaced."""
    label = _("e-mail address") if datum == ContactPoint.Channel.EMAIL else _("phone number")
    text = _(
        "your %(what)s on file with us was changed, and the old one is no longer used. If you did not ask for that,"
        " call our support at once."
    )
    return _("Your contact data was changed"), text % {"what": label}


@in_their_language
def added(customer: Customer, datum: str) -> tuple[str, str]:
    """Inform an address in use that another one was added."""
    label = _("e-mail address") if datum == ContactPoint.Channel.EMAIL else _("phone number")
    text = _("another %(what)s was added to your data with us. If you did not ask for that, call our support at once.")
    return _("Your contact data was changed"), text % {"what": label}


@in_their_language
def new_address(customer: Customer, channel: str) -> tuple[str, str]:
    """Ask for the address in use, after one was retired."""
    label = _("e-mail address") if channel == ContactPoint.Channel.EMAIL else _("phone number")
    text = _(
        "we were told that you no longer use the %(what)s that we have on file, so we have stopped writing to it."
        " Please tell our support which one you use now."
    )
    return _("Which address do you use now?"), text % {"what": label}


# --- requests ------------------------------------------------------------------------------------------------------


def _subject(request: CustomerRequest) -> str:
    return _("Your request %(number)s") % {"number": request.number}


@in_their_language
def acknowledged(customer: Customer, request: CustomerRequest) -> tuple[str, str]:
    """Acknowledge a request, with the day by which it is answered."""
    text = _("we have received your request %(number)s and will answer it by %(day)s.")
    return _subject(request), text % {"number": request.number, "day": day(request.complete_by)}


@in_their_language
def extended(customer: Customer, request: CustomerRequest, why: str) -> tuple[str, str]:
    """Inform about an extension: the reason and the new day."""
    reasons: dict[str, str] = {
        CustomerRequest.WhyExtended.COMPLEX: _("it is complex"),
        CustomerRequest.WhyExtended.THIRD_PARTY: _("somebody else has to act too"),
        CustomerRequest.WhyExtended.MANY: _("many requests have come in at once"),
    }
    text = _("your request %(number)s takes longer than we said, because %(why)s. We will answer it by %(day)s.")
    values = {"number": request.number, "why": reasons.get(why, _("of its own circumstances"))}
    values["day"] = day(request.complete_by)
    return _subject(request), text % values


@in_their_language
def completed(customer: Customer, request: CustomerRequest) -> tuple[str, str]:
    """Inform that a request was carried out."""
    text = _("your request %(number)s has been carried out. If something is missing, answer to our support.")
    return _subject(request), text % {"number": request.number}


def why_refused() -> dict[str, str]:
    """The wording of each reason for a refusal, in the active language."""
    why = CustomerRequest.WhyRefused
    return {
        why.NOT_IDENTIFIED: _("we could not confirm that it comes from you"),
        why.DUTY_TO_KEEP: _("the law obliges us to keep this data for the time being"),
        why.NOT_OURS: _("we do not hold the data it is about"),
        why.REPEATED: _("we have answered the same request already"),
        why.UNFOUNDED: _("we have looked at the data again and it is right as it stands"),
        why.SUSPECTED_FRAUD: _("we could not confirm that it comes from you"),
        why.OTHER: _("its circumstances do not allow us to carry it out"),
    }


@in_their_language
def refused(customer: Customer, request: CustomerRequest, why: str) -> tuple[str, str]:
    """Inform that a request is refused: the reason and the remedies."""
    text = _(
        "we do not carry out your request %(number)s, because %(why)s.\n\nYou may object to this: answer to our"
        " support, or turn to the authority for personal data protection."
    )
    values = {"number": request.number, "why": why_refused()[why]}
    return _subject(request), text % values


@in_their_language
def asked(customer: Customer, request: CustomerRequest, fields: Sequence[tuple[Any, Any]]) -> tuple[str, str]:
    """Ask for more data: each field with its purpose."""
    lines = "\n".join(f"- {field}: {why}" for field, why in fields)
    text = _(
        "to carry out your request %(number)s we need the following, and nothing else:\n\n%(listed)s\n\nPlease answer"
        " to our support. What we did not ask for we do not keep."
    )
    return _subject(request), text % {
        "number": request.number,
        "listed": lines,
    }


@in_their_language
def password_reset(customer: Customer, link: str) -> tuple[str, str]:
    """The link of the provider's page for choosing a password."""
    text = _(
        "choose a new password for your account here:\n\n%(link)s\n\nNobody at our support knows or chooses your"
        " password. If you did not ask for this, you need not do anything."
    )
    return _("Choose a new password"), text % {"link": link}


@in_their_language
def links(customer: Customer, request: CustomerRequest, chosen: Iterable[OutsideLink]) -> tuple[str, str]:
    """Links to other organisations' pages, with the notice that we are not responsible for them."""
    lines = "\n".join(f"- {link.title}: {link.url}" for link in chosen)
    text = _(
        "about your request %(number)s, these pages may help:\n\n%(listed)s\n\nThey belong to others. We are not"
        " responsible for what stands there or for what happens to data you enter there; read their own privacy policy."
    )
    return _subject(request), text % {
        "number": request.number,
        "listed": lines,
    }


def rule_in_words(rule: LegalDeadline) -> str:
    """A deadline as shown on pages, such as ``10 calendar days``."""
    return f"{rule.amount} {rule.get_unit_display()}"
