"""Where a service is called: the act, the case and the edition, and the small things that several services share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from workflows.calendar.queries import current_calendar
from workflows.calendar.working_days import WorkingCalendar
from workflows.cases import deadlines, operations, parties
from workflows.cases.models import Case, CaseDeadline, CaseExclusion, Party
from workflows.catalogue import queries as catalogue
from workflows.catalogue.functions import Counting
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.models import ProcessVersion
from workflows.deadlines import triggers
from workflows.deadlines.counting import due, last_day, remaining_working_days
from workflows.errors import AmanahError, NotFound
from workflows.letters.models import Letter
from workflows.notices import operations as notices
from workflows.notices.templates import NoticeTemplate, read
from workflows.people.models import Unit
from workflows.people.queries import actor_for, unit_by_code
from workflows.processes.models import ProcessInstance
from workflows.processes.office import Office
from workflows.processes.waiting import Waiting
from workflows.transaction import Tx, permits


@dataclass(frozen=True)
class Call:
    """Where a service is called."""

    # In the system's name: what the diagram does after a person's step is not that person's doing.
    tx: Tx
    case: Case
    instance: ProcessInstance
    version: ProcessVersion
    manifest: CaseType
    office: Office
    # What the run waits for; empty where it is not moved.
    waiting: Waiting = field(default_factory=Waiting)
    # The instants at which the timers were due that moved the run; empty for any other step.
    fired: frozenset[datetime] = frozenset()

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The calendar of the act, read once and only when something is counted."""
        return current_calendar(self.tx.session)

    @cached_property
    def reporter(self) -> Party | None:
        """Who reported, without the identity; None for a case that nobody reported."""
        return parties.reporter_of(self.tx.session, self.case.id)

    @cached_property
    def bars_somebody(self) -> bool:
        """Whether somebody may not know of the case."""
        if self.waiting.bars_somebody is not None:
            return self.waiting.bars_somebody
        barred = select(CaseExclusion.id).where(CaseExclusion.case_id == self.case.id).limit(1)
        return self.tx.session.scalar(barred) is not None

    @property
    def runnings(self) -> list[CaseDeadline]:
        """The latest running of each deadline of the case, the oldest first, with those that this act starts."""
        if self.waiting.deadlines is None:
            self.waiting.deadlines = list(deadlines.latest_runnings(self.tx.session, self.case.id))
        return self.waiting.deadlines

    def counting(self) -> Counting:
        """What the diagram's own deadlines are counted by."""
        return Counting(
            self.office.register,
            self.calendar,
            self.office.zone,
            running_since=lambda deadline_id: triggers.running_since(deadline_id, self.runnings),
        )


def begin_deadline(call: Call, deadline_id: str) -> CaseDeadline:
    """Start a running of a deadline of the register for the case, counted from what the register says."""
    now, zone = call.tx.now, call.office.zone
    rule = call.office.register.rule(deadline_id, now.astimezone(zone).date())
    begins_at = triggers.begins_at(rule, now, filed_at=call.case.opened_at, runnings=call.runnings)
    return _begin(call, deadline_id, begins_at)


def begin_deadline_since(call: Call, deadline_id: str, since: date | datetime) -> CaseDeadline | None:
    """Start a running counted from the day, or the instant, that triggered it; None when no edition counts that day."""
    begins_at = triggers.beginning(since, call.office.zone)
    if not call.office.register.is_in_force(deadline_id, begins_at.astimezone(call.office.zone).date()):
        return None
    return _begin(call, deadline_id, begins_at)


def _begin(call: Call, deadline_id: str, begins_at: datetime) -> CaseDeadline:
    zone = call.office.zone
    rule = call.office.register.rule(deadline_id, begins_at.astimezone(zone).date())
    running = deadlines.start_deadline(call.tx, call.case, rule, call.calendar, zone, trigger_at=begins_at)
    if running not in call.runnings:
        call.runnings.append(running)
    return running


def admit(call: Call, role: str, *, unit_id: UUID | None = None) -> None:
    """Let a role see the case, everywhere or in one unit; whoever is in its circle already is not asked about."""
    _admit(call.tx, call.case, call.waiting, role, unit_id)


def _admit(tx: Tx, case: Case, waiting: Waiting, role: str, unit_id: UUID | None) -> None:
    if (role, unit_id) in waiting.circle:
        return
    if waiting.knows_circle:
        operations.admit_newcomer(tx, case, role=role, unit_id=unit_id)
    else:
        operations.admit(tx, case, role=role, unit_id=unit_id)
    waiting.circle.add((role, unit_id))


def handling_roles(manifest: CaseType) -> frozenset[str]:
    """Give the roles that work in the unit which handles the case, rather than in any unit."""
    return frozenset(lane.role for lane in manifest.lanes.values() if lane.unit == "handling")


def make_confidential(
    tx: Tx, case: Case, manifest: CaseType, roles: Iterable[str] = (), *, waiting: Waiting | None = None
) -> None:
    """Make the case confidential: its circle is what the manifest says, those roles, and who has work in it.

    `waiting` is what a run of the case waits for, when one is moved in the act.
    """
    operations.classify(tx, case, {"confidential": True})
    for role in (*manifest.circle, *roles):
        _admit(tx, case, waiting or Waiting(), role, None)


