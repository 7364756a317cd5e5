"""What all commands share: how they open the installation, what they say where, and what their exit status means."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.errors import Finding
from workflows.language import say
from workflows.settings import Settings

if TYPE_CHECKING:
    from workflows.installation import Installation

# The answer is no: findings, a busy port, a broken chain.
REFUSED = 1
# The question could not be understood or read.
NOT_UNDERSTOOD = 2


def settings() -> Settings:
    """Read the settings from the environment; BadSetting names what is wrong with one."""
    return Settings.from_env(os.environ)


@contextmanager
def opened() -> "Iterator[Installation]":
    """Lend the installation that the environment names, and say what its user should know of it."""
    from workflows.installation import open_installation

    with open_installation(settings()) as installation:
        if installation.notice:
            complain(installation.notice)
        yield installation


def complain(sentence: str) -> None:
    """Say something that is no answer: on standard error, so that answers can be passed on."""
    print(sentence, file=sys.stderr, flush=True)


def cannot_read(path: Path, error: OSError) -> int:
    """Say why a file or folder cannot be read, and give the exit status for it."""
    complain(f"{error.filename or path}: {error.strerror}")
    return NOT_UNDERSTOOD


def show(findings: Sequence[Finding]) -> None:
    """Print findings, each with its mend, and the verdict."""
    from workflows.catalogue import verdict

    words = {"error": say("galat", "error"), "warning": say("perhatian", "warning"), "note": say("catatan", "note")}
    for finding in findings:
        place = f"{finding.file}:{finding.line}" + (f" ({finding.element})" if finding.element else "")
        print(f"{place}: {words[finding.severity]} {finding.code}: {finding.message}")
        if finding.fix:
            print(f"    {finding.fix}")
    if verdict.accepts(findings):
        print(say("Diterima.", "Accepted."))
    elif verdict.passes(findings):
        print(
            say(
                "Tidak ada yang salah, tetapi berkas ini memanggil berkas lain; hanya bersama-sama dapat diterbitkan.",
                "Nothing is wrong, but this file calls others; it can be published together with them only.",
            )
        )
