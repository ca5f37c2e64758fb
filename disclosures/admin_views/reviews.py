"""Pages that look back: a month of the log on one page with one form, and what is questioned in words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from customers.admin_views.base import act_page, get_or_post, page, post_data, require_permission
from customers.models import Leaf, StaffMember
from customers.permissions.reader import reader
from customers.validation.calendar import today
from disclosures.admin_forms.recipients import NothingForm
from disclosures.admin_forms.reviews import VerdictsForm, named_in
from disclosures.admin_views.base import ON_RECORD
from disclosures.models import MonthReview, ReviewBegun, ReviewVerdict
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_read_disclosures, can_review
from disclosures.reviews.comments import read_review
from disclosures.reviews.due_dates import log_began
from disclosures.reviews.entries import Review, ReviewedEntry, review_of, shown
from disclosures.reviews.monthly import Judgement, SignedOff, begin, judge, sign_off
from disclosures.reviews.periods import Month
from disclosures.templatetags.reviewing import month_name

PAGE = "admin/disclosures/monthreview/page.html"
MOST = 100
"""So many entries stand on a page to be judged at once; the next ones follow when these are."""


def month_url(month: Month) -> str:
    """Where a month's page is."""
    return reverse("admin:disclosures_monthreview_month", args=[month])


def month_or_404(text: str) -> Month:
    """The month of that name, of those that the log has known."""
    month, began = Month.parse(text), log_began()
    if month is None or began is None or not began <= month <= Month.of(today()):
        raise Http404
    return month


@get_or_post
def month_view(request: HttpRequest, month: str) -> HttpResponse:
    """A month to be looked at. POST begins it; then puts verdicts on record and, where asked to, signs it off."""
    person = reader(request)
    require_permission(
        request, can_review(person) or (request.method != "POST" and can_read_disclosures(person)), DisclosureAct.JUDGE
    )
    asked = month_or_404(month)
    begun = ReviewBegun.objects.filter(month=str(asked)).first()
    if begun is None:
        return _begin(request, asked, person)
    review = review_of(begun)
    if request.method == "POST" and "seen" not in request.POST:
        return redirect(month_url(asked))  # a list that did not know yet that somebody had begun
    return _judge(request, review, person)


def _begin(request: HttpRequest, month: Month, person: StaffMember) -> HttpResponse:
    """The page before it is begun, for readers without a button."""

    def act() -> str:
        begin(month, by=person)
        return month_url(month)

    context = {
        "title": _("Begin the review of %(month)s") % {"month": month_name(month)},
        "back": reverse("admin:disclosures_monthreview_changelist"),
        "button": _("Begin"),
        "on_record": _("What is drawn by lot is fixed and on record from then on, and nobody chooses it."),
    }
    if not can_review(person):
        return page(request, PAGE, {**context, "title": _title(month), "month": month, "tab": "reviews"})
    return act_page(request, NothingForm(post_data(request)), act, context)


def _judge(request: HttpRequest, review: Review, person: StaffMember) -> HttpResponse:
    judges = can_review(person) and review.signed is None
    mine = review.to_judge(person) if judges else []
    others = review.for_others(person) if judges else []
    form = _form(request, review, person, mine) if judges else None
    context = _context(review, form, person)
    if form is None:
        return page(request, PAGE, context)
    context |= {"signs": not others and len(mine) <= MOST, "others": len(others), "left": max(0, len(mine) - MOST)}

    def act(seen: int, **said: Any) -> str:
        verdicts = {review.by_name[name].named: Judgement(*each) for name, each in form.said.items()}
        if verdicts:
            judge(review.month, verdicts, by=person, seen=seen)
        if form.signs:
            _say(request, sign_off(review.month, by=person))
        else:
            messages.success(request, _("Your verdicts are on record."))
        return month_url(review.month)

    signing = request.method == "POST" and form.is_valid() and form.signs
    return act_page(request, form, act, context, PAGE, fresh=signing)


