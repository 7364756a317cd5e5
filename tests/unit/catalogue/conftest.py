"""A case type that a test may break, and the words of what is wrong with it."""

import shutil
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from databases import REPOSITORY
from workflows.catalogue import examining
from workflows.language import current_language


@pytest.fixture
def a_case_type(tmp_path):
    """A copy of a real case-type folder."""
    return shutil.copytree(REPOSITORY / "bpmn" / "complaint", tmp_path / "complaint")


@pytest.fixture(autouse=True, scope="package")
def _same_files_are_read_once() -> Iterator[None]:
    """Read the same diagrams and the same form once: a mistake in one file leaves the others as they were."""
    parse, read = examining.parse, examining.schema.read

    @cache
    def parsed(files: frozenset[tuple[str, bytes]], order: tuple[str, ...], language: str) -> Any:
        contents = dict(files)
        return parse({name: contents[name] for name in order}, functions=examining.FUNCTIONS)

    @cache
    def form(content: bytes, path: str, language: str) -> Any:
        return read(content, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            examining,
            "parse",
            lambda files, functions: parsed(frozenset(files.items()), tuple(files), current_language()),
        )
        patch.setattr(examining.schema, "read", lambda content, path: form(content, path, current_language()))
        yield
