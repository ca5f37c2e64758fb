"""Many new tables made in one step of a migration: as they stand after all that is said of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from customers.evidence.new_tables import CreateTables


def of_two_kinds() -> list[Any]:
    """Two tables that point at each other, one of them with an index and a constraint."""
    whole = models.CheckConstraint(condition=models.Q(floors__gt=0), name="trial_a_house_has_a_floor")
    return [
        migrations.CreateModel(
            "House",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("floors", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            "Door",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("house", models.ForeignKey("customers.house", models.PROTECT)),
            ],
        ),
        migrations.AddField("House", "main_door", models.ForeignKey("customers.door", models.PROTECT, null=True)),
        migrations.AddIndex("House", models.Index(fields=["floors"], name="trial_house_by_floors")),
        migrations.AddConstraint("House", whole),
    ]


def tables() -> set[str]:
    """Those of the trial that are there."""
    return {"customers_house", "customers_door"} & set(connection.introspection.table_names())


def test_tables_that_point_at_each_other_are_made_whole_and_go_again(own_database: str) -> None:
    before, after = ProjectState(), ProjectState()
    assert after.apps.get_models() == []  # built, and to be built anew
    operation = CreateTables(of_two_kinds())
    operation.state_forwards("customers", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("customers", editor, before, after)
    assert tables() == {"customers_house", "customers_door"}
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "customers_house")
        points_at = connection.introspection.get_relations(cursor, "customers_house")
    assert {"trial_a_house_has_a_floor", "trial_house_by_floors"} <= set(found)
    assert [target[:2] for target in points_at.values()] == [("id", "customers_door")]

    house = after.apps.get_model("customers", "House").objects
    door = after.apps.get_model("customers", "Door").objects.create(house=house.create(floors=1))
    assert house.update(main_door=door) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        house.create(floors=0)
    house.update(main_door=None)
    door.delete()
    house.all().delete()

    with connection.schema_editor() as editor:
        operation.database_backwards("customers", editor, after, before)
    assert tables() == set()


@pytest.mark.one_engine("the operation is refused before any database is asked")
@pytest.mark.parametrize(
    "other",
    [
        migrations.AddField("Customer", "floors", models.IntegerField(null=True)),
        migrations.AlterModelOptions("Customer", {}),
        migrations.RunPython(migrations.RunPython.noop),
    ],
)
def test_what_concerns_no_table_that_is_made_here_is_refused(other: Any) -> None:
    assert len(CreateTables(of_two_kinds()).made) == 2
    with pytest.raises(ValueError, match="makes no table here"):
        CreateTables([*of_two_kinds(), other])
