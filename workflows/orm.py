"""What all tables share: the declarative base, the naming convention, the column types, and how a row is locked.

No table is declared here. Models inherit from `Base` and never from a web framework's class, so that the domain runs
without one; `webapp.extensions` hands the same metadata to Flask-SQLAlchemy.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import DateTime, MetaData, Select, TypeDecorator, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, mapped_column


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


@event.listens_for(Session, "do_orm_execute")
def _read_what_is_locked(asked: ORMExecuteState) -> None:
    """Let a row that is locked be read as it is now, also when the session has read it before.

    Otherwise whoever showed a page and then waited for the lock would decide by what the page showed: two keepers would
    both give out the same deposit (SQLAlchemy, `Query.with_for_update`).
    """
    if isinstance(asked.statement, Select) and asked.statement._for_update_arg is not None:
        asked.update_execution_options(populate_existing=True)
