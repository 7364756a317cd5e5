"""Rows of an act that are written together, of whatever tables, in one statement.

An act writes rows of a dozen kinds. Each kind in a statement of its own costs a journey to the database and, in the
session's unit of work, as much again in Python. Held here they are written by one statement with a part for each kind
(PostgreSQL manual, "Data-Modifying Statements in WITH"); the rows of each travel as one JSON value, whose columns are
those of the model. All parts see the rows as they were before, and foreign keys are checked at the end, so their order
means nothing.

To everybody else it is as if they had been written at once: they are, before the session writes or reads anything, and
before a savepoint begins; at the latest before the commit. Only a statement that says so (`READS_NOTHING_HELD`) leaves
them waiting. A rollback forgets them. For the few kinds that every act writes; anything else the session writes itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Table, event, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import (
    Mapper,
    ORMExecuteState,
    Session,
    SessionTransaction,
    class_mapper,
    make_transient_to_detached,
)
from sqlalchemy.orm.attributes import instance_dict, instance_state
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault
from sqlalchemy.types import TypeDecorator, TypeEngine

from workflows import jobs
from workflows.orm import Base

Row = TypeVar("Row", bound=Base)
# Option of a statement that reads no table of which rows may be held.
READS_NOTHING_HELD: Mapping[str, Any] = {"reads_nothing_held": True}
_preparer = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]
# Where a session keeps what is to be written.
_HELD = "rows held back"


@dataclass(frozen=True, eq=False)
class Part:
    """What the statement does with the rows of one kind; made once, and equal to itself alone."""

    # Name of the kind, and of the parameter that holds its rows (`given`).
    name: str
    # Name and text of each common table expression, in order.
    does: tuple[tuple[str, str], ...]
    # An expression for whoever held the rows to hear what became of them.
    tells: str = ""


@dataclass
class _Held:
    """Rows of one kind that wait to be written."""

    part: Part
    rows: list[Any] = field(default_factory=list)
    hear: list[Callable[[Any], None]] = field(default_factory=list)


def hold(session: Session, part: Part, rows: Sequence[Any], hear: Callable[[Any], None] | None = None) -> int:
    """Hold rows until they are written with the others, and tell how many of that kind were held before them.

    `hear` is called with what the part tells once they are written; what it raises ends the act.
    """
    # Whatever they refer to comes first.
    session.flush()
    held = _held(session).setdefault(part.name, _Held(part))
    before = len(held.rows)
    held.rows.extend(rows)
    if hear is not None:
        held.hear.append(hear)
    return before


def write_held(session: Session) -> None:
    """Write what is held, in one statement."""
    if _held(session):
        _write(session, session.connection())


def _write(session: Session, connection: Connection) -> None:
    held, session.info[_HELD] = _held(session), {}
    statement = _statement(*(each.part for each in held.values()))
    told = ask(connection, statement, {name: as_json(each.rows) for name, each in held.items()})
    for name, each in held.items():
        for hear in each.hear:
            hear(told[name])


def holds(session: Session, part: Part) -> bool:
    """Tell whether rows of that kind wait to be written."""
    return part.name in _held(session)


def finish_with(finish: Callable[[Session], None]) -> None:
    """Have `finish` called before each commit, for what can be held only when nothing else will come."""
    _finishing.append(finish)


def values_of(row: Base, *names: str) -> dict[str, Any]:
    """Give the columns of a row, all of them or those named, with the model's own default where there is no value."""
    known, columns = instance_dict(row), _columns(type(row))
    # What the row has at hand needs no question whether it must be read.
    values = {name: known[name] if name in known else getattr(row, name) for name in names or columns.written}
    return _with_defaults(values, columns)


def as_json(value: Any) -> str:
    """Write rows, and whatever holds them, as PostgreSQL reads them."""
    return orjson.dumps(value, default=_plain).decode()


