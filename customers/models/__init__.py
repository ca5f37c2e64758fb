"""What is: the tables of the ground floor, by room."""

from customers.evidence.models import Checkpoint, Head, Leaf
from customers.evidence.schema import SchemaRecord
from customers.models.access import (
    AccessGrant,
    AccessGrantEnd,
    Budget,
    BudgetAllowance,
    CustomerGroupPermission,
    CustomerUserPermission,
)
from customers.models.customer import ContactPoint, Customer, NameIndex, ServiceAccess
from customers.models.installation import Installation
from customers.models.people import Membership, Role, StaffMember, Team, TeamGroupPermission, TeamUserPermission
from customers.models.records import (
    AccessChange,
    Find,
    ImportBatch,
    Refusal,
    Reveal,
    ServiceAccessChange,
    Verification,
    VerificationClosure,
)
from customers.vault.models import KeyCheck

__all__ = [
    "AccessChange",
    "AccessGrant",
    "AccessGrantEnd",
    "Budget",
    "BudgetAllowance",
    "Checkpoint",
    "ContactPoint",
    "Customer",
    "CustomerGroupPermission",
    "CustomerUserPermission",
    "Find",
    "Head",
    "ImportBatch",
    "Installation",
    "KeyCheck",
    "Leaf",
    "Membership",
    "NameIndex",
    "Refusal",
    "Reveal",
    "Role",
    "SchemaRecord",
    "ServiceAccess",
    "ServiceAccessChange",
    "StaffMember",
    "Team",
    "TeamGroupPermission",
    "TeamUserPermission",
    "Verification",
    "VerificationClosure",
]
