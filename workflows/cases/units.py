"""Closing a unit without leaving a case behind: the one question about units that needs cases for its answer."""

from uuid import UUID

from sqlalchemy import func, select

from workflows.cases.models import Case
from workflows.errors import Conflict
from workflows.people import units
from workflows.transaction import Tx


def close_unit(tx: Tx, unit_id: UUID) -> None:
    """Close the unit as `people.units.close_unit` does; Conflict (`unit.has_cases`, count) while it handles any."""
    tx.require("user.manage")

    open_cases = select(func.count()).where(Case.handling_unit_id == unit_id, Case.closed_at.is_(None))
    count = tx.session.scalar(open_cases) or 0
    if count:
        raise Conflict("unit.has_cases", count=count)

    units.close_unit(tx, unit_id)
