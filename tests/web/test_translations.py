"""The English words: every sentence of the screens has one, with the same places for facts."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from pages import Visitor

WEBAPP = Path(__file__).parents[2] / "webapp"
PLACES = re.compile(r"%\((\w+)\)s")


def english() -> Catalog:
    with (WEBAPP / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def sentences() -> set[str]:
    """Find what the sources mark as words for people; of a plural its first form."""
    with (WEBAPP / "translations/babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        WEBAPP, methods, options, keywords={**DEFAULT_KEYWORDS, "lazy_gettext": None}, comment_tags=()
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_sentence_has_english_words() -> None:
    catalogue = english()
    missing = sorted(sentence for sentence in sentences() if sentence and not _translated(catalogue, sentence))
    assert not missing, "write English for these in webapp/translations/en (see webapp/README.md)"


def test_both_languages_have_the_same_places_for_facts() -> None:
    for message in english():
        for source, words in zip(_forms(message.id), _forms(message.string), strict=False):
            assert set(PLACES.findall(source)) == set(PLACES.findall(words)), source


def test_no_english_words_are_left_of_sentences_that_are_gone() -> None:
    present = sentences()
    assert not [message.id for message in english() if message.id and _forms(message.id)[0] not in present]


def test_the_home_page_speaks_english(visit: Visitor) -> None:
    page = visit("/lacak?bahasa=en", language="en")
    assert page.heading == "Follow a report"
    assert "Error:" in visit.fill(page, "/lacak", {"code": "1"}, status=422, language="en").title


def _translated(catalogue: Catalog, sentence: str) -> bool:
    message = catalogue.get(sentence)
    return message is not None and all(_forms(message.string))


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)
