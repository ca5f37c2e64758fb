"""What the way in, and one's own sign-in, answer to everybody. No customer stands on any of them."""

from __future__ import annotations

from typing import Any

from tests import factories
from tests.canary.answers import CONFIRM, SHOWN, Answers, Page, all_get
from tests.canary.world import ANONYMOUS, NO_KEY, World
from tests.signing import code, forget_used_codes

OWN_SIGN_IN = "admin:own_sign_in"
PASSWORD = {"login": "colleague", "password": factories.PASSWORD}


def at_the_door(world: World, target: str) -> Answers:
    """The password is asked of who is not in; who is goes on to the desk."""
    return Answers(200, 302, 200, 200) if world.actor == ANONYMOUS else Answers(302, 302, 302, 302)


def own_factor(world: World, target: str) -> list[Any]:
    """The only second factor one has, which stays."""
    person = world.person
    held = None if person is None else person.authenticator_set.filter(type="totp").first()  # type: ignore[attr-defined]
    return [held.pk if held else NO_KEY]


def a_code(world: World, target: str) -> dict[str, Any]:
    """What the authenticator app shows, not used yet."""
    forget_used_codes()
    return {"code": code()}


SIGN_IN_PAGES: dict[str, Page] = {
    "account_login": Page(at_the_door, open_to_all=True, data=lambda w, t: PASSWORD, types=("login",)),
    "admin:login": Page(at_the_door, open_to_all=True, data=lambda w, t: PASSWORD, types=("login",)),
    "mfa_authenticate": Page(all_get(Answers(302, 302, 302, 302)), open_to_all=True, data=a_code),
    "enrol": Page(all_get(Answers(302, 302, 302, 302)), open_to_all=True, data=a_code),
    "admin:step_up": Page(all_get(Answers(200, 302, 400, 400)), data=a_code),
    OWN_SIGN_IN: Page(all_get(SHOWN)),
    OWN_SIGN_IN + "_add": Page(all_get(Answers(200, 400, 400, 400)), data=lambda w, t: {"code": "000000"}),
    OWN_SIGN_IN + "_codes": Page(all_get(SHOWN)),
    OWN_SIGN_IN + "_remove": Page(all_get(Answers(200, 400, 400, 400)), args=own_factor),
    OWN_SIGN_IN + "_elsewhere": Page(all_get(CONFIRM)),
}
