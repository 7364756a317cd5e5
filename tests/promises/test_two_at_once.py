"""Two acts on the same thing at the same instant: what comes of them is what would come of one after the other.

Whoever acts from a page has read what they act upon before they lock it, so the second of two has seen it as it was.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from case_factories import create_actor, create_role
from factories import NOW
from promises.conftest import Matter
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.cases.operations import close_case
from workflows.catalogue import queries as catalogue
from workflows.custody import operations as custody
from workflows.custody.models import Custody, CustodyMove
from workflows.custody.queries import of_case
from workflows.errors import AmanahError
from workflows.incidents import operations as incidents
from workflows.incidents.models import Incident
from workflows.incidents.operations import Cause
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.processes import operations as processes
from workflows.processes.by_hand import claim
from workflows.processes.models import AwaitedMessage, ProcessInstance, StepRecord, Timer
from workflows.processes.moving import move_token
from workflows.processes.office import current_office
from workflows.processes.recounting import recount
from workflows.processes.suspension import resume, suspend
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, Tx, begin

Act = Callable[[Session], Any]
# After the timer of the first task is due.
LATE = NOW + timedelta(days=30)


def acting(act: Callable[[Tx], Any], actor: Actor = SYSTEM, now: Any = NOW) -> Act:
    """An act on whatever session."""

    def on(session: Session) -> Any:
        with begin(session, actor, now=now) as tx:
            return act(tx)

    return on


def complete(matter: Matter) -> Act:
    task_id = matter.task("check").id
    posted = {"valid": ["true"], "category": ["02"]}
    key = uuid4().hex
    return acting(
        lambda tx: processes.complete_task(tx, task_id, posted=posted, revision=1, key=key), matter.office.officer
    )


def complete_late(matter: Matter) -> Act:
    task_id = matter.task("check").id
    posted = {"valid": ["true"], "category": ["02"]}
    key = uuid4().hex
    return acting(
        lambda tx: processes.complete_task(tx, task_id, posted=posted, revision=1, key=key), matter.office.officer, LATE
    )


def take(matter: Matter) -> Act:
    task_id = matter.task("check").id
    return acting(lambda tx: claim(tx, task_id), matter.office.colleague)


def take_late(matter: Matter) -> Act:
    task_id = matter.task("check").id
    return acting(lambda tx: claim(tx, task_id), matter.office.colleague, LATE)


# Each verb that moves a run or keeps it from moving.
VERBS: Mapping[str, Callable[[Matter], Act]] = {
    "complete": complete,
    "complete late": complete_late,
    "take": take,
    "take late": take_late,
    "wake": lambda matter: acting(lambda tx: processes.wake(tx, matter.instance_id), now=LATE),
    "suspend": lambda matter: acting(lambda tx: suspend(tx, matter.instance_id, reason="Diperiksa.").id),
    "resume": lambda matter: acting(lambda tx: resume(tx, matter.instance_id, reason="Selesai.").id),
    "move": lambda matter: acting(
        lambda tx: move_token(tx, matter.instance_id, "check", "answer", reason="Salah.", revision=1)
    ),
    "cancel": lambda matter: acting(lambda tx: processes.cancel(tx, matter.instance_id, reason="trial")),
    "recount": lambda matter: acting(lambda tx: recount(tx, matter.instance_id)),
}
PAIRS = [
    ("suspend", "complete"), ("complete", "suspend"), ("suspend", "suspend"), ("suspend", "resume"),
    ("move", "complete"), ("complete", "move"), ("move", "move"), ("move", "take"), ("cancel", "complete"),
    ("complete", "cancel"), ("wake", "wake"), ("wake", "complete late"), ("wake", "take late"), ("recount", "complete"),
    ("suspend", "wake"), ("cancel", "wake"),
]  # fmt: skip


def outcome(of: Callable[[], Any]) -> str:
    try:
        of()
    except AmanahError as refused:
        return refused.code
    return "done"


def standing(matter: Matter) -> dict[str, Any]:
    """Give where the run stands and what led there, without ids."""
    with matter.look() as session:
        assert verify(session) is None
        run = session.get_one(ProcessInstance, matter.instance_id)
        here = {"instance_id": matter.instance_id}
        tasks = select(Task.element, Task.status, Task.assignee_id).filter_by(**here)
        timers = select(Timer.element, Timer.due_at).filter_by(**here)
        return {
            "run": (run.status, run.revision, run.tokens_at, run.path_length, run.suspended_at),
            "tasks": sorted(map(str, session.execute(tasks))),
            "timers": sorted(map(str, session.execute(timers))),
            "messages": session.scalars(select(AwaitedMessage.name).filter_by(**here)).all(),
            "steps": session.scalars(select(StepRecord.kind).filter_by(**here).order_by(StepRecord.revision)).all(),
            "told": session.scalars(
                select(JournalEntry.kind).where(JournalEntry.case_id == matter.case_id).order_by(JournalEntry.sequence)
            ).all(),
        }


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda verb: verb.replace(" ", "_"))
def test_two_verbs_on_one_run_come_to_what_they_would_one_after_the_other(
    matter: Matter, another: Matter, first: str, second: str
) -> None:
    leading, waiting = (matter.walker(VERBS[verb](matter)) for verb in (first, second))
    leading.to("before commit")
    assert waiting.start().waits()
    beside = [outcome(leading.finish), outcome(waiting.finish)]

    acts = [VERBS[verb](another) for verb in (first, second)]
    in_turn = []
    for act in acts:
        with Session(another.database.engine, expire_on_commit=False) as session:
            in_turn.append(outcome(lambda session=session, act=act: act(session)))

    assert beside == in_turn
    assert standing(matter) == standing(another)


class TestDeposits:
    """What is entrusted leaves once, through the hands of one keeper."""

    @pytest.fixture
    def keepers(self, matter: Matter) -> list[Actor]:
        with matter.begin() as tx:
            create_role(tx, "keeper", ["work", "custody.keep"])
            return [create_actor(tx, ("keeper", matter.office.intake), name=name) for name in ("Nurhayati", "Rizal")]

    @pytest.fixture
    def entrusted(self, matter: Matter, keepers: list[Actor]) -> UUID:
        """A deposit that a closed case has left."""
        with matter.begin(keepers[0]) as tx:
            case = tx.session.get_one(Case, matter.case_id)
            contents.put(tx, case, "keep", {"place": "Lemari A", "condition": "good"}, element="take")
        with matter.begin() as tx:
            case = tx.session.get_one(Case, matter.case_id)
            kept = custody.take(tx, case, self.mapping(tx.session, matter), zone=current_office().zone)
            close_case(tx, case, "done")
            return kept.id

    def mapping(self, session: Session, matter: Matter) -> Any:
        version = session.get_one(ProcessInstance, matter.instance_id).version_id
        return catalogue.manifest(session, catalogue.version(session, version)).custody

    def shown_then(self, matter: Matter, act: Callable[[Tx, Any], Any], keeper: Actor) -> Act:
        """A keeper looks at the deposits of the case, and acts."""

        def on(session: Session) -> Any:
            shown = of_case(session, matter.case_id)
            assert all(deposit.is_kept for deposit in shown)
            mapping = self.mapping(session, matter)
            return acting(lambda tx: act(tx, mapping), keeper)(session)

        return on

    @pytest.mark.parametrize("second", ["give_out", "hand_over"])
    def test_two_keepers_of_whom_one_gives_it_out(
        self, matter: Matter, keepers: list[Actor], entrusted: UUID, second: str
    ) -> None:
        verbs = {
            "give_out": lambda tx, mapping: custody.give_out(tx, entrusted, mapping, to="state", reason="BA 4"),
            "hand_over": lambda tx, mapping: custody.hand_over(
                tx, entrusted, mapping, keeper_id=keepers[1].user_id, place="B", condition="good", reason="Cuti"
            ),
        }
        leading = matter.walker(self.shown_then(matter, verbs["give_out"], keepers[0])).to("before commit")
        waiting = matter.walker(self.shown_then(matter, verbs[second], keepers[1])).start()
        assert waiting.waits()

        assert [outcome(leading.finish), outcome(waiting.finish)] == ["done", "custody.released"]

        with matter.look() as session:
            kept = session.get_one(Custody, entrusted)
            assert (kept.released_to, kept.released_by_id) == ("state", keepers[0].user_id)
            moves = select(func.count()).where(CustodyMove.custody_id == entrusted)
            assert session.scalar(moves) == 1
            told = select(JournalEntry.kind).where(
                JournalEntry.case_id == matter.case_id, JournalEntry.kind.startswith("custody.")
            )
            assert session.scalars(told.order_by(JournalEntry.id)).all() == ["custody.taken", "custody.released"]


@pytest.mark.parametrize("second", ["resolve", "retry"])
def test_two_owners_of_one_incident(matter: Matter, second: str) -> None:
    with matter.begin() as tx:
        wake = {"task": "processes.wake", "arguments": {"instance_id": str(matter.instance_id)}}
        told = incidents.raise_incident(tx, "sample", uuid4().hex, Cause("X", "x"), owner_role="none", **wake).id

    def shown_then(verb: str) -> Act:
        def on(session: Session) -> Any:
            shown = session.get_one(Incident, told)
            words = {"note": "Sudah diperbaiki."} if verb == "resolve" else {}
            done = acting(lambda tx: getattr(incidents, verb)(tx, told, **words))(session)
            assert done is shown
            return done

        return on

    leading = matter.walker(shown_then("resolve")).to("before commit")
    waiting = matter.walker(shown_then(second)).start()
    assert waiting.waits()

    assert outcome(leading.finish) == "done"
    assert outcome(waiting.finish) == {"resolve": "incident.resolved", "retry": "incident.not_retryable"}[second]
