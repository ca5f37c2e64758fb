"""A command in a fork finds what it finds in an interpreter of its own, and nothing of the command before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import processes
from tests.forking import OURS

pytestmark = pytest.mark.one_engine("what a process begins with is no matter of the database")

STANDING = f"""
import gc, json, os, sys
before = sorted(name for name in sys.modules if name.partition(".")[0] in {OURS!r})
from django.conf import settings
configured = settings.configured
import config.settings
umask = os.umask(0)
print(json.dumps(dict(
    environment=dict(os.environ), arguments=sys.argv, folder=os.getcwd(), path=sys.path[0], ours=before,
    settings_were_read=configured, mode=config.settings.MODE, input=sys.stdin.read(), umask=umask,
    name=__name__, flags=list(sys.flags), collecting=[gc.isenabled(), gc.get_threshold()],
)))
"""


def standing(var: Path, *, fresh: bool, **environment: str) -> dict[str, Any]:
    """What a program finds when it begins."""
    done = processes.ask(STANDING, var, environment, fresh=fresh)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    found["environment"].pop("_", None)
    return found


def test_a_fork_begins_as_a_fresh_interpreter_does(tmp_path: Path) -> None:
    fork = standing(tmp_path, fresh=False, PRIVACY_DESK_MODE="test")
    assert fork == standing(tmp_path, fresh=True, PRIVACY_DESK_MODE="test")
    assert (fork["mode"], fork["ours"], fork["settings_were_read"]) == ("test", [], False)


def test_a_script_is_told_its_own_name_arguments_and_folder(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import sys; print(__name__, __file__, sys.argv, sys.path[0])")
    fork, fresh = (processes.run([str(script), "a", "b"], tmp_path, {}, fresh=fresh) for fresh in (False, True))
    assert fork.stdout == fresh.stdout
    assert "'a', 'b'" in fork.stdout


def test_no_fork_knows_what_another_was_told(tmp_path: Path) -> None:
    assert standing(tmp_path, fresh=False, PRIVACY_DESK_MODE="demo", CANARY="1")["mode"] == "demo"
    again = standing(tmp_path, fresh=False)
    assert (again["mode"], "CANARY" in again["environment"]) == ("", False)


@pytest.mark.parametrize(
    ("code", "status"),
    [("print('done')", 0), ("raise SystemExit(3)", 3), ("raise SystemExit('no')", 1), ("1 / 0", 1),
     ("import sys; sys.excepthook = lambda *what: print('hooked'); 1 / 0", 1), ("import os; os.abort()", -6),
     ("import atexit, sys; atexit.register(print, 'last'); sys.stderr.write('first')", 0)],
)  # fmt: skip
def test_a_fork_ends_as_a_fresh_interpreter_does(code: str, status: int, tmp_path: Path) -> None:
    fork, fresh = (processes.ask(code, tmp_path, {}, fresh=fresh) for fresh in (False, True))
    assert fork.returncode == fresh.returncode == status
    assert fork.stdout == fresh.stdout
    assert fork.stderr.splitlines()[-1:] == fresh.stderr.splitlines()[-1:]