def ask(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> Any:
    """Give the one JSON value that a statement answers as text; None without an answer.

    The driver's cursor is read itself: to describe one value and make a result of it takes SQLAlchemy twice as long as
    the driver takes for everything. Its faults, and whoever listens to statements, are as with any other statement.
    """
    cursor = connection.connection.cursor()
    connection._cursor_execute(cursor, statement, parameters)
    answer = cursor.fetchone()
    cursor.close()
    return None if answer is None else orjson.loads(answer[0])


def given(name: str) -> str:
    """Write the array of the rows of a kind, as a part finds it."""
    return f"%({name})s::jsonb"


def filled(model: type[Base], name: str) -> str:
    """Write the table of the rows of a kind, with the columns of the model."""
    return f"jsonb_populate_recordset(NULL::{model.__tablename__}, {given(name)})"


def first(model: type[Base], name: str) -> str:
    """Write the first row of a kind of which there is one; of `filled` every plan expects a hundred."""
    return f"jsonb_populate_record(NULL::{model.__tablename__}, {given(name)} -> 0)"


def insertion(model: type[Base], name: str) -> str:
    """Write the statement that inserts the rows of a kind, `r`; `ordinality` is the place of each among them."""
    # Short, since psycopg reads a statement of more than 4,096 characters anew each time.
    columns = ",".join(_preparer.quote(column) for column in _columns(model).written)
    source = f"{filled(model, name)} WITH ORDINALITY AS r"
    return f"INSERT INTO {model.__tablename__} ({columns}) SELECT {columns} FROM {source}"  # noqa: S608


def inserting(model: type[Base]) -> Part:
    """Give the part that inserts rows of a table and tells nothing."""
    name = model.__tablename__
    return Part(name, ((f"{name}_made", insertion(model, name)),))


# Jobs of the queue, as rows of `jobs.row_of`. Other parts find the `id` of each by its `place`, from 1, in `deferred`.
JOBS = Part(
    "jobs",
    (("deferred", jobs.deferring(given("jobs"))),),
    tells="(SELECT count(*) FROM deferred)",
)


def read(session: Session, model: type[Row], values: Mapping[str, Any]) -> Row:
    """Give the session's row of these values, as `to_json` has just read it; whatever the session knew is forgotten.

    A column that is not among them is read when it is asked for.
    """
    columns = _columns(model)
    known = {name: values[name] for name in columns.every if name in values}
    for name, parse in columns.parsers:
        if known.get(name) is not None:
            known[name] = parse(known[name])
    key = _mapper(model).identity_key_from_primary_key((known[columns.key],))
    present = session.identity_map.get(key)
    if isinstance(present, model):
        note(present, **known)
        return present
    row = _made(model, known)
    _adopt(session, row)
    return row


def make(model: type[Row], **values: Any) -> Row:
    """Make a new row with the model's own defaults; as its constructor does, in a quarter of the time."""
    columns = _columns(model)
    foreign = values.keys() - columns.written
    if foreign:
        raise TypeError(f"{model.__name__} has no columns {sorted(foreign)}")
    return _made(model, _with_defaults({name: values.get(name) for name in columns.written}, columns))


def know(session: Session, *rows: Base) -> None:
    """Let new rows be rows of the session, which does not write them itself."""
    for row in rows:
        if instance_state(row).modified:
            make_transient_to_detached(row)
            session.add(row)
        else:
            _adopt(session, row)


def _made(model: type[Row], values: Mapping[str, Any]) -> Row:
    """Make a row as the session does of what it has read: no constructor, and no attribute counts as changed."""
    row: Row = _mapper(model).class_manager.new_instance()
    instance_dict(row).update(values)
    return row


def _adopt(session: Session, row: Base) -> None:
    """Let an unchanged row be one of the session, as `sqlalchemy.orm.loading` does with what the session reads."""
    state = instance_state(row)
    state.key, state.session_id = state.mapper.identity_key_from_instance(row), session.hash_key
    session.identity_map.add(state)


def note(row: Base, **values: Any) -> None:
    """Let a row of the session say what a statement has written, or is about to, so that it is not written twice."""
    known = instance_dict(row)
    known.update(values)
    # As `sqlalchemy.orm.loading` does with columns that were read anew.
    instance_state(row)._commit(known, values)


@cache
def _statement(*parts: Part) -> str:
    """Build the statement of these parts; it answers with one value, since each column would be described anew."""
    does = ", ".join(f"{name} AS ({text})" for part in parts for name, text in part.does)
    tells = ", ".join(f"'{part.name}', {part.tells}" for part in parts if part.tells)
    return f"WITH {does} SELECT json_build_object({tells})::text"


@dataclass(frozen=True, eq=False)
class _Columns:
    """What there is to know of the columns of a model; found out once."""

    # The one that names the row, and all of them.
    key: str
    every: tuple[str, ...]
    # Those that we write; the database numbers rows by itself.
    written: tuple[str, ...]
    # What makes the default of each that has one.
    defaults: tuple[tuple[str, Callable[[], Any]], ...]
    # What makes of a JSON value what the session keeps, where that is something else.
    parsers: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def _mapper(model: type[Base]) -> Mapper[Any]:
    # Unlike `inspect` it makes the model ready, which a process that has read nothing else has not done.
    return class_mapper(model)


@cache
def _columns(model: type[Base]) -> _Columns:
    mapper = inspect(model)
    table = mapper.local_table
    numbered = {column for column in table.columns if column.identity is not None}
    if isinstance(table, Table) and table.autoincrement_column is not None:
        numbered.add(table.autoincrement_column)
    written = [column for column in table.columns if column not in numbered]
    defaults = {column.name: _default(column) for column in written}
    parsers = {column.name: _parser(column.type) for column in table.columns}
    return _Columns(
        key=mapper.primary_key[0].name,
        every=tuple(column.name for column in table.columns),
        written=tuple(defaults),
        defaults=tuple((name, make) for name, make in defaults.items() if make is not None),
        parsers=tuple((name, parse) for name, parse in parsers.items() if parse is not None),
    )


def _parser(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return None if isinstance(plain, (JSONB, TSVECTOR)) else _PARSE.get(plain.python_type)


_PARSE: Mapping[type, Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
    date: date.fromisoformat,
    bytes: lambda text: bytes.fromhex(text.removeprefix(r"\x")),
    float: float,
    Decimal: lambda number: Decimal(str(number)),
}


def _with_defaults(values: dict[str, Any], columns: _Columns) -> dict[str, Any]:
    for name, default in columns.defaults:
        if name in values and values[name] is None:
            values[name] = default()
    return values


def _default(column: ColumnElement[Any]) -> Callable[[], Any] | None:
    made = column.default if isinstance(column, Column) else None
    if isinstance(made, CallableColumnDefault):
        return lambda: made.arg(None)  # type: ignore[arg-type]
    if isinstance(made, ScalarElementColumnDefault):
        return lambda: made.arg
    return None


def _plain(value: Any) -> str:
    """Write what orjson does not know; it knows ids, days and instants."""
    if isinstance(value, bytes):
        return rf"\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} is in no column that is written so")


def _held(session: Session) -> dict[str, _Held]:
    held: dict[str, _Held] = session.info.setdefault(_HELD, {})
    return held


_finishing: list[Callable[[Session], None]] = []


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    # A savepoint that ends well is not the end of the act.
    if not session.in_nested_transaction():
        session.flush()
        for finish in _finishing:
            finish(session)
        write_held(session)


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    write_held(session)


@event.listens_for(Session, "do_orm_execute")
def _before_reading(asked: ORMExecuteState) -> None:
    if not asked.execution_options.get("reads_nothing_held"):
        write_held(asked.session)


@event.listens_for(Session, "after_transaction_create")
def _before_savepoint(session: Session, begun: SessionTransaction) -> None:
    if begun.nested and begun.parent is not None and _held(session):
        # On the connection of the transaction around it, which keeps them when the savepoint is rolled back.
        _write(session, begun.parent.connection(None))


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, _undone: SessionTransaction) -> None:
    # What was held before a savepoint has been written before it.
    _held(session).clear()
