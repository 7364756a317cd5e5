"""The plan of a migration: what differs between two editions, and how many running cases stand where."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.catalogue import queries as catalogue
from workflows.catalogue.comparing import Change, changes_between
from workflows.catalogue.models import ProcessVersion
from workflows.engine import Element
from workflows.processes.migration import Move, crossing_of
from workflows.processes.models import MigrationBatch, MigrationResult, ProcessInstance


@dataclass(frozen=True)
class Plan:
    """What is known before any case is looked at."""

    old: ProcessVersion
    new: ProcessVersion
    changes: Sequence[Change]
    # Running cases of the old edition.
    cases: int
    # Elements of the old edition at which running cases stand, with how many.
    standing: Sequence[tuple[Element, int]]
    # Elements of the new edition at which a case may stand, for a mapping.
    places: Sequence[Element]


@dataclass(frozen=True)
class Running:
    """How many cases run on one edition."""

    version: ProcessVersion
    cases: int
    suspended: int


def plan(session: Session, move: Move) -> Plan:
    """Compare the two editions and count; raises as `crossing_of`. The caller has asked for the right."""
    crossing_of(session, move)
    old, new = (catalogue.version(session, each) for each in (move.from_version_id, move.to_version_id))
    here, there = catalogue.edition(session, old), catalogue.edition(session, new)
    running = session.scalars(
        select(ProcessInstance.tokens_at).where(
            ProcessInstance.version_id == old.id, ProcessInstance.status == "running"
        )
    ).all()
    counts = Counter(element for standing in running for element in standing)
    known = {element.id: element for element in here.definition.elements}
    places = [each for each in there.definition.elements if each.kind not in {"startEvent", "boundaryEvent"}]
    return Plan(
        old=old,
        new=new,
        changes=changes_between(here, there, {**move.mapping, **move.anew}),
        cases=len(running),
        standing=[(known[name], count) for name, count in sorted(counts.items()) if name in known],
        places=places,
    )


def running_by_version(session: Session) -> Mapping[str, Sequence[Running]]:
    """Give for each case type its editions that are open or on which cases run, newest first."""
    counted = (
        select(
            ProcessInstance.version_id,
            func.count().label("cases"),
            func.count(ProcessInstance.suspended_at).label("suspended"),
        )
        .where(ProcessInstance.status == "running")
        .group_by(ProcessInstance.version_id)
        .subquery()
    )
    rows = session.execute(
        select(ProcessVersion, func.coalesce(counted.c.cases, 0), func.coalesce(counted.c.suspended, 0))
        .outerjoin(counted, counted.c.version_id == ProcessVersion.id)
        .where((ProcessVersion.state == "open") | (counted.c.cases > 0))
        .order_by(ProcessVersion.case_type, ProcessVersion.number.desc())
    )
    found: dict[str, list[Running]] = {}
    for version, cases, suspended in rows:
        found.setdefault(version.case_type, []).append(Running(version, cases, suspended))
    return found


def batches(session: Session, *, limit: int = 20) -> Sequence[tuple[MigrationBatch, Mapping[str, int]]]:
    """Give the latest batches, each with how many cases came to which result, newest first."""
    latest = session.scalars(
        select(MigrationBatch).order_by(MigrationBatch.created_at.desc(), MigrationBatch.id).limit(limit)
    ).all()
    counts = counts_of(session, [batch.id for batch in latest])
    return [(batch, counts.get(batch.id, {})) for batch in latest]


def counts_of(session: Session, batch_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    """Count for each batch how many cases came to which result."""
    counts: dict[UUID, dict[str, int]] = {}
    counted = (
        select(MigrationResult.batch_id, MigrationResult.state, func.count())
        .where(MigrationResult.batch_id.in_(batch_ids))
        .group_by(MigrationResult.batch_id, MigrationResult.state)
    )
    for batch_id, state, count in session.execute(counted):
        counts.setdefault(batch_id, {})[state] = count
    return counts


def runs_of(session: Session, instance_ids: Sequence[UUID]) -> Mapping[UUID, ProcessInstance]:
    """Give the runs by their ids, in one read."""
    found = session.scalars(select(ProcessInstance).where(ProcessInstance.id.in_(instance_ids)))
    return {instance.id: instance for instance in found}


def results_of(
    session: Session, batch_id: UUID, *, state: str | None = None, offset: int = 0, limit: int | None = None
) -> Sequence[MigrationResult]:
    """Give what became of each case of a batch, or of those that came to one result, those that need somebody first."""
    found = select(MigrationResult).where(MigrationResult.batch_id == batch_id)
    if state is not None:
        found = found.where(MigrationResult.state == state)
    order = (MigrationResult.state.desc(), MigrationResult.instance_id)
    return session.scalars(found.order_by(*order).offset(offset).limit(limit)).all()
