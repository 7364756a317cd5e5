"""Templates of letters: what they may say, how they say days, and what is told when they are broken."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from jinja2.sandbox import SecurityError

from workflows.catalogue.bundle import Bundle
from workflows.errors import BrokenDefinition
from workflows.letters.checks import letters_fill
from workflows.letters.context import EXAMPLE
from workflows.letters.filling import fill
from workflows.letters.templates import LetterTemplate

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("template", "language", "text"),
    [
        ("{{ '2026-03-02' | day }}", "id", "2 Maret 2026"),
        ("{{ '2026-03-02' | day }}", "en", "2 March 2026"),
        ("{{ '2026-03-02T09:05+07:00' | moment }}", "id", "2 Maret 2026 pukul 09.05"),
        ("{{ '' | day }}", "id", ""),
        ("{{ 1530000 | size }}", "id", "1,5 MB"),
        ("{{ 900 | size }}", "id", "900 B"),
    ],
)
def test_filters_write_for_people(template: str, language: str, text: str) -> None:
    assert fill({"t": template}, "t", {}, language=language) == text  # type: ignore[arg-type]


def test_paragraphs_keep_the_lines_that_people_typed() -> None:
    assert fill({"t": "{{ text | paragraphs }}"}, "t", {"text": "satu\r\ndua\n\n\n\ntiga < 4"}) == (
        "<p>satu<br>dua</p><p>tiga &lt; 4</p>"
    )


def test_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        fill({"t": "{{ case.numbr }}"}, "t", {"case": {"number": 1}})


def test_missing_answer_of_a_form_counts_as_empty() -> None:
    text = fill(
        {"t": "{% if contents.verify.requested %}x{% endif %}[{{ contents.verify.requested | paragraphs }}]"},
        "t",
        {"contents": {"report": {"title": "a"}}},
        lenient=("contents",),
    )

    assert text == "[]"


@pytest.mark.parametrize(
    "template",
    ["{{ ''.__class__.__mro__ }}", "{{ case.items.__globals__ }}", "{{ case.update({'a': 1}) }}"],
)
def test_template_cannot_leave_its_sandbox(template: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        fill({"t": template}, "t", {"case": {}})


def test_template_comes_back_from_the_row_as_it_went_in() -> None:
    template = LetterTemplate.of(
        {"template.html": b"<p>", "style.css": b"p{}", "emblem.png": b"\x89PNG\0", "example.yml": b""}
    )

    assert LetterTemplate.thawed(template.frozen()) == template
    assert LetterTemplate.thawed(template.frozen()).checksum == template.checksum


def test_own_file_of_a_letter_goes_before_the_shared_one() -> None:
    template = LetterTemplate.in_bundle(
        {
            "shared/letters/head.html": b"shared",
            "letters/answer/head.html": b"own",
            "letters/answer/template.html": b"",
            "letters/other/template.html": b"other",
        },
        "answer",
    )

    assert template.texts == {"head.html": "own", "template.html": ""}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"style.css": b""}, "letter.no_template"),
        ({"template.html": b"\xff\xfe"}, "letter.not_text"),
        ({"template.html": b"", "emblem.png": b"x" * 600_000}, "letter.too_large"),
    ],
)
def test_unusable_folder_is_a_finding(files: dict[str, bytes], code: str) -> None:
    with pytest.raises(BrokenDefinition) as caught:
        LetterTemplate.of(files)

    assert [finding.code for finding in caught.value.findings] == [code]


def _files(folder: Path) -> dict[str, bytes]:
    own = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    shared = folder.parent / "shared"
    return own | {
        f"shared/{file.relative_to(shared)}": file.read_bytes() for file in shared.rglob("*") if file.is_file()
    }


def test_every_letter_of_every_case_type_fills_with_its_example() -> None:
    folders = [manifest.parent for manifest in (REPOSITORY / "bpmn").glob("*/case-type.yml")]

    findings = [finding for folder in folders for finding in letters_fill(Bundle(_files(folder)))]

    assert folders
    assert findings == []


def test_letter_that_asks_for_what_there_is_not_is_a_finding_with_its_line() -> None:
    bundle = Bundle({"letters/answer/template.html": b"<p>\n{{ case.nomor }}\n{% for x in %}"})

    (finding,) = letters_fill(bundle)

    assert (finding.file, finding.line, finding.code) == ("letters/answer/template.html", 3, "letter.broken_template")


def test_what_is_wrong_in_the_english_words_alone_is_a_finding_too() -> None:
    text = b"<p>{% if letter.language == 'en' %}{{ case.nomor }}{% endif %}</p>"

    (finding,) = letters_fill(Bundle({"letters/answer/template.html": text}))

    assert finding.code == "letter.broken_template"


def test_who_chose_english_reads_in_english_what_the_letter_is_about() -> None:
    bundle = Bundle(_files(REPOSITORY / "bpmn" / "complaint"))
    template = LetterTemplate.in_bundle(bundle.files, "answer")

    indonesian, english = (
        fill(template.texts, "template.html", {**EXAMPLE, "letter": {**EXAMPLE["letter"], "language": language}})
        for language in ("id", "en")
    )

    assert 'lang="en"' not in indonesian
    assert "This is the answer to your report PGD-2026-00042, received on 23 February 2026" in english
    # The letter itself is in both.
    assert "Sehubungan dengan pengaduan Saudara" in english
