"""The house stays as the README draws it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_engine("it reads files")

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("config", "customers", "consent", "disclosures")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "common", "core", "misc", "signals"}


def sources(suffix: str) -> list[Path]:
    """Every file of the project with that suffix."""
    roots = [ROOT / name for name in (*APPS, "tests")]
    return [path for root in roots for path in root.rglob(f"*{suffix}") if "__pycache__" not in path.parts]


def test_imports_run_one_way_and_decryption_is_reached_from_the_vault_only() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "4 kept, 0 broken" in done.stdout


CARRIED_AS_ONE = ROOT / "customers" / "evidence" / "verify.py"
"""An auditor takes the verifier along as a single file, so it may be longer than a room."""


def test_no_file_is_longer_than_400_lines_and_none_has_a_name_that_says_nothing() -> None:
    files = [path for path in sources(".py") if path != CARRIED_AS_ONE]
    assert ROOT / "customers" / "vault" / "sealed.py" in files
    too_long = [str(p) for p in files if "migrations" not in p.parts and len(p.read_text().splitlines()) > 400]
    nameless = [str(p) for p in files if SAYS_NOTHING & {p.stem, *p.relative_to(ROOT).parts[:-1]}]
    assert (too_long, nameless) == ([], [])


INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son(?:click|change|submit|load|input)=", re.I)


@pytest.mark.parametrize("bad", ["<script>x</script>", "<style>", '<p style="x">', '<a onclick="x">'])
def test_the_search_for_inline_script_and_style_finds_them(bad: str) -> None:
    assert INLINE.search(bad)


def test_templates_carry_no_inline_script_or_style() -> None:
    templates = sources(".html")
    assert templates
    assert [str(path) for path in templates if INLINE.search(path.read_text())] == []


def test_no_line_of_a_template_is_longer_than_120_characters() -> None:
    lines = [(path, line) for path in sources(".html") for line in path.read_text().splitlines()]
    assert [f"{path}: {line.strip()[:60]}" for path, line in lines if len(line) > 120] == []


def test_nobody_receives_signals() -> None:
    receiving = re.compile(
        r"@receiver|\b(?:pre|post)_\w+\.connect\(|_changed\.connect\(|django\.dispatch|\.models\.signals"
    )
    assert receiving.search("post_save.connect(handler)")
    ours = [p for p in sources(".py") if p.parts[len(ROOT.parts)] in APPS and "migrations" not in p.parts]
    assert [str(path) for path in ours if receiving.search(path.read_text())] == []


def test_ci_runs_the_test_command_that_the_readme_gives() -> None:
    given = re.findall(r"^    (uv run pytest.*)$", (ROOT / "README.md").read_text(), re.M)
    assert given == ["uv run pytest"]
    assert "README.md" in (ROOT / ".ci" / "run").read_text()


def test_guardian_keeps_rows_and_nothing_else_of_it_is_used() -> None:
    used = re.compile(r"guardian\.(?:shortcuts|admin|backends|mixins|decorators|core|managers)")
    assert used.search("from guardian.shortcuts import assign_perm")
    ours = [path for path in sources(".py") if path.parts[len(ROOT.parts)] in APPS and "migrations" not in path.parts]
    assert [str(path) for path in ours if used.search(path.read_text())] == []


def test_what_allauth_keeps_internal_is_imported_in_one_module() -> None:
    internal = re.compile(r"allauth\.[\w.]*\binternal\b")
    ours = [path for path in sources(".py") if path.parts[len(ROOT.parts)] in APPS]
    using = [path for path in ours if internal.search(path.read_text())]
    assert using == [ROOT / "customers" / "sign_in" / "allauth_internals.py"]


PLANTED = {
    "The one-way stair": ("customers/casework/holds.py", "consent.gate.gate"),
    "Decryption happens in one module, and only the vault reaches it": (
        "customers/access/find.py",
        "customers.vault.tokens",
    ),
    "Vault and evidence know no room above them": ("customers/vault/masking.py", "customers.casework.requests"),
    "No package imports a sibling in a circle": ("consent/gate/gate.py", "consent.outreach.send"),
}
"""By the name of a contract: a file, and an import in it that the contract forbids."""


def test_each_contract_tells_of_an_import_that_it_forbids(tmp_path: Path) -> None:
    for app in APPS:
        shutil.copytree(ROOT / app, tmp_path / app, ignore=lambda folder, names: [n for n in names if "." in n[:-3]])
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file, module in PLANTED.values():
        source = tmp_path / file
        source.write_text(f"{source.read_text()}\nimport {module}\n")
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    broken = [name for name in PLANTED if f"{name} BROKEN" in done.stdout]
    assert broken == list(PLANTED), done.stdout
