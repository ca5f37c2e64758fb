"""Verifying the log together with the sealed contents that its entries commit to; needs the vault's keys."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, Error, connections

from customers.audit_log.signer import log_signer
from customers.evidence import schema
from customers.evidence.append_only import AppendOnly, append_only_models
from customers.evidence.models import Leaf
from customers.evidence.verify import Report, VerifierKey, verify_database
from customers.vault import known_keys
from customers.vault.errors import KeyringError, Unreadable
from customers.vault.fields import SealedField, sealed_fields
from customers.vault.sealed import Sealed

CHUNK = 1000


def verify_with_keys(
    *,
    key: VerifierKey | None = None,
    anchors: Sequence[bytes] = (),
    state: bytes | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> Report:
    """The verifier's answer about this database, sealed contents included; ``key`` defaults to its own public key.

    Reads only; how long it takes grows with the log. Raises ``KeyringError`` where the configured keys are not this
    database's, the database's errors where it cannot be read.
    """
    if strangers := known_keys.strangers(using) + known_keys.forgotten(using):
        raise KeyringError(" ".join(strangers))
    connection = connections[using]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        report = verify_database(
            connection.connection,
            connection.vendor,
            key=key or log_signer(using).key,
            anchors=anchors,
            state=state,
            check_commits=CommitmentCheck(using),
        )
    findings: list[tuple[int | None, str]] = []
    if not report.exit and (trouble := schema.trouble(using)):
        findings.append((None, trouble))
    try:
        findings += sorted(uncommitted(using) + altered_versions(using))
    except Error:
        if report.exit != 1:  # a missing table has been reported already
            raise
    if findings:
        report.exit = 1
        report.lines += [sentence if seq is None else f"Sequence {seq}: {sentence}" for seq, sentence in findings]
        report.found = sorted([*report.found, *findings], key=lambda finding: (finding[0] is None, finding[0] or 0))
        report.first_bad = report.found[0][0]
    return report


class CommitmentCheck:
    """Called by the verifier for each sealed content: opens it inside the vault and compares digests."""

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self.using = using
        self._row = lru_cache(maxsize=1)(self._read)

    def __call__(self, table: str, row: str, column: str, commit: str) -> str | None:
        """What is wrong with one sealed content, in a sentence without it; None where it is what was committed to."""
        record = self._row(table, row)
        field = next((f for f in sealed_fields(record) if f.column == column), None) if record else None
        if record is None or field is None:
            return f"Sealed column {column} of table {table} is not there, and the entry commits to it."
        value: Sealed | None = getattr(record, field.attname)
        if value is None:
            return f"Sealed column {column} of table {table} is blank, and no erasure says so."
        try:
            same = hmac.compare_digest(value.commitment, commit)
        except Unreadable as error:
            return f"Sealed column {column} of table {table} does not open: {error}"
        return None if same else f"Sealed column {column} of table {table} holds another value than the entry's."

    def _read(self, table: str, row: str) -> AppendOnly | None:
        model = next((m for m in append_only_models() if m._meta.db_table == table), None)
        try:
            return model._default_manager.using(self.using).filter(pk=row).first() if model else None
        except (ValueError, ValidationError):  # a row key of another type than the table's
            return None


def uncommitted(using: str = DEFAULT_DB_ALIAS) -> list[tuple[int, str]]:
    """Sealed contents for which their entry has no commitment, so they were filled later: sequence and sentence."""
    findings: list[tuple[int, str]] = []
    for model in append_only_models():
        for field in sealed_fields(model):
            findings += _uncommitted(model, field, using)
    return sorted(findings)


def _uncommitted(model: type[AppendOnly], field: SealedField, using: str) -> list[tuple[int, str]]:
    table, findings = model._meta.db_table, []
    filled = model._default_manager.using(using).filter(**{f"{field.name}__isnull": False}).order_by("pk")
    keys: list[Any] = [str(pk) for pk in filled.values_list("pk", flat=True)]
    for start in range(0, len(keys), CHUNK):
        leaves = Leaf.objects.using(using).filter(table_name=table, row_key__in=keys[start : start + CHUNK])
        for seq, payload in leaves.values_list("seq", "payload"):
            if field.column not in _commits(bytes(payload)):
                findings.append((seq, f"Sealed column {field.column} of table {table} was filled after the entry."))
    return findings


def _commits(payload: bytes) -> dict[str, str]:
    try:
        return dict(json.loads(payload)["commits"])
    except (ValueError, KeyError, TypeError):
        return {}


def altered_versions(using: str = DEFAULT_DB_ALIAS) -> list[tuple[int, str]]:
    """Versions (history rows) that differ from the record of the correction that made them: sequence and sentence."""
    findings: list[tuple[int, str]] = []
    histories = {model._meta.db_table: model for model in apps.get_models() if hasattr(model, "instance_type")}
    transitions = Leaf.objects.using(using).filter(kind="correction_move").order_by("seq")
    for seq, payload in transitions.values_list("seq", "payload").iterator(chunk_size=CHUNK):
        try:
            columns = json.loads(bytes(payload))["columns"]
            if (table := columns["history_table"]) and (fault := _altered(histories[table], columns, using)):
                findings.append((seq, f"Version {columns['history_row']} of table {table} {fault}"))
        except (AttributeError, KeyError, TypeError, ValueError, ValidationError):  # no correction wrote that
            findings.append((seq, "The entry does not say which version its correction made."))
    return findings


def _altered(history: Any, columns: dict[str, Any], using: str) -> str:
    """What is wrong with the version that a correction names; "" where it says what was recorded."""
    version = history._default_manager.using(using).filter(pk=columns["history_row"]).first()
    if version is None:
        return "is not there, and a correction is on record to have made it."
    for name, recorded in columns["version_says"].items():
        if getattr(version, name) != recorded:
            return f"says something else in {name} than its correction has on record."
    for name, commit in columns["version_commits"].items():
        value: Sealed | None = getattr(version, name)
        try:
            same = value is not None and hmac.compare_digest(value.commitment, commit)
        except Unreadable as error:
            return f"does not open in {name}: {error}"
        if not same:
            return f"holds another value in {name} than its correction has on record."
    return ""
