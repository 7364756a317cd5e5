"""Does both commands as a newcomer does: in a fresh clone, with empty caches, with and without Node on PATH.

Prints the time of every step and the size of what it left, and exits with 1 when a step fails. About ten minutes;
`--quick` leaves out `make test`.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
# Programs that the two commands call, besides Python itself; anything else must not be missed.
PROGRAMS = (
    "sh",
    "bash",
    "env",
    "make",
    "date",
    "find",
    "echo",
    "printf",
    "touch",
    "mkdir",
    "cat",
    "sed",
    "expand",
    "rm",
    "git",
)
NODE = ("node", "npm", "npx")
FIRST_START_SECONDS = 600


def main() -> int:
    """Try the commands in both surroundings."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="leave out `make test`")
    quick = options.parse_args().quick
    for with_node in (True, False):
        print(f"\n{'With' if with_node else 'Without'} Node on PATH")
        with _clone() as clone, _path(with_node=with_node) as path:
            environment = _environment(clone, path)
            _first_and_second_start(clone, environment)
            if not quick:
                began = time.monotonic()
                subprocess.run(["make", "test"], cwd=clone, env=environment, check=True)
                print(f"  {time.monotonic() - began:8.1f} s   make test")
            for folder in (".boot", ".venv", "webapp/static/dist", ".amanah"):
                print(f"  {_size(clone / folder):8.1f} MB  {folder}")
    return 0


def _first_and_second_start(clone: Path, environment: dict[str, str]) -> None:
    for name in ("first make run", "second make run"):
        port = _free_port()
        began = time.monotonic()
        process = subprocess.Popen(["make", "run", f"PORT={port}"], cwd=clone, env=environment, start_new_session=True)
        try:
            _wait_for(f"http://127.0.0.1:{port}/sehat", process)
            print(f"  {time.monotonic() - began:8.1f} s   {name}, until /sehat answers")
        finally:
            # As Ctrl-C does: to everybody at the terminal, if anybody is left.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            began = time.monotonic()
            process.wait(60)
        print(f"  {time.monotonic() - began:8.1f} s   stopped")


@contextmanager
def _clone() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="amanah-"))
    # Others may enter, as in an ordinary home: the embedded database is not ours when we are root.
    folder.chmod(0o755)
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
    try:
        yield clone
    finally:
        shutil.rmtree(folder)


@contextmanager
def _path(*, with_node: bool) -> Iterator[Path]:
    """Give a folder of links to the few programs that may be on PATH."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (*PROGRAMS, *(NODE if with_node else ())):
            program = shutil.which(name)
            if program is not None:
                Path(folder, name).symlink_to(program)
        # The Python behind whatever launcher stands on PATH: a virtual environment of ours must not be the newcomer's.
        Path(folder, "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
        yield Path(folder)


def _environment(clone: Path, path: Path) -> dict[str, str]:
    """Give our environment with empty caches and the short PATH."""
    caches = str(clone.parent / "caches")
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "DATABASE_URL"}}
    return environment | {
        "PATH": str(path),
        "XDG_CACHE_HOME": caches,
        "UV_CACHE_DIR": f"{caches}/uv",
        "npm_config_cache": f"{caches}/npm",
    }


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(FIRST_START_SECONDS * 5):
        if _answers(address):
            return
        try:
            status = process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        raise SystemExit(f"make run ended with status {status}")
    raise SystemExit("make run never answered")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _size(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*")) / 1e6


if __name__ == "__main__":
    sys.exit(main())
