"""An import that is killed, stopped, or not alone: run again it completes, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Q

from customers.crm_import import customers
from customers.crm_import.customers import import_customers
from customers.models import ContactPoint, Customer, ImportBatch, Leaf, ServiceAccess, StaffMember, Team
from tests.exports import ROOT, export, record

KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from customers.crm_import import customers as module
from customers.evidence import leaves
from customers.models import StaffMember

def die_at_second(call):
    calls = []
    def counted(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return counted

module.BATCH_ROWS = 4
where = sys.argv[2]
if where == "in a batch":
    module.index_names = die_at_second(module.index_names)
if where == "before its leaves":
    leaves.append = die_at_second(leaves.append)
told = die_at_second(lambda *args: None) if where == "between batches" else None
module.import_customers(Path(sys.argv[1]), by=StaffMember.objects.get(username="system"), progress=told)
"""


def environment() -> dict[str, str]:
    """What a process needs to work on the test's own database."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{given['NAME']}"
    else:
        url = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"
    ours = {"PRIVACY_DESK_MODE": "test", "DJANGO_SETTINGS_MODULE": "config.settings", "TEST_DATABASE_URL": url}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **ours, "PYTHONPATH": path}


def manage(*arguments: str) -> subprocess.Popen[str]:
    """``manage.py`` in a process of its own."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def whole() -> int:
    """How many customers there are; all of them with everything that belongs to them, once, and on record."""
    own = {"points": Count("contact_points", distinct=True), "uses": Count("services", distinct=True)}
    own |= {"named": Count("name_indexes", distinct=True)}
    counted = Customer.objects.annotate(**own)
    assert not counted.exclude(Q(points=2) & Q(uses=2) & Q(named=4)).exists()
    for model in (Customer, ContactPoint, ServiceAccess):
        assert model.history.count() == model.objects.count()
    batches = ImportBatch.objects.all()
    assert sorted(r for batch in batches for r in batch.references) == sorted(
        Customer.objects.values_list("reference", flat=True)
    )
    assert Leaf.objects.filter(kind="import_batch").count() == len(batches)
    return len(counted)


@pytest.mark.parametrize(("where", "stands"), [("between batches", 8), ("in a batch", 4), ("before its leaves", 4)])
def test_an_import_killed_half_way_completes_when_run_again_with_nothing_twice(
    own_database: str, tmp_path: Path, where: str, stands: int
) -> None:
    path = export(tmp_path / "export.csv", [record(n) for n in range(1, 12)])
    command = [sys.executable, "-c", KILLED, str(path), where]
    killed = subprocess.run(command, env=environment(), capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert whole() == stands

    outcome = import_customers(path, by=StaffMember.objects.get(username="system"))
    assert (outcome.accepted, outcome.unchanged) == (11 - stands, stands)
    assert whole() == 11


def test_two_imports_of_the_same_file_at_once_take_in_every_customer_once(own_database: str, tmp_path: Path) -> None:
    path = export(tmp_path / "export.csv", [record(n) for n in range(1, 301)])
    both = [manage("import_customers", str(path)) for _ in range(2)]
    ended = [(*process.communicate(), process.returncode) for process in both]
    assert [code for _out, _err, code in ended] == [0, 0], ended
    assert whole() == 300
    assert Team.objects.count() == 1


def test_the_command_ends_well_where_rows_are_rejected_and_says_how_many(own_database: str, tmp_path: Path) -> None:
    path = export(tmp_path / "export.csv", [record(1), record(2, email="nobody@")])
    process = manage("import_customers", str(path))
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out.startswith("2 rows: 1 accepted, 0 unchanged, 1 rejected.")
    assert whole() == 1


def test_the_command_fails_with_one_line_where_there_is_no_such_file(own_database: str, tmp_path: Path) -> None:
    process = manage("import_customers", str(tmp_path / "nothing.csv"))
    out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err == "CommandError: There is no such file.\n"
    assert whole() == 0


@pytest.mark.django_db
def test_stopped_by_hand_the_command_says_in_one_line_to_run_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(tmp_path / "export.csv", [record(n) for n in range(1, 4)])
    monkeypatch.setattr(customers, "BATCH_ROWS", 1)
    judge = customers.judge

    def interrupted(number: int, *args: object, **kwargs: object) -> object:
        if number == 2:
            raise KeyboardInterrupt
        return judge(number, *args, **kwargs)

    monkeypatch.setattr(customers, "judge", interrupted)
    with pytest.raises(CommandError) as stopped:
        call_command("import_customers", str(path), report=tmp_path / "report.json")
    assert (stopped.value.returncode, len(str(stopped.value).splitlines())) == (130, 1)
    assert "run the same command again" in str(stopped.value)
    assert (whole(), list(tmp_path.iterdir())) == (1, [path])

    monkeypatch.setattr(customers, "judge", judge)
    call_command("import_customers", str(path))
    assert whole() == 3
