"""Reads of faults: the list of an owner, the same by cause, one incident, and how many are open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, Uuid, and_, cast, exists, false, func, select
from sqlalchemy.orm import Session

from workflows.errors import NotFound
from workflows.incidents.models import Incident, WatchdogRun
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class Narrowed:
    """Which of the open incidents are meant; None leaves a fact open."""

    kind: str | None = None
    owner_role: str | None = None
    # The job that failed, and the element at which it did; an empty text means none.
    task: str | None = None
    element: str | None = None
    cause_class: str | None = None
    cause_code: str | None = None
    # The run that it stopped.
    instance_id: UUID | None = None
    # Those that were there by then: what is meant is settled while others come.
    by: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        """Give it as a condition on `Incident`."""
        named = (
            (Incident.kind, self.kind),
            (Incident.owner_role, self.owner_role),
            (func.coalesce(Incident.task, ""), self.task),
            (func.coalesce(Incident.element, ""), self.element),
            (Incident.cause_class, self.cause_class),
            (Incident.cause_code, self.cause_code),
        )
        wanted = [fact == value for fact, value in named if value is not None]
        if self.instance_id is not None:
            wanted.append(Incident.instance_id == self.instance_id)
        if self.by is not None:
            wanted.append(Incident.first_at <= self.by)
        return and_(Incident.state == "open", *wanted)


ALL = Narrowed()
_UNTOLD = and_(Incident.state == "open", Incident.told_at.is_(None))


@dataclass(frozen=True)
class Owner:
    """A role with open incidents of which it was not told yet."""

    role: str
    # Whether all of them are about messages that do not leave.
    is_of_sending: bool


@dataclass(frozen=True)
class SharedCause:
    """Open incidents that one cause has brought: the same fault of the same job at the same element."""

    kind: str
    task: str | None
    element: str | None
    cause_class: str
    cause_code: str
    owner_roles: Sequence[str]
    count: int
    # Since when the eldest stands, and when one of them failed last.
    first_at: datetime
    latest_at: datetime
    # One of them; it stands for all where there is only one.
    example_id: UUID

    @property
    def narrowed(self) -> Narrowed:
        """Exactly these."""
        return Narrowed(
            kind=self.kind,
            task=self.task or "",
            element=self.element or "",
            cause_class=self.cause_class,
            cause_code=self.cause_code,
        )


def open_incidents(
    session: Session, actor: Actor, narrowed: Narrowed = ALL, *, page: int = 1, page_size: int = 50
) -> Sequence[Incident]:
    """The open incidents that are the actor's business, oldest first."""
    statement = (
        select(Incident)
        .where(narrowed.condition(), _business_of(session, actor))
        .order_by(Incident.first_at, Incident.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return session.scalars(statement).all()


def retryable(session: Session, actor: Actor, narrowed: Narrowed, *, limit: int) -> Sequence[UUID]:
    """Those of the actor's business whose job can be tried again, the eldest first."""
    statement = select(Incident.id).where(
        narrowed.condition(), _business_of(session, actor), Incident.task.is_not(None)
    )
    return session.scalars(statement.order_by(Incident.first_at, Incident.id).limit(limit)).all()


def by_cause(session: Session, actor: Actor, narrowed: Narrowed = ALL, *, limit: int = 50) -> Sequence[SharedCause]:
    """The open incidents of the actor's business by their cause; the cause of most of them first."""
    facts = (Incident.kind, Incident.task, Incident.element, Incident.cause_class, Incident.cause_code)
    grouped = (
        select(
            *facts,
            func.array_agg(Incident.owner_role.distinct()).label("owner_roles"),
            func.count().label("count"),
            func.min(Incident.first_at).label("first_at"),
            func.max(Incident.latest_at).label("latest_at"),
            cast(func.min(cast(Incident.id, String)), Uuid).label("example_id"),
        )
        .where(narrowed.condition(), _business_of(session, actor))
        .group_by(*facts)
        .order_by(func.count().desc(), func.min(Incident.first_at), *facts)
        .limit(limit)
    )
    return [SharedCause(**row) for row in session.execute(grouped).mappings()]


def owners_of_open(session: Session, actor: Actor) -> Sequence[str]:
    """The roles that look after open incidents of the actor's business."""
    owners = select(Incident.owner_role).where(Incident.state == "open", _business_of(session, actor))
    return session.scalars(owners.distinct().order_by(Incident.owner_role)).all()


def resolved_incidents(session: Session, actor: Actor, *, limit: int = 50) -> Sequence[Incident]:
    """The incidents of the actor's business that were resolved last."""
    statement = (
        select(Incident)
        .where(Incident.state == "resolved", _business_of(session, actor))
        .order_by(Incident.resolved_at.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()


def count_open(session: Session, actor: Actor, narrowed: Narrowed = ALL) -> int:
    """Tell how many open incidents are the actor's business."""
    statement = select(func.count()).where(narrowed.condition(), _business_of(session, actor))
    return session.scalar(statement) or 0


def has_any(session: Session, actor: Actor) -> bool:
    """Tell whether there ever was an incident of the actor's business."""
    return bool(session.scalar(select(exists().where(_business_of(session, actor)))))


def incident(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    """One incident; NotFound when there is none or it is not the actor's business."""
    found = session.scalars(
        select(Incident).where(Incident.id == incident_id, _business_of(session, actor))
    ).one_or_none()
    if found is None:
        raise NotFound("incident.unknown", incident=incident_id)
    return found


def incidents_among(session: Session, actor: Actor, incident_ids: Collection[UUID]) -> Sequence[Incident]:
    """Those of the incidents that are the actor's business."""
    statement = select(Incident).where(Incident.id.in_(incident_ids), _business_of(session, actor))
    return session.scalars(statement).all()


def incidents_of_case(session: Session, case_id: UUID) -> Sequence[Incident]:
    """The open incidents of one case, oldest first. The caller has asked whether the reader may see the case."""
    statement = select(Incident).where(Incident.case_id == case_id, Incident.state == "open")
    statement = statement.order_by(Incident.first_at, Incident.id)
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


def owners_to_tell(session: Session, *, quiet_since: datetime) -> list[Owner]:
    """Give the roles that own open incidents which they were not told of, but for those told of others since then."""
    told_of = func.max(Incident.told_at).filter(Incident.told_at > quiet_since)
    of_sending = func.bool_and(Incident.subject.startswith("notices.")).filter(_UNTOLD)
    asked = (
        select(Incident.owner_role, of_sending)
        .group_by(Incident.owner_role)
        .having(func.bool_or(_UNTOLD), told_of.is_(None))
        .order_by(Incident.owner_role)
    )
    return [Owner(role, is_of_sending) for role, is_of_sending in session.execute(asked)]
