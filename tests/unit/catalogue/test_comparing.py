"""What differs between two editions is said before any case is looked at: elements, ways, forms, tables, variables."""

from dataclasses import replace

import pytest

from databases import REPOSITORY
from workflows.catalogue.bundle import read_bundle
from workflows.catalogue.comparing import changes_between
from workflows.catalogue.queries import Edition, read_edition
from workflows.language import speaking

BUNDLE = read_bundle(REPOSITORY / "bpmn" / "complaint")


@pytest.fixture(scope="module")
def first() -> Edition:
    return read_edition(BUNDLE)


def another(path: str, *replacements: tuple[str, str]) -> Edition:
    """The same edition but for words in one of its files."""
    text = BUNDLE.files[path].decode()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return read_edition(replace(BUNDLE, files={**BUNDLE.files, path: text.encode()}))


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("forms/verify.form", '"key": "note"', '"key": "remark"', ("form", "verify", "+remark, −note", False)),
        (
            "decisions/closing.dmn",
            '"aspiration_received"',
            '"resolved"',
            ("decision", "decisions/closing.dmn", "tables", False),
        ),
        (
            "case-type.yml",
            "intake: {role: intake_officer}",
            "intake: {role: inspector}",
            ("role", "intake", "inspector", False),
        ),
        (
            "process.bpmn",
            '<userTask id="verify" name="',
            '<userTask id="verify" name="X',
            ("element", "verify", "“X", False),
        ),
    ],
    ids=["form", "table", "role", "name"],
)
def test_each_kind_of_difference_is_told(first: Edition, path: str, old: str, new: str, expected: tuple) -> None:
    part, subject, words, hinders = expected

    with speaking("en"):
        (change,) = changes_between(first, another(path, (old, new)), {})

    assert (change.part, change.subject, change.hinders) == (part, subject, hinders)
    assert (words if part != "decision" else "The table") in change.sentence


def test_an_element_that_is_gone_hinders_unless_it_goes_on_under_another_id(first: Edition) -> None:
    words = (
        (b'"verify"', b'"examine"'),
        (b">verify<", b">examine<"),
        (b"[verify", b"[examine"),
        (b", verify", b", examine"),
    )
    files = dict(BUNDLE.files)
    for path in files:
        for old, other in words if path.endswith((".bpmn", ".yml")) else ():
            files[path] = files[path].replace(old, other)
    renamed = replace(BUNDLE, files=files)
    new = read_edition(renamed)

    assert [(each.subject, each.hinders) for each in changes_between(first, new, {}) if each.hinders] == [
        ("verify", True)
    ]
    mapped = changes_between(first, new, {"verify": "examine"})
    assert not any(each.hinders for each in mapped)
    assert ("element", "verify") in [(each.part, each.subject) for each in mapped]


def test_the_same_files_differ_in_nothing(first: Edition) -> None:
    assert changes_between(first, first, {}) == ()
