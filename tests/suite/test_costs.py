"""What the tests cost is seen, and a directory that goes over its budget fails the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import costs

pytestmark = pytest.mark.one_engine("it measures processes and reads files")

BUDGET = {"speed": 0.1, "sqlite": {"tests/pages": 100, "tests/vault": 20, "tests/vault/deep": 5}}


def measured(speed: float = 0.1, **seconds: float) -> dict[str, Any]:
    """What a run leaves behind: CPU seconds by directory, as those of one test in it."""
    cpu = {f"tests/{directory}/test_x.py::test_x": spent for directory, spent in seconds.items()}
    return {"cpu": {"tests": cpu, "fixtures": {}}, "wall": {"tests": cpu, "fixtures": {}}, "speed": speed}


def test_a_quarter_over_its_budget_a_directory_is_told_and_not_before() -> None:
    assert list(costs.over_budget("sqlite", measured(pages=125, vault=20), BUDGET)) == []
    told = list(costs.over_budget("sqlite", measured(pages=126, vault=20), BUDGET))
    assert [sentence[:40] for sentence in told] == ["tests/pages took 126 CPU seconds on sqli"]


def test_a_slower_machine_may_take_longer_and_a_faster_one_may_not() -> None:
    assert list(costs.over_budget("sqlite", measured(0.2, pages=240), BUDGET)) == []
    assert len(list(costs.over_budget("sqlite", measured(0.05, pages=100), BUDGET))) == 1


def test_a_directory_without_a_budget_is_told() -> None:
    told = list(costs.over_budget("sqlite", measured(elsewhere=1), BUDGET))
    assert told == ["tests/elsewhere has no budget for sqlite; it took 1 CPU seconds."]


def test_what_lies_below_counts_with_the_directory_above_unless_it_has_a_budget_of_its_own() -> None:
    spent = {"vault": 20.0, "vault/below": 6.0, "vault/deep": 6.0}
    assert costs.by_directory(measured(**spent), BUDGET["sqlite"]) == {"tests/vault": 26, "tests/vault/deep": 6}


def test_every_directory_of_tests_has_a_budget_for_each_database() -> None:
    budget = costs.read_budget()
    tests = Path(costs.__file__).parent
    directories = {f"tests/{file.parent.relative_to(tests)}".removesuffix("/.") for file in tests.rglob("test_*.py")}
    sqlite, postgresql = budget["sqlite"], budget["postgresql"]
    assert {costs.budgeted_directory(each, sqlite) for each in directories} == set(sqlite)
    assert {costs.budgeted_directory(each, postgresql) for each in directories} == set(postgresql)


def test_the_command_prints_the_dearest_and_fails_over_budget(tmp_path: Path) -> None:
    file = tmp_path / "sqlite.json"
    file.write_text(json.dumps(measured(stories=2, consent=1)))
    lines = list(costs.report("sqlite", json.loads(file.read_text())))
    assert lines[0].startswith("sqlite: 3 CPU seconds")
    assert [line.split()[-1] for line in lines[1:3]] == ["tests/stories/test_x.py", "tests/consent/test_x.py"]
    assert costs.main([str(file)]) == 0
    file.write_text(json.dumps(measured(stories=99_999)))
    assert costs.main([str(file)]) == 1


def test_what_a_process_and_its_own_use_is_counted_while_they_run() -> None:
    work = "while True: pass"
    before = costs.Reading.now()
    with subprocess.Popen([sys.executable, "-c", work]) as busy:
        while costs.Reading.now().cpu - before.cpu < 0.3 and busy.poll() is None:
            pass
        assert busy.pid in costs.descendants(os.getpid())
        busy.kill()
    assert busy.pid not in costs.descendants(os.getpid())
