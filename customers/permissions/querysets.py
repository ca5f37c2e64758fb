"""Every table by its twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

from customers.models import (
    AccessGrant,
    BudgetAllowance,
    ContactPoint,
    Correction,
    Customer,
    CustomerRequest,
    Hold,
    InformationRequest,
    Leaf,
    LegalDeadline,
    OutsideLink,
    Refusal,
    ServiceAccess,
    StaffMember,
    Team,
    VerificationClosure,
)
from customers.models.registry import Registry
from customers.permissions.access import (
    allowances_visible_to,
    closures_visible_to,
    grants_visible_to,
    refusals_visible_to,
)
from customers.permissions.casework import corrections_visible_to, holds_visible_to, requests_visible_to
from customers.permissions.customers import customers_visible_to
from customers.permissions.staff import leaves_visible_to, staff_visible_to, teams_visible_to
from customers.permissions.standing import rights_at_desk

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = StaffMember | AnonymousUser


TWINS: Registry[type[Model], Callable[[Any], QuerySet[Any]]] = Registry(
    {
        Customer: customers_visible_to,
        ContactPoint: lambda person: ContactPoint.objects.filter(customer__in=customers_visible_to(person)),
        ServiceAccess: lambda person: ServiceAccess.objects.filter(customer__in=customers_visible_to(person)),
        CustomerRequest: requests_visible_to,
        Correction: corrections_visible_to,
        Hold: holds_visible_to,
        InformationRequest: lambda person: InformationRequest.objects.filter(customer__in=customers_visible_to(person)),
        LegalDeadline: lambda person: (
            LegalDeadline.objects.all() if rights_at_desk(person) else LegalDeadline.objects.none()
        ),
        OutsideLink: lambda person: OutsideLink.objects.all() if rights_at_desk(person) else OutsideLink.objects.none(),
        AccessGrant: grants_visible_to,
        Refusal: refusals_visible_to,
        VerificationClosure: closures_visible_to,
        BudgetAllowance: allowances_visible_to,
        StaffMember: staff_visible_to,
        Team: teams_visible_to,
        Leaf: leaves_visible_to,
    }
)
"""The queryset twin of each table: the rows a person may see. The apps above register those of their tables."""


def visible_to(model: type[Model], person: Person) -> QuerySet[Any]:
    """The rows of a table that a person may see; none of a table without a twin."""
    twin = TWINS.get(model)
    return twin(person) if twin else model._default_manager.none()
