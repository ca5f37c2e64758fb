"""The log's own tables: leaves, the head that is their lock, and signed checkpoints."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Leaf(models.Model):
    """One entry of the log: the payload byte for byte and its hash; the other columns repeat parts of it to search by.

    Not written with ``save()``: ``customers.evidence.leaves.append`` is the only writer.
    """

    seq = models.BigIntegerField(_("entry"), primary_key=True)
    payload = models.BinaryField(_("payload"))
    leaf_hash = models.BinaryField(_("leaf hash"), max_length=32)
    kind = models.CharField(_("kind"), max_length=40)
    customer = models.CharField(_("customer"), max_length=64, null=True)
    table_name = models.CharField(_("table"), max_length=64)
    row_key = models.CharField(_("row"), max_length=64)

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        constraints = [models.UniqueConstraint(fields=["table_name", "row_key"], name="one_leaf_per_row")]
        indexes = [
            models.Index(fields=["customer", "-seq"], name="leaf_by_customer"),
            models.Index(fields=["kind", "-seq"], name="leaf_by_kind"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq}"


class Head(models.Model):
    """The log's size, its frontier (the roots of the tree's perfect subtrees), and the digest of its list of tables.

    One row, which every writer locks, last of all.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")
    schema_digest = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        verbose_name = _("head of the log")
        verbose_name_plural = _("heads of the log")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_head")]

    def __str__(self) -> str:
        return f"{self.size}"


class Checkpoint(models.Model):
    """A signed statement of the log's size and root. Not a leaf; never changed or removed."""

    size = models.BigIntegerField(_("entries"))
    root = models.BinaryField(_("root"), max_length=32)
    note = models.TextField(_("signed note"))
    at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"{self.size}"


class Anchoring(models.Model):
    """A checkpoint's note is in the anchor file, outside the database. Not a leaf; never changed or removed.

    It shows staff how far the log is anchored; the proof is the file, not this row.
    """

    checkpoint = models.OneToOneField(Checkpoint, models.PROTECT, verbose_name=_("checkpoint"), related_name="+")
    at = models.DateTimeField(_("anchored at"), default=timezone.now)

    class Meta:
        verbose_name = _("anchoring")
        verbose_name_plural = _("anchorings")

    def __str__(self) -> str:
        return f"{self.checkpoint_id}"
