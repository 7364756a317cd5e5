"""The entries of an act, held back until it commits and then written together.

An act journals a dozen things. Written one by one each would ask the database three times and keep the head of the
chain locked from the first on; written at the end it is one statement for all, and the head, the last lock of the act,
is held for no longer than the commit takes. What was journalled within a savepoint that is rolled back goes with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction

from workflows.journal.chain import BEGINNING, entry_hash
from workflows.journal.models import JournalEntry, JournalHead

# Where a session keeps what is to be written.
_HELD = "journal entries held back"


@dataclass(frozen=True)
class Draft:
    """An entry that has no place in its chain yet."""

    case_id: UUID | None
    kind: str
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    facts: Mapping[str, Any]


def hold(session: Session, draft: Draft) -> None:
    """Keep the entry until the transaction commits; a rollback forgets it."""
    # The transaction, or the savepoint, with which the entry stands and falls.
    session.connection()
    stands_with = session.get_nested_transaction() or session.get_transaction()
    _held(session).append((draft, stands_with))


def write_held(session: Session) -> None:
    """Write what is held back, in its order, each entry chained to the one before it.

    Called before the commit, and by whoever reads the journal within the act. Heads are locked in the order of the
    cases' ids, so that two acts on the same two cases wait for each other instead of both.
    """
    drafts = [draft for draft, _ in _held(session)]
    if not drafts:
        return
    _held(session).clear()
    session.flush()
    heads = _locked_heads(session, sorted({draft.case_id for draft in drafts if draft.case_id is not None}))
    rows = []
    for draft in drafts:
        sequence, previous = heads.get(draft.case_id, (0, BEGINNING))
        row = {**vars(draft), "sequence": sequence + 1 if draft.case_id is not None else None}
        row |= {"previous_hash": previous, "hash": entry_hash(**row, previous_hash=previous)}
        if draft.case_id is not None:
            heads[draft.case_id] = (sequence + 1, row["hash"])
        rows.append(row)
    # Without `render_nulls`, rows with and without a case would be written in turns.
    statement = insert(JournalEntry).returning(JournalEntry.id, sort_by_parameter_order=True)
    session.execute(statement, rows, execution_options={"render_nulls": True})
    for case_id, (sequence, digest) in heads.items():
        session.execute(
            update(JournalHead).where(JournalHead.case_id == case_id).values(sequence=sequence, hash=digest),
            execution_options={"synchronize_session": False},
        )


def _locked_heads(session: Session, case_ids: Sequence[UUID]) -> dict[UUID | None, tuple[int, str]]:
    """Give the end of each case's chain, its row locked until the end of the transaction."""
    if not case_ids:
        return {}
    # One statement makes the first head or locks the present one.
    upsert = insert(JournalHead).values(
        [{"case_id": case_id, "sequence": 0, "hash": BEGINNING} for case_id in case_ids]
    )
    statement = upsert.on_conflict_do_update(
        index_elements=[JournalHead.case_id], set_={"case_id": upsert.excluded.case_id}
    ).returning(JournalHead.case_id, JournalHead.sequence, JournalHead.hash)
    return {case_id: (sequence, digest) for case_id, sequence, digest in session.execute(statement)}


def _held(session: Session) -> list[tuple[Draft, SessionTransaction | None]]:
    held: list[tuple[Draft, SessionTransaction | None]] = session.info.setdefault(_HELD, [])
    return held


@event.listens_for(Session, "before_commit")
def _write_before_commit(session: Session) -> None:
    # A savepoint that ends well is not the end of the act.
    if not session.in_nested_transaction():
        write_held(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget_what_was_undone(session: Session, undone: SessionTransaction) -> None:
    def fell(transaction: SessionTransaction | None) -> bool:
        while transaction is not None and transaction is not undone:
            transaction = transaction.parent
        return transaction is not None

    held = _held(session)
    held[:] = [(draft, stands_with) for draft, stands_with in held if not fell(stands_with)]


@event.listens_for(Session, "after_transaction_end")
def _forget_at_the_end(session: Session, ended: SessionTransaction) -> None:
    # A session that is closed in the middle of an act may be opened for another one.
    if ended.parent is None:
        _held(session).clear()
