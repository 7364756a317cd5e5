"""The gate in a process of its own: whatever is in the files, the one who asks gets findings, soon.

The process has no network, no secrets, little memory and little time (`confined` takes them away). It is a new one and
no fork: the one who asks may be a web server with threads. What it answers is JSON, since files of unknown origin have
passed through its hands.
"""

import json
import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflows.catalogue.bundle import Bundle
from workflows.errors import Finding
from workflows.language import Language, current_language, say

# CPU seconds for each file; with the second that a process needs to begin, a file is answered within five.
SECONDS_EACH = 4
# Files that are given this time; a case type has some sixty, of which few cost anything.
MOST_COUNTED = 30
# Real time beyond the CPU time: for beginning, and for a machine that has other work to do.
PATIENCE = 20
# Bytes beyond what the process holds when it begins to read. The dearest file that is known takes a third of it.
MEMORY = 768 * 1024 * 1024

# What of the environment the process is given: where things are, and nothing that anybody must not know.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_CACHE_HOME")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What is to be checked, as it crosses to the other process."""

    source: Path | Bundle
    shared: Path | None
    # Where checks of higher floors come from, as "module:function"; empty for none.
    extra: str
    language: Language
    seconds_each: int = SECONDS_EACH
    memory: int = MEMORY
    # Whether only what belongs together is asked for.
    only_sorts: bool = False


def check_apart(
    source: Path | Bundle,
    *,
    shared: Path | None = None,
    extra: str = "",
    seconds_each: int = SECONDS_EACH,
    memory: int = MEMORY,
) -> list[Finding]:
    """Run every check in a process of its own; the same findings as `checks.check`, or one that says how it ended.

    `extra` names a function without arguments that gives the checks of higher floors ("workflows.launch:extra_checks").
    Raise OSError when the path cannot be read.
    """
    answer = _ask(Job(source, shared, extra, current_language(), seconds_each, memory))
    return [Finding(**entry) for entry in answer["findings"]] if isinstance(answer, dict) else [answer]


def sort_apart(named: Bundle) -> Sequence[Bundle]:
    """Give files that were named one by one as what is checked together (`together`); each alone when that fails."""
    answer = _ask(Job(named, None, "", current_language(), only_sorts=True)) if len(named.files) > 1 else None
    together = answer.get("together") if isinstance(answer, dict) else None
    parts = together if together is not None else [[file] for file in named.files]
    return [Bundle({file: named.files[file] for file in part}, is_folder=False) for part in parts]


def _ask(job: Job) -> dict[str, Any] | Finding:
    """Have the job done in another process; give its answer, or how it ended. Raise OSError as `check_apart`."""
    source = job.source
    alone = len(source.files) == 1 if isinstance(source, Bundle) else not source.is_dir()
    most = job.seconds_each * (1 if alone else MOST_COUNTED) + PATIENCE
    # `-P`: this package, and not one of that name in the folder where somebody happens to stand.
    command = [sys.executable, "-P", "-m", "workflows.catalogue.confined"]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    try:
        ended = subprocess.run(
            command, input=pickle.dumps(job), env=environment, capture_output=True, timeout=most, check=False
        )
    except subprocess.TimeoutExpired:
        return too_long(job)
    if ended.returncode == 0:
        answer: dict[str, Any] = json.loads(ended.stdout)
        if "unreadable" in answer:
            raise OSError(answer["unreadable"], os.strerror(answer["unreadable"]))
        return answer
    if ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return too_long(job)
    last_words = ended.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    logger.error("A check ended with status %d: %s", ended.returncode, "".join(last_words))
    return broken_off(job)


def _name(job: Job) -> str:
    if isinstance(job.source, Path):
        return job.source.name
    return ", ".join(job.source.files) if not job.source.is_folder else ""


def too_long(job: Job) -> Finding:
    """Say that the time was not enough."""
    return Finding(
        "check.too_long",
        say("Pemeriksaan berkas ini memakan waktu terlalu lama.", "Checking this file takes too long."),
        say("Pecah proses menjadi beberapa berkas.", "Split the process into several files."),
        file=_name(job),
    )


def too_much(job: Job) -> Finding:
    """Say that the memory was not enough."""
    return Finding(
        "check.too_much_memory",
        say("Pemeriksaan berkas ini memakan terlalu banyak memori.", "Checking this file takes too much memory."),
        say("Pecah proses menjadi beberapa berkas.", "Split the process into several files."),
        file=_name(job),
    )


def broken_off(job: Job) -> Finding:
    """Say that the check itself failed, which opens nothing."""
    return Finding(
        "check.broken_off",
        say("Pemeriksaan berkas ini putus; ini kesalahan kami.", "Checking this file broke off; that is our fault."),
        say("Laporkan berkas ini kepada pengembang.", "Report this file to the developers."),
        file=_name(job),
    )
