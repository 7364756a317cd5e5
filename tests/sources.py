"""The Python sources of the repository as syntax trees, for the guards in `architecture/`."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from databases import REPOSITORY

# Not ours, and large.
_SKIPPED = {"node_modules", "__pycache__", "dist"}


def sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Give the path inside the repository and the tree of every module of the packages."""
    for package in packages:
        for folder, subfolders, names in os.walk(REPOSITORY / package):
            subfolders[:] = sorted(set(subfolders) - _SKIPPED)
            for name in sorted(names):
                if name.endswith(".py"):
                    path = Path(folder, name)
                    yield path.relative_to(REPOSITORY).as_posix(), _tree(path)


@cache
def _tree(path: Path) -> ast.Module:
    """Parse a module once for all guards; they only look."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Give everything that stands in a module, found once for all guards."""
    return tuple(ast.walk(tree))
