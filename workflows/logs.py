"""Logs as lines of JSON: codes, counts and places, never what somebody wrote.

A line of ours has a message that is fixed in the code and fields from a short list. Of a library only the pattern of
its message is kept, since what it fills in may quote a person; of an exception its class and the places in the code.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

Format = Literal["text", "json"]

# What a line may say beside its message.
FIELDS = ("request", "route", "method", "status", "ms", "case", "task", "job", "attempt", "outcome")
# Loggers whose messages are written in this house and hold codes, classes and ids alone.
_OURS = ("amanah", "workflows", "webapp")

_around: ContextVar[Mapping[str, Any]] = ContextVar("log fields", default=MappingProxyType({}))


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _said(record),
        }
        # What a library hangs on its records may be anything, and need not mean what ours means.
        own = vars(record) if record.name.partition(".")[0] in _OURS else {}
        fields = {**_around.get(), **own}
        line |= {name: fields[name] for name in FIELDS if fields.get(name) is not None}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            places = traceback.extract_tb(record.exc_info[2])
            line["places"] = [f"{place.filename}:{place.lineno} {place.name}" for place in places]
        return json.dumps(line, ensure_ascii=False)


def configure(wanted: Format) -> None:
    """Let this process log as the installation wishes; "text" leaves Python's own way, which tells warnings."""
    if wanted == "text":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    # gunicorn's own logger does not hand its lines on.
    for logger in (logging.getLogger(), logging.getLogger("gunicorn.error")):
        for former in [each for each in logger.handlers if isinstance(each, logging.StreamHandler)]:
            if logger.name == "gunicorn.error" or isinstance(former.formatter, JsonLines):
                logger.removeHandler(former)
        logger.addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)


@contextmanager
def telling(**fields: Any) -> Iterator[None]:
    """Put the fields into every line that is written inside the block."""
    token = _around.set({**_around.get(), **fields})
    try:
        yield
    finally:
        _around.reset(token)


def _said(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] in _OURS:
        return record.getMessage()
    # Without anything to fill in, the text may have been filled in already; then its place in the code must do.
    return record.msg if isinstance(record.msg, str) and record.args else f"{record.module}:{record.lineno}"
