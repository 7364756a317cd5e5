"""A desk: does what a web process does with a post, for one scripted case after the other.

One verb, one transaction, one idempotency key. Whoever takes its place after its death asks again for what was not told
to be done, with the same key, as people do who saw no answer.
"""

from collections import deque
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from workflows.chaos import office
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
            except (DBAPIError, Conflict) as error:
                # A form that has become stale, or a deadlock: shown and posted again, as a person would.
                if tried == _TRIES or (isinstance(error, Conflict) and error.code != "task.stale"):
                    raise
        self._case_ids[number] = case_id
        self._log.write(Line(number, act, "told", case_id if act == FILE else ""))

    def _file(self, number: int) -> str:
        words = {"title": [f"Kasus {number}"], "name": ["Siti"], "email": [f"kasus{number}@localhost"]}
        with Session(self._engine) as session, begin(session, NOBODY) as tx:
            slip = submit_report(tx, office.CASE_TYPE, posted=words, key=key_of(number, FILE, self._seed))
            return str(slip.case_id)

    def _move(self, number: int, act: str) -> str:
        case_id, key = UUID(self._case_ids[number]), key_of(number, act, self._seed)
        with Session(self._engine) as session:
            actor = _officer(session)
            if act == REPLY:
                with begin(session, actor) as tx:
                    send_message(tx, case_id, REPLY, posted={"note": ["Terima kasih"]}, key=key)
                return str(case_id)
            newest = select(Task.id).where(Task.case_id == case_id, Task.element == act).limit(1)
            revision = select(ProcessInstance.revision).where(ProcessInstance.case_id == case_id)
            task_id, shown = session.scalars(newest).one(), session.scalars(revision).one()
            words = {"note": ["Sudah"], **({"count": ["1"]} if act == "check" else {})}
            with begin(session, actor) as tx:
                complete_task(tx, task_id, posted=words, revision=shown, key=key)
        return str(case_id)


def _officer(session: Session) -> Actor:
    user = user_by_login(session, office.OFFICER)
    return actor_for(session, user.id, read_clock()) if user is not None else NOBODY
