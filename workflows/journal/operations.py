"""Verbs that write the journal. There is no verb that changes or deletes an entry."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflows.journal.chain import BEGINNING, link_hash, plain
from workflows.journal.holding import Draft, hold, write_held
from workflows.journal.kinds import KINDS
from workflows.journal.models import JournalEntry, JournalLink
from workflows.transaction import Actor, Tx, begin

# Entries that one run of `link_pending` links at most, so that a backlog does not hold the chain for long.
LINKS_PER_RUN = 5_000
# How far below the newest link a late committer's entry is still looked for; `everything=True` looks everywhere.
_LATE_COMMITTERS = 50_000


def record(tx: Tx, kind: str, /, *, case_id: UUID | None = None, **facts: Any) -> None:
    """Append an entry to the journal; it is written with the others of the act, chained to the case's last one.

    Raises KeyError for an unknown kind, ValueError when the facts are not exactly those that the kind names, TypeError
    for a fact that is no id, code, date or number. Writers of one case queue at the head of its chain while they
    commit; it is the last lock that an act takes.
    """
    expected = KINDS[kind]
    if facts.keys() != expected:
        raise ValueError(f"{kind} needs the facts {sorted(expected)}, not {sorted(facts)}")
    draft = Draft(
        case_id=case_id,
        kind=kind,
        at=tx.now,
        actor_kind=tx.actor.kind,
        actor_id=tx.actor.user_id,
        actor_name=tx.actor.name,
        facts={name: plain(value) for name, value in facts.items()},
    )
    hold(tx.session, draft)


def record_refusal(session: Session, actor: Actor, *, act: str, subject: str = "", subject_id: str = "") -> None:
    """Journal, in a transaction of its own, that `actor` was refused `act`.

    Called after the refused act has been rolled back, so that the trace stays. `subject` is the kind of thing that was
    meant ("case", "task") and `subject_id` its id; the entry stands in no case's chain, so that a case page does not
    tell its readers who else tried to see it.
    """
    with begin(session, actor) as tx:
        record(tx, "act.refused", act=act, subject=subject, subject_id=subject_id)


def link_pending(tx: Tx, *, everything: bool = False) -> int:
    """Link the entries that no global link holds yet, at most LINKS_PER_RUN, and tell how many were linked.

    Only one run at a time: the job has a lock, and a second run finds the sequence taken and fails whole.
    """
    write_held(tx.session)
    last = tx.session.scalars(
        select(JournalLink).order_by(JournalLink.sequence.desc()).limit(1).with_for_update()
    ).first()
    pending = (
        select(JournalEntry.id, JournalEntry.hash)
        .where(~select(JournalLink.sequence).where(JournalLink.entry_id == JournalEntry.id).exists())
        .order_by(JournalEntry.id)
        .limit(LINKS_PER_RUN)
    )
    if last is not None and not everything:
        pending = pending.where(JournalEntry.id > last.entry_id - _LATE_COMMITTERS)
    sequence, previous = (last.sequence, last.hash) if last is not None else (0, BEGINNING)
    rows: list[dict[str, Any]] = []
    for entry_id, digest in tx.session.execute(pending):
        sequence += 1
        previous = link_hash(sequence=sequence, entry_id=entry_id, entry=digest, previous=previous)
        rows.append({"sequence": sequence, "entry_id": entry_id, "linked_at": tx.now, "hash": previous})
    if rows:
        tx.session.execute(insert(JournalLink), rows)
    return len(rows)
