"""The pages of the demo's story on which the tasks of a first hour are done."""

from __future__ import annotations

from enum import Enum

from django.urls import reverse

from config.demo.disclosures import IN_DANGER, MEANT
from config.demo.policy import CONTENT
from config.demo.story import HIJACKED, LATE, LEAVING, MOVED, OWN
from customers.models import Correction, CustomerRequest, Hold, StaffMember
from customers.permissions.casework import corrections_visible_to, requests_visible_to
from customers.permissions.customers import customers_visible_to
from customers.permissions.querysets import visible_to
from disclosures.models import DisclosureRequest, Recipient, RecipientKind


class StoryPart(Enum):
    """The part of the story that a task is about."""

    CALLER = OWN
    HIJACKED = HIJACKED
    LATE = LATE
    NEWS = CONTENT
    PROPOSED = MOVED
    LEAVING = LEAVING
    LETTER = MEANT
    EMERGENCY = IN_DANGER
    PROCESSOR = "processor"

    @property
    def passes(self) -> bool:
        """True where it is there only until somebody has dealt with it."""
        return self not in (StoryPart.CALLER, StoryPart.NEWS, StoryPart.PROCESSOR)


def lies_at(place: StoryPart, person: StaffMember) -> str:
    """The URL of that part's page; "" where it is no longer there, or the person may not see it."""
    if place in (StoryPart.CALLER, StoryPart.HIJACKED, StoryPart.NEWS):
        customers = customers_visible_to(person).filter(reference=place.value)
        if place is StoryPart.HIJACKED:  # nobody releases their own suspension
            open_holds = Hold.objects.filter(state=Hold.State.OPEN).exclude(opened_by=person)
            customers = customers.filter(pk__in=open_holds.values("customer"))
        customer = customers.first()
        return reverse("admin:customers_customer_change", args=[customer.pk]) if customer else ""
    if place in (StoryPart.LATE, StoryPart.LEAVING):
        requests = requests_visible_to(person).filter(customer__reference=place.value)
        request = requests.filter(state__in=CustomerRequest.UNFINISHED).order_by("pk").first()
        return reverse("admin:customers_customerrequest_change", args=[request.pk]) if request else ""
    if place is StoryPart.PROPOSED:
        corrections = corrections_visible_to(person).filter(state=Correction.State.PROPOSED)
        correction = corrections.filter(customer__reference=place.value).first()
        return reverse("admin:customers_correction_approve", args=[correction.pk]) if correction else ""
    if place is StoryPart.PROCESSOR:
        processors = visible_to(Recipient, person).filter(recipient_kind=RecipientKind.PROCESSOR)
        recipient = processors.order_by("pk").first()
        return reverse("admin:disclosures_recipient_change", args=[recipient.pk]) if recipient else ""
    letters = visible_to(DisclosureRequest, person).filter(subjects__customer__reference=place.value)
    if place is StoryPart.LETTER:
        letters = letters.filter(state=DisclosureRequest.State.RECEIVED)
    else:
        letters = letters.filter(in_emergency=True, emergency_review=None).exclude(proposed_by=person)
    letter = letters.order_by("-pk").first()
    return reverse("admin:disclosures_disclosurerequest_change", args=[letter.pk]) if letter else ""
