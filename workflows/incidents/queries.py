"""Reads of faults: the list of an owner, one incident, and how many are open."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session

from workflows.errors import NotFound
from workflows.incidents.models import Incident, WatchdogRun
from workflows.transaction import Actor, permits


def open_incidents(session: Session, actor: Actor, *, page: int = 1, page_size: int = 50) -> Sequence[Incident]:
    """The open incidents that are the actor's business, oldest first."""
    statement = (
        select(Incident)
        .where(Incident.state == "open", _business_of(session, actor))
        .order_by(Incident.first_at, Incident.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return session.scalars(statement).all()


def resolved_incidents(session: Session, actor: Actor, *, limit: int = 50) -> Sequence[Incident]:
    """The incidents of the actor's business that were resolved last."""
    statement = (
        select(Incident)
        .where(Incident.state == "resolved", _business_of(session, actor))
        .order_by(Incident.resolved_at.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()


def count_open(session: Session, actor: Actor) -> int:
    """Tell how many open incidents are the actor's business."""
    statement = select(func.count()).where(Incident.state == "open", _business_of(session, actor))
    return session.scalar(statement) or 0


def incident(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """One incident; NotFound when there is none or it is not the actor's business."""
    found = session.scalars(
        select(Incident).where(Incident.id == incident_id, _business_of(session, actor))
    ).one_or_none()
    if found is None:
        raise NotFound("incident.unknown", incident=incident_id)
    return found


def incidents_of_case(session: Session, case_id: UUID) -> Sequence[Incident]:
    """The incidents of one case, newest first. The caller has asked whether the reader may see the case."""
    statement = select(Incident).where(Incident.case_id == case_id).order_by(Incident.first_at.desc())
    return session.scalars(statement).all()


def last_watchdog_run(session: Session) -> WatchdogRun | None:
    """Give when the watchdog looked last and what it found; None when it never did."""
    return session.scalars(select(WatchdogRun).order_by(WatchdogRun.at.desc(), WatchdogRun.id.desc()).limit(1)).first()


def _business_of(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Those whose owner the actor is by a role; whoever may handle incidents in general sees them all."""
    if permits(session, actor, "incident.handle"):
        return Incident.id.is_not(None)
    if not actor.roles:
        return false()
    return Incident.owner_role.in_(sorted(actor.roles))
