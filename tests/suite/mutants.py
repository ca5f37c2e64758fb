"""Small faults put into the code where a rule lives, one at a time: do the tests nearest to it turn red?

``python -m tests.suite.mutants`` makes a copy of the tree, draws so many faults for each target (``--each 12``; 0 for
all) by a seed that it prints (``--seed``), and says which survived; ``--only TEXT`` takes the targets whose path holds
it. It can be stopped at any time, and what it has found by then stands on the screen. Exit code 1 where any survived.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.modules import find_modules
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkItem, WorkResult

ROOT = Path(__file__).resolve().parent.parent.parent
TARGETS: dict[str, list[str]] = {
    "customers/permissions": [
        "tests/customers/permissions/test_permissions.py",
        "tests/customers/access/test_grants.py",
        "tests/customers/staff/test_accounts.py",
    ],
    "consent/permissions.py": [
        "tests/customers/permissions/test_permissions.py",
        "tests/consent/outreach/test_templates.py",
    ],
    "disclosures/permissions.py": [
        "tests/disclosures/requests/test_attacks.py",
        "tests/disclosures/reviews/test_access.py",
    ],
    "customers/vault/tokens.py": ["tests/customers/vault/test_expose.py", "tests/customers/vault/test_unreadable.py"],
    "customers/vault/sealed.py": ["tests/customers/vault/test_expose.py", "tests/customers/vault/test_unreadable.py"],
    "customers/vault/masking.py": ["tests/customers/vault/test_masks.py"],
    "customers/vault/blind_index.py": [
        "tests/customers/vault/test_blind_index.py",
        "tests/customers/access/test_find.py",
    ],
    "customers/vault/keyring.py": ["tests/customers/vault/test_keyring.py", "tests/customers/vault/test_resealing.py"],
    "customers/evidence/recording.py": [
        "tests/customers/evidence/test_recording.py",
        "tests/customers/evidence/test_odd_acts.py",
    ],
    "customers/evidence/accounting.py": [
        "tests/customers/vault/test_expose.py",
        "tests/customers/access/test_reveal.py",
    ],
    "customers/evidence/tree.py": ["tests/customers/evidence/test_tree.py"],
    "customers/evidence/verify.py": [
        "tests/customers/evidence/test_verify_bundle.py",
        "tests/customers/evidence/test_verify_cli.py",
        "tests/customers/evidence/test_tree.py",
        "tests/customers/evidence/test_verify_sqlite.py",
    ],
    "consent/gate/gate.py": ["tests/consent/gate/test_gate.py"],
    "customers/casework/deadlines.py": [
        "tests/customers/casework/test_deadlines.py",
        "tests/customers/casework/test_request_clocks.py",
    ],
    "customers/sign_in/sessions.py": [
        "tests/customers/sign_in/test_step_up.py",
        "tests/customers/sign_in/test_sign_in.py",
    ],
    "customers/acts/budgets.py": ["tests/customers/acts/test_budgets.py"],
    "customers/casework/holds.py": [
        "tests/customers/casework/test_holds.py",
        "tests/customers/casework/test_holds_released.py",
    ],
    "disclosures/recipients/legal_bases.py": ["tests/disclosures/recipients/test_legal_bases.py"],
    "disclosures/requests/decisions.py": [
        "tests/disclosures/requests/test_attacks.py",
        "tests/disclosures/requests/test_police_letter.py",
    ],
    "disclosures/requests/release.py": [
        "tests/disclosures/requests/test_police_letter.py",
        "tests/disclosures/recipients/test_legal_bases.py",
    ],
    "disclosures/requests/download.py": [
        "tests/disclosures/requests/test_police_letter.py",
        "tests/disclosures/tamper_check/test_frozen.py",
    ],
    "disclosures/reviews/due_dates.py": [
        "tests/disclosures/reviews/test_access.py",
        "tests/disclosures/reviews/test_monthly.py",
    ],
}
"""Where rules live, each with the tests that are to notice."""
SECONDS = 300.0
"""After so long a mutant's tests are stopped, and it counts as noticed: an endless loop is one way to fail."""


def copy_of_the_tree(folder: Path) -> None:
    """The files that git knows, as they are now: faults are never put into the tree one works in."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(
        ["cp", "--parents", "--target-directory", str(folder), *listed.decode().split("\0")[:-1]], check=True
    )


def is_a_fault(item: WorkItem) -> bool:
    """Whether a mutant could behave otherwise: another sign between two types of an annotation could not."""
    return "_BitOr_" not in item.mutations[0].operator_name


def drawn(path: str, each: int, seed: int) -> list[WorkItem]:
    """The faults to be tried in a target: ``each`` of them, or all."""
    with tempfile.TemporaryDirectory() as folder, use_db(f"{folder}/work.sqlite", WorkDB.Mode.create) as work:
        init(sorted(find_modules([Path(path)])), work, {})
        items = sorted(filter(is_a_fault, work.work_items), key=lambda item: repr(item.mutations))
    draw = random.Random(f"{seed} {path}")
    return items if not each else draw.sample(items, min(each, len(items)))


def tried(path: str, tests: list[str], each: int, seed: int) -> Iterator[WorkResult]:
    """Each drawn fault with what became of it. Raises where the tests are red before there is any fault."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", *tests]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for item in drawn(path, each, seed):
        yield mutate_and_test(item.mutations, " ".join(command), SECONDS)


def main() -> int:
    """Try the targets, print each survivor as a difference, and a line for each target that adds up."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--each", type=int, default=12, metavar="N")
    asked.add_argument("--seed", type=int, default=random.randrange(10**6))
    asked.add_argument("--only", default="", metavar="TEXT")
    given = asked.parse_args()
    print(f"seed {given.seed}, {given.each or 'all'} for each target")
    survived: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy_of_the_tree(Path(folder))
        os.chdir(folder)
        os.environ["TEST_TEMPLATE"] = "mutants"  # the migrated database is made once, not for every fault
        for path, tests in TARGETS.items():
            if given.only in path:
                began, results = time.monotonic(), Counter[str]()
                for result in tried(path, tests, given.each, given.seed):
                    results[result.test_outcome.value if result.test_outcome else "none"] += 1
                    if result.test_outcome == TestOutcome.SURVIVED:
                        survived[path] += 1
                        print(result.diff, flush=True)
                print(f"{path}: {dict(results)} in {time.monotonic() - began:.0f} s", flush=True)
    print(f"{sum(survived.values())} survived: {dict(survived)}")
    return int(bool(survived))


if __name__ == "__main__":
    sys.exit(main())