def _form(request: HttpRequest, review: Review, person: StaffMember, mine: list[ReviewedEntry]) -> VerdictsForm:
    """What waits for this person, what is to be judged again, and what a page that was sent had on it."""
    again = request.GET.get("again", "")
    asked = [*(entry.name for entry in mine[:MOST]), again, *named_in(post_data(request))]
    names = [name for name in asked if name in review.by_name and not review.by_name[name].part.has(person)]
    choices = ReviewVerdict.Verdict.choices
    return VerdictsForm(
        post_data(request), names=names, choices=choices, with_words=True, initial={"seen": review.newest}
    )


def _context(review: Review, form: VerdictsForm | None, person: StaffMember) -> dict[str, Any]:
    """What the page shows: rows to judge, what waits for somebody else, what has its verdict."""
    names = set(form.names) if form else set()
    rest = [entry for entry in review.entries if entry.name not in names]
    waiting = [entry for entry in rest if entry.verdict is None]
    own = {entry.name for entry in review.entries if entry.part.has(person)}
    to_judge = shown((entry for entry in review.entries if entry.name in names), review.month)
    rows = [(each, *form.fields_of(each.entry.name)) for each in to_judge] if form else []
    return {
        "title": _title(review.month),
        "tab": "reviews",
        "month": review.month,
        "review": review,
        "must_see": [row for row in rows if row[0].entry.whys != ["sample"]],
        "sampled": [row for row in rows if row[0].entry.whys == ["sample"]],
        "waiting": shown(waiting[:MOST], review.month),
        "judged": shown([entry for entry in review.judged if entry.name not in names][:MOST], review.month),
        "own": own,
        "judges": form is not None,
        "reads_words": can_review(person) and ReviewVerdict.objects.filter(
            month=str(review.month), words__isnull=False
        ).exists(),
        "entry": _entry_of(review.signed),
        "on_record": ON_RECORD,
    }  # fmt: skip


def _entry_of(signed: MonthReview | None) -> int | None:
    """The sign-off's number in the log."""
    if signed is None:
        return None
    leaf = Leaf.objects.filter(table_name=MonthReview._meta.db_table, row_key=str(signed.pk))
    return leaf.values_list("seq", flat=True).first()


def _title(month: Month) -> str:
    return _("Review of %(month)s") % {"month": month_name(month)}


def _say(request: HttpRequest, signed: SignedOff) -> None:
    if signed.anchored is None:
        messages.warning(
            request, _("Signed off. The checkpoint could not be anchored; ask for `manage.py checkpoint` to be run.")
        )
    else:
        messages.success(request, _("Signed off, and anchored outside the database."))


@get_or_post
def words_view(request: HttpRequest, month: str) -> HttpResponse:
    """POST puts the reading on record and shows what was questioned, on this one response."""
    person = reader(request)
    require_permission(request, can_review(person), DisclosureAct.READ_DISCLOSURE)
    asked = month_or_404(month)
    begun = ReviewBegun.objects.filter(month=str(asked)).first()
    if begun is None:
        raise Http404
    review = review_of(begun)

    def act() -> HttpResponse:
        told = read_review(asked, by=person)
        rows = {each.entry.named: each for each in shown(review.entries_of(row.named for row, _words in told), asked)}
        context = {
            "title": _title(asked), "month": asked, "seconds": settings.REVEAL_SECONDS, "back": month_url(asked),
            "rows": [(rows[row.named], row, words) for row, words in told],
        }  # fmt: skip
        answer = page(request, "admin/disclosures/monthreview/words.html", context)
        answer["Refresh"] = f"{settings.REVEAL_SECONDS}; url={month_url(asked)}"
        return answer

    context = {
        "title": _("Read what was questioned"), "button": _("Read"), "back": month_url(asked),
        "on_record": _("That you read it goes on record."),
    }  # fmt: skip
    return act_page(request, NothingForm(post_data(request)), act, context)
