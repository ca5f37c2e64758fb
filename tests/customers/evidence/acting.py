"""A process that acts on a database, for tests of writers that come together and of writers that are killed.

    python -m tests.customers.evidence.acting writers NAME PROCESSES ACTS
    python -m tests.customers.evidence.acting killed NAME ROUNDS
    python -m tests.customers.evidence.acting stepwise NAME

Every act that has returned is acknowledged by a line on stdout: the primary key of the team it made.
"""

import os
import random
import shutil
import signal
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from typing import Any, NoReturn

LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A team's name holds no run of digits: it could be somebody's number."""
FEWEST_STEPS = 10
"""An act has more statements than that."""


def act() -> None:
    """One act with a row, its record and a leaf; acknowledged once it has returned."""
    from customers.staff import teams
    from tests import factories

    team = teams.create_team(uuid.uuid4().hex.translate(LETTERS), by=factories.system())
    os.write(1, f"{team.pk}\n".encode())


def child(acts: int) -> NoReturn:
    """Act that often and leave without the parent's clean-up; 1 where anything was raised."""
    try:
        for _ in range(acts):
            act()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def writers(processes: int, acts: int) -> int:
    """Let processes act side by side; how many of them failed."""
    children = []
    for _ in range(processes):
        if (pid := os.fork()) == 0:
            child(acts)
        children.append(pid)
    return sum(os.waitpid(pid, 0)[1] != 0 for pid in children)


def killed(rounds: int) -> int:
    """Kill one acting process after the other; how many were not killed but had ended.

    Each has first acknowledged up to three acts, and dies within the next two, as long as those take here and now:
    a slow disk changes the time and not the moment.
    """
    ended, lasts = 0, 0.0
    for number in range(rounds):
        ours, theirs = os.pipe()
        if (pid := os.fork()) == 0:
            os.dup2(theirs, 1)
            os.close(ours)
            os.close(theirs)
            child(sys.maxsize)
        os.close(theirs)
        with open(ours, "rb") as acknowledged:
            started = time.monotonic()
            lines = [acknowledged.readline() for _ in range((number + 1) % 4)]
            lasts = (time.monotonic() - started) / len(lines) if lines else lasts
            time.sleep(random.uniform(0, 2 * lasts))
            os.kill(pid, signal.SIGKILL)
            ended += os.waitpid(pid, 0)[1] != signal.SIGKILL
            lines += acknowledged.readlines()
        os.write(1, b"".join(lines))
    return ended


def stepwise() -> int:
    """Kill an acting process at the first of an act's steps, another one at the second, and so on.

    The first that lives has acted and ends it. 1 where that was too soon to be true, or it failed.
    """
    for number in range(1, sys.maxsize):
        if (pid := os.fork()) == 0:
            die_at(number)
            child(1)
        if (status := os.waitpid(pid, 0)[1]) != signal.SIGKILL:
            return int(status != 0 or number <= FEWEST_STEPS)
    return 1


def die_at(number: int) -> None:
    """Let this process die at that step: before a statement, before its commit, or just after it."""
    from django.db import connection

    left, commit = number, connection.commit

    def step() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    def stated(execute: Callable[..., Any], *rest: Any) -> Any:
        step()
        return execute(*rest)

    def committed() -> None:
        step()
        commit()
        step()

    connection.execute_wrappers.append(stated)
    connection.commit = committed  # type: ignore[method-assign]


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections

    mode, name, *numbers = sys.argv[1:]
    connections["default"].settings_dict["NAME"] = name  # no connection is opened before the fork
    try:
        return {"writers": writers, "killed": killed, "stepwise": stepwise}[mode](*map(int, numbers))
    finally:
        shutil.rmtree(settings.VAR_DIR)


if __name__ == "__main__":
    raise SystemExit(main())
