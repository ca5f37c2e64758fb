"""Every kind of page of the desk, with an example of each, as somebody meets it who may open it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.urls import reverse

from tests import factories
from tests.canary.expectations import PAGES, url_name
from tests.canary.world import LEAD, OFFICER, OTHER, OWN, ROLES, World, own_find, world_of

FOR_EACH_ROLE = {
    "admin:index",
    "admin:customers_customer_change",
    "admin:customers_customerrequest_change",
    "admin:customers_accessgrant_watch",
    "admin:disclosures_disclosurerequest_change",
    "admin:disclosures_disclosurerequest_change proposed",
}
"""Pages that show each role another face; of the others one role's is enough."""

DOWNLOADS = {
    "admin:consent_consentevent_receipt_json",
    "admin:consent_consentevent_receipt_zip",
    "admin:disclosures_disclosure_export",
}
SAME_PAGE = "admin:customers_customer_reveal "
"""Ways of asking for a page that differ in what is asked about, not in how the page looks."""


@dataclass(frozen=True)
class Example:
    """One page, as one person sees it."""

    name: str
    username: str
    url: str

    def __str__(self) -> str:
        return f"{self.name} ({self.username})"


def examples() -> list[Example]:
    """An example of every page that answers a GET, by person, so that each signs in once.

    What there is to be opened is the canary walk's own list, which misses no URL of the site.
    """
    world, seen = world_of(LEAD), set[str]()
    found = [each for role in (OFFICER, *ROLES) for each in _of_role(replace(world, actor=role), seen)]
    return sorted(found, key=lambda each: each.username)


def _of_role(world: World, seen: set[str]) -> Iterator[Example]:
    role = world.actor
    if role in seen:
        return
    seen.add(role)
    if role != LEAD:
        world.person = factories.person(role.lower().replace(" ", "-"), role, "Hanoi")
        world.finds = {**world.finds, OWN: own_find(world.person)}
    for name, page in PAGES.items():
        if name in DOWNLOADS or name.startswith(SAME_PAGE) or (name in seen and name not in FOR_EACH_ROLE):
            continue
        for target in (OWN, OTHER):
            if page.answers(world, target).get == 200:
                seen.add(name)
                url = reverse(url_name(name), args=page.args(world, target)) + page.query
                yield Example(name, str(world.person), url)
                break
