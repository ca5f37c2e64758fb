"""Original documents: checked by their first bytes, stored sealed and unchanged, opened on record.

Also the reading, on record, of everything sealed that belongs to a disclosure request.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.acts.acting import Refuse, acting
from customers.models import StaffMember
from customers.models.acts import RefusalReason
from customers.validation.errors import InvalidInput
from customers.vault.fields import sealed_fields
from customers.vault.models import SealedRow
from customers.vault.sealed import Sealed
from disclosures.models import DisclosureRequest, Document, Reading, Recipient, TamperCheck
from disclosures.models.acts import DisclosureAct
from disclosures.permissions import can_propose, can_work_on_disclosures

FIRST_BYTES: tuple[tuple[bytes, Document.Type], ...] = (
    (b"%PDF-", Document.Type.PDF),
    (b"\x89PNG\r\n\x1a\n", Document.Type.PNG),
    (b"\xff\xd8\xff", Document.Type.JPEG),
    (b"II*\0", Document.Type.TIFF),
    (b"MM\0*", Document.Type.TIFF),
)
"""The first bytes of each type of document. The file's name and the browser's content type are ignored."""
ENDINGS = {Document.Type.PDF: "pdf", Document.Type.PNG: "png", Document.Type.JPEG: "jpg", Document.Type.TIFF: "tiff"}


@dataclass(frozen=True)
class Upload:
    """A checked document that is not yet on file."""

    content: bytes = field(repr=False)
    media_type: Document.Type

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def clean_document(content: bytes) -> Upload:
    """Check an uploaded document. Raises ``InvalidInput`` where it is empty, too large, or of a type not accepted."""
    if not content:
        raise InvalidInput(_("The document is empty; choose the file again."))
    if len(content) > settings.DOCUMENT_MEGABYTES * 1_000_000:
        values = {"size": settings.DOCUMENT_MEGABYTES}
        raise InvalidInput(
            _("The document is larger than %(size)d MB; scan it in black and white, or in parts.") % values
        )
    for beginning, media_type in FIRST_BYTES:
        if content.startswith(beginning):
            return Upload(content, media_type)
    raise InvalidInput(_("Documents are kept as PDF, PNG, JPEG or TIFF, and this is none of them inside."))


def keep(upload: Upload, what: str, *, recipient: Recipient, request: DisclosureRequest | None = None) -> Document:
    """Put a document on file, sealed. Call it inside an act."""
    row = Document(
        request=request, recipient=recipient, what=what, media_type=upload.media_type, size=len(upload.content),
        sha256=upload.sha256, content=base64.b64encode(upload.content).decode(),
    )  # fmt: skip
    row.save()
    return row


@dataclass(frozen=True)
class OpenedDocument:
    """An opened document to download; ``name`` is made up here, for the uploaded file's name is not stored."""

    content: bytes = field(repr=False)
    media_type: str
    name: str


def open_document(document: Document, *, by: StaffMember) -> OpenedDocument:
    """Open a document, on record.

    Raises ``Refused`` (on record) where ``by`` does not work on disclosures, ``InvalidInput`` where the bytes stored
    are not those of the SHA-256 on file.
    """
    reading = put_reading(Reading.What.DOCUMENT, [document], by=by, document=document, request=document.request)
    content = base64.b64decode(document.content.expose(reading))
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise InvalidInput(_("What is stored is not the document that came in. Run the tamper check."))
    owner = document.request.number if document.request else f"R-{document.recipient_id}"
    return OpenedDocument(
        content, document.media_type, f"{owner}-{document.pk}.{ENDINGS[Document.Type(document.media_type)]}"
    )


def read_words(request: DisclosureRequest, *, by: StaffMember) -> dict[tuple[str, int, str], str]:
    """Open all sealed texts of a request, its checks, transitions, orders and emergency review, on one record.

    Returns the texts by (model name, primary key, field name). Raises ``Refused`` (on record) where ``by`` does not
    work on disclosures.
    """
    rows: list[SealedRow] = [
        request, *request.checks.order_by("pk"), *request.moves.order_by("pk"),
        *request.non_disclosures.order_by("pk"),
    ]  # fmt: skip
    if (review := getattr(request, "emergency_review", None)) is not None:
        rows.append(review)
    reading = put_reading(Reading.What.WORDS, rows, by=by, request=request)
    return {
        (row._meta.model_name or "", row.pk, name): value.expose(reading)
        for row in rows
        for name, value in _sealed(row)
    }


def read_lifts(check: TamperCheck, *, by: StaffMember) -> dict[int, str]:
    """Open the officers' reasons for lifting the freeze of a check, by primary key of the lift, on one record.

    Raises ``InvalidInput`` where nobody has lifted it yet, ``Refused`` (on record) where ``by`` does not work on
    disclosures.
    """
    lifts = list(check.lifts.order_by("pk"))
    if not lifts:
        raise InvalidInput(_("Nobody has lifted this freeze yet, so nothing was said."))
    reading = put_reading(Reading.What.WORDS, [*lifts], by=by)
    return {lift.pk: lift.words.expose(reading) for lift in lifts}


def put_reading(
    what: str,
    rows: Sequence[SealedRow],
    *,
    by: StaffMember,
    request: DisclosureRequest | None = None,
    document: Document | None = None,
) -> Reading:
    """Put on record that the sealed contents of these rows are opened; they stay open ``settings.REVEAL_SECONDS``.

    Raises ``Refused`` (on record) where ``by`` does not work on disclosures.
    """
    with acting(DisclosureAct.READ_DISCLOSURE, by=by):
        if not can_work_on_disclosures(by):
            raise Refuse(RefusalReason.NO_RIGHT, _("Those who propose or approve open this. The refusal is on record."))
        openings = [
            [row.sealed_for(), str(value.kind), value.field, str(row.seal_id)]
            for row in rows
            for _name, value in _sealed(row)
        ]
        until = timezone.now() + timedelta(seconds=settings.REVEAL_SECONDS)
        reading = Reading(what=what, request=request, document=document, openings=openings, closes_at=until)
        reading.save()
    return reading


def _sealed(row: SealedRow) -> list[tuple[str, Sealed]]:
    """Name and content of each sealed field of a row that is not empty."""
    contents = [(field.name, getattr(row, field.attname)) for field in sealed_fields(row)]
    return [(name, value) for name, value in contents if value is not None]


def add_document(request: DisclosureRequest, upload: Upload, what: str, *, by: StaffMember) -> Document:
    """Add a document to a request, as a letter that follows a call, or a reminder; also after the request is closed.

    Raises ``InvalidInput`` for an unknown kind or a commitment, ``Refused`` (on record) where ``by`` may not propose.
    """
    if what not in Document.What.values or what == Document.What.COMMITMENT:
        raise InvalidInput(_("Choose one."))
    with acting(DisclosureAct.REGISTER_DISCLOSURE, by=by):
        if not can_propose(by):
            raise Refuse(
                RefusalReason.NO_RIGHT, _("Officers put requests from outside on file. The refusal is on record.")
            )
        return keep(upload, what, recipient=request.recipient, request=request)
