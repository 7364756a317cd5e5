"""The entries of an act, held back until it commits and then written together.

An act journals a dozen things. Written one by one each would ask the database three times and keep the head of the
chain locked from the first on; written at the end they go with the other rows of the act, and the head, the last lock
that it takes, is held for no longer than the commit takes. What was journalled within a savepoint that is rolled back
goes with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction

from workflows import rows
from workflows.journal.chain import BEGINNING, entry_hash
from workflows.journal.models import JournalEntry, JournalHead

# Where a session keeps what is to be written.
_HELD = "journal entries held back"
# Where a session keeps the ends of chains that were read in this transaction.
_KNOWN = "journal heads known"
# Moves the heads, each from where the entries were chained to, and writes the entries if all of them moved.
_MOVE = (
    "UPDATE journal_head AS head SET sequence = now.sequence, hash = now.hash FROM {} WHERE head.case_id = now.case_id"
    " AND jsonb_build_array(head.sequence, head.hash) = now.before{} RETURNING 1"
)
_NOW = "now (case_id uuid, before jsonb, sequence integer, hash text)"
# Nearly every act is about one case; of one row the plan knows that it is one.
_ONE = f"jsonb_to_record({rows.given('heads')} -> 0) AS {_NOW}"
_HEAD = rows.Part("heads", (("head_moved", _MOVE.format(_ONE, "")),))
_HEADS = rows.Part(
    "heads",
    (
        ("moving", f"SELECT now.* FROM jsonb_to_recordset({rows.given('heads')}) AS {_NOW}"),  # noqa: S608
        # By the index, since the plan takes every JSON array for long.
        ("head_moved", _MOVE.format("moving AS now", " AND head.case_id = ANY (ARRAY(SELECT case_id FROM moving))")),
    ),
)
_ALL_HEADS = f"jsonb_array_length({rows.given('heads')})"
_ENTRIES = rows.Part(
    "entries",
    (
        (
            "entry_made",
            f"{rows.insertion(JournalEntry, 'entries')} WHERE (SELECT count(*) FROM head_moved) = {_ALL_HEADS}"  # noqa: S608
            " ORDER BY r.ordinality RETURNING 1",
        ),
    ),
    tells="(SELECT count(*) FROM entry_made)",
)


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
    stands_with = session.get_nested_transaction() or session.get_transaction() or session.begin()
    _held(session).append((draft, stands_with))


def write_held(session: Session) -> None:
    """Write what is held back, in its order, each entry chained to the one before it; for who reads the journal."""
    _chain(session)
    rows.write_held(session)


def _chain(session: Session) -> None:
    """Chain what is held back and have it written with the act's other rows.

    Heads are locked in the order of the cases' ids, so that two acts on the same two cases wait for each other instead
    of both.
    """
    drafts = [draft for draft, _ in _held(session)]
    if not drafts:
        return
    _held(session).clear()
    case_ids = sorted({draft.case_id for draft in drafts if draft.case_id is not None})
    known = _known(session)
    if len(case_ids) == 1 and case_ids[0] in known:
        _append(session, drafts, {case_ids[0]: known[case_ids[0]]})
    else:
        _append(session, drafts, _locked_heads(session, case_ids))


def know_head(session: Session, case_id: UUID, sequence: int, digest: str) -> None:
    """Note the end of a case's chain, as somebody has just read it without a lock.

    The entries of the act are tried on it and written with one statement less. Whoever was quicker in between makes
    that fail, and the head is asked for once more.
    """
    _known(session)[case_id] = sequence, digest


def _append(session: Session, drafts: Sequence[Draft], heads: Mapping[UUID, tuple[int, str]]) -> None:
    """Have the entries written, chained to the heads; where a head has moved meanwhile, once more to where it is."""
    ends = dict(heads)
    entries = []
    for draft in drafts:
        row = vars(draft) | {"sequence": None, "previous_hash": BEGINNING}
        if draft.case_id is not None:
            last, previous = ends[draft.case_id]
            row |= {"sequence": last + 1, "previous_hash": previous}
        row["hash"] = entry_hash(**row)
        if draft.case_id is not None:
            ends[draft.case_id] = last + 1, row["hash"]
        entries.append(row)

    def hear(written: int) -> None:
        if written == len(entries):
            _known(session).update(ends)
        else:
            _append(session, drafts, _locked_heads(session, sorted(heads)))
            rows.write_held(session)

    moved = [
        {"case_id": case_id, "before": heads[case_id], "sequence": sequence, "hash": digest}
        for case_id, (sequence, digest) in ends.items()
    ]
    rows.hold(session, _HEAD if len(moved) == 1 else _HEADS, moved)
    rows.hold(session, _ENTRIES, entries, hear)


def _locked_heads(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
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


def _known(session: Session) -> dict[UUID, tuple[int, str]]:
    known: dict[UUID, tuple[int, str]] = session.info.setdefault(_KNOWN, {})
    return known


def _held(session: Session) -> list[tuple[Draft, SessionTransaction | None]]:
    held: list[tuple[Draft, SessionTransaction | None]] = session.info.setdefault(_HELD, [])
    return held


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
        _known(session).clear()


rows.finish_with(_chain)
