"""What reviewers said about a month in words: opened together, on one record."""

from __future__ import annotations

from django.utils.translation import gettext as _

from customers.models import StaffMember
from customers.validation.errors import InvalidInput
from disclosures.models import Reading, ReviewVerdict
from disclosures.recipients.documents import put_reading
from disclosures.reviews.periods import Month


def read_review(month: Month, *, by: StaffMember) -> list[tuple[ReviewVerdict, str]]:
    """Each verdict that has words, with them, the oldest first; superseded ones too.

    Raises ``InvalidInput`` where nobody said anything, ``Refused`` (on record) for whoever works on no disclosures.
    """
    rows = list(ReviewVerdict.objects.filter(month=str(month), words__isnull=False).select_related("by").order_by("pk"))
    if not rows:
        raise InvalidInput(_("Nobody has questioned anything in words."))
    reading = put_reading(Reading.What.REVIEW, rows, by=by)
    return [(row, row.words.expose(reading)) for row in rows]
