"""The journal: only known facts, chained per case, linked over all, and proof of any change."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, event, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from databases import WAITING, TestDatabase
from factories import NOW
from workflows import transaction
from workflows.errors import NotAllowed
from workflows.journal.holding import write_held
from workflows.journal.models import JournalEntry, JournalHead, JournalLink
from workflows.journal.operations import link_pending, record, record_refusal
from workflows.journal.queries import entries_of
from workflows.journal.verification import verify
from workflows.transaction import NOBODY, SYSTEM, Tx, begin

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture
def case_id() -> UUID:
    return uuid4()


def test_entries_of_a_case_form_a_chain(begin_tx: BeginTx, session: Session, case_id: UUID) -> None:
    with begin_tx() as tx:
        record(tx, "case.stage_set", case_id=case_id, stage="verification")
        record(tx, "case.closed", case_id=case_id, disposition="resolved")
    with begin_tx(now=NOW + timedelta(days=1)) as tx:
        record(tx, "case.reopened", case_id=case_id)

    entries = entries_of(session, case_id)
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert [entry.previous_hash for entry in entries[1:]] == [entry.hash for entry in entries[:2]]
    assert verify(session) is None


@pytest.mark.parametrize("facts", [{}, {"stage": "x", "title": "Jalan rusak"}])
def test_facts_are_exactly_those_of_the_kind(begin_tx: BeginTx, case_id: UUID, facts: dict[str, str]) -> None:
    with begin_tx() as tx, pytest.raises(ValueError, match="needs the facts"):
        record(tx, "case.stage_set", case_id=case_id, **facts)


def test_an_unknown_kind_is_a_mistake(begin_tx: BeginTx) -> None:
    with begin_tx() as tx, pytest.raises(KeyError):
        record(tx, "case.exploded")


def test_a_fact_is_never_a_document(begin_tx: BeginTx, case_id: UUID) -> None:
    with begin_tx() as tx, pytest.raises(TypeError, match="not dict"):
        record(tx, "case.stage_set", case_id=case_id, stage={"story": "panjang"})


def test_one_act_locks_the_chain_once(begin_tx: BeginTx, session: Session, case_id: UUID) -> None:
    with begin_tx() as tx:
        record(tx, "case.reopened", case_id=case_id)
        try:
            with session.begin_nested():
                record(tx, "case.stage_set", case_id=case_id, stage="lost")
                raise RuntimeError("the savepoint is rolled back")
        except RuntimeError:
            pass
        with session.begin_nested():
            record(tx, "case.stage_set", case_id=case_id, stage="kept")
        record(tx, "case.closed", case_id=case_id, disposition="resolved")

    assert [entry.kind for entry in entries_of(session, case_id)] == [
        "case.reopened",
        "case.stage_set",
        "case.closed",
    ]
    assert verify(session) is None


def test_an_act_writes_its_entries_together(begin_tx: BeginTx, session: Session) -> None:
    one, other = uuid4(), uuid4()
    sent: list[str] = []
    with begin_tx() as tx:
        for stage in ("a", "b", "c"):
            record(tx, "case.stage_set", case_id=one, stage=stage)
            record(tx, "case.stage_set", case_id=other, stage=stage)
            record(tx, "user.signed_in", user=uuid4())
        event.listen(session.connection(), "before_cursor_execute", lambda *given: sent.append(given[2]))

    heads, entries = (statement for statement in sent if "journal_" in statement)
    assert "INSERT INTO journal_head" in heads
    assert "INSERT INTO journal_entry" in entries
    for case_id in (one, other):
        assert [entry.facts["stage"] for entry in entries_of(session, case_id)] == ["a", "b", "c"]
    order = session.scalars(select(JournalEntry.kind).order_by(JournalEntry.id)).all()
    assert order == ["case.stage_set", "case.stage_set", "user.signed_in"] * 3
    assert verify(session) is None


def test_an_act_that_fails_leaves_no_entry_to_the_next_one(begin_tx: BeginTx, session: Session, case_id: UUID) -> None:
    with contextlib.suppress(ZeroDivisionError), begin_tx() as tx:
        record(tx, "case.stage_set", case_id=case_id, stage="lost")
        raise ZeroDivisionError
    with begin_tx() as tx:
        record(tx, "case.reopened", case_id=case_id)
    record(Tx(session, SYSTEM, NOW), "case.stage_set", case_id=case_id, stage="never committed")
    session.close()
    session.commit()

    assert [entry.kind for entry in entries_of(session, case_id)] == ["case.reopened"]


@pytest.mark.parametrize(
    "statement",
    [
        update(JournalEntry).values(kind="case.opened"),
        delete(JournalEntry),
        text("TRUNCATE journal_entry CASCADE"),
        update(JournalLink).values(hash="0"),
        delete(JournalLink),
    ],
)
def test_the_database_refuses_to_change_what_was_written(
    begin_tx: BeginTx, session: Session, case_id: UUID, statement: object
) -> None:
    with begin_tx() as tx:
        record(tx, "case.reopened", case_id=case_id)
        link_pending(tx)

    with pytest.raises(IntegrityError, match="append-only"), session.begin_nested():
        session.execute(statement)  # type: ignore[call-overload]


def _tamper(session: Session, statement: str, **values: object) -> None:
    """Do what a database administrator could do: switch the triggers off."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(statement), values)
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.expire_all()


