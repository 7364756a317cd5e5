"""Proving that the journal is what was written: every chain from its beginning, and the links over all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.journal.chain import BEGINNING, entry_hash, link_hash
from workflows.journal.holding import write_held
from workflows.journal.models import JournalEntry, JournalHead, JournalLink

# Rows read from the database at a time.
_BATCH = 1_000


@dataclass(frozen=True)
class Break:
    """The first place at which the journal does not fit together."""

    # "entry.changed": its hash is not that of its words. "entry.missing": a place in a chain is empty, or a link's
    # entry is gone. "chain.truncated": a chain ends before its head says so. "link.changed", "link.missing": the same
    # for the global chain.
    problem: str
    # The case whose chain is meant; None for the global chain and for entries of no case.
    case_id: UUID | None = None
    # Place in that chain.
    sequence: int | None = None
    entry_id: int | None = None


def verify(session: Session) -> Break | None:
    """Check the whole journal and give its first broken place, or None when it is whole.

    Reads everything once; memory does not grow with the journal.
    """
    write_held(session)
    for found in (_broken_chain(session), _broken_link(session)):
        if found is not None:
            return found
    return None


def _broken_chain(session: Session) -> Break | None:
    """Walk the chains of the cases one after another, then the entries of no case."""
    heads = {case_id: (sequence, digest) for case_id, sequence, digest in _heads(session)}
    case_id, sequence, previous = None, 0, BEGINNING
    entries = select(JournalEntry).order_by(JournalEntry.case_id, JournalEntry.sequence, JournalEntry.id)
    with session.scalars(entries, execution_options={"yield_per": _BATCH}) as found:
        for entry in found:
            if entry.case_id != case_id:
                if case_id is not None and heads.pop(case_id, None) != (sequence, previous):
                    return Break("chain.truncated", case_id, sequence)
                case_id, sequence, previous = entry.case_id, 0, BEGINNING
            if entry.case_id is not None:
                sequence += 1
                if entry.sequence != sequence:
                    return Break("entry.missing", entry.case_id, sequence)
            expected = previous if entry.case_id is not None else BEGINNING
            if entry.previous_hash != expected or entry.hash != _hash(entry):
                return Break("entry.changed", entry.case_id, entry.sequence, entry.id)
            previous = entry.hash
            session.expunge(entry)
    if case_id is not None and heads.pop(case_id, None) != (sequence, previous):
        return Break("chain.truncated", case_id, sequence)
    for emptied, (last, _) in heads.items():
        return Break("chain.truncated", emptied, last)
    return None


def _broken_link(session: Session) -> Break | None:
    """Walk the global chain."""
    previous = BEGINNING
    links = (
        select(JournalLink.sequence, JournalLink.entry_id, JournalLink.hash, JournalEntry.hash)
        .outerjoin(JournalEntry, JournalEntry.id == JournalLink.entry_id)
        .order_by(JournalLink.sequence)
    )
    with session.execute(links, execution_options={"yield_per": _BATCH}) as found:
        for sequence, (place, entry_id, digest, entry) in enumerate(found, start=1):
            if place != sequence:
                return Break("link.missing", None, sequence)
            if entry is None:
                return Break("entry.missing", None, sequence, entry_id)
            if digest != link_hash(sequence=sequence, entry_id=entry_id, entry=entry, previous=previous):
                return Break("link.changed", None, sequence, entry_id)
            previous = digest
    return None


def _heads(session: Session) -> Iterator[tuple[UUID, int, str]]:
    for head in session.execute(select(JournalHead.case_id, JournalHead.sequence, JournalHead.hash)):
        yield head[0], head[1], head[2]


def _hash(entry: JournalEntry) -> str:
    return entry_hash(
        case_id=entry.case_id,
        sequence=entry.sequence,
        kind=entry.kind,
        at=entry.at,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        facts=entry.facts,
        previous_hash=entry.previous_hash,
    )
