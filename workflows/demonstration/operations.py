"""`amanah demo`: files reports that nobody made and works through them, so that there is something to look at.

Never for a real office. What is filed and what happens to it is data of the case types (see `scripts`).
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, exists, func, or_, select
from sqlalchemy.orm import Session

from workflows.activities.models import Activity
from workflows.calendar.queries import current_calendar
from workflows.cases.models import Case, CaseDeadline
from workflows.catalogue import queries as catalogue
from workflows.catalogue.bundle import MANIFEST
from workflows.catalogue.manifest_reader import read_manifest
from workflows.demonstration.activities import ACTIVITIES, Line, read_lines
from workflows.demonstration.casting import Cast
from workflows.demonstration.playing import Play
from workflows.demonstration.scripts import PATHS, REPORTS, Report, read_scripts
from workflows.demonstration.timetable import plan
from workflows.language import say
from workflows.processes.submissions import was_heard
from workflows.settings import Settings
from workflows.tasks.models import Task

# Told after every act: how many are done, and how many there are.
Progress = Callable[[int, int], None]


class DemonstrationRefused(Exception):
    """The demonstration does not belong here; the message is a sentence that says why."""


@dataclass(frozen=True)
class Loaded:
    """What loading the demonstration has led to."""

    # Reports filed now, and those that were there before.
    filed: int
    known: int
    # Activities written into registers now.
    noted: int
    # Of those filed now: cases that are not closed, and those of them with a task or a deadline that is late.
    running: int
    late: int
    # Number and code of the cases that the files name for trying the reporter's page.
    shown: tuple[tuple[str, str], ...]
    # Number of each case that went another way than its path, and the step at which it did.
    left_path: tuple[tuple[str, str], ...]


def insist_on_a_trial(settings: Settings) -> None:
    """Raise DemonstrationRefused where real cases live."""
    if settings.in_production:
        raise DemonstrationRefused(
            say(
                "Data peragaan tidak dimuat di sini: AMANAH_ENV=production berarti kantor yang sebenarnya.",
                "No demonstration is loaded here: AMANAH_ENV=production means a real office.",
            )
        )


def load_reports(engine: Engine, settings: Settings, *, now: datetime, progress: Progress | None = None) -> Loaded:
    """File and work through the demonstration reports of every published case type as of `now`; all of it or nothing.

    A report that was filed before is left alone, and so is an activity of the same title, so that a second call adds
    nothing. Whoever loads has opened the
    office (`processes.office`) and installed the law (`access.policy`). Until the end, numbers of cases and letters
    are held back from other reports. Raises DemonstrationRefused in production, BrokenDefinition when the files cannot
    be read or their answers do not fit the forms.
    """
    insist_on_a_trial(settings)
    with engine.connect() as connection, connection.begin():
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            reports = _reports(session, settings.definitions)
            fresh = [report for report in reports if not was_heard(session, report.key)]
            acts = plan(fresh, now, current_calendar(session), settings.zone)
            diary = _activities(session, settings, now)
        # Roles are asked for as they stand now: the office may be younger than its cases.
        play = Play(connection, settings, Cast(roles_at=now))
        unwritten = deque(diary)
        for number, act in enumerate(acts, start=1):
            while unwritten and unwritten[0].at <= act.at:
                play.note(unwritten.popleft())
            play.perform(act)
            if progress is not None:
                progress(number, len(acts))
        for line in unwritten:
            play.note(line)
        play.let_time_pass(now)
        filed = [play.filed[report.key] for report in fresh]
        running, late = _figures(connection, [each.case_id for each in filed], now)
        return Loaded(
            filed=len(filed),
            known=len(reports) - len(fresh),
            noted=len(diary),
            running=running,
            late=late,
            shown=tuple(
                (play.filed[report.key].number, play.filed[report.key].code) for report in fresh if report.show
            ),
            left_path=tuple((each.number, each.left_path) for each in filed if each.left_path),
        )


def _reports(session: Session, definitions: Path) -> list[Report]:
    """Read the reports of the case types that take new cases and have a demonstration."""
    reports: list[Report] = []
    for key, folder in _open_types(session, definitions):
        if (folder / REPORTS).is_file():
            reports += read_scripts(key, (folder / REPORTS).read_bytes(), (folder / PATHS).read_bytes())
    return reports


def _activities(session: Session, settings: Settings, now: datetime) -> list[Line]:
    """Read what is to be written into the registers and is not there yet, in the order of writing."""
    calendar, lines = current_calendar(session), []
    for key, folder in _open_types(session, settings.definitions):
        if (folder / ACTIVITIES).is_file():
            there = set(session.scalars(select(Activity.title).where(Activity.case_type == key)))
            told = read_lines(key, (folder / ACTIVITIES).read_bytes(), now, calendar, settings.zone)
            lines += [line for line in told if line.title not in there]
    return sorted(lines, key=lambda line: line.at)


def _open_types(session: Session, definitions: Path) -> Iterator[tuple[str, Path]]:
    """Give the case types that take new cases, each with its folder."""
    open_types = {record.key for record in catalogue.case_types(session)}
    for manifest in sorted(definitions.glob(f"*/{MANIFEST}")):
        key = read_manifest(manifest.read_bytes()).key
        if key in open_types:
            yield key, manifest.parent


def _figures(connection: Connection, case_ids: Sequence[UUID], now: datetime) -> tuple[int, int]:
    """Count the cases that are not closed, and those of them that are late."""
    late_task = exists().where(Task.case_id == Case.id, Task.status == "open", Task.due_at <= now)
    late_deadline = exists().where(
        CaseDeadline.case_id == Case.id,
        CaseDeadline.met_at.is_(None),
        CaseDeadline.stopped_at.is_(None),
        CaseDeadline.due_at <= now,
    )
    count = func.count()
    running, late = connection.execute(
        select(count, count.filter(or_(late_task, late_deadline)))
        .select_from(Case)
        .where(Case.id.in_(case_ids), Case.closed_at.is_(None))
    ).one()
    return running, late
