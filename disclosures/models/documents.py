"""Original documents, stored sealed, and the records of opening documents and other sealed texts."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.evidence.accounting import Accounted, Opening, parse_time
from customers.evidence.append_only import AppendOnly
from customers.vault.fields import SealedField
from customers.vault.kinds import Kind
from customers.vault.models import SealedRow


class Document(AppendOnly, SealedRow):
    """An original document. ``content`` is base64, sealed; ``sha256`` and ``size`` are those of the bytes uploaded."""

    kind = "document"

    class What(models.TextChoices):
        """What kind of document it is."""

        LETTER = "letter", _("request in writing")
        COMMITMENT = "commitment", _("commitment")
        ORDER = "order", _("order not to tell")
        OTHER = "other", _("something else")

    class Type(models.TextChoices):
        """The media type, determined from the first bytes."""

        PDF = "application/pdf", "PDF"
        PNG = "image/png", "PNG"
        JPEG = "image/jpeg", "JPEG"
        TIFF = "image/tiff", "TIFF"

    request = models.ForeignKey(
        "disclosures.DisclosureRequest", on_delete=models.PROTECT, null=True, related_name="documents"
    )
    recipient = models.ForeignKey("disclosures.Recipient", on_delete=models.PROTECT, related_name="documents")
    what = models.CharField(_("what"), max_length=16, choices=What)
    media_type = models.CharField(_("type"), max_length=40, choices=Type)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = SealedField(_("content"), kind=Kind.DOCUMENT)

    class Meta(AppendOnly.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [models.Index(fields=["sha256"], name="document_by_sha256")]

    def sealed_for(self) -> str:
        """The number of its request, or else the recipient."""
        return self.request.number if self.request else f"recipient {self.recipient_id}"


class Reading(AppendOnly):
    """The record that a person opened a document, or the sealed texts of a request, a review or a freeze.

    ``openings`` lists exactly the sealed contents opened; they stay open until ``closes_at``.
    """

    kind = "reading"

    class What(models.TextChoices):
        """What kind of contents was opened."""

        WORDS = "words", _("the words of a request")
        DOCUMENT = "document", _("a document")
        REVIEW = "review", _("the words of a review")

    what = models.CharField(_("what"), max_length=16, choices=What)
    request = models.ForeignKey(
        "disclosures.DisclosureRequest", on_delete=models.PROTECT, null=True, related_name="readings"
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="readings")
    openings = models.JSONField(_("opened"))
    closes_at = models.DateTimeField(_("closes at"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("reading of a request")
        verbose_name_plural = _("readings of requests")

    @classmethod
    def accounts_for(cls, payload: dict[str, Any]) -> Accounted:
        """The sealed contents listed in ``openings``, until ``closes_at``."""
        columns = payload["columns"]
        openings = frozenset(Opening(*row) for row in columns["openings"])
        return Accounted(openings, until=parse_time(columns["closes_at"]))
