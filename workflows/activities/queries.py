"""Reads of the register of activities."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.activities.models import Activity
from workflows.activities.register import Register, register_in
from workflows.catalogue import queries as catalogue
from workflows.errors import NotFound


def register_of(session: Session, case_type: str) -> Register:
    """Give the register of the case type's newest edition; NotFound (`activity.no_register`) when it keeps none."""
    register = register_in(catalogue.bundle(session, catalogue.newest_version(session, case_type)))
    if register is None:
        raise NotFound("activity.no_register", case_type=case_type)
    return register


def registers(session: Session) -> dict[str, Register]:
    """Give the registers that are kept, by the key of their case type."""
    found = (
        (kept.key, register_in(catalogue.bundle(session, catalogue.newest_version(session, kept.key))))
        for kept in catalogue.case_types(session)
    )
    return {key: register for key, register in found if register is not None}


def lines(session: Session, case_type: str, *, limit: int, offset: int = 0) -> Sequence[Activity]:
    """Give lines of the register, struck ones too, the latest activity first."""
    found = (
        select(Activity)
        .where(Activity.case_type == case_type)
        .order_by(Activity.held_on.desc(), Activity.recorded_at.desc(), Activity.id)
    )
    return session.scalars(found.limit(limit).offset(offset)).all()


def count_lines(session: Session, case_type: str) -> int:
    """Give how many lines the register has."""
    return session.scalar(select(func.count()).where(Activity.case_type == case_type)) or 0


def held_between(session: Session, case_type: str, first: date, last: date) -> Sequence[Activity]:
    """Give what counts of the days from `first` to `last`, both included, the earliest first."""
    found = select(Activity).where(
        Activity.case_type == case_type, Activity.struck_at.is_(None), Activity.held_on.between(first, last)
    )
    return session.scalars(found.order_by(Activity.held_on, Activity.id)).all()
