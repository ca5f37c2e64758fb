"""A record is written once: Python refuses the rest before the database has to."""

from collections.abc import Callable
from typing import Any

import pytest

from customers.evidence.append_only import append_only_models
from customers.evidence.errors import AppendOnlyViolation, NotRecording
from customers.evidence.recording import recording
from customers.models import ImportBatch, Leaf, Refusal
from tests import factories

pytestmark = pytest.mark.django_db


def fresh() -> ImportBatch:
    return ImportBatch(file_sha256="1" * 64, rows=[], references=[])


OUTSIDE: dict[str, Callable[[], Any]] = {
    "save": lambda: fresh().save(),
    "create": lambda: ImportBatch.objects.create(file_sha256="1" * 64, rows=[], references=[]),
    "get or create": lambda: ImportBatch.objects.get_or_create(file_sha256="1" * 64, rows=[], references=[]),
    "bulk create": lambda: ImportBatch.objects.bulk_create([fresh()]),
    "base manager": lambda: ImportBatch._base_manager.create(file_sha256="1" * 64, rows=[], references=[]),
}


@pytest.mark.parametrize("way", OUTSIDE)
def test_a_record_is_written_inside_an_act_only(way: str) -> None:
    with pytest.raises(NotRecording):
        OUTSIDE[way]()
    assert ImportBatch.objects.count() == 0
    with recording(by=factories.system()):
        OUTSIDE[way]()
    assert (ImportBatch.objects.count(), Leaf.objects.filter(kind="import_batch").count()) == (1, 1)


CHANGES: dict[str, Callable[[ImportBatch], Any]] = {
    "save again": lambda row: row.save(),
    "save a column": lambda row: row.save(update_fields=["rows"]),
    "save a fresh copy": lambda row: ImportBatch.objects.get(pk=row.pk).save(),
    "delete": lambda row: row.delete(),
    "update": lambda row: ImportBatch.objects.update(rows=[1]),
    "update through the base manager": lambda row: ImportBatch._base_manager.update(rows=[1]),
    "update or create": lambda row: ImportBatch.objects.update_or_create(pk=row.pk, defaults={"rows": [1]}),
    "bulk update": lambda row: ImportBatch.objects.bulk_update([row], ["rows"]),
    "delete many": lambda row: ImportBatch.objects.all().delete(),
    "delete through the base manager": lambda row: ImportBatch._base_manager.all().delete(),
    "raw delete": lambda row: ImportBatch.objects.all()._raw_delete("default"),
    "upsert": lambda row: ImportBatch.objects.bulk_create(
        [fresh()], update_conflicts=True, unique_fields=["id"], update_fields=["rows"]
    ),
    "ignored conflict": lambda row: ImportBatch.objects.bulk_create([fresh()], ignore_conflicts=True),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("inside", [False, True], ids=["outside an act", "inside an act"])
def test_a_record_is_neither_changed_nor_removed(change: str, inside: bool) -> None:
    with recording(by=factories.system()):
        row = factories.note()
    if inside:
        with pytest.raises(AppendOnlyViolation), recording(by=factories.system()):
            factories.note()
            CHANGES[change](row)
    else:
        with pytest.raises((AppendOnlyViolation, NotRecording)):
            CHANGES[change](row)
    assert [found.rows for found in ImportBatch.objects.all()] == [[]]


def test_there_are_records_and_all_of_them_refuse_the_same_way() -> None:
    kinds = append_only_models()
    assert Refusal in kinds
    for kind in kinds:
        with pytest.raises(AppendOnlyViolation, match="kept as it was written"):
            kind.objects.all().delete()
        with pytest.raises(AppendOnlyViolation, match="kept as it was written"):
            kind.objects.update(at=None)
        with pytest.raises(AppendOnlyViolation, match="kept as it was written"):
            kind().delete()


def test_a_record_says_no_more_than_its_kind_and_number() -> None:
    with recording(by=factories.system()):
        row = factories.note(["BZ0000001"])
    assert str(row) == f"import_batch {row.pk}"
