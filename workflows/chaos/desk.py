"""A desk: works through scripted cases, one after the other, and asks again for what it was not told to be done.

One act, one idempotency key. Whoever takes its place after its death asks with the same key, as people do who saw no
answer. A plain desk calls the verbs, so that deaths come close; a `WebDesk` is a web process that serves the pages
themselves, and is killed anywhere in them.
"""

import re
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.chaos import office
from workflows.chaos.browser import Answer, Browser, NotAnswered
from workflows.chaos.steplog import FILE, REPLY, Line, StepLog, key_of, script_of
from workflows.errors import Conflict
from workflows.intake.operations import submit_report
from workflows.people.queries import actor_for, user_by_login
from workflows.processes.models import ProcessInstance
from workflows.processes.operations import complete_task, send_message
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, Actor, begin, read_clock

# Cases that one desk has under way at once, so that the acts of many are mixed.
_UNDER_WAY = 12
_TRIES = 20
_NUMBER = re.compile(r"CHS-\d{4}-\d{5}")


class Desk:
    """Works through its share of the scripted cases."""

    def __init__(self, database_url: str, log: StepLog, seed: int) -> None:
        self._engine: Engine = create_engine(database_url, hide_parameters=True)
        self._log, self._seed = log, seed
        self._case_ids = {line.number: line.case_id for line in log.read() if line.case_id}
        self._told = {(line.number, line.act) for line in log.read() if line.word == "told"}

    def work(self, numbers: Sequence[int]) -> None:
        """Do every act of these cases that nobody was told of yet."""
        waiting = deque(
            (number, acts)
            for number in numbers
            if (acts := [act for act in script_of(number, self._seed) if (number, act) not in self._told])
        )
        under_way: deque[tuple[int, list[str]]] = deque()
        while waiting or under_way:
            while waiting and len(under_way) < _UNDER_WAY:
                under_way.append(waiting.popleft())
            number, acts = under_way.popleft()
            self._act(number, acts.pop(0))
            if acts:
                under_way.append((number, acts))

    def _act(self, number: int, act: str) -> None:
        self._log.write(Line(number, act, "asked"))
        for tried in range(1, _TRIES + 1):
            try:
                case_id = self._file(number) if act == FILE else self._move(number, act)
                break
            except (DBAPIError, Conflict, NotAnswered) as error:
                # A form that has become stale, or a deadlock: shown and posted again, as a person would.
                if tried == _TRIES or (isinstance(error, Conflict) and error.code != "task.stale"):
                    raise
        self._case_ids[number] = case_id
        self._log.write(Line(number, act, "told", case_id if act == FILE else ""))

    def _file(self, number: int) -> str:
        posted = {name: [value] for name, value in _report(number).items()}
        with Session(self._engine) as session, begin(session, NOBODY) as tx:
            slip = submit_report(tx, office.CASE_TYPE, posted=posted, key=key_of(number, FILE, self._seed))
            return str(slip.case_id)

    def _move(self, number: int, act: str) -> str:
        case_id, key = UUID(self._case_ids[number]), key_of(number, act, self._seed)
        with Session(self._engine) as session:
            actor = _officer(session)
            if act == REPLY:
                with begin(session, actor) as tx:
                    send_message(tx, case_id, REPLY, posted={"note": ["Terima kasih"]}, key=key)
                return str(case_id)
            task_id, shown = _task_of(session, case_id, act), _revision_of(session, case_id)
            posted = {name: [value] for name, value in _words(act).items()}
            with begin(session, actor) as tx:
                complete_task(tx, task_id, posted=posted, revision=shown, key=key)
        return str(case_id)


class WebDesk(Desk):
    """A web process: reports are filed and tasks completed on the pages that people see."""

    def __init__(self, database_url: str, log: StepLog, seed: int, application: Any, cookies: Path) -> None:
        super().__init__(database_url, log, seed)
        self._application, self._officers = application, Browser(application, cookies)

    def _file(self, number: int) -> str:
        address, key = f"/lapor/{office.CASE_TYPE}", key_of(number, FILE, self._seed)
        somebody = Browser(self._application, self._log.path.with_suffix(f".{number}"))
        shown = _expected(somebody.get(address), 200)
        answer = somebody.post(address, {**shown.hidden(), **_report(number), "_key": key})
        # A report that was filed before its process died is answered at once, without its code.
        receipt = somebody.get(f"{address}/tanda-terima") if answer.status == 303 else _expected(answer, 200)
        with Session(self._engine) as session:
            numbers = set(_NUMBER.findall(receipt.text))
            return str(session.scalars(select(Case.id).where(Case.number.in_(numbers))).one())

    def _move(self, number: int, act: str) -> str:
        if act == REPLY:
            return super()._move(number, act)
        case_id, key = UUID(self._case_ids[number]), key_of(number, act, self._seed)
        with Session(self._engine) as session:
            task_id, revision = _task_of(session, case_id, act), _revision_of(session, case_id)
        address = f"/tugas/{task_id}"
        shown = self._officers.get(address)
        if shown.status != 200:
            self._sign_in()
            shown = _expected(self._officers.get(address), 200)
        # A task that was done before its process died shows no form any more; the post is made all the same.
        carried = {"revision": str(revision), **shown.hidden(), **_words(act), "key": key}
        _expected(self._officers.post(address, carried), 303)
        return str(case_id)

    def _sign_in(self) -> None:
        page = _expected(self._officers.get("/masuk"), 200)
        given = {**page.hidden(), "login": office.OFFICER, "password": office.PASSWORD}
        _expected(self._officers.post("/masuk", given), 303)


def _expected(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        raise NotAnswered(f"{answer.status} instead of {status}")
    return answer


def _report(number: int) -> dict[str, str]:
    return {"title": f"Kasus {number}", "name": "Siti", "email": f"kasus{number}@localhost"}


def _words(act: str) -> dict[str, str]:
    return {"note": "Sudah", **({"count": "1"} if act == "check" else {})}


def _task_of(session: Session, case_id: UUID, element: str) -> UUID:
    return session.scalars(select(Task.id).where(Task.case_id == case_id, Task.element == element).limit(1)).one()


def _revision_of(session: Session, case_id: UUID) -> int:
    return session.scalars(select(ProcessInstance.revision).where(ProcessInstance.case_id == case_id)).one()


def _officer(session: Session) -> Actor:
    user = user_by_login(session, office.OFFICER)
    return actor_for(session, user.id, read_clock()) if user is not None else NOBODY
