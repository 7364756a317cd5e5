"""Rows for databases at any revision, made from what the database says of its own tables.

`Rows.add` fills what a table insists on and nobody has said: values by type, and rows that foreign keys lead to. The
models are not asked, since an old revision does not know them.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Integer, MetaData, Table, insert, inspect, select
from sqlalchemy import types as sql
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.sql.schema import Column

from factories import NOW

_SAMPLES: dict[type[sql.TypeEngine[Any]], Callable[[], Any]] = {
    sql.Uuid: uuid4,
    sql.Boolean: lambda: False,
    sql.Integer: lambda: 1,
    sql.Numeric: lambda: 1,
    sql.Float: lambda: 1.0,
    sql.DateTime: lambda: NOW,
    sql.Date: lambda: date(2026, 3, 2),
    JSONB: dict,
    TSVECTOR: lambda: "kata",
    sql.LargeBinary: lambda: b"bytes",
    sql.String: lambda: uuid4().hex,
}


class Rows:
    """Adds rows to the database behind one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._metadata = MetaData()

    def add(self, table_name: str, **values: Any) -> dict[str, Any]:
        """Insert a row and give it whole. What `values` does not say is a sample, or null where that is allowed."""
        table = self._table(table_name)
        for column in table.columns:
            if column.name not in values and not column.nullable and not _fills_itself(column):
                values[column.name] = self._key_of(column) if column.foreign_keys else self._sample(column)
        done = self._connection.execute(insert(table).values(**values).returning(table))
        return dict(done.mappings().one())

    def count(self, table_name: str) -> int:
        """Count the rows of a table."""
        return len(self._connection.execute(select(self._table(table_name))).all())

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """Try something that may be refused; what was there before stays usable."""
        with self._connection.begin_nested():
            yield self._connection

    def _table(self, name: str) -> Table:
        return Table(name, self._metadata, autoload_with=self._connection)

    def _key_of(self, column: Column[Any]) -> Any:
        """Give the key of some row that the foreign key may lead to; add one when there is none."""
        (key,) = column.foreign_keys
        found = self._connection.execute(select(key.column).limit(1)).scalar()
        return found if found is not None else self.add(key.column.table.name)[key.column.name]

    def _sample(self, column: Column[Any]) -> Any:
        """Give a value of the column's type: the first that is allowed, where a check lists them."""
        for check in inspect(self._connection).get_check_constraints(column.table.name):
            listed = re.match(rf"\(*{column.name}\)*(?:::text)? = ANY \(+ARRAY\['([^']*)'", check["sqltext"])
            if listed:
                return listed[1]
        for kind, sample in _SAMPLES.items():
            if isinstance(column.type, kind):
                return sample()
        raise LookupError(f"no sample for {column.table.name}.{column.name} of type {column.type}")


def _fills_itself(column: Column[Any]) -> bool:
    return column.server_default is not None or (
        column.primary_key and isinstance(column.type, Integer) and column.autoincrement is True
    )
