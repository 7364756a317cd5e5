"""The one error of FEEL: a text that cannot be read, or an evaluation that would cost too much.

Type mistakes during evaluation are no errors in FEEL; they give null, as the standard says.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from workflows.errors import AmanahError
from workflows.language import say


class FeelError(AmanahError):
    """A FEEL text is wrong or too costly; `message` is for the designer, `position` counts characters from 0."""

    def __init__(self, code: str, message: str, position: int | None = None, **facts: Any) -> None:
        super().__init__(code, **facts)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.code, self.message, self.position, self.facts)


def _rebuilt(code: str, message: str, position: int | None, facts: dict[str, Any]) -> FeelError:
    return FeelError(code, message, position, **facts)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say "did you mean ...?" with the nearest known word, or nothing when none is near."""
    lowered = {name.lower(): name for name in sorted(known)}
    near = get_close_matches(word.lower(), lowered, n=1, cutoff=0.7)
    if not near:
        # Of a name of several words perhaps one alone was written.
        near = [name for name in lowered if get_close_matches(word.lower(), name.split(), n=1, cutoff=0.8)]
    if not near:
        return ""
    nearest = lowered[near[0]]
    return " " + say(f'Mungkin maksud Anda "{nearest}"?', f'Did you mean "{nearest}"?')
