"""What a recapitulation counts: cases, objects and activities of a period as plain contexts, without a person in them.

Contexts carry codes, dates, ticks and amounts. Names are not left out on the way; they are never read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from workflows.activities.queries import held_between
from workflows.cases.models import Case, CaseDeadline
from workflows.custody.models import Custody
from workflows.feel.values import from_json
from workflows.items.models import Giver, Item
from workflows.people.models import Unit
from workflows.people.queries import reportable_offices
from workflows.processes.models import ProcessInstance
from workflows.recapitulations.periods import Period

Context = Mapping[str, Any]
# Ids that one statement asks for at a time.
_BATCH = 500


@dataclass(frozen=True)
class Facts:
    """Everything that expressions of a plan may speak of."""

    # Opened in the period.
    cases: Sequence[Context]
    # Open at its end, whenever they were opened.
    open_cases: Sequence[Context]
    # Closed in it, whenever they were opened.
    closed_cases: Sequence[Context]
    # Objects of `cases`; each knows its case, without that case's own objects.
    items: Sequence[Context]
    activities: Sequence[Context]
    # Codes of the offices that may be reported about, and their names.
    offices: Mapping[str, str]

    def of_period(self, period: Period) -> dict[str, Any]:
        """Give the context in which indicators are evaluated."""
        return {
            "cases": list(self.cases),
            "open_cases": list(self.open_cases),
            "closed_cases": list(self.closed_cases),
            "items": list(self.items),
            "activities": list(self.activities),
            "offices": list(self.offices),
            "first_day": period.first,
            "last_day": period.last,
        }


def facts_of(session: Session, case_type: str, period: Period, *, now: datetime, zone: ZoneInfo) -> Facts:
    """Read the facts of a period as they are known at `now`; days are those of `zone`."""
    begins, ends = _instant(period.first, zone), _instant(period.last + timedelta(days=1), zone)
    opened_in = and_(Case.opened_at >= begins, Case.opened_at < ends)
    closed_in = and_(Case.closed_at >= begins, Case.closed_at < ends)
    open_after = and_(Case.opened_at < ends, or_(Case.closed_at.is_(None), Case.closed_at >= ends))
    wanted = select(Case).where(Case.case_type == case_type, or_(opened_in, closed_in, open_after))
    found = session.scalars(wanted.order_by(Case.opened_at, Case.id)).all()
    reader = _Reader(session, [case.id for case in found], now, zone)
    told = {case.id: reader.case(case) for case in found}

    def those(*, opened: bool = False, closed: bool = False, remaining: bool = False) -> list[Context]:
        return [
            told[case.id]
            for case in found
            if (opened and begins <= case.opened_at < ends)
            or (closed and case.closed_at is not None and begins <= case.closed_at < ends)
            or (remaining and case.opened_at < ends and (case.closed_at is None or case.closed_at >= ends))
        ]

    cases = those(opened=True)
    return Facts(
        cases=cases,
        open_cases=those(remaining=True),
        closed_cases=those(closed=True),
        items=[
            {**item, "case": {name: value for name, value in case.items() if name != "items"}}
            for case in cases
            for item in case["items"]
        ],
        activities=[
            {
                "kind": held.kind,
                "held_on": held.held_on,
                "hours": held.hours,
                "participants": held.participants,
                "offices": list(held.units),
            }
            for held in held_between(session, case_type, period.first, period.last)
        ],
        offices={unit.code: unit.name for unit in reportable_offices(session)},
    )


class _Reader:
    """Reads what belongs to many cases in a few statements."""

    def __init__(self, session: Session, case_ids: Sequence[UUID], now: datetime, zone: ZoneInfo) -> None:
        self.now, self.zone = now, zone
        self.deadlines: dict[UUID, list[Context]] = defaultdict(list)
        self.items: dict[UUID, list[Context]] = defaultdict(list)
        self.custody: dict[UUID, list[Context]] = defaultdict(list)
        self.variables: dict[UUID, Context] = {}
        self.units = dict(iter(session.execute(select(Unit.id, Unit.code))))
        for start in range(0, len(case_ids), _BATCH):
            self._read(session, case_ids[start : start + _BATCH])

    def case(self, case: Case) -> Context:
        deadlines = self.deadlines[case.id]
        return {
            "opened_on": self._day(case.opened_at),
            "closed_on": self._day(case.closed_at),
            "event_on": case.event_on,
            "open": case.is_open,
            "stage": case.stage,
            "disposition": case.disposition,
            "classification": case.classification,
            "category": case.category,
            "office": self.units.get(case.subject_unit_id) if case.subject_unit_id else None,
            "late": any(deadline["late"] for deadline in deadlines),
            "deadlines": deadlines,
            "items": self.items[case.id],
            "custody": self.custody[case.id],
            "variables": self.variables.get(case.id, {}),
        }

    def _read(self, session: Session, case_ids: Sequence[UUID]) -> None:
        running = select(CaseDeadline).where(CaseDeadline.case_id.in_(case_ids))
        for deadline in session.scalars(running.order_by(CaseDeadline.deadline_id, CaseDeadline.round)):
            self.deadlines[deadline.case_id].append(
                {
                    "id": deadline.deadline_id,
                    "round": deadline.round,
                    "due_on": deadline.lenient_on,
                    "met_on": self._day(deadline.met_at),
                    "stopped": deadline.stopped_at is not None,
                    "late": deadline.is_overdue(self.now),
                }
            )
        given = (
            select(Item, Giver.relation)
            .join(Giver, Giver.id == Item.giver_id)
            .where(Item.case_id.in_(case_ids), Item.state == "recorded")
        )
        for item, relation in session.execute(given.order_by(Item.case_id, Item.ordinal)):
            self.items[item.case_id].append(
                {
                    "kind": item.kind,
                    "form": item.form,
                    "event": item.event,
                    "place": item.place,
                    "value": item.value,
                    "received_on": item.received_on,
                    "perishable": item.perishable,
                    "flags": item.flags,
                    "counts": item.counts,
                    "relation": relation,
                }
            )
        entrusted = select(Custody).where(Custody.case_id.in_(case_ids))
        for custody in session.scalars(entrusted.order_by(Custody.case_id, Custody.taken_at)):
            self.custody[custody.case_id].append(
                {
                    "taken_on": self._day(custody.taken_at),
                    "released_on": self._day(custody.released_at),
                    "released_to": custody.released_to,
                }
            )
        runs = select(ProcessInstance.case_id, ProcessInstance.variables).where(ProcessInstance.case_id.in_(case_ids))
        for case_id, variables in session.execute(runs.order_by(ProcessInstance.started_at)):
            self.variables[case_id] = from_json(variables)

    def _day(self, instant: datetime | None) -> date | None:
        return instant.astimezone(self.zone).date() if instant is not None else None


def _instant(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
