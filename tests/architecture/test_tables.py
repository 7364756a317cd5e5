"""The metadata is whole: every module of tables is imported by `workflows.tables`."""

import subprocess
import sys

from databases import REPOSITORY


def forgotten_by(module):
    """Give the modules of tables that importing `module` leaves out."""
    program = f"import sys, {module}; print('\\n'.join(name for name in sys.modules if name.endswith('.models')))"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    written = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for path in (REPOSITORY / "workflows").glob("*/models.py")
    }

    return written - set(done.stdout.split())


def test_tables_imports_every_models_module():
    assert forgotten_by("workflows.tables") == set()


def test_a_module_that_forgets_tables_is_found():
    assert "workflows.cases.models" in forgotten_by("workflows.people.models")
