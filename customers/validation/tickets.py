"""Numbers of the support system's tickets. They are kept in clear."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from customers.validation.errors import InvalidInput

TICKET = re.compile(r"#?[A-Za-z]{0,4}-?[0-9]{1,7}")
"""What a ticket number looks like: no address, no phone number and no date of birth does."""


def normal_ticket(text: str) -> str:
    """``#t-88120`` as ``T-88120``; "" for no ticket. Raises ``InvalidInput`` for what does not look like one."""
    if text and not TICKET.fullmatch(text):
        raise InvalidInput(_("That does not look like a ticket number, for example T-88120."))
    return text.removeprefix("#").upper()
