"""Everything that must hold before a case type may run: one small function per check."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from workflows.catalogue.bundle import Bundle
from workflows.errors import Finding

# One check: looks at the files and yields what a designer should know.
Check = Callable[[Any], Iterable[Finding]]


def check(source: Path | Bundle, *, extra: Sequence[Check] = ()) -> list[Finding]:
    """Run every check and give the findings by file and line.

    `extra` holds checks that need a higher floor (letters render, services exist). Raise OSError when the path cannot
    be read, and nothing else, whatever the bytes.
    """
    raise NotImplementedError


def as_json(findings: Sequence[Finding]) -> str:
    """Give the findings as `{"findings": [...], "accepted": bool}`, the shape that `amanah check --json` prints."""
    raise NotImplementedError
