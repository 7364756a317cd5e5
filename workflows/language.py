"""Which language the reader understands, for sentences that the domain itself must say.

Findings, explanations of deadlines and words of the command line are said here in Indonesian and in English, side by
side. Words of screens are not here; they belong to `webapp`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Language = Literal["id", "en"]

_language: ContextVar[Language] = ContextVar("language", default="id")


def say(indonesian: str, english: str) -> str:
    """Give the sentence in the language of the reader."""
    return indonesian if _language.get() == "id" else english


def current_language() -> Language:
    """Tell the language in which `say` speaks now."""
    return _language.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` inside the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)
