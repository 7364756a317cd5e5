"""Many rows, also of several tables, as one JSON value: what lets one statement write them all.

PostgreSQL makes rows of it with `jsonb_populate_recordset`, by the names of the table's columns. Those names come from
the models, so that a new column needs no word here or there. For the few places where an act writes more rows than it
has reasons to ask the database; everywhere else the session writes.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, CursorResult, Table, inspect
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from workflows.orm import Base

# The part of a statement that reads the rows which `write_rows` gives it.
GIVEN = "given AS MATERIALIZED (SELECT CAST(%(given)s AS jsonb) AS rows)"


def values_of(row: Base, *names: str) -> dict[str, Any]:
    """Give the columns of a row, all of them or those named, with the model's own default where there is no value."""
    return {
        name: default(value) if value is None and default is not None else value
        for name, default in _columns(type(row))
        if not names or name in names
        for value in (getattr(row, name),)
    }


def as_json(value: Any) -> str:
    """Write rows, and whatever holds them, as PostgreSQL reads them."""
    return json.dumps(value, default=_plain)


def insertion(model: type[Base], rows: str) -> str:
    """Write the statement, or the part of a larger one, that inserts the rows of a JSON array.

    `rows` is the SQL of the array, a path into the value `given.rows` of the part GIVEN.
    """
    table, names = model.__tablename__, [f'"{name}"' for name, _ in _columns(model)]
    filled = ", ".join(f"filled.{name}" for name in names)
    source = f"given, jsonb_populate_recordset(NULL::{table}, {rows}) AS filled"
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {filled} FROM {source}"  # noqa: S608


def write_rows(session: Session, statement: str, given: Any) -> CursorResult[Any]:
    """Send a statement with its rows, as the parameter `given`, past the session, which writes nothing beforehand."""
    return session.connection().exec_driver_sql(statement, {"given": as_json(given)})


def know(session: Session, *rows: Base) -> None:
    """Let new rows be rows of the session, which did not write them itself."""
    for row in rows:
        make_transient_to_detached(row)
        session.add(row)


def note(row: Base, **values: Any) -> None:
    """Let a row of the session say what a statement has written, or is about to, so that it is not written twice."""
    for name, value in values.items():
        set_committed_value(row, name, value)


@cache
def _columns(model: type[Base]) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """Give the columns that we write, and what makes the default of each; the database numbers rows by itself."""
    table = inspect(model).local_table
    numbered = {column for column in table.columns if column.identity is not None}
    if isinstance(table, Table) and table.autoincrement_column is not None:
        numbered.add(table.autoincrement_column)
    return tuple((column.name, _default(column)) for column in table.columns if column not in numbered)


def _default(column: ColumnElement[Any]) -> Callable[[Any], Any] | None:
    made = column.default if isinstance(column, Column) else None
    if isinstance(made, CallableColumnDefault):
        return lambda _: made.arg(None)  # type: ignore[arg-type]
    if isinstance(made, ScalarElementColumnDefault):
        return lambda _: made.arg
    return None


def _plain(value: Any) -> str:
    """Write what JSON does not know."""
    if isinstance(value, bytes):
        return rf"\x{value.hex()}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is in no column that is written so")