def unit_named(call: Call, name: str) -> Unit:
    """Find a unit by its code, or the one unit of a kind; AmanahError `service.no_unit` when there is none."""
    unit = unit_by_code(call.tx.session, name)
    if unit is None:
        of_kind = select(Unit).where(Unit.kind == name, Unit.active).order_by(Unit.code).limit(1)
        unit = call.tx.session.scalars(of_kind).first()
    if unit is None:
        raise AmanahError("service.no_unit", unit=name)
    return unit


def people(call: Call, to: str, *, assignee_id: UUID | None = None) -> list[notices.Recipient]:
    """Say who is meant by `to`, without those who may not know of the case."""
    session, case = call.tx.session, call.case
    if to == "reporter":
        party = call.reporter
        reporter = notices.Reporter(party.id, party.user_id, party.language) if party is not None else None
        return notices.recipients(call.tx, to, case, reporter=reporter)
    # Asked one by one only where the answer can be no: about a confidential case, and where somebody is excluded.
    guarded = case.confidential or call.bars_somebody
    return notices.recipients(
        call.tx,
        to,
        case,
        assignee_id=assignee_id,
        eligible=(lambda user_id: permits(session, actor_for(session, user_id, call.tx.now), "case.read", case))
        if guarded
        else None,
    )


def tell(
    call: Call,
    template: str,
    to: str,
    *,
    assignee_id: UUID | None = None,
    deadline_id: str | None = None,
    step: str = "",
    task_id: UUID | None = None,
    optional: bool = False,
) -> None:
    """Put a notice in the edition's own words into the outbox for each of those whom `people` finds.

    `step` and `task_id` say which task is announced. An `optional` one stays unsaid where the edition has no words for
    it; else NotFound (`notice.unknown`).
    """
    source = catalogue.bundle(call.tx.session, call.version).find(f"notices/{template}.yml")
    if source is None and not optional:
        raise NotFound("notice.unknown", notice=template)
    found = people(call, to, assignee_id=assignee_id) if source is not None else []
    if source is not None and found:
        words = _parsed(source, template)
        facts, facts_en = _facts(call, deadline_id, step, words.names)
        notices.notify(call.tx, words, found, call.case, values=facts, values_en=facts_en, task_id=task_id)


@lru_cache(maxsize=256)
def _parsed(source: bytes, name: str) -> NoticeTemplate:
    return read(source, f"notices/{name}.yml")


def _facts(
    call: Call, deadline_id: str | None, step: str, asked: frozenset[str]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Give what a notice may say, in Indonesian, and what differs in English: dates and words of the manifest.

    What the notice does not ask for is not looked up.
    """
    session, case, manifest = call.tx.session, call.case, call.manifest
    stage = manifest.public_stage_of(case.stage)
    unit = session.get(Unit, case.handling_unit_id) if "unit" in asked and case.handling_unit_id else None
    letter = None
    if asked & {"letter", "letter_number"}:
        letters = select(Letter).where(Letter.case_id == case.id).order_by(Letter.issued_at.desc()).limit(1)
        letter = session.scalars(letters).first()
    words: dict[str, Any] = {
        "case_type": manifest.title,
        "stage": stage.title if stage else "",
        "step": step,
        "unit": unit.name if unit else "",
        "office": call.office.settings.office_name,
        "letter": letter.title if letter else "",
        "letter_number": letter.number if letter else "",
    }
    words_en: dict[str, Any] = {
        "case_type": manifest.title_en,
        "stage": stage.title_en if stage else "",
        "unit": unit.name_en if unit else "",
        "letter": letter.title_en if letter else "",
    }
    if not asked & {"deadline", "basis", "due", "days"}:
        return words, words_en
    running = _running(call, deadline_id)
    if running is not None:
        basis, basis_en, due_at = running.basis, running.basis_en, running.due_at
    elif deadline_id is not None:
        # A limit that only the diagram's own timer watches runs from the filing.
        rule = call.office.register.rule(deadline_id, case.opened_at.astimezone(call.office.zone).date())
        counted = due(rule, case.opened_at, call.calendar, call.office.zone, reading="lenient")
        basis, basis_en, due_at = rule.source, rule.source_en, counted.due_at
    else:
        return words, words_en
    words |= {
        "deadline": running.deadline_id if running is not None else deadline_id,
        "basis": basis,
        "due": last_day(due_at, call.office.zone),
        "days": remaining_working_days(due_at, call.tx.now, call.calendar, call.office.zone),
    }
    return words, words_en | {"basis": basis_en}


def open_running(call: Call, deadline_id: str) -> CaseDeadline | None:
    """Give the running of the deadline that is neither met nor stopped."""
    return next((each for each in call.runnings if each.deadline_id == deadline_id and each.is_running), None)


def _running(call: Call, deadline_id: str | None) -> CaseDeadline | None:
    """Give the running that a notice speaks of: the latest of the deadline, or whichever open one ends next."""
    if deadline_id is not None:
        of_it = (running for running in call.runnings if running.deadline_id == deadline_id)
        return max(of_it, key=lambda running: running.round, default=None)
    return min((running for running in call.runnings if running.is_running), key=lambda each: each.due_at, default=None)
