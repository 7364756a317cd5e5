"""The check before publishing that needs this floor: the register of activities can be read."""

from collections.abc import Iterator

from workflows.activities.register import register_in
from workflows.catalogue.bundle import Bundle
from workflows.errors import BrokenDefinition, Finding


def register_reads(bundle: Bundle) -> Iterator[Finding]:
    """Yield what is wrong in `activities.yml`."""
    try:
        register_in(bundle)
    except BrokenDefinition as broken:
        yield from broken.findings
