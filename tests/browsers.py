"""Where the browser of the tests comes from, and the packages beside it; the fixtures are in `browser/conftest.py`.

In this order: the program that CHROME names, a Chromium on PATH, and the Chromium that the npm package
@sparticuz/chromium carries, unpacked into `.amanah/browser` (nothing of that package's code runs). It asks nothing of
the machine but the C library.
"""

import io
import json
import os
import runpy
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from databases import REPOSITORY

PACKAGES = REPOSITORY / "tests" / "browser"
CARRIED = REPOSITORY / ".amanah" / "browser"

_ON_PATH = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Browser:
    """A Chromium that runs here."""

    program: Path
    # What its environment needs besides ours.
    environment: dict[str, str] = field(default_factory=dict)


def find_browser() -> Browser:
    """Give a browser, fetching one where the machine has none; raise OSError or CalledProcessError when it cannot."""
    named = os.environ.get("CHROME")
    for candidate in (named, *map(shutil.which, _ON_PATH)):
        if candidate:
            return Browser(Path(candidate))
    return _carried()


def axe_source() -> str:
    """Give the text of axe-core, the judge of accessibility; fetch it the first time."""
    file = PACKAGES / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists() or not _is_locked("axe-core"):
        _fetch("--omit=optional")
    return file.read_text(encoding="utf-8")


def _carried() -> Browser:
    folder = CARRIED / _locked_version("@sparticuz/chromium")
    if not (folder / "chromium").exists():
        _fetch()
        source = PACKAGES / "node_modules" / "@sparticuz" / "chromium" / "bin"
        # Under another name until it is whole: an interrupted run leaves nothing that looks ready.
        unfinished = folder.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        (unfinished / "chromium").write_bytes(brotli.decompress((source / "chromium.br").read_bytes()))
        (unfinished / "chromium").chmod(0o755)
        for name in ("swiftshader", "al2023", "fonts"):
            packed = brotli.decompress((source / f"{name}.tar.br").read_bytes())
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(unfinished, filter="data")
        unfinished.rename(folder)
    return Browser(folder / "chromium", {"LD_LIBRARY_PATH": str(folder / "lib")})


def _fetch(*options: str) -> None:
    """Install the locked packages; no script of theirs is run, and the Node that they would like is not asked for."""
    tools = runpy.run_path(str(REPOSITORY / "webapp" / "frontend" / "build_assets.py"))["tools"]
    _, npm, environment = tools()
    command = [*npm, "ci", "--force", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *options]
    subprocess.run(command, cwd=PACKAGES, env=environment, check=True)


def _locked_version(package: str) -> str:
    lock = json.loads((PACKAGES / "package-lock.json").read_text(encoding="utf-8"))
    return str(lock["packages"][f"node_modules/{package}"]["version"])


def _is_locked(package: str) -> bool:
    """Tell whether the version that lies here is the one of the lock."""
    manifest = PACKAGES / "node_modules" / package / "package.json"
    return bool(json.loads(manifest.read_text(encoding="utf-8"))["version"] == _locked_version(package))
