"""What every page of the site answers to everybody. A page without a line here fails the walk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from customers.models import Role, Team
from tests import factories
from tests.canary.answers import (
    CONFIRM,
    CUSTOMERS,
    FORM,
    GONE,
    NOT_FOR_YOU,
    REASON,
    SHOWN,
    Answers,
    Judge,
    Page,
    all_get,
    everything_seen,
    of_seen,
    only,
    the_customer,
    the_target,
)  # fmt: skip
from tests.canary.expectations_of_consent import CONSENT_PAGES
from tests.canary.expectations_of_disclosures import DISCLOSURE_PAGES
from tests.canary.expectations_of_reviews import REVIEW_PAGES
from tests.canary.expectations_of_rules import RULES_PAGES
from tests.canary.expectations_of_sign_in import SIGN_IN_PAGES
from tests.canary.expectations_of_tamper import TAMPER_PAGES
from tests.canary.expectations_of_work import WORK_PAGES
from tests.canary.planting import CANARIES
from tests.canary.world import (
    APPROVER,
    AUDITOR,
    BREAKS_GLASS,
    DECIDES,
    ENDED,
    FINDS,
    LEAD,
    MANAGES,
    MISSING,
    NO_KEY,
    OFFICER,
    OTHER,
    OWN,
    READS_LOG,
    SEES,
    SUPERUSER,
    VERIFIES,
    WATCHES,
    World,
)  # fmt: skip

# --- who gets which answer ---------------------------------------------------------------------------------------


def all_of_the_log(world: World, target: str) -> set[str]:
    """Both: the log names references."""
    return {OWN, OTHER}


def reviewed(world: World, target: str) -> set[str]:
    """Both for those who review, Hanoi's for its lead."""
    return {OWN} if world.actor == LEAD else {OWN, OTHER}


def found_elsewhere(world: World, target: str) -> set[str]:
    """The customer that the actor's own search found."""
    return {OTHER}


def glass(world: World, target: str) -> Answers:
    """Break glass: on one's own search and the customer it found elsewhere."""
    if world.actor not in BREAKS_GLASS:
        return NOT_FOR_YOU
    return FORM if target == OTHER else GONE


def a_grant(world: World, target: str) -> Answers:
    """The page that ends a grant."""
    visible = {LEAD: {OWN}, **{each: {OWN, OTHER} for each in (OFFICER, APPROVER, AUDITOR)}}.get(world.actor, set())
    return GONE if target not in visible else CONFIRM if world.actor in DECIDES else NOT_FOR_YOU


def about_staff(answers: Answers, oneself: Answers) -> Judge:
    """A page that does something about a person; ``OTHER`` is oneself."""

    def judge(world: World, target: str) -> Answers:
        if world.actor not in MANAGES:
            return NOT_FOR_YOU
        return GONE if target == MISSING else oneself if target == OTHER else answers

    return judge


# --- what is asked for and typed ----------------------------------------------------------------------------------


def person(world: World, target: str) -> list[Any]:
    return [world.key(world.staff, target)]


def a_membership(world: World, target: str) -> list[Any]:
    """A person's role: one's own is refused, another's taken away."""
    if target == MISSING:
        return [world.staff[OWN].pk, NO_KEY]
    held = world.staff[target].memberships.first()
    return [world.staff[target].pk, held.pk if held else NO_KEY]


def end_of_a_role(world: World, target: str) -> Answers:
    """As for staff; a superuser has no role of his own to end."""
    own = world.actor == SUPERUSER and target == OTHER
    return GONE if own else about_staff(CONFIRM, Answers(200, 403, 403, 403))(world, target)


def a_grant_for(world: World, target: str) -> dict[str, Any]:
    until = timezone.localdate() + timedelta(days=1)
    rights = ["see_customers", "reveal_email"]
    return {"person": world.staff[OWN].pk, "rights": rights, "last": until.isoformat(), "reason": "cover"}


def a_role(world: World, target: str) -> dict[str, Any]:
    return {"role": Role.objects.get(name=LEAD).pk, "team": Team.objects.get(name="Hanoi").pk}


def said(world: World, target: str) -> dict[str, Any]:
    return {"email": CANARIES["Hanoi ContactPoint.email"].value, "phone": CANARIES["Hanoi ContactPoint.phone"].value}


PASSWORDS = {"old_password": factories.PASSWORD, "new_password1": "quite another battery", "usable_password": "true"}
PASSWORDS["new_password2"] = PASSWORDS["new_password1"]
SEARCH = {"text": CANARIES["Da Nang ContactPoint.email"].value}
GRANTS = "admin:customers_accessgrant_"
STAFF, TEAM, LOG = "admin:customers_staffmember_", "admin:customers_team_", "admin:customers_leaf_"

