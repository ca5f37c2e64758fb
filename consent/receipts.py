"""A consent record as the customer is given it: JSON after ISO/IEC TS 27560, with the proof that it is in the log."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import override

from consent.models import Channel, ConsentEvent
from customers.evidence.bundle import Proof, proof_of
from customers.evidence.payload import time_text
from customers.log_signer import log_signer
from customers.models import Installation, Leaf

SCHEMA = "ISO/IEC TS 27560:2023"
STATE = {
    ConsentEvent.What.GRANTED: "consent given",
    ConsentEvent.What.WITHDRAWN: "consent withdrawn",
    ConsentEvent.What.OBJECTED: "processing objected to",
}


@dataclass(frozen=True)
class Receipt:
    """The record, and the proof of its entry."""

    event: ConsentEvent
    record: dict[str, Any]
    proof: Proof

    @property
    def text(self) -> str:
        """The record as JSON."""
        return json.dumps(self.record, ensure_ascii=False, indent=2) + "\n"

    @property
    def name(self) -> str:
        """What its files are called: the entry's number, and nobody's name."""
        return f"receipt-{self.proof.seq}"


def receipt(event: ConsentEvent) -> Receipt:
    """The receipt of one event. A checkpoint over the log is signed for its proof.

    Raises ``NotExported`` where the event has no entry, ``KeyringError`` where this installation cannot sign.
    """
    leaf = Leaf.objects.get(table_name=ConsentEvent._meta.db_table, row_key=str(event.pk))
    proof = proof_of(leaf.seq, log_signer())
    return Receipt(event, record_of(event, leaf.seq), proof)


def record_of(event: ConsentEvent, seq: int) -> dict[str, Any]:
    """The record's content: sections of TS 27560 (and of Kantara's receipt), without any address of the customer."""
    purpose, policy = event.purpose, event.policy_version
    with override("en"):
        ways = [str(Channel(way).label) for way in ([event.channel] if event.channel else Channel.values)]
        basis = str(purpose.get_basis_display())  # type: ignore[attr-defined]
    return {
        "record_metadata": {
            "schema_version": SCHEMA,
            "record_id": f"urn:uuid:{event.seal_id}",
            "pii_principal_id": event.customer.reference,
            "language": event.customer.locale,
            "log_origin": Installation.objects.get().origin,
            "log_entry": seq,
        },
        "pii_processing": {
            "pii_controllers": [{"name": settings.CONTROLLER_NAME, "url": settings.CONTROLLER_URL}],
            "privacy_notice": {
                "version": policy.label if policy else None,
                "sha256": event.policy_sha256 or None,
                "locations": sorted(policy.publications.values_list("url", flat=True)) if policy else [],
            },
            "purposes": [
                {
                    "purpose": purpose.code,
                    "name": {"vi": purpose.name_vi, "en": purpose.name_en},
                    "description": {"vi": purpose.words_vi, "en": purpose.words_en},
                    "lawful_basis": basis,
                    "pii_information": [{"pii_type": "contact address", "channels": ways}],
                    "withdrawal_method": "through support, or by the link below news",
                    "third_party_disclosure": False,
                }
            ],
        },
        "party_identification": [
            {"party_id": "controller", "name": settings.CONTROLLER_NAME, "role": "PII controller"}
        ],
        "event": [
            {
                "event_time": time_text(event.asked_at) if event.asked_at else None,
                "recorded_time": time_text(event.at),
                "event_state": STATE[ConsentEvent.What(event.what)],
                "event_type": "explicit" if event.what == ConsentEvent.What.GRANTED else "choice",
                "collection_method": event.through,
                "evidence": event.evidence or None,
                "recorded_by": event.by.get_username(),
            }
        ],
    }


def packed(given: Receipt) -> bytes:
    """A ZIP of the record, the log's entry byte for byte, and the proof that a verifier takes with ``--proof``."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as file:
        file.writestr(f"{given.name}.json", given.text)
        file.writestr(f"{given.proof.seq}.json", given.proof.payload)
        file.writestr(f"{given.proof.seq}.tlog-proof", given.proof.note)
    return held.getvalue()