@pytest.mark.parametrize(
    ("statement", "problem", "sequence"),
    [
        ("UPDATE journal_entry SET at = at - interval '1 day' WHERE sequence = 2", "entry.changed", 2),
        ('UPDATE journal_entry SET facts = \'{"stage": "z"}\' WHERE sequence = 1', "entry.changed", 1),
        ("UPDATE journal_entry SET actor_name = 'Orang lain' WHERE sequence = 2", "entry.changed", 2),
        ("DELETE FROM journal_entry WHERE sequence = 2", "entry.missing", 2),
        ("DELETE FROM journal_entry WHERE sequence = 3", "chain.truncated", 2),
        ("DELETE FROM journal_entry", "chain.truncated", 3),
        ("DELETE FROM journal_link WHERE sequence = 1", "link.missing", 1),
        ("UPDATE journal_link SET hash = 'x' WHERE sequence = 3", "link.changed", 3),
    ],
)
def test_verify_names_the_place_that_was_touched(
    begin_tx: BeginTx, session: Session, case_id: UUID, statement: str, problem: str, sequence: int
) -> None:
    with begin_tx() as tx:
        for stage in ("a", "b", "c"):
            record(tx, "case.stage_set", case_id=case_id, stage=stage)
        link_pending(tx)
    assert verify(session) is None

    _tamper(session, statement)

    found = verify(session)
    assert found is not None
    assert (found.problem, found.sequence) == (problem, sequence)


def test_links_show_an_entry_of_no_case_that_was_deleted(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        record(tx, "user.signed_in", user=uuid4())
        link_pending(tx)

    _tamper(session, "DELETE FROM journal_entry WHERE kind = 'user.signed_in'")

    found = verify(session)
    assert found is not None
    assert (found.problem, found.sequence) == ("entry.missing", 1)


def test_links_continue_where_the_last_run_stopped(begin_tx: BeginTx, session: Session, case_id: UUID) -> None:
    with begin_tx() as tx:
        record(tx, "case.reopened", case_id=case_id)
        assert link_pending(tx) == 1
    with begin_tx() as tx:
        assert link_pending(tx) == 0
        record(tx, "case.closed", case_id=case_id, disposition="resolved")
        assert link_pending(tx) == 1

    assert session.scalars(select(JournalLink.sequence).order_by(JournalLink.sequence)).all() == [1, 2]
    assert verify(session) is None


def test_a_refusal_is_journalled_although_the_act_was_rolled_back(
    begin_tx: BeginTx, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "_policies", [])
    with contextlib.suppress(NotAllowed), begin_tx() as tx:
        record(tx, "case.reopened", case_id=uuid4())
        tx.require("case.read")

    record_refusal(session, NOBODY, act="case.read", subject="case", subject_id="SMP-2026-00001")

    (entry,) = session.scalars(select(JournalEntry)).all()
    assert (entry.kind, entry.case_id, entry.facts["act"]) == ("act.refused", None, "case.read")


def test_two_acts_on_one_case_queue_at_its_head(committed_database: TestDatabase) -> None:
    case_id = uuid4()

    def second_act() -> None:
        with Session(committed_database.engine) as other, begin(other, SYSTEM, now=NOW) as tx:
            record(tx, "case.stage_set", case_id=case_id, stage="second")

    with Session(committed_database.engine) as session:
        with begin(session, SYSTEM, now=NOW) as tx:
            record(tx, "case.stage_set", case_id=case_id, stage="first")
            write_held(session)
            thread = Thread(target=second_act)
            thread.start()
            # The second writer waits for the lock: the database itself says so.
            while not session.scalar(WAITING):
                assert thread.is_alive()
        thread.join(timeout=120)
        assert not thread.is_alive()

        assert [entry.facts["stage"] for entry in entries_of(session, case_id)] == ["first", "second"]
        assert session.get_one(JournalHead, case_id).sequence == 2
        assert verify(session) is None
