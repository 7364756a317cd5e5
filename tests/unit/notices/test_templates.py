"""The words of notices: what a template may say, and what is told when it says more."""

from datetime import date
from pathlib import Path

import pytest

from workflows.errors import BrokenDefinition
from workflows.notices.templates import NEUTRAL, VARIABLES, read

REPOSITORY = Path(__file__).parents[3]
GOOD = """
id: stage_changed
subject: Perkembangan {{ number }}
subject_en: News about {{ number }}
text: Kasus {{ number }} kini {{ stage }}, dijanjikan {{ due | day }}.
text_en: Case {{ number }} is now {{ stage }}, promised for {{ due | day }}.
"""


def codes(source: str) -> list[str]:
    with pytest.raises(BrokenDefinition) as caught:
        read(source.encode(), "notices/x.yml")
    return [finding.code for finding in caught.value.findings]


def test_template_speaks_both_languages() -> None:
    template = read(GOOD.encode(), "x.yml")
    values = {"number": "PGD-1", "stage": "Selesai", "due": date(2026, 3, 2)}

    assert template.fill("id", values).text == "Kasus PGD-1 kini Selesai, dijanjikan 2 Maret 2026."
    assert template.fill("en", values).text == "Case PGD-1 is now Selesai, promised for 2 March 2026."


def test_bell_says_the_subject_unless_it_has_words_of_its_own() -> None:
    assert read(GOOD.encode(), "x.yml").fill("id", {"number": "A", "stage": "", "due": "2026-01-01"}).bell == (
        "Perkembangan A"
    )


def test_subject_is_one_line_whatever_it_is_filled_with() -> None:
    template = read(GOOD.encode(), "x.yml")

    filled = template.fill("id", {"number": "A\r\nBcc: x@y", "stage": "", "due": "2026-01-01"})

    assert filled.subject == "Perkembangan A Bcc: x@y"


@pytest.mark.parametrize(
    "name", ["story", "title", "reporter", "phone", "contents", "number.__class__.__mro__[1].x(story)"]
)
def test_template_cannot_ask_for_contents(name: str) -> None:
    broken = GOOD.replace("{{ stage }}", "{{ " + name + " }}", 1)

    assert codes(broken) in (["notice.unknown_name"], ["notice.broken_text"])


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("[", "notice.unreadable"),
        ("- a", "notice.no_id"),
        ("subject: x", "notice.no_id"),
        (GOOD + "colour: red", "notice.unknown_key"),
        (GOOD.replace("text_en", "text_fr"), "notice.unknown_key"),
        ("id: x\nsubject: y", "notice.no_text"),
        (GOOD.replace("{{ stage }}", "{{ stage"), "notice.broken_text"),
        (GOOD + "whatsapp_parameters: yes", "notice.bad_parameters"),
    ],
)
def test_what_cannot_be_read_is_a_finding(source: str, code: str) -> None:
    assert codes(source) == [code]


def test_neutral_notice_says_nothing_about_the_case() -> None:
    for language in ("id", "en"):
        filled = NEUTRAL.fill(language, dict.fromkeys(VARIABLES, "RAHASIA"))
        assert "RAHASIA" not in " ".join(filled.as_dict().values())


def test_every_notice_of_every_case_type_can_be_read() -> None:
    files = sorted((REPOSITORY / "bpmn").glob("*/notices/*.yml"))

    assert files
    for file in files:
        template = read(file.read_bytes(), str(file))
        assert template.id == file.stem
        for language in ("id", "en"):
            assert template.fill(language, {**dict.fromkeys(VARIABLES, "x"), "due": "2026-03-02"}).text
