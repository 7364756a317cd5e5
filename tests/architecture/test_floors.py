"""The floors hold: nothing imports what stands above it. The contracts are in pyproject.toml."""

import shutil
import subprocess
import sys

import pytest

from databases import REPOSITORY


def judge(folder):
    """Let import-linter judge the packages in `folder`; give its exit status and what it says."""
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, env={"COLUMNS": "200"}
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the packages that a test may spoil."""
    folder = tmp_path_factory.mktemp("floors")
    skipped = shutil.ignore_patterns("node_modules", "__pycache__", "static", "templates", "frontend", "translations")
    for package in ("workflows", "webapp"):
        shutil.copytree(REPOSITORY / package, folder / package, ignore=skipped)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


def test_every_floor_stands_on_what_is_below_it():
    status, said = judge(REPOSITORY)

    assert status == 0, said


BREACHES = {
    "workflows/feel/spoiled.py": ("import workflows.processes.operations", "The domain stands on floors"),
    "workflows/cases/spoiled.py": ("import flask", "The domain knows no web framework"),
    "workflows/processes/spoiled.py": ("import SpiffWorkflow", "Only workflows.engine speaks SpiffWorkflow"),
    "workflows/incidents/spoiled.py": ("import weasyprint", "Only workflows.letters.render prints"),
    "workflows/engine/spoiled.py": ("import sqlalchemy", "The engine, the forms and the languages have no tables"),
    "workflows/tasks/spoiled.py": ("import webapp.app", "Pages stand on the domain, never the reverse"),
    "webapp/inbox/spoiled.py": ("import webapp.cases.views", "Screen families do not know each other"),
}


def test_a_breach_of_each_contract_is_named(copy):
    for module, (line, _) in BREACHES.items():
        (copy / module).write_text(f"{line}\n")

    status, said = judge(copy)

    assert status == 1
    broken = {row.removesuffix("BROKEN").strip() for row in said.splitlines() if row.endswith("BROKEN")}
    assert {contract for _, contract in BREACHES.values()} <= broken, said
