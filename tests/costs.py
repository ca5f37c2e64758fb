"""What the tests cost: CPU and wall seconds of files, fixtures and tests, and a budget for each directory.

Each worker measures its own tests and the processes they start; the controller adds them up, prints the dearest at the
end of a run, and writes all of it as JSON to the file that ``TEST_COSTS`` names. ``python -m tests.costs`` prints such
files and holds them against ``tests/budget.toml``. CPU seconds of the PostgreSQL server are not in it.
"""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BUDGET = Path(__file__).with_name("budget.toml")
OVER = 1.25
"""By how much a directory may go over its budget before a run fails."""
TICKS = os.sysconf("SC_CLK_TCK")


# --- reading the clocks -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """The clocks at one moment, in seconds: CPU of this process and of those it started, and wall time."""

    cpu: float
    wall: float

    @classmethod
    def now(cls, *, others: bool = True) -> Reading:
        """``others``: with what still runs of the processes that were started, which takes a while to ask for."""
        running = sum(cpu_seconds(pid) for pid in descendants(os.getpid())) if others else 0.0
        return cls(sum(os.times()[:4]) + running, time.monotonic())

    def since(self, before: Reading) -> Reading:
        """What has been spent; of a process that ended meanwhile and that nobody waited for, nothing."""
        return Reading(max(self.cpu - before.cpu, 0.0), self.wall - before.wall)


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process started and that still run, at any depth; none where there is no ``/proc``."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            started = [int(child) for child in children.read_text().split()]
        except OSError:  # a thread that has just ended
            continue
        for child in started:
            yield child
            yield from descendants(child)


def cpu_seconds(pid: int) -> float:
    """What a process and those it waited for have used so far (proc(5), fields 14 to 17 of ``stat``)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def speed() -> float:
    """CPU seconds that a fixed piece of work takes here and now; budgets are held against it, not against the clock."""
    before = time.process_time()
    words = [f"word {number}" for number in range(20_000)]
    for _ in range(35):
        sum(map(len, sorted(word.upper().replace("WORD", "text") for word in words)))
    return time.process_time() - before


# --- measuring ----------------------------------------------------------------------------------------------------


class Costs:
    """Measures in each worker, or in the one process of a run without workers; adds up in the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.cpu: dict[str, Counter[str]] = {"tests": Counter(), "fixtures": Counter()}
        self.wall: dict[str, Counter[str]] = {"tests": Counter(), "fixtures": Counter()}
        self.speeds: list[float] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        before = Reading.now()
        answer = yield
        self.note("tests", item.nodeid, Reading.now().since(before))
        return answer

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        before = Reading.now(others=False)
        try:
            return (yield)
        finally:
            spent = Reading.now(others=False).since(before)
            self.note("fixtures", f"{fixturedef.argname} ({fixturedef.baseid or 'a package'})", spent)

    def note(self, what: str, name: str, spent: Reading) -> None:
        """Add what was spent."""
        self.cpu[what][name] += spent.cpu  # type: ignore[assignment]
        self.wall[what][name] += spent.wall  # type: ignore[assignment]

    def pytest_sessionstart(self) -> None:
        self.speeds.append(speed())

    def pytest_sessionfinish(self) -> None:
        self.speeds.append(speed())
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["costs"] = self.as_data()

    def as_data(self) -> dict[str, Any]:
        """Plain dictionaries, as they travel from a worker."""
        clocks = {"cpu": self.cpu, "wall": self.wall}
        plain = {clock: {what: dict(each) for what, each in spent.items()} for clock, spent in clocks.items()}
        return {**plain, "speed": sum(self.speeds) / len(self.speeds)}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what one worker measured; one that died measured nothing."""
        given = getattr(node, "workeroutput", {}).get("costs")
        if given:
            self.speeds.append(given["speed"])
            for what in self.cpu:
                self.cpu[what].update(given["cpu"][what])
                self.wall[what].update(given["wall"][what])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if target := os.environ.get("TEST_COSTS"):
            Path(target).write_text(json.dumps(self.as_data()))


# --- printing, and the budget -------------------------------------------------------------------------------------


def by_file(data: Mapping[str, Any], clock: str) -> Counter[str]:
    """Seconds of each file, from those of its tests."""
    found: Counter[str] = Counter()
    for test, seconds in data[clock]["tests"].items():
        found[test.partition("::")[0]] += seconds
    return found


def by_directory(data: Mapping[str, Any], budgeted: Collection[str]) -> Counter[str]:
    """CPU seconds of each directory that has a budget, with what lies below it and has none of its own."""
    found: Counter[str] = Counter()
    for file, seconds in by_file(data, "cpu").items():
        found[budgeted_directory(file.rpartition("/")[0], budgeted)] += seconds
    return found


def budgeted_directory(directory: str, budgeted: Collection[str]) -> str:
    """The nearest directory above, or this one, that has a budget; the one right below ``tests`` where none has."""
    while directory not in budgeted and directory.count("/") > 1:
        directory = directory.rpartition("/")[0]
    return directory


def read_budget() -> dict[str, Any]:
    """CPU seconds of each directory, by database, and the ``speed()`` they were measured at."""
    return tomllib.loads(BUDGET.read_text())


def report(name: str, data: Mapping[str, Any]) -> Iterator[str]:
    """The dearest files, fixtures and tests of a run, one line each."""
    cpu, wall = by_file(data, "cpu"), by_file(data, "wall")
    yield f"{name}: {sum(cpu.values()):.0f} CPU seconds in tests; its dearest files (CPU, wall):"
    yield from (f"  {seconds:7.1f} {wall[file]:7.1f}  {file}" for file, seconds in cpu.most_common(10))
    yield f"{name}: dearest fixtures (CPU):"
    yield from (f"  {seconds:7.1f}  {each}" for each, seconds in Counter(data["cpu"]["fixtures"]).most_common(5))
    yield f"{name}: slowest tests (wall):"
    yield from (f"  {seconds:7.1f}  {test}" for test, seconds in Counter(data["wall"]["tests"]).most_common(10))


def over_budget(name: str, data: Mapping[str, Any], budget: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each directory that costs a quarter more than it may, or that has no budget.

    The budget is in CPU seconds of a machine on which ``speed()`` takes ``budget["speed"]`` seconds.
    """
    scale = budget["speed"] / data["speed"]
    for directory, seconds in sorted(by_directory(data, budget[name]).items()):
        may = budget[name].get(directory)
        if may is None:
            yield f"{directory} has no budget for {name}; it took {seconds * scale:.0f} CPU seconds."
        elif seconds * scale > may * OVER:
            yield (
                f"{directory} took {seconds * scale:.0f} CPU seconds on {name}, and may take {may} and a quarter: make "
                f"what you added cheaper, or raise its budget in tests/budget.toml and say why."
            )


def main(files: list[str]) -> int:
    """Print what each file of costs says; returns 1 where a budget is exceeded. A file is named for its database."""
    budget = read_budget()
    faults = []
    for file in files:
        name, data = Path(file).stem, json.loads(Path(file).read_text())
        print("\n".join(report(name, data)))
        faults += over_budget(name, data, budget)
    print("\n".join(faults))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
