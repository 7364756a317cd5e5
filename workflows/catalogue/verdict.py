"""What is told of a check: whether the files may run, and the findings, as one JSON object."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from workflows.errors import Finding


def accepts(findings: Sequence[Finding]) -> bool:
    """Tell whether nothing forbids running."""
    return all(finding.severity != "error" for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """Give the findings as `{"findings": [...], "accepted": bool}`, the shape that `amanah check --json` prints."""
    told = {"findings": [asdict(finding) for finding in findings], "accepted": accepts(findings)}
    return json.dumps(told, ensure_ascii=False, indent=2)
