"""The deadlines of a case: started, reminded of, met; each kept with both readings and how it was counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflows.calendar.working_days import WorkingCalendar
from workflows.cases.models import Case, CaseDeadline
from workflows.deadlines.counting import due, last_day
from workflows.deadlines.register import Register
from workflows.deadlines.rules import Rule
from workflows.journal.operations import record
from workflows.journal.queries import is_recorded
from workflows.rows import READS_NOTHING_HELD
from workflows.transaction import Tx


def start_deadline(
    tx: Tx, case: Case, rule: Rule, calendar: WorkingCalendar, zone: ZoneInfo, *, trigger_at: datetime | None = None
) -> CaseDeadline:
    """Start a running of the deadline, counted from `trigger_at` or from now; journals `deadline.started`.

    The promise is the lenient day. A running that is open stays the same one; after it was met or stopped, a new round
    begins.
    """
    latest = _latest(tx, case, rule.id)
    if latest is not None and latest.is_running:
        return latest
    begins_at = trigger_at or tx.now
    lenient = due(rule, begins_at, calendar, zone, reading="lenient")
    strict = due(rule, begins_at, calendar, zone, reading="strict")
    running = CaseDeadline(
        case_id=case.id,
        deadline_id=rule.id,
        round=latest.round + 1 if latest is not None else 1,
        basis=rule.source,
        basis_en=rule.source_en,
        trigger_at=begins_at,
        due_at=lenient.due_at,
        strict_on=strict.due_on,
        lenient_on=lenient.due_on,
        explanation=lenient.explanation,
        explanation_en=lenient.explanation_en,
    )
    tx.session.add(running)
    record(tx, "deadline.started", case_id=case.id, deadline=rule.id, round=running.round, due_at=running.due_at)
    return running


def meet_deadline(tx: Tx, case: Case, deadline_id: str, *, at: datetime | None = None) -> CaseDeadline | None:
    """Mark the open running as met, now or `at` an earlier instant; journals `deadline.met`. None when none is open."""
    running = open_running(tx, case, deadline_id)
    if running is None:
        return None
    running.met_at = at or tx.now
    late = running.is_overdue(tx.now)
    record(tx, "deadline.met", case_id=case.id, deadline=deadline_id, round=running.round, late=late)
    return running


def stop_deadlines(tx: Tx, case: Case, *, deadline_id: str | None = None) -> None:
    """Stop the open runnings (of one deadline, or all) that nothing will meet any more; journals `deadline.stopped`."""
    runnings = select(CaseDeadline).where(
        CaseDeadline.case_id == case.id, CaseDeadline.met_at.is_(None), CaseDeadline.stopped_at.is_(None)
    )
    if deadline_id is not None:
        runnings = runnings.where(CaseDeadline.deadline_id == deadline_id)
    asked = runnings.order_by(CaseDeadline.id).execution_options(**READS_NOTHING_HELD)
    for running in tx.session.scalars(asked).all():
        running.stopped_at = tx.now
        record(tx, "deadline.stopped", case_id=case.id, deadline=running.deadline_id, round=running.round)


def recount(
    tx: Tx, case: Case, register: Register, calendar: WorkingCalendar, zone: ZoneInfo
) -> Sequence[CaseDeadline]:
    """Count the open runnings anew, after the calendar changed, and give those that end later now.

    Each keeps its trigger and its rule; one that has passed stays as it is. Nothing is shortened: where the new day is
    earlier the promised one stays. Journals `deadline.recounted` for each difference, and a kept one once.
    """
    moved: list[CaseDeadline] = []
    runnings = select(CaseDeadline).where(
        CaseDeadline.case_id == case.id,
        CaseDeadline.met_at.is_(None),
        CaseDeadline.stopped_at.is_(None),
        CaseDeadline.due_at > tx.now,
    )
    for running in tx.session.scalars(runnings.order_by(CaseDeadline.id)).all():
        rule = register.rule(running.deadline_id, running.trigger_at.astimezone(zone).date())
        counted = due(rule, running.trigger_at, calendar, zone, reading="lenient")
        if counted.due_at == running.due_at:
            continue
        facts = {
            "deadline": rule.id,
            "round": running.round,
            "old": running.due_at,
            "new": counted.due_at,
            "kept": counted.due_at < running.due_at,
        }
        if not facts["kept"]:
            running.due_at, running.lenient_on = counted.due_at, counted.due_on
            running.strict_on = due(rule, running.trigger_at, calendar, zone, reading="strict").due_on
            running.explanation, running.explanation_en = counted.explanation, counted.explanation_en
            moved.append(running)
        elif is_recorded(tx.session, "deadline.recounted", case.id, **facts):
            continue
        record(tx, "deadline.recounted", case_id=case.id, **facts)
    return moved


@dataclass(frozen=True)
class Shift:
    """What a calendar would do to the open runnings of one deadline."""

    deadline_id: str
    title: str
    title_en: str
    # How many would end later, and how many would end earlier but keep their day.
    later: int
    kept: int
    # The first of those that would end later: its day now and then; None when there is none.
    first: tuple[date, date] | None


def shifts(
    session: Session, register: Register, calendar: WorkingCalendar, zone: ZoneInfo, now: datetime
) -> Sequence[Shift]:
    """Tell what `recount` would do to all cases by this calendar. It asks no right: counts say nothing of any case."""
    open_ones = (
        select(CaseDeadline.deadline_id, CaseDeadline.trigger_at, CaseDeadline.due_at)
        .where(CaseDeadline.met_at.is_(None), CaseDeadline.stopped_at.is_(None), CaseDeadline.due_at > now)
        .order_by(CaseDeadline.deadline_id, CaseDeadline.due_at)
    )
    counted: dict[tuple[str, datetime | date], datetime] = {}
    moved: dict[str, list[tuple[datetime, datetime]]] = {}
    rules: dict[str, Rule] = {}
    for deadline_id, trigger_at, due_at in session.execute(open_ones):
        day = trigger_at.astimezone(zone).date()
        rule = rules[deadline_id] = register.rule(deadline_id, day)
        # All that begin on one day end on one day, except where hours are counted.
        key = (deadline_id, trigger_at if rule.unit == "clock_hours" else day)
        if key not in counted:
            counted[key] = due(rule, trigger_at, calendar, zone, reading="lenient").due_at
        if counted[key] != due_at:
            moved.setdefault(deadline_id, []).append((due_at, counted[key]))
    return [
        Shift(
            deadline_id,
            rules[deadline_id].title,
            rules[deadline_id].title_en,
            later=sum(new > old for old, new in pairs),
            kept=sum(new < old for old, new in pairs),
            first=next(((last_day(old, zone), last_day(new, zone)) for old, new in pairs if new > old), None),
        )
        for deadline_id, pairs in moved.items()
    ]


def remind(tx: Tx, running: CaseDeadline, share: str, to_role: str, zone: ZoneInfo) -> bool:
    """Note a reminder of a running and tell whether one is due; journals `deadline.reminded`.

    There is nothing to remind of when it is not open, has passed already, or had its reminder this local day.
    """
    if not running.is_running or running.is_overdue(tx.now):
        return False
    if running.id is None:
        tx.session.flush()
    given = {"running": running.id, "share": share, "at": tx.now, "on": tx.now.astimezone(zone).date(), "to": to_role}
    if tx.session.execute(_REMINDER, given, execution_options=READS_NOTHING_HELD).one_or_none() is None:
        return False
    record(
        tx, "deadline.reminded", case_id=running.case_id, deadline=running.deadline_id, round=running.round, share=share
    )
    return True


# Of two reminders for one day the second is none.
_REMINDER = text(
    'INSERT INTO deadline_reminder (case_deadline_id, share, at, "on", to_role)'
    " VALUES (:running, :share, :at, :on, :to) ON CONFLICT DO NOTHING RETURNING id"
)


def open_running(tx: Tx, case: Case, deadline_id: str) -> CaseDeadline | None:
    """Give the running of the deadline that is neither met nor stopped."""
    latest = _latest(tx, case, deadline_id)
    return latest if latest is not None and latest.is_running else None


def latest_runnings(session: Session, case_id: UUID) -> Sequence[CaseDeadline]:
    """Give the latest running of each deadline of the case, the oldest first: only that one can be open.

    However often a matter came back, so many rounds of a deadline are not read again at every step.
    """
    return session.scalars(_latest_runnings(), {"case": case_id}).all()


@cache
def _latest_runnings() -> Select[CaseDeadline]:
    """Build the statement, which nearly every step asks."""
    known = (
        select(CaseDeadline.id)
        .where(CaseDeadline.case_id == bindparam("case"))
        .ext(distinct_on(CaseDeadline.deadline_id))
        .order_by(CaseDeadline.deadline_id, CaseDeadline.round.desc())
    )
    return select(CaseDeadline).where(CaseDeadline.id.in_(known)).order_by(CaseDeadline.id)


def _latest(tx: Tx, case: Case, deadline_id: str) -> CaseDeadline | None:
    """Give the latest running of the deadline; a new one begins only when it is over."""
    return tx.session.scalars(
        select(CaseDeadline)
        .where(CaseDeadline.case_id == case.id, CaseDeadline.deadline_id == deadline_id)
        .order_by(CaseDeadline.round.desc())
        .limit(1)
    ).first()
