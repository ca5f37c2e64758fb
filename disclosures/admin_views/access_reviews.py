"""The page on which reviewers look through who holds which roles and grants, person by person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.admin_views.base import act_page, get_or_post, page, post_data, require_permission
from customers.models import StaffMember
from customers.permissions.reader import reader
from customers.validation.calendar import today
from disclosures.admin_forms.reviews import VerdictsForm, named_in
from disclosures.admin_views.base import ON_RECORD
from disclosures.models import AccessReview, AccessVerdict
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_read_disclosures, can_review
from disclosures.reviews.access import Held, end_grants, held, judge_access, sign_off_access
from disclosures.reviews.periods import Quarter
from disclosures.templatetags.reviewing import quarter_name

PAGE = "admin/disclosures/accessreview/page.html"
MOST = 200
"""So many roles and grants stand on a page to be judged at once; the next ones follow when these are."""


def quarter_url(quarter: Quarter) -> str:
    """Where a quarter's page is."""
    return reverse("admin:disclosures_accessreview_quarter", args=[quarter])


@get_or_post
def quarter_view(request: HttpRequest, quarter: str) -> HttpResponse:
    """Who holds what, while the quarter runs. POST puts verdicts on record and, where asked to, signs it off."""
    person = reader(request)
    asked = Quarter.parse(quarter)
    require_permission(
        request,
        can_review(person) or (request.method != "POST" and can_read_disclosures(person)),
        DisclosureAct.JUDGE_ACCESS,
    )
    if asked is None or asked != Quarter.of(today()):
        raise Http404
    signed = AccessReview.objects.filter(quarter=str(asked)).select_related("by").first()
    found = held(asked)
    judges = can_review(person) and signed is None
    mine = [each for each in found if each.verdict is None and each.person.pk != person.pk] if judges else []
    form = _form(request, found, person, mine) if judges else None
    context = _context(asked, found, form, person) | {"signed": signed}
    if form is None:
        if request.method == "POST":
            raise Http404
        return page(request, PAGE, context)
    by_name = {each.name: each for each in found}

    def act(seen: int, **given: Any) -> str:
        said = {by_name[name].named: verdict for name, (verdict, _words) in form.said.items()}
        if said:
            judge_access(asked, said, by=person, seen=seen)
            _say_ended(request, end_grants(said, by=person))
        if form.signs:
            sign_off_access(asked, by=person)
            messages.success(request, _("Signed off."))
        else:
            messages.success(request, _("Your verdicts are on record."))
        return quarter_url(asked)

    others = [each for each in found if each.verdict is None and each.person.pk == person.pk]
    context |= {"signs": not others and len(mine) <= MOST, "others": len(others), "left": max(0, len(mine) - MOST)}
    signing = request.method == "POST" and form.is_valid() and form.signs
    return act_page(request, form, act, context, PAGE, fresh=signing)


def _form(request: HttpRequest, found: list[Held], person: StaffMember, mine: list[Held]) -> VerdictsForm:
    """What waits for this person, what is to be judged again, and what a page that was sent had on it."""
    theirs = {each.name for each in found if each.person.pk != person.pk}
    asked = [*(each.name for each in mine[:MOST]), request.GET.get("again", ""), *named_in(post_data(request))]
    newest = max((each.verdict.pk for each in found if each.verdict), default=0)
    return VerdictsForm(
        post_data(request), names=[name for name in asked if name in theirs], choices=AccessVerdict.Verdict.choices,
        with_words=False, initial={"seen": newest},
    )  # fmt: skip


def _context(quarter: Quarter, found: list[Held], form: VerdictsForm | None, person: StaffMember) -> dict[str, Any]:
    names = set(form.names) if form else set()
    return {
        "title": _("Access review, %(quarter)s") % {"quarter": quarter_name(quarter)},
        "tab": "access",
        "quarter": quarter,
        "rows": [(each, form.fields_of(each.name)[0]) for each in found if form and each.name in names],
        "waiting": [each for each in found if each.name not in names and each.verdict is None],
        "judged": [each for each in found if each.name not in names and each.verdict is not None],
        "own": person.pk,
        "judges": form is not None,
        "superusers": StaffMember.objects.filter(is_superuser=True, is_active=True).order_by("username"),
        "on_record": ON_RECORD,
    }


def _say_ended(request: HttpRequest, many: int) -> None:
    if many:
        messages.success(request, ngettext("%(n)s grant was ended.", "%(n)s grants were ended.", many) % {"n": many})