PAGES: dict[str, Page] = {
    "set_language": Page(all_get(Answers(302, 302, 302, 302)), data=lambda w, t: {"language": "vi"}, open_to_all=True),
    "password_reset_confirm": Page(
        all_get(Answers(200, 302, 302, 302)), args=lambda w, t: list(w.sign_in_link), open_to_all=True
    ),
    "admin:index": Page(
        all_get(SHOWN), may_show=lambda w, t: {OWN, OTHER} if w.actor in READS_LOG else everything_seen(w, t)
    ),
    "admin:logout": Page(all_get(Answers(405, 200, 200, 200))),
    "admin:password_change": Page(all_get(Answers(200, 302, 200, 200)), data=lambda w, t: PASSWORDS),
    "admin:password_change_done": Page(all_get(Answers(200, 405, 405, 405))),
    "admin:help": Page(all_get(Answers(200, 405, 405, 405))),
    "admin:app_list": Page(all_get(Answers(302, 302, 302, 302)), args=lambda w, t: ["customers"]),
    CUSTOMERS + "find": Page(only(FINDS, FORM), data=lambda w, t: SEARCH, types=("text",)),
    CUSTOMERS + "found": Page(
        lambda w, t: NOT_FOR_YOU if w.actor not in FINDS else SHOWN if t == OWN else GONE,
        args=lambda w, t: [w.key(w.finds, t)], shows=found_elsewhere,
    ),
    CUSTOMERS + "break_glass": Page(
        glass, args=lambda w, t: [w.key(w.finds, OWN), w.reference(t)], data=lambda w, t: REASON,
        shows=the_target, types=("ticket", "text"),
    ),
    CUSTOMERS + "verify": Page(
        of_seen(VERIFIES, FORM), args=the_customer, data=said, shows=the_target,
        types=("email", "phone", "name"),
    ),
    CUSTOMERS + "grant": Page(
        of_seen(DECIDES, FORM), args=the_customer, data=a_grant_for, shows=the_target,
        types=("ticket", "text"),
    ),
    CUSTOMERS + "changelist": Page(only({*SEES, ENDED}, SHOWN), shows=everything_seen),
    CUSTOMERS + "change": Page(of_seen(SEES, SHOWN), args=the_customer, shows=the_target),
    GRANTS + "watch": Page(only(WATCHES, SHOWN), shows=reviewed),
    GRANTS + "allow": Page(
        only(DECIDES, Answers(405, 302, 400, 400), Answers(405, 403, 403, 403)),
        data=lambda w, t: {"person": w.staff[OWN].pk, "budget": "reveal"},
    ),
    GRANTS + "end": Page(
        a_grant, args=lambda w, t: [w.key(w.grants, t)], shows=the_target
    ),
    GRANTS + "changelist": Page(only(WATCHES, SHOWN), shows=reviewed),
    "admin:customers_refusal_changelist": Page(only(WATCHES, SHOWN)),
    "admin:customers_verificationclosure_changelist": Page(only(WATCHES, SHOWN), shows=reviewed),
    STAFF + "add": Page(
        only(MANAGES, FORM), types=("username", "first_name", "email"),
        data=lambda w, t: {"username": "newcomer", "first_name": "New", "email": "newcomer@example.com"},
    ),
    STAFF + "give_role": Page(about_staff(FORM, Answers(200, 403, 400, 400)), args=person, data=a_role),
    STAFF + "end_role": Page(end_of_a_role, args=a_membership),
    STAFF + "end": Page(about_staff(CONFIRM, Answers(200, 403, 403, 403)), args=person),
    STAFF + "take_back": Page(
        about_staff(CONFIRM, Answers(200, 403, 403, 403)),
        args=lambda w, t: [w.ended.pk if t == OWN else w.key(w.staff, t)],
    ),
    STAFF + "link": Page(about_staff(CONFIRM, Answers(200, 403, 403, 403)), args=person),
    STAFF + "reset": Page(about_staff(CONFIRM, Answers(200, 403, 403, 403)), args=person),
    STAFF + "sessions": Page(about_staff(CONFIRM, Answers(200, 403, 403, 403)), args=person),
    STAFF + "changelist": Page(only(MANAGES, SHOWN)),
    STAFF + "change": Page(
        lambda w, t: SHOWN if w.actor in MANAGES and t != MISSING else GONE, args=person
    ),
    TEAM + "add": Page(only(MANAGES, FORM), data=lambda w, t: {"name": "Hue 2"}, types=("name",)),
    TEAM + "changelist": Page(only(MANAGES, SHOWN)),
    LOG + "changelist": Page(only(READS_LOG, SHOWN), shows=all_of_the_log),
    LOG + "change": Page(
        lambda w, t: SHOWN if w.actor in READS_LOG and t != MISSING else GONE,
        args=lambda w, t: [NO_KEY if t == MISSING else w.newest], may_show=all_of_the_log,
    ),
}  # fmt: skip
"""Every page by the name of its URL; where one URL does several things, a word after a space says which."""
PAGES |= WORK_PAGES | CONSENT_PAGES | DISCLOSURE_PAGES | REVIEW_PAGES | RULES_PAGES | SIGN_IN_PAGES | TAMPER_PAGES


def url_name(page: str) -> str:
    """The name of a page's URL."""
    return page.partition(" ")[0]


def every_url() -> set[str]:
    """The names of every URL the site has; one without a name stands as its route.

    The admin's last one takes whatever nothing else took, and has nothing to show.
    """
    return set(_names(get_resolver(), "")) - {"admin:(?P<url>.*)$"}


def _names(resolver: URLResolver, space: str) -> Iterable[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _names(each, f"{space}{each.namespace}:" if each.namespace else space)
        elif isinstance(each, URLPattern):
            yield f"{space}{each.name}" if each.name else f"{space}{each.pattern}"
