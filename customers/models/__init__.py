"""Every model of the app, to be imported from here.

The log's own tables are defined in ``customers.evidence``, ``KeyCheck`` in ``customers.vault``. Models hold fields,
constraints and tables of transitions; the acts that write them are in ``customers.casework`` and its siblings.
"""

from customers.evidence.models import Anchoring, Checkpoint, Head, Leaf
from customers.evidence.schema import SchemaRecord
from customers.models.access import (
    AccessGrant,
    AccessGrantEnd,
    Budget,
    BudgetAllowance,
    CustomerGroupPermission,
    CustomerUserPermission,
)
from customers.models.contact_points import ContactPoint, ContactPointAdded, ContactPointMove
from customers.models.corrections import Correction, CorrectionMove, CorrectionProposed
from customers.models.customer import Customer, NameIndex, ServiceAccess
from customers.models.holds import Hold, HoldContact, HoldMove, HoldOpened
from customers.models.information_requests import (
    InformationAnswer,
    InformationAsked,
    InformationMove,
    InformationRequest,
    OutsideLink,
    OutsideLinkChange,
)
from customers.models.installation import Installation
from customers.models.notices import AddressCheck, AddressCheckAnswer, Notice, NoticeOutcome
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
from customers.models.requests import CustomerRequest, LegalDeadline, RequestClock, RequestMove, RequestReceived
from customers.models.sign_ins import SignIn
from customers.models.staff import Membership, Role, StaffMember, Team, TeamGroupPermission, TeamUserPermission
from customers.vault.models import KeyCheck

__all__ = [
    "AccessChange",
    "AccessGrant",
    "AccessGrantEnd",
    "AddressCheck",
    "AddressCheckAnswer",
    "Anchoring",
    "Budget",
    "BudgetAllowance",
    "Checkpoint",
    "ContactPoint",
    "ContactPointAdded",
    "ContactPointMove",
    "Correction",
    "CorrectionMove",
    "CorrectionProposed",
    "Customer",
    "CustomerGroupPermission",
    "CustomerRequest",
    "CustomerUserPermission",
    "Find",
    "Head",
    "Hold",
    "HoldContact",
    "HoldMove",
    "HoldOpened",
    "ImportBatch",
    "InformationAnswer",
    "InformationAsked",
    "InformationMove",
    "InformationRequest",
    "Installation",
    "KeyCheck",
    "Leaf",
    "LegalDeadline",
    "Membership",
    "NameIndex",
    "Notice",
    "NoticeOutcome",
    "OutsideLink",
    "OutsideLinkChange",
    "Refusal",
    "RequestClock",
    "RequestMove",
    "RequestReceived",
    "Reveal",
    "Role",
    "SchemaRecord",
    "ServiceAccess",
    "ServiceAccessChange",
    "SignIn",
    "StaffMember",
    "Team",
    "TeamGroupPermission",
    "TeamUserPermission",
    "Verification",
    "VerificationClosure",
]
