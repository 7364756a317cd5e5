"""The metadata is whole: every module of tables is imported by `workflows.tables`."""

import subprocess
import sys

from databases import REPOSITORY


def test_tables_imports_every_models_module():
    program = (
        "import sys, workflows.tables; print('\\n'.join(name for name in sys.modules if name.endswith('.models')))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    written = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for path in (REPOSITORY / "workflows").glob("*/models.py")
    }

    assert written - set(done.stdout.split()) == set()
