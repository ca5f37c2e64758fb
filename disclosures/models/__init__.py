"""What is: recipients, by whose leave, requests from outside, what left, what customers are told, checks, by room."""

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
from disclosures.models.tampering import FreezeLift, TamperCheck
from disclosures.models.telling import CustomerTold, LogExport, NonDisclosure, RecipientTold, Statement

__all__ = [
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
    "Statement",
    "TamperCheck",
]
