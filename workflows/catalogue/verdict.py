"""What is told of a check: whether the files may run, and the findings, as one JSON object."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from workflows.errors import Finding

# Codes of what a file calls and what is in another file: an error of a case type, which cannot run without it, and a
# note of a single file, which is as right as it can be alone.
IN_OTHER_FILES = frozenset({"call.unknown", "decision.unknown"})


def passes(findings: Sequence[Finding]) -> bool:
    """Tell whether nothing was found to be wrong with what was looked at."""
    return all(finding.severity != "error" for finding in findings)


def accepts(findings: Sequence[Finding]) -> bool:
    """Tell whether what was looked at may run as it is: nothing is wrong with it, and nothing is missing beside it."""
    return passes(findings) and not any(finding.code in IN_OTHER_FILES for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """Give the findings as `{"findings": [...], "accepted": bool}`, the shape that `amanah check --json` prints.

    Accepted is exactly what `engine.parse` accepts.
    """
    told = {"findings": [asdict(finding) for finding in findings], "accepted": accepts(findings)}
    return json.dumps(told, ensure_ascii=False, indent=2)
