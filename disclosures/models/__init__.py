"""The models of disclosures: recipients, legal bases, documents, requests, releases, notifications, checks, reviews.

The acts that write them are in the packages beside this one; codes of acts and of refusals are in ``acts``.
"""

from disclosures.models.documents import Document, Reading
from disclosures.models.legal_bases import Commitment, CommitmentStop, CustomerPermission, PermissionWithdrawal
from disclosures.models.notifications import CustomerTold, LogExport, NonDisclosure, RecipientTold, Statement
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
from disclosures.models.tamper_checks import FreezeLift, TamperCheck

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
