"""Many who act at once, and those who are killed while acting: the log stays one line without a gap.

A killed process dies once before each statement of an act, and before and after its commit; besides, at random moments,
of which a deep run tries more.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, connections

from customers.access.reveal import reveal
from customers.audit_log.signer import log_signer
from customers.evidence.checkpoints import make_checkpoint
from customers.models import AccessChange, Leaf, Reveal, Team
from customers.staff import teams
from tests import factories
from tests.customers.evidence.logs import execute, payloads, verify
from tests.sampling import rounds

WRITERS, ACTS = 8, 15
ROUNDS = rounds(8, 50)


def assert_whole() -> None:
    """One line of entries, signed for and true to every table; every team there is was made on record."""
    assert [entry["seq"] for entry in payloads()] == list(range(Leaf.objects.count()))
    make_checkpoint(log_signer())
    report = verify()
    assert report.exit == 0, report.lines
    made = AccessChange.objects.filter(what="team_made").values_list("team", flat=True)
    assert sorted(made) == sorted(Team.objects.values_list("pk", flat=True))


def process(mode: str, *numbers: int) -> tuple[list[int], str]:
    """Let a process act on the test's database; what it acknowledged, and what went wrong in it."""
    name = str(connection.settings_dict["NAME"])
    connections.close_all()
    found = subprocess.run(
        [sys.executable, "-m", "tests.customers.evidence.acting", mode, name, *map(str, numbers)],
        capture_output=True, text=True, check=False, cwd=settings.BASE_DIR,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return [int(line) for line in found.stdout.split()], found.stderr


@pytest.mark.usefixtures("own_database")
def test_threads_that_act_at_once_all_succeed_in_one_line(settings) -> None:
    settings.REVEALS_A_DAY = WRITERS * ACTS
    customer, agent = factories.customer(), factories.person("linh", "Support agent")
    before = Leaf.objects.count()

    def reveals() -> str:
        return f"customers_reveal {reveal(customer, 'full_name', by=agent, reason='call_back').record.pk}"

    def makes_a_team(name: str) -> str:
        team = teams.create_team(name, by=factories.system())
        return f"customers_accesschange {AccessChange.objects.get(team=team).pk}"

    def writer(number: int) -> list[str]:
        try:
            return [reveals() if n % 2 else makes_a_team(f"Team {number}/{n}") for n in range(ACTS)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as threads:
        acknowledged = [each for done in threads.map(writer, range(WRITERS)) for each in done]
    assert len(set(acknowledged)) == WRITERS * ACTS == Leaf.objects.count() - before
    assert set(acknowledged) <= {f"{entry['table']} {entry['row']}" for entry in payloads()}
    assert Reveal.objects.count() == WRITERS * (ACTS // 2)
    assert_whole()


@pytest.mark.bare
@pytest.mark.usefixtures("own_database")
def test_processes_that_act_at_once_all_succeed_in_one_line() -> None:
    acknowledged, errors = process("writers", WRITERS, ACTS)
    assert errors == ""
    assert len(acknowledged) == WRITERS * ACTS == Leaf.objects.filter(kind="access_change").count()
    assert sorted(acknowledged) == sorted(Team.objects.values_list("pk", flat=True))
    assert_whole()


@pytest.mark.usefixtures("own_database")
def test_a_process_killed_at_random_moments_loses_nothing_acknowledged_and_leaves_no_half_an_act() -> None:
    acknowledged, errors = process("killed", ROUNDS)
    assert errors == ""
    assert len(acknowledged) >= ROUNDS  # those that were killed had acted, too
    assert set(acknowledged) <= set(Team.objects.values_list("pk", flat=True))
    assert_whole()
    factories.team("after all of that")
    assert_whole()


@pytest.mark.bare
@pytest.mark.usefixtures("own_database")
def test_a_process_killed_at_each_step_of_an_act_leaves_all_of_it_or_nothing() -> None:
    acknowledged, errors = process("stepwise")
    assert errors == ""
    assert len(acknowledged) == 1  # by the last of them, which had no more steps to die at
    assert Team.objects.count() == 2  # and the one whose commit was done when it died
    assert_whole()


@pytest.mark.usefixtures("own_database")
def test_half_an_act_would_be_told() -> None:
    """The control of the tests above: what they look for is found where it is."""
    factories.team("control")
    assert_whole()
    execute("INSERT INTO customers_team (name) VALUES ('made by nobody')")
    with pytest.raises(AssertionError):
        assert_whole()
    execute("DELETE FROM customers_team WHERE name = 'made by nobody'")
    execute(
        "INSERT INTO customers_accesschange (at, by_id, what, role, detail, team_id)"
        " SELECT at, by_id, what, role, detail, team_id FROM customers_accesschange LIMIT 1"
    )
    with pytest.raises(AssertionError):
        assert_whole()
