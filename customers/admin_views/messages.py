"""Messages after an act: its result, and whether its letters were sent."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from customers.messages.notices import Letter


def flash_result(request: HttpRequest, done: str, letters: Iterable[Letter | None] | Letter | None = ()) -> None:
    """Add the message ``done``, then one for each letter: sent, not sent, or unknown; None: no address to write to."""
    messages.success(request, done)
    rows = [letters] if isinstance(letters, Letter) or letters is None else list(letters)
    for letter in rows:
        if letter is None:
            messages.warning(request, _("No letter was sent: there is no address in use that may be written to."))
        elif letter.outcome is None:
            messages.warning(request, _("Whether the letter left could not be put on record. What was done stands."))
        elif letter.left:
            messages.info(request, _("The letter has left."))
        else:
            messages.error(
                request,
                _("The letter did not leave. What was done stands; see that mail works, then tell the customer."),
            )
