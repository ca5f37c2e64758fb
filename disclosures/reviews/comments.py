"""The reviewers' comments on a month, which are sealed: opening them together, on one record."""

from __future__ import annotations

from django.utils.translation import gettext as _

from customers.models import StaffMember
from customers.validation.errors import InvalidInput
from disclosures.models import Reading, ReviewVerdict
from disclosures.recipients.documents import put_reading
from disclosures.reviews.periods import Month


def read_review(month: Month, *, by: StaffMember) -> list[tuple[ReviewVerdict, str]]:
    """Open the words of all verdicts on a month, superseded ones included; pairs of verdict and words, oldest first.

    Raises ``InvalidInput`` where no verdict has words, ``Refused`` (on record) where ``by`` does not work on
    disclosures.
    """
    rows = list(ReviewVerdict.objects.filter(month=str(month), words__isnull=False).select_related("by").order_by("pk"))
    if not rows:
        raise InvalidInput(_("Nobody has questioned anything in words."))
    reading = put_reading(Reading.What.REVIEW, rows, by=by)
    return [(row, row.words.expose(reading)) for row in rows]
