"""A consent record for the customer: JSON by ISO/IEC TS 27560, and the proof that it is in the log."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import override

from consent.models import Channel, ConsentEvent
from customers.audit_log.signer import log_signer
from customers.evidence.bundle import proof_of
from customers.evidence.payload import time_text
from customers.models import Installation, Leaf

SCHEMA = "ISO/IEC TS 27560:2023"
CONTROLLER = "controller"
STATE = {
    ConsentEvent.What.GRANTED: "given",
    ConsentEvent.What.WITHDRAWN: "withdrawn",
    ConsentEvent.What.OBJECTED: "objected",
}


@dataclass(frozen=True)
class Receipt:
    """The record of an event, and the sequence number of its log entry."""

    event: ConsentEvent
    seq: int
    record: dict[str, Any]

    @property
    def text(self) -> str:
        """The record as JSON."""
        return json.dumps(self.record, ensure_ascii=False, indent=2) + "\n"

    @property
    def name(self) -> str:
        """The name of its files: made of the entry's number only, without customer data."""
        return f"receipt-{self.seq}"


def receipt(event: ConsentEvent) -> Receipt:
    """The receipt of an event."""
    leaf = Leaf.objects.get(table_name=ConsentEvent._meta.db_table, row_key=str(event.pk))
    return Receipt(event, leaf.seq, record_of(event, leaf.seq))


def record_of(event: ConsentEvent, seq: int) -> dict[str, Any]:
    """The record by the sections of ISO/IEC TS 27560: header, PII processing, parties, events; receipt metadata.

    The log proves the columns of its own entry. The record holds neither name nor address of the customer.
    """
    return {
        "record_header": {
            "schema_version": SCHEMA,
            "record_id": f"urn:uuid:{event.seal_id}",
            "pii_principal_id": event.customer.reference,
        },
        "pii_processing": _processing(event),
        "party_identification": [
            {
                "party_id": CONTROLLER,
                "party_name": settings.CONTROLLER_NAME,
                "party_url": settings.CONTROLLER_URL,
                "party_role": "PII controller",
            }
        ],
        "events": [
            {
                "event_time": time_text(event.asked_at) if event.asked_at else None,
                "recorded_time": time_text(event.at),
                "event_type": "consent" if event.what != ConsentEvent.What.OBJECTED else "objection",
                "event_state": STATE[ConsentEvent.What(event.what)],
                "entity_id": event.customer.reference,
                "validity_duration": "until withdrawn" if event.what == ConsentEvent.What.GRANTED else None,
                "evidence": event.evidence or None,
                "recorded_by": event.by.get_username(),
            }
        ],
        "receipt_metadata": {
            "log_origin": Installation.objects.get().origin,
            "log_entry": seq,
        },
    }


def _processing(event: ConsentEvent) -> dict[str, Any]:
    """The section on processing: the notice, purpose, data and channels, and how to withdraw."""
    purpose, policy = event.purpose, event.policy_version
    with override("en"):
        ways = [str(Channel(way).label) for way in ([event.channel] if event.channel else Channel.values)]
        basis = str(purpose.get_basis_display())  # type: ignore[attr-defined]
    return {
        "privacy_notice": {
            "version": policy.label if policy else None,
            "sha256": event.policy_sha256 or None,
            "locations": sorted(policy.publications.values_list("url", flat=True)) if policy else [],
        },
        "language": event.customer.locale,
        "purposes": [
            {
                "purpose": purpose.code,
                "purpose_name": {"vi": purpose.name_vi, "en": purpose.name_en},
                "purpose_description": {"vi": purpose.words_vi, "en": purpose.words_en},
                "lawful_basis": basis,
                "pii_information": [{"pii_type": "contact address", "contacted_by": ways}],
                "pii_controllers": [CONTROLLER],
                "recipient_third_parties": [],
                "collection_method": event.through,
                "withdrawal_method": "through support, or by the link below news",
                "jurisdictions": ["VN"],
            }
        ],
    }


def packed(given: Receipt) -> bytes:
    """A ZIP of the record, the log entry byte for byte, and the proof for the verifier's ``--proof``.

    Signs a new checkpoint of the log. Raises ``KeyringError`` where this installation cannot sign.
    """
    proof, buffer = proof_of(given.seq, log_signer()), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        file.writestr(f"{given.name}.json", given.text)
        file.writestr(f"{proof.seq}.json", proof.payload)
        file.writestr(f"{proof.seq}.tlog-proof", proof.note)
    return buffer.getvalue()
