"""What is, by room: recipients, by whose leave, requests from outside, what left, who is told, checks, reviews."""

from disclosures.models.documents import Document, Reading
from disclosures.models.leave import Commitment, CommitmentStop, CustomerPermission, PermissionWithdrawal
from disclosures.models.recipients import Recipient, RecipientDetails, RecipientKind, RecipientMove
from disclosures.models.releases import (
    Approval,
    Disclosure,
    EmergencyReview,
    Package,
    PackageGone,
    PackageMade,
    Packing,
    Proposal,
)
from disclosures.models.requests import (
    AuthenticityCheck,
    DisclosureMatch,
    DisclosureMove,
    DisclosureReceived,
    DisclosureRequest,
    DisclosureSubject,
    Field,
)
from disclosures.models.reviews import (
    AccessReview,
    AccessVerdict,
    MonthReview,
    ReviewBegun,
    Reviewed,
    ReviewVerdict,
    WhySeen,
)
from disclosures.models.tampering import FreezeLift, TamperCheck
from disclosures.models.telling import CustomerTold, LogExport, NonDisclosure, RecipientTold, Statement

__all__ = [
    "AccessReview",
    "AccessVerdict",
    "Approval",
    "AuthenticityCheck",
    "Commitment",
    "CommitmentStop",
    "CustomerPermission",
    "CustomerTold",
    "Disclosure",
    "DisclosureMatch",
    "DisclosureMove",
    "DisclosureReceived",
    "DisclosureRequest",
    "DisclosureSubject",
    "Document",
    "EmergencyReview",
    "Field",
    "FreezeLift",
    "LogExport",
    "MonthReview",
    "NonDisclosure",
    "Package",
    "PackageGone",
    "PackageMade",
    "Packing",
    "PermissionWithdrawal",
    "Proposal",
    "Reading",
    "Recipient",
    "RecipientDetails",
    "RecipientKind",
    "RecipientMove",
    "RecipientTold",
    "ReviewBegun",
    "ReviewVerdict",
    "Reviewed",
    "Statement",
    "TamperCheck",
    "WhySeen",
]
