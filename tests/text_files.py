"""What every text file of the repository keeps; run by pre-commit with file names, and by a test over all of them.

Whitespace only at its place, no mark of an unresolved merge, structured data that can be read, and no address of a
package registry or of somebody's own machine.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml

# An address that only one registry, one proxy or one machine has must not decide where packages come from.
_FOREIGN = re.compile(
    r"registry\.npmjs|pypi\.org/simple|files\.pythonhosted|\"resolved\":|--index-url|/(?:root|home)/\w"
)
_MERGE_MARK = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
# Written by other programs, or showing what must be refused.
_TOLERATED = {"tests/text_files.py", "tests/architecture/test_repository.py"}


def complaints(name: str, text: str) -> Iterator[str]:
    """Give what is wrong with the text of the file `name`, as `name:line: sentence`."""
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip() and not name.endswith((".md", ".po", ".svg")):
            yield f"{name}:{number}: whitespace at the end of the line"
        if name not in _TOLERATED and _FOREIGN.search(line):
            yield f"{name}:{number}: an address that is not the same everywhere: {line.strip()[:80]}"
    if text and not text.endswith("\n"):
        yield f"{name}:1: the last line has no end"
    if name not in _TOLERATED and _MERGE_MARK.search(text):
        yield f"{name}:1: a mark of an unresolved merge"
    try:
        if name.endswith((".yml", ".yaml")):
            list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        elif name.endswith(".toml"):
            tomllib.loads(text)
        elif name.endswith((".json", ".form", ".webmanifest")):
            json.loads(text)
    except (yaml.YAMLError, ValueError) as error:
        yield f"{name}:1: cannot be read: {error}"


def main(names: list[str]) -> int:
    """Print what is wrong with the files; 1 when anything is."""
    found = [each for name in names for each in complaints(name, Path(name).read_text(encoding="utf-8"))]
    sys.stdout.write("".join(f"{each}\n" for each in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
