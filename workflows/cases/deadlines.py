"""The deadlines of a case: started, reminded of, met; each kept with both readings and how it was counted."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from workflows.calendar.working_days import WorkingCalendar
from workflows.cases.models import Case, CaseDeadline, DeadlineReminder
from workflows.deadlines.counting import due
from workflows.deadlines.register import Register
from workflows.deadlines.rules import Rule
from workflows.journal.operations import record
from workflows.journal.queries import is_recorded
from workflows.transaction import Tx


def start_deadline(
    tx: Tx, case: Case, rule: Rule, calendar: WorkingCalendar, zone: ZoneInfo, *, trigger_at: datetime | None = None
) -> CaseDeadline:
    """Start a running of the deadline, counted from `trigger_at` or from now; journals `deadline.started`.

    The promise is the lenient day. A running that is open stays the same one; after it was met or stopped, a new round
    begins.
    """
    rounds = _runnings(tx, case, rule.id)
    running = next((each for each in rounds if each.is_running), None)
    if running is not None:
        return running
    begins_at = trigger_at or tx.now
    lenient = due(rule, begins_at, calendar, zone, reading="lenient")
    strict = due(rule, begins_at, calendar, zone, reading="strict")
    running = CaseDeadline(
        case_id=case.id,
        deadline_id=rule.id,
        round=len(rounds) + 1,
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
    for running in tx.session.scalars(runnings.order_by(CaseDeadline.id)).all():
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


def remind(tx: Tx, case: Case, deadline_id: str, share: str, to_role: str, zone: ZoneInfo) -> DeadlineReminder | None:
    """Note a reminder of the open running; journals `deadline.reminded`.

    None when there is nothing to remind of: no open running, it has passed already, or this local day had its reminder.
    """
    running = open_running(tx, case, deadline_id)
    if running is None or running.is_overdue(tx.now):
        return None
    statement = (
        insert(DeadlineReminder)
        .values(case_deadline_id=running.id, share=share, at=tx.now, on=tx.now.astimezone(zone).date(), to_role=to_role)
        .on_conflict_do_nothing()
        .returning(DeadlineReminder)
    )
    reminder = tx.session.scalars(statement).first()
    if reminder is not None:
        record(tx, "deadline.reminded", case_id=case.id, deadline=deadline_id, round=running.round, share=share)
    return reminder


def open_running(tx: Tx, case: Case, deadline_id: str) -> CaseDeadline | None:
    """Give the running of the deadline that is neither met nor stopped."""
    return next((running for running in _runnings(tx, case, deadline_id) if running.is_running), None)


def _runnings(tx: Tx, case: Case, deadline_id: str) -> Sequence[CaseDeadline]:
    """Give every running of the deadline, the first one first."""
    return tx.session.scalars(
        select(CaseDeadline)
        .where(CaseDeadline.case_id == case.id, CaseDeadline.deadline_id == deadline_id)
        .order_by(CaseDeadline.round)
    ).all()
