"""The statement of who received a customer's data, with proofs from the log that can be checked independently."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from customers.acts.acting import acting_on_customer
from customers.audit_log.signer import log_signer
from customers.evidence.bundle import Proof, proofs_of
from customers.models import Customer, Leaf, StaffMember
from customers.permissions.customers import can_see
from customers.validation.calendar import today
from customers.validation.errors import InvalidInput
from disclosures.accounting.notifications import tellable, with_secrecy
from disclosures.descriptions import fields_in_words
from disclosures.models import Disclosure, RecipientDetails, Statement
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_propose
from disclosures.requests.package import EARLIEST, STYLESHEET, stylesheet


@dataclass(frozen=True)
class Got:
    """One disclosure of a customer's data, with the number of its entry in the audit log.

    ``kept_until`` is the last day on which the customer must not be told (None: they may be told).
    """

    entry: Any
    seq: int
    kept_until: date | None

    @property
    def fields(self) -> str:
        """The names of the fields, in the active language."""
        return fields_in_words(self.entry.fields)


def who_got(customer: Customer) -> list[Got]:
    """Every disclosure of a customer's data, newest first, for officers; two queries.

    It includes those of which the customer must not be told.
    """
    rows = with_secrecy(Disclosure.objects.filter(customer=customer)).order_by("-pk")
    return _got(list(rows.select_related("details", "request", "by", "approved_by", "proposed_by")))


def _got(entries: list[Any]) -> list[Got]:
    numbers = _seqs(Disclosure, [entry.pk for entry in entries])
    return [
        Got(entry, numbers[entry.pk], entry.kept_until if entry.kept_until and entry.kept_until >= today() else None)
        for entry in entries
    ]


def _seqs(model: Any, keys: list[int]) -> dict[int, int]:
    """The numbers of the audit log's entries for these rows, by primary key."""
    leaves = Leaf.objects.filter(table_name=model._meta.db_table, row_key__in=[str(key) for key in keys])
    return {int(row): seq for row, seq in leaves.values_list("row_key", "seq")}


@dataclass(frozen=True)
class StatementArchive:
    """The ZIP archive of a statement that was given; ``name`` is its file name."""

    name: str
    content: bytes
    statement: Statement


def give_statement(customer: Customer, *, by: StaffMember, language: str) -> StatementArchive:
    """Make a statement of who received this customer's data, as an archive with its proofs, on record.

    Entries of which the customer must not be told yet are left out, and the archive does not mention them. Raises
    ``InvalidInput`` for another language than Vietnamese or English, ``Refused`` (on record) where ``by`` may not
    propose disclosures or does not see the customer, ``KeyringError`` where this installation cannot sign.
    """
    if language not in Customer.Locale.values:
        raise InvalidInput(_("Choose Vietnamese or English."))
    signer = log_signer()
    with acting_on_customer(
        customer, DisclosureAct.GIVE_STATEMENT, by=by, may=_may, sentence=_("Officers give statements.")
    ):
        rows = Disclosure.objects.filter(customer=customer)
        entries = list(tellable(rows).select_related("details", "request").order_by("pk"))
        listed = _got(entries)
        statement = Statement(
            customer=customer, language=language, listed=[item.seq for item in listed],
            kept_back=rows.count() - len(listed),
        )  # fmt: skip
        statement.save()
    details = _seqs(RecipientDetails, [entry.details_id for entry in entries])
    proofs = proofs_of(sorted({*(item.seq for item in listed), *details.values()}), signer)
    content = _archive(customer, listed, proofs, language, signer.vkey())
    return StatementArchive(f"{customer.reference}-{statement.pk}.zip", content, statement)


def _may(by: StaffMember, customer: Customer) -> bool:
    return can_propose(by) and can_see(by, customer)


def _archive(customer: Customer, listed: list[Got], proofs: list[Proof], language: str, key: str) -> bytes:
    """The archive: the page with its stylesheet, the log's public key, and payload and proof of each entry."""
    with translation.override(language):
        context = {
            "customer": customer, "listed": listed, "language": language, "at": timezone.now(), "key": key,
            "controller": settings.CONTROLLER_NAME,
        }  # fmt: skip
        page = render_to_string("disclosures/statement.html", context).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("statement.html", EARLIEST), page)
        archive.writestr(zipfile.ZipInfo(STYLESHEET, EARLIEST), stylesheet())
        archive.writestr(zipfile.ZipInfo("key", EARLIEST), f"{key}\n")
        for proof in proofs:
            archive.writestr(zipfile.ZipInfo(f"{proof.seq}.json", EARLIEST), proof.payload)
            archive.writestr(zipfile.ZipInfo(f"{proof.seq}.tlog-proof", EARLIEST), proof.note)
    return buffer.getvalue()
