"""What all tables share: the declarative base, the naming convention and the column types.

No table is declared here. Models inherit from `Base` and never from a web framework's class, so that the domain runs
without one; `webapp.extensions` hands the same metadata to Flask-SQLAlchemy.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import DateTime, MetaData, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column


class UtcInstant(TypeDecorator[datetime]):
    """An instant: aware on the way in, UTC on the way out. A naive value is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcInstant,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: JSONB,
    }


# Primary key of rows that outsiders may come to see: cannot be guessed or counted.
UuidKey = Annotated[UUID, mapped_column(primary_key=True, default=uuid4)]
# Primary key of rows that are only ever reached through another row.
RowKey = Annotated[int, mapped_column(primary_key=True, autoincrement=True)]
