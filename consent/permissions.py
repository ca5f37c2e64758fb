"""Who records what customers say, who writes to customers, who keeps policies. Each predicate has its queryset twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

from consent.models import (
    ConsentEvent,
    ContactLimit,
    ContactRefusal,
    Message,
    MessageTemplate,
    PolicyAcceptance,
    PolicyVersion,
    Purpose,
)
from customers.models import Customer, StaffMember
from customers.permissions.customers import customers_visible_to
from customers.permissions.standing import customers_where, holds_at_desk, rights_at_desk, standing_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser

RECORD, WRITE, KEEP = "record_consent", "write_to_customers", "keep_policies"


def can_record_consent(person: Person, customer: Customer) -> bool:
    """True where the person may record what this customer says about being contacted."""
    return standing_of(person, RECORD).holds(RECORD, customer)


def customers_with_consent_recorded_by(person: Person) -> QuerySet[Customer]:
    """The customers whose consents and opt-outs a person may record."""
    return customers_where(person, RECORD)


def can_write_to(person: Person, customer: Customer) -> bool:
    """True where the person may write to this customer."""
    return standing_of(person, WRITE).holds(WRITE, customer)


def customers_written_to_by(person: Person) -> QuerySet[Customer]:
    """The customers a person may write to."""
    return customers_where(person, WRITE)


def can_keep_policies(person: Person) -> bool:
    """True for who keeps purposes, policy versions, limits and templates, and sees what the gate stopped."""
    return holds_at_desk(person, KEEP)


def _of_customers(model: type[Model]) -> Any:
    return lambda person: model._default_manager.filter(customer__in=customers_visible_to(person))


def _for_keepers(model: type[Model]) -> Any:
    return lambda person: model._default_manager.filter(**({} if can_keep_policies(person) else {"pk__in": ()}))


def _at_the_desk(model: type[Model]) -> Any:
    return lambda person: model._default_manager.filter(**({} if rights_at_desk(person) else {"pk__in": ()}))


TWINS: dict[type[Model], Any] = {
    ConsentEvent: _of_customers(ConsentEvent),
    Message: _of_customers(Message),
    PolicyAcceptance: _for_keepers(PolicyAcceptance),
    ContactRefusal: _for_keepers(ContactRefusal),
    Purpose: _at_the_desk(Purpose),
    PolicyVersion: _at_the_desk(PolicyVersion),
    ContactLimit: _at_the_desk(ContactLimit),
    MessageTemplate: _at_the_desk(MessageTemplate),
}
"""Which rows of this app's tables a person may see; registered with those of ``customers`` when the app is ready."""
