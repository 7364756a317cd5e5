"""Complaints that are worked through by verbs, each step by somebody of the demonstration office who may do it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from factories import NOW
from workflows.cases.models import Case
from workflows.evidence.uploads import Upload
from workflows.intake.operations import ReceiptSlip, send_reporter_message, submit_report
from workflows.people.queries import actor_for, holders_of, user_by_login
from workflows.processes.models import ProcessInstance
from workflows.processes.operations import NO_CONFLICT, Outcome, complete_task
from workflows.processes.queries import task_form
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, SYSTEM, Actor, Tx, permits

BeginTx = Callable[..., AbstractContextManager[Tx]]

REPORT: Mapping[str, str] = {
    "classification": "complaint",
    "title": "Jalan rusak di Dusun III",
    "story": "Jalan di Dusun III rusak parah sejak bulan lalu dan sudah dua orang jatuh.",
    "event_date": "2026-02-20",
    "district": "12.05.07",
    "privacy_read": "true",
}
VERIFIED = {"verification": "verified", "confirmed_class": "complaint", "problem_code": "02"}
REFERRED = {"handling_office": "PUPR", "instruction": "Periksa dan perbaiki jalan itu.", "urgency": "normal"}
# From verification to the answer that waits for the reporter.
STEPS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("verify", VERIFIED),
    ("refer", REFERRED),
    ("follow_up", {"follow_up_result": "ready", "progress": "Jalan sudah diratakan dan diaspal ulang."}),
    ("write_answer", {"answer": "Jalan di Dusun III sudah selesai diperbaiki pada hari Senin."}),
    ("review_answer", {"review": "approved"}),
)


def posted(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give answers as a browser posts them."""
    return {name: value if isinstance(value, list) else [str(value)] for name, value in answers.items()}


@dataclass
class Story:
    """One complaint and the acts upon it; `now` is the instant of the next one."""

    begin: BeginTx
    now: datetime = NOW
    case_id: UUID | None = None
    number: str = ""
    code: str = ""

    def file(self, *, key: str = "", files: tuple[Upload, ...] = (), **answers: str) -> ReceiptSlip:
        """File the complaint as somebody without an account."""
        with self.begin(NOBODY, now=self.now) as tx:
            slip = submit_report(
                tx, "complaint", posted=posted({**REPORT, **answers}), files=files, key=key or uuid4().hex
            )
        self.case_id, self.number, self.code = slip.case_id, slip.number, slip.code
        return slip

    def do(self, element: str, answers: Mapping[str, Any] | None = None, **more: Any) -> Outcome:
        """Complete the waiting task by somebody who may."""
        with self.begin(SYSTEM, now=self.now) as tx:
            task = self.task(tx.session, element)
            actor = self.performer(tx.session, task)
        with self.begin(actor, now=self.now) as tx:
            shown = task_form(tx.session, actor, task.id)
            given = {**(answers or {}), **more, **({NO_CONFLICT: "true"} if task.recusal else {})}
            return complete_task(tx, task.id, posted=posted(given), revision=shown.revision, key=uuid4().hex)

    def work_through(self, until: str = "") -> None:
        """Do the usual steps, up to but without `until`; all of them when it is empty."""
        for element, answers in STEPS:
            if element == until:
                return
            self.do(element, answers)

    def send(self, message: str, **answers: str) -> None:
        """Send what the process awaits from the reporter."""
        with self.begin(NOBODY, now=self.now) as tx:
            send_reporter_message(tx, self.code, message, posted=posted(answers), key=uuid4().hex)

    def task(self, session: Session, element: str) -> Task:
        """Give the waiting task of the case."""
        waiting = select(Task).where(Task.case_id == self.case_id, Task.element == element, Task.status == "open")
        # Another session may have changed the row that this one remembers.
        return session.scalars(waiting, execution_options={"populate_existing": True}).one()

    def waiting(self, session: Session) -> list[str]:
        """Name what waits for somebody."""
        open_tasks = select(Task.element).where(Task.case_id == self.case_id, Task.status == "open")
        return sorted(session.scalars(open_tasks))

    def performer(self, session: Session, task: Task) -> Actor:
        """Give somebody who may do the task; who did the step before it comes last, for the sake of four eyes."""
        done = set(session.scalars(select(Task.completed_by_id).where(Task.case_id == self.case_id)))
        users = holders_of(session, task.role, self.now, unit_id=task.unit_id)
        able = [actor_for(session, user.id, self.now) for user in sorted(users, key=lambda user: user.id in done)]
        return next(actor for actor in able if permits(session, actor, "task.work", task))

    def case(self, session: Session) -> Case:
        """Give the row of the case as it is now."""
        return session.get_one(Case, self.case_id, populate_existing=True)

    def instance(self, session: Session) -> ProcessInstance:
        """Give the run of the case as it is now."""
        run = select(ProcessInstance).where(ProcessInstance.case_id == self.case_id)
        return session.scalars(run, execution_options={"populate_existing": True}).one()


def person(session: Session, login: str, now: datetime = NOW) -> Actor:
    """Give somebody of the demonstration office as an actor."""
    user = user_by_login(session, login)
    assert user is not None, login
    return actor_for(session, user.id, now)
