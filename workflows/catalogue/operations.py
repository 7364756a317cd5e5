"""Verbs of the catalogue: make an edition startable, and no longer startable."""

from collections.abc import Sequence
from pathlib import Path

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.checks import Check
from workflows.catalogue.models import ProcessVersion
from workflows.transaction import Tx


def publish(tx: Tx, source: Path | Bundle, *, extra: Sequence[Check] = ()) -> ProcessVersion:
    """Check the case type and make it the edition on which new cases start.

    The same files as the open edition give that edition back and journal nothing. Raise BrokenDefinition with all
    findings when a check says "error".
    """
    raise NotImplementedError


def retire(tx: Tx, key: str) -> ProcessVersion:
    """Let no new case start on the type; running cases go on. Raise NotFound when no edition is open."""
    raise NotImplementedError
