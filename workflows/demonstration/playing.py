"""The play itself: every act of the plan through the verbs that people use, with the clock moved to its instant.

Whatever timers fall due on the way fire first, in the order of the clock. Notices are handed to a sender that sends
nothing. All of it stands in the transaction of one connection, so that a worker that runs meanwhile sees the finished
cases and not their timers of the past.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from workflows import jobs
from workflows.activities.operations import record_activity
from workflows.cases.parties import addresses_of
from workflows.catalogue import queries as catalogue
from workflows.demonstration import casting
from workflows.demonstration.activities import Line, unreadable
from workflows.demonstration.casting import Cast
from workflows.demonstration.scripts import REPORTS, Step
from workflows.demonstration.timetable import Act
from workflows.errors import AmanahError, BrokenDefinition, Conflict, Finding, InvalidAnswers
from workflows.forms.schema import Form
from workflows.intake import operations as intake
from workflows.language import say
from workflows.notices import operations as notices
from workflows.notices.models import Notice
from workflows.notices.senders import NullSender
from workflows.people.queries import actor_for, user_by_login
from workflows.processes import operations as processes
from workflows.processes.by_hand import claim
from workflows.processes.models import ProcessInstance, Timer
from workflows.processes.queries import task_form
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, SYSTEM, Actor, Tx, begin


class _NobodyWaits(Exception):
    """The step that comes next is not one that the case waits for."""


@dataclass
class Filed:
    """A case of the demonstration while it is played."""

    case_id: UUID
    number: str
    # The code that opens it to its reporter.
    code: str
    # The next instant at which one of its timers is due; None when none runs.
    wakes_at: datetime | None = None
    # The step at which the case had gone another way than its path; empty while it follows.
    left_path: str = ""


@dataclass
class Play:
    """One playing of the plan."""

    connection: Connection
    settings: Settings
    # Who does what.
    cast: Cast
    # Cases by the key of their report.
    filed: dict[str, Filed] = field(default_factory=dict)

    def perform(self, act: Act) -> None:
        """Do one act at its instant, after everything that falls due before it."""
        self.let_time_pass(act.at)
        try:
            if act.step is None:
                self._file(act)
            elif not self.filed[act.report.key].left_path:
                self._follow(self.filed[act.report.key], act, act.step)
        except InvalidAnswers as error:
            raise _unfit(act, str(error)) from error

    def note(self, line: Line) -> None:
        """Write a line into the register of activities, by the one whom it names."""
        with self._acting(SYSTEM, line.at) as tx:
            user = user_by_login(tx.session, line.by)
            actor = actor_for(tx.session, user.id, self.cast.roles_at) if user is not None else NOBODY
            try:
                record_activity(
                    tx.acting_as(actor),
                    line.case_type,
                    line.kind,
                    held_on=line.held_on,
                    title=line.title,
                    zone=self.settings.zone,
                    place=line.place,
                    hours=line.hours,
                    participants=line.participants,
                    units=line.units,
                )
            except AmanahError as error:
                wanted = say("baris yang diterima daftar kegiatan", "a line that the register takes")
                raise BrokenDefinition([unreadable(line.line, f"{wanted} ({error})")]) from error

    def let_time_pass(self, until: datetime) -> None:
        """Fire every timer that is due by then, each at its own instant, the earliest first."""
        while due := [each for each in self.filed.values() if each.wakes_at is not None and each.wakes_at <= until]:
            earliest = min(due, key=lambda each: (each.wakes_at or until, each.number))
            self._wake(earliest, earliest.wakes_at or until)

    def _file(self, act: Act) -> None:
        report = act.report
        with self._acting(NOBODY, act.at) as tx:
            form = _start_form(tx.session, report.case_type)
            slip = intake.submit_report(
                tx.acting_as(self.cast.reporter(tx.session, report)),
                report.case_type,
                posted=casting.posted_report(report, form, self._today(act.at)),
                files=casting.pictures(report.photo, form),
                key=report.key,
            )
            filed = self.filed[report.key] = Filed(slip.case_id, slip.number, slip.code)
            self._settle(tx, filed)

    def _follow(self, filed: Filed, act: Act, step: Step) -> None:
        """Do the next step of the path, unless the case went another way: a feast may let a window close before."""
        try:
            if step.kind == "message":
                self._send(filed, act, step)
            else:
                self._work(filed, act, step)
        except (_NobodyWaits, Conflict):
            filed.left_path = step.name

    def _work(self, filed: Filed, act: Act, step: Step) -> None:
        with self._acting(SYSTEM, act.at) as tx:
            waiting = select(Task).where(Task.case_id == filed.case_id, Task.element == step.name)
            task = tx.session.scalars(waiting.where(Task.status == "open").order_by(Task.created_at)).first()
            actor = self.cast.performer(tx.session, task, act.report) if task is not None else None
            if task is None or actor is None:
                raise _NobodyWaits
            acting = tx.acting_as(actor)
            if step.kind == "claim":
                claim(acting, task.id)
            else:
                shown = task_form(tx.session, actor, task.id)
                processes.complete_task(
                    acting,
                    task.id,
                    posted=casting.posted_step(step, self._today(act.at), recusal=task.recusal),
                    files=casting.pictures(step.photo, shown.form),
                    revision=shown.revision,
                    key=f"{act.report.key}:{act.place}",
                )
            self._settle(tx, filed)

    def _send(self, filed: Filed, act: Act, step: Step) -> None:
        with self._acting(NOBODY, act.at) as tx:
            form = _form_of_message(tx.session, act.report.case_type, step.name)
            intake.send_reporter_message(
                tx,
                filed.code,
                step.name,
                posted=casting.posted_step(step, self._today(act.at)),
                files=casting.pictures(step.photo, form),
                key=f"{act.report.key}:{act.place}",
            )
            self._settle(tx, filed)

    def _wake(self, filed: Filed, at: datetime) -> None:
        with self._acting(SYSTEM, at) as tx:
            due = tx.session.execute(
                select(Timer.instance_id, Timer.job_id)
                .join(ProcessInstance)
                .where(ProcessInstance.case_id == filed.case_id, Timer.due_at <= at)
            ).all()
            for instance_id in dict.fromkeys(row.instance_id for row in due):
                processes.wake(tx, instance_id)
            for row in due:
                # The job would find that nothing is left to do.
                if row.job_id is not None:
                    jobs.cancel(tx.session, row.job_id)
            self._settle(tx, filed)
            if filed.wakes_at is not None and filed.wakes_at <= at:
                raise RuntimeError(f"a timer of {filed.number} stays due at {filed.wakes_at}")

    def _settle(self, tx: Tx, filed: Filed) -> None:
        """After an act: hand its notices to nobody, and note when the case wakes next."""
        system = tx.acting_as(SYSTEM)
        tx.session.flush()
        waiting = select(Notice.id).where(Notice.case_id == filed.case_id, Notice.state == "waiting")
        for notice_id in tx.session.scalars(waiting).all():
            notices.send(
                system,
                notice_id,
                senders={"email": NullSender()},
                site=self.settings.public_url,
                party_addresses=addresses_of,
            )
        filed.wakes_at = tx.session.scalar(
            select(func.min(Timer.due_at)).join(ProcessInstance).where(ProcessInstance.case_id == filed.case_id)
        )

    @contextmanager
    def _acting(self, actor: Actor, at: datetime) -> Iterator[Tx]:
        """Open an act at that instant; it ends with a savepoint of the one transaction."""
        with (
            Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session,
            begin(session, actor, now=at) as tx,
        ):
            yield tx

    def _today(self, at: datetime) -> date:
        return at.astimezone(self.settings.zone).date()


def _start_form(session: Session, case_type: str) -> Form:
    version = catalogue.newest_version(session, case_type)
    return catalogue.form(session, version, catalogue.manifest(session, version).start_form)


def _form_of_message(session: Session, case_type: str, message: str) -> Form | None:
    version = catalogue.newest_version(session, case_type)
    sent = catalogue.manifest(session, version).reporter_messages.get(message)
    return catalogue.form(session, version, sent.form) if sent is not None else None


def _unfit(act: Act, problems: str) -> BrokenDefinition:
    """Say which answers of the demonstration do not fit their form."""
    step = act.step.name if act.step is not None else "report"
    finding = Finding(
        code="demonstration.unfit",
        file=REPORTS,
        line=act.report.line,
        message=say(
            f"Isian tidak cocok dengan formulirnya ({step}): {problems}.",
            f"Answers do not fit their form ({step}): {problems}.",
        ),
    )
    return BrokenDefinition([finding])
