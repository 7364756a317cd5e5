"""Told by the clock that a recapitulation is due: whom, at which share of the time, in which words.

The plan says all of it. A role hears each share once, whatever the clock does; a clock that stood still for long tells
only the latest of what it missed. A breach (share 1) stays with those whom it reaches until somebody takes note.
"""

from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from workflows.calendar.queries import current_calendar
from workflows.case_reports.stationery import stationery_in
from workflows.catalogue import queries as catalogue
from workflows.catalogue.bundle import Bundle
from workflows.catalogue.manifest import CaseType
from workflows.deadlines import counting
from workflows.errors import NotFound
from workflows.journal.operations import record
from workflows.notices import operations as notices
from workflows.notices.templates import read
from workflows.people.queries import holders_of
from workflows.processes.office import Office
from workflows.recapitulations.models import RecapitulationReminder
from workflows.recapitulations.plan import Plan, Reminder
from workflows.recapitulations.printing import period_words
from workflows.recapitulations.queries import Due, counts_from, outstanding, plans
from workflows.transaction import Tx

# What a notice about a recapitulation may say.
NAMES = frozenset({"case_type", "period", "deadline", "basis", "due", "days", "office"})


def remind_of_due(tx: Tx, office: Office) -> int:
    """Tell whoever the plans name of every period that is due and not handed in, and count whom; called by the clock.

    Called twice it tells nobody twice. Journals `recapitulation.reminded`, and `notice.queued` for every notice.
    """
    told = 0
    for key, plan in plans(tx.session).items():
        if not plan.notices:
            continue
        version = catalogue.newest_version(tx.session, key)
        manifest, bundle = catalogue.manifest(tx.session, version), catalogue.bundle(tx.session, version)
        for quarter in outstanding(tx.session, key, plan, office, tx.now):
            told += sum(
                _tell(tx, manifest, bundle, plan, quarter, reminder, office)
                for reminder in _missed(tx, key, plan, quarter, office)
            )
    return told


def acknowledge(tx: Tx, reminder_id: UUID) -> RecapitulationReminder:
    """Note that somebody whom a breach reached has seen it; journals `recapitulation.acknowledged`.

    Raises NotFound (`escalation.unknown`) for whoever it does not reach. Repeating it changes nothing.
    """
    found = tx.session.get(RecapitulationReminder, reminder_id, with_for_update=True, populate_existing=True)
    if found is None or not found.is_breach or not tx.actor.has_role(found.to_role):
        raise NotFound("escalation.unknown")
    if found.acknowledged_at is None:
        found.acknowledged_at, found.acknowledged_by_id = tx.now, tx.actor.user_id
        record(tx, "recapitulation.acknowledged", reminder=found.id)
    return found


def _missed(tx: Tx, case_type: str, plan: Plan, quarter: Due, office: Office) -> list[Reminder]:
    """Give, for each role, the latest reminder whose time has come, unless the role was told it or a later one."""
    rule = office.register.rule(plan.deadline, on=quarter.last)
    calendar, trigger = current_calendar(tx.session), counts_from(quarter.last, office.zone)
    latest: dict[str, Reminder] = {}
    for reminder in plan.notices:
        due = counting.due(rule, trigger, calendar, office.zone, reading="lenient", share=reminder.share)
        if due.due_at <= tx.now:
            latest[reminder.to] = reminder
    told = select(RecapitulationReminder.to_role, func.max(RecapitulationReminder.share).label("share")).where(
        RecapitulationReminder.case_type == case_type, RecapitulationReminder.period == quarter.period
    )
    heard = {each.to_role: each.share for each in tx.session.execute(told.group_by(RecapitulationReminder.to_role))}
    return [each for each in latest.values() if each.to not in heard or heard[each.to] < each.share]


def _tell(
    tx: Tx, manifest: CaseType, bundle: Bundle, plan: Plan, quarter: Due, reminder: Reminder, office: Office
) -> bool:
    people = holders_of(tx.session, reminder.to, tx.now)
    if not people:
        # Whoever comes to fill the role hears of it then.
        return False
    statement = (
        insert(RecapitulationReminder)
        .values(
            id=uuid4(),
            case_type=manifest.key,
            period=quarter.period,
            deadline_id=plan.deadline,
            due_on=quarter.due_on,
            share=reminder.share,
            to_role=reminder.to,
            told_at=tx.now,
        )
        .on_conflict_do_nothing()
        .returning(RecapitulationReminder.id)
    )
    row_id = tx.session.scalars(statement).first()
    if row_id is None:
        # Another worker was quicker.
        return False
    source = bundle.find(f"notices/{reminder.notice}.yml")
    if source is None:
        raise NotFound("notice.unknown", notice=reminder.notice)
    rule = office.register.rule(plan.deadline, on=quarter.last)
    due = counting.due(
        rule, counts_from(quarter.last, office.zone), current_calendar(tx.session), office.zone, reading="lenient"
    )
    words = stationery_in(office.settings.definitions / "shared" / "reports").words
    facts = {
        "case_type": manifest.title,
        "period": period_words(quarter.period, words["id"]["recapitulation"]),
        "deadline": rule.id,
        "basis": rule.source,
        "due": due.due_on,
        "days": counting.remaining_working_days(due.due_at, tx.now, current_calendar(tx.session), office.zone),
        "office": office.settings.office_name,
    }
    facts_en = {
        "case_type": manifest.title_en,
        "period": period_words(quarter.period, words["en"]["recapitulation"]),
        "basis": rule.source_en,
    }
    notices.notify(
        tx,
        read(source, f"notices/{reminder.notice}.yml"),
        [notices.Recipient(user.id, language=user.language) for user in people],
        values=facts,
        values_en=facts_en,
    )
    record(
        tx,
        "recapitulation.reminded",
        reminder=row_id,
        case_type=manifest.key,
        period=quarter.period,
        share=f"{reminder.share:f}",
        to_role=reminder.to,
    )
    return True
