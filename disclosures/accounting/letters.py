"""Texts of letters about disclosures: to customers in their language, to recipients in Vietnamese or English."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.messages.delivery import Words
from customers.messages.letters import day, in_their_language
from customers.models import Customer
from disclosures.descriptions import fields_in_words
from disclosures.models import Disclosure, DisclosureRequest
from disclosures.requests.decisions import ScopeLine, settled_lines


@in_their_language
def disclosed(customer: Customer, entry: Disclosure) -> tuple[str, str]:
    """To a customer, once an order not to tell has ended: which fields went to whom, when, and on which basis."""
    values = {
        "recipient": entry.details.shown,
        "day": day(entry.at),
        "fields": fields_in_words(entry.fields),
        "basis": entry.get_basis_display(),
    }
    text = _(
        "on %(day)s we gave the following of your data to %(recipient)s: %(fields)s.\nBasis: %(basis)s.\n\nWe were not"
        " allowed to tell you earlier. You may ask us at any time who has received your data."
    )
    return _("Your data was given to somebody"), text % values


def corrected(entry: Disclosure, language: str = "vi") -> Words:
    """To a recipient: data of this disclosure was corrected since. Neither field nor value is named."""
    with override(language):
        values = {"number": entry.request.number, "day": day(entry.at), "theirs": entry.request.number_given or "–"}
        text = _(
            "on %(day)s you received data from us under our number %(number)s (yours: %(theirs)s). Some of it has been"
            " corrected since. Please do not rely on it any longer; ask us anew if you still need it."
        )
        subject = _("Correction of data under %(number)s") % {"number": entry.request.number}
        return Words(
            language, subject, f"{_greeting(entry.request)}\n\n{text % values}\n\n{settings.CONTROLLER_NAME}\n"
        )


ANSWERED = ("disclosed", "closed")
"""States of a request in which there is an answer to print."""


def answer(request: DisclosureRequest, language: str) -> Words:
    """To the sender of a request: fields given, fields withheld and why. It names no customer and no value."""
    with override(language):
        theirs = ", ".join(filter(None, [request.number_given, request.instrument])) or "–"
        begin = _("with regard to your request %(theirs)s, which came in on %(day)s (our number %(number)s):") % {
            "theirs": theirs,
            "day": day(request.received_at),
            "number": request.number,
        }
        closed = day(request.state_since or timezone.now())
        close = f"{settings.CONTROLLER_NAME}, {closed}"
        text = f"{_greeting(request)}\n\n{begin}\n\n{_answered(request)}\n\n{close}"
        return Words(language, _("Answer to your request"), text)


def _greeting(request: DisclosureRequest) -> str:
    """The salutation of a letter to a recipient; the name of one that a customer named is masked."""
    current = request.recipient.current
    return _("To: %(recipient)s\n\nDear Sir or Madam,") % {"recipient": current.shown if current else request.recipient}


def _answered(request: DisclosureRequest) -> str:
    """The body of an answer, by the outcome of the request."""
    if request.outcome == DisclosureRequest.Outcome.NO_DATA:
        return _("We hold no data about anybody whom it names.")
    if request.outcome == DisclosureRequest.Outcome.WITHDRAWN:
        return _("You have withdrawn it; we have closed it and given nothing.")
    if request.outcome == DisclosureRequest.Outcome.REFUSED:
        move = request.moves.filter(how="refuse").latest("pk")
        return _("We give no data. Reason: %(why)s.") % {"why": DisclosureRequest.WhyRefused(move.why).label}
    lines = settled_lines(request)
    sentences = [_("We give, in a package sealed to your key: %(fields)s.") % {"fields": _fields(lines, give=True)}]
    for why in dict.fromkeys(line.why for line in lines if not line.give and line.held):
        fields = _fields([line for line in lines if line.why == why and line.held], give=False)
        reason = DisclosureRequest.WhyWithheld(why).label
        sentences.append(_("We withhold: %(fields)s. Reason: %(why)s.") % {"fields": fields, "why": reason})
    if fields := _fields([line for line in lines if not line.held], give=False):
        sentences.append(_("We do not hold: %(fields)s.") % {"fields": fields})
    if request.missed:
        sentences.append(_("Somebody whom it names is not on file here."))
    return "\n".join(sentences)


def _fields(lines: list[ScopeLine], *, give: bool) -> str:
    return fields_in_words(list(dict.fromkeys(line.field for line in lines if line.give is give)))
