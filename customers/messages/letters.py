"""What the desk's letters say, in the customer's language. They name the reference and nothing else of the customer."""

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
    """Write in the customer's language, whatever the reader's; greeting and close round what is said."""

    @wraps(write)
    def written(customer: Customer, *args: Given.args, **kwargs: Given.kwargs) -> Words:
        with override(customer.locale):
            subject, text = write(customer, *args, **kwargs)
            greeting = _("Dear customer %(reference)s,") % {"reference": customer.reference}
            close = _("Kind regards\nCustomer support")
            return Words(customer.locale, subject, f"{greeting}\n\n{text}\n\n{close}\n")

    return written  # type: ignore[return-value]


def day(at: datetime) -> str:
    """A day as the letter's language writes it; of a clock that runs to midnight, the day before."""
    local = timezone.localtime(at - timedelta(microseconds=1))
    return formatted(local, "j/n/Y" if get_language() == "vi" else "j F Y")


@in_their_language
def check(customer: Customer, link: str, code: str, hours: int) -> tuple[str, str]:
    """Confirm an address: by the link, or by reading the code back."""
    text = _(
        "this address was given to us as yours. If it is, confirm it here:\n\n%(link)s\n\nor read this code to our"
        " support when you speak to them: %(code)s\n\nBoth work for %(hours)s hours. If you did not expect this letter,"
        " do nothing: without your confirmation the address is not used."
    )
    return _("Please confirm your address"), text % {"link": link, "code": code, "hours": hours}


@in_their_language
def check_by_text_message(customer: Customer, code: str, hours: int) -> tuple[str, str]:
    """Confirm a number by reading the code back."""
    text = _("read this code to our support to confirm your number: %(code)s. It works for %(hours)s hours.")
    return _("Please confirm your number"), text % {"code": code, "hours": hours}


@in_their_language
def corrected(customer: Customer, datum: str) -> tuple[str, str]:
    """To the old address: another one has taken its place."""
    what = _("e-mail address") if datum == ContactPoint.Channel.EMAIL else _("phone number")
    text = _(
        "your %(what)s on file with us was changed, and the old one is no longer used. If you did not ask for that,"
        " call our support at once."
    )
    return _("Your contact data was changed"), text % {"what": what}


@in_their_language
def added(customer: Customer, datum: str) -> tuple[str, str]:
    """To another address: there is one more on file."""
    what = _("e-mail address") if datum == ContactPoint.Channel.EMAIL else _("phone number")
    text = _("another %(what)s was added to your data with us. If you did not ask for that, call our support at once.")
    return _("Your contact data was changed"), text % {"what": what}


@in_their_language
def new_address(customer: Customer, channel: str) -> tuple[str, str]:
    """Ask for the address in use."""
    what = _("e-mail address") if channel == ContactPoint.Channel.EMAIL else _("phone number")
    text = _(
        "we were told that you no longer use the %(what)s that we have on file, so we have stopped writing to it."
        " Please tell our support which one you use now."
    )
    return _("Which address do you use now?"), text % {"what": what}


# --- requests ------------------------------------------------------------------------------------------------------


def _subject(request: CustomerRequest) -> str:
    return _("Your request %(number)s") % {"number": request.number}


@in_their_language
def acknowledged(customer: Customer, request: CustomerRequest) -> tuple[str, str]:
    """We have it, and by when it will be answered."""
    text = _("we have received your request %(number)s and will answer it by %(day)s.")
    return _subject(request), text % {"number": request.number, "day": day(request.complete_by)}


@in_their_language
def extended(customer: Customer, request: CustomerRequest, why: str) -> tuple[str, str]:
    """It takes longer, why, and until when."""
    reasons: dict[str, str] = {
        CustomerRequest.WhyExtended.COMPLEX: _("it is complex"),
        CustomerRequest.WhyExtended.THIRD_PARTY: _("somebody else has to act too"),
        CustomerRequest.WhyExtended.MANY: _("many requests have come in at once"),
    }
    text = _("your request %(number)s takes longer than we said, because %(why)s. We will answer it by %(day)s.")
    told = {"number": request.number, "why": reasons.get(why, _("of its own circumstances"))}
    told["day"] = day(request.complete_by)
    return _subject(request), text % told


@in_their_language
def completed(customer: Customer, request: CustomerRequest) -> tuple[str, str]:
    """It is done."""
    text = _("your request %(number)s has been carried out. If something is missing, answer to our support.")
    return _subject(request), text % {"number": request.number}


def why_refused() -> dict[str, str]:
    """Each reason for a refusal as a letter says it, in the language in force."""
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
    """It is not carried out, why, and what the customer can do."""
    text = _(
        "we do not carry out your request %(number)s, because %(why)s.\n\nYou may object to this: answer to our"
        " support, or turn to the authority for personal data protection."
    )
    told = {"number": request.number, "why": why_refused()[why]}
    return _subject(request), text % told


@in_their_language
def asked(customer: Customer, request: CustomerRequest, fields: Sequence[tuple[Any, Any]]) -> tuple[str, str]:
    """We need more to carry it out: each field with its why."""
    listed = "\n".join(f"- {field}: {why}" for field, why in fields)
    text = _(
        "to carry out your request %(number)s we need the following, and nothing else:\n\n%(listed)s\n\nPlease answer"
        " to our support. What we did not ask for we do not keep."
    )
    return _subject(request), text % {
        "number": request.number,
        "listed": listed,
    }


@in_their_language
def password_reset(customer: Customer, link: str) -> tuple[str, str]:
    """Where to choose a password."""
    text = _(
        "choose a new password for your account here:\n\n%(link)s\n\nNobody at our support knows or chooses your"
        " password. If you did not ask for this, you need not do anything."
    )
    return _("Choose a new password"), text % {"link": link}


@in_their_language
def links(customer: Customer, request: CustomerRequest, chosen: Iterable[OutsideLink]) -> tuple[str, str]:
    """Pages of others, with the notice that they are theirs."""
    listed = "\n".join(f"- {link.title}: {link.url}" for link in chosen)
    text = _(
        "about your request %(number)s, these pages may help:\n\n%(listed)s\n\nThey belong to others. We are not"
        " responsible for what stands there or for what happens to data you enter there; read their own privacy policy."
    )
    return _subject(request), text % {
        "number": request.number,
        "listed": listed,
    }


def rule_in_words(rule: LegalDeadline) -> str:
    """A deadline as a page tells it: ``10 calendar days``."""
    return f"{rule.amount} {rule.get_unit_display()}"
