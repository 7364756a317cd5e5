"""What the gate may put right by itself: an id for everything that was drawn without one, stored where it is seen.

BPMN makes ids optional, and a running case stands on them. Nothing else is repaired; the rest is told and left to
whoever drew it.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from workflows.catalogue.bundle import LARGEST_FILE, Bundle
from workflows.engine.repair import with_ids


def repaired(bundle: Bundle) -> Bundle:
    """Give the bundle with all ids in its diagrams; the same one when none is missing. Editions are stored so."""
    files = {path: with_ids(content) if path.endswith(".bpmn") else content for path, content in bundle.files.items()}
    return bundle if files == dict(bundle.files) else replace(bundle, files=files)


def repair(path: Path) -> Iterator[Path]:
    """Write the missing ids into the diagrams of a folder, or into one file; give those that were changed.

    Raise OSError when one cannot be read or written.
    """
    for file in [path] if not path.is_dir() else sorted(path.rglob("*.bpmn")):
        if file.stat().st_size > LARGEST_FILE:
            continue
        content = file.read_bytes()
        better = with_ids(content)
        if better != content:
            file.write_bytes(better)
            yield file
