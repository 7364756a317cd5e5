"""Finding cases by words: Indonesian stemming over title and story, in the database."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_

from workflows.cases.models import Case

_INDONESIAN: ColumnElement[Any] = literal_column("'indonesian'::regconfig")
# Words of the title weigh more than those of the story.
_TITLE: ColumnElement[Any] = literal_column("'A'")
_TEXT: ColumnElement[Any] = literal_column("'B'")
# Longer stories are findable by their beginning; PostgreSQL refuses a search vector of a megabyte.
_INDEXED_CHARACTERS = 100_000


def index_words(case: Case, *, title: str, text: str) -> None:
    """Make the case findable by its words, once its row is written; a confidential case never is."""
    case.search = None if case.confidential else _vector(title, text)


def matches(words: str) -> ColumnElement[bool]:
    """Give the condition on `Case` for what somebody typed into a search box: words, or the beginning of a number."""
    number = words.strip().upper().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return or_(
        Case.search.op("@@")(func.websearch_to_tsquery(_INDONESIAN, words)),
        Case.number.like(f"{number}%"),
    )


def _vector(title: str, text: str) -> Any:
    """Give the expression by which the database itself makes the search vector, as part of writing the row."""
    return func.setweight(func.to_tsvector(_INDONESIAN, title), _TITLE).op("||")(
        func.setweight(func.to_tsvector(_INDONESIAN, text[:_INDEXED_CHARACTERS]), _TEXT)
    )
