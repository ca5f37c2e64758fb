"""Texts of the letters about being contacted, in the customer's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from consent.models import Channel, Purpose
from customers.messages.letters import in_their_language
from customers.models import Customer


def moment(at: datetime) -> str:
    """A time, by the clock in Vietnam, in the format of the letter's language."""
    local = timezone.localtime(at, timezone.get_default_timezone())
    return formatted(local, "H:i, j/n/Y" if get_language() == "vi" else "H:i, j F Y")


def listed(purposes: Iterable[Purpose]) -> str:
    """The names of purposes, one on each line."""
    return "\n".join(f"- {purpose.name}" for purpose in purposes)


@in_their_language
def opted_out(
    customer: Customer, at: datetime, stopped: list[Purpose], still_sent: list[Purpose], ways: list[Channel]
) -> tuple[str, str]:
    """Subject and text of the confirmation: what is no longer sent, since when, by which channels; what still is."""
    text = _(
        "as you asked, since %(at)s we no longer contact you by %(ways)s for:\n\n%(stopped)s\n\nYou will still get what"
        " your contract needs:\n\n%(still)s\n\nIf you did not ask for this, or change your mind, tell our support."
    )
    return _("You have opted out"), text % {
        "at": moment(at),
        "ways": ", ".join(str(way.label) for way in ways),
        "stopped": listed(stopped),
        "still": listed(still_sent),
    }


def footer(customer: Customer, purpose: Purpose, link: str) -> str:
    """The text below news: why the customer gets it, and the unsubscribe link."""
    with override(customer.locale):
        text = _("You get this as a customer: %(purpose)s. If you no longer want it, open this page:\n%(link)s")
        return text % {"purpose": purpose.name, "link": link}
