"""YAML of unknown origin ends in an error with its place, whatever it holds."""

import pytest
import yaml

from workflows import plain_yaml


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[" * 100_000, 1),
        ("? " * 100_000, 1),
        ("a:\n" + "\n".join("  " * level + "b:" for level in range(1, 50)), 31),
        ("a: &x [1]\nb: *x", 2),
        ("a: *x", 1),
        ("a: 1\nb: ]", 2),
        ("a: 1\n---\nb: 2", 2),
        ("a: !!python/object:os.system 1", 1),
    ],
)
def test_a_trick_is_refused_with_its_line(content: str, line: int) -> None:
    with pytest.raises(yaml.MarkedYAMLError) as refused:
        plain_yaml.load(content)

    mark = refused.value.problem_mark
    assert mark is not None
    assert mark.line + 1 == line


@pytest.mark.parametrize("content", [b"\x00", b"\xff\xfe\xff", b"a: 2026-13-45", b"- !!binary x"])
def test_what_is_no_text_or_no_day_is_an_error_that_readers_expect(content: bytes) -> None:
    with pytest.raises((yaml.YAMLError, ValueError)):
        plain_yaml.load(content)


def test_as_deep_as_a_file_may_be_is_read() -> None:
    depth = plain_yaml.DEEPEST

    assert plain_yaml.load("[" * depth + "]" * depth) == yaml.safe_load("[" * depth + "]" * depth)
