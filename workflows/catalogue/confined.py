"""The other side of `apart`: a process that takes away what it does not need and then opens files of unknown origin."""

import json
import os
import pickle
import pkgutil
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from workflows.catalogue.apart import MOST_COUNTED, Job, broken_off, too_much
from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.checks import Check, check
from workflows.catalogue.together import deployments
from workflows.errors import BrokenDefinition, Finding
from workflows.garbage import look_less_often
from workflows.language import speaking

# A diagram cannot make the process write more than this into a file.
MOST_OUTPUT = 64 * 1024 * 1024

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")


def answer(job: Job) -> dict[str, Any]:
    """Do the job under its limits and give what is written back."""
    with speaking(job.language):
        try:
            extra: Sequence[Check] = _extra(job.extra)
            _confine(job)
            bundle = job.source if isinstance(job.source, Bundle) else _bundle(job.source, job.shared)
            if isinstance(bundle, list):
                return _told(bundle)
            _allow_seconds(job.seconds_each * max(1, min(len(bundle.files), MOST_COUNTED)))
            if job.only_sorts:
                return {"together": [list(part.files) for part in deployments(bundle)]}
            return _told(check(bundle, shared=job.shared, extra=extra))
        except OSError as problem:
            return {"unreadable": problem.errno or 0}
        except MemoryError:
            return _told([too_much(job)])
        except Exception as problem:
            # The gate never opens because it broke; what broke is for the log of the one who asked.
            sys.stderr.write(f"{type(problem).__name__}: {problem}\n")
            return _told([broken_off(job)])


def _extra(name: str) -> Sequence[Check]:
    if not name:
        return ()
    found: Callable[[], Sequence[Check]] = pkgutil.resolve_name(name)
    return found()


def _bundle(path: Path, shared: Path | None) -> Bundle | list[Finding]:
    try:
        return read_bundle(path, shared=shared)
    except BrokenDefinition as broken:
        return broken.findings


def _told(findings: Sequence[Finding]) -> dict[str, Any]:
    return {"findings": [asdict(finding) for finding in findings]}


def _confine(job: Job) -> None:
    """Take away network, other programs, and all but a little memory and time."""
    _allow_seconds(job.seconds_each * 2)
    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + job.memory, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def _allow_seconds(seconds: int) -> None:
    """Allow so many more seconds of CPU; whoever needs more is ended by the system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise RuntimeError(f"{event} is not allowed while a file is checked")


def main() -> NoReturn:
    """Read the job, answer it, and go at once."""
    look_less_often()
    # Whatever else is written goes to the errors, so that the answer stands alone.
    out = os.dup(1)
    os.dup2(2, 1)
    job = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 (written by `check_apart`)
    told = json.dumps(answer(job)).encode()
    while told:
        told = told[os.write(out, told) :]
    os._exit(0)


if __name__ == "__main__":
    main()
