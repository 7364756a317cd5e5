"""Proving that what is kept is what was written: the chains of the journal, then the words and files it speaks of."""

from sqlalchemy import Uuid, cast, func, select, text
from sqlalchemy.orm import Session

from workflows.cases.contents import checksum
from workflows.cases.models import Content
from workflows.journal import verification
from workflows.journal.models import JournalEntry
from workflows.journal.verification import Break
from workflows.storage.queries import is_intact

_CHANGED_STEP = text(
    "SELECT run.case_id, step.revision FROM (SELECT sealed, sealed.instance_id, sealed.revision, sealed.checksum,"
    " lag(sealed.checksum) OVER (PARTITION BY sealed.instance_id ORDER BY sealed.revision) AS previous"
    " FROM step_record sealed) step JOIN process_instance run ON run.id = step.instance_id"
    " WHERE step.checksum <> step_record_checksum(step.sealed, step.previous) ORDER BY 1, 2 LIMIT 1"
)
# Rows read from the database at a time.
_BATCH = 1_000


def verify(session: Session) -> Break | None:
    """Give the first place that does not fit, or None when everything is whole.

    Besides what `journal.verification` tells, "content.changed" means that the words of which this entry of the journal
    speaks are gone or are others by now, and "file.changed" the same of bytes; "step.changed" that a step of the case's
    process is not what it was, with its revision as sequence. Reads every word and byte once.
    """
    found = verification.verify(session) or _changed_step(session)
    return found or _changed_content(session) or _changed_file(session)


def _changed_step(session: Session) -> Break | None:
    """Weigh every step of every run anew, with what it left behind; the database itself had sealed it."""
    changed = session.execute(_CHANGED_STEP).one_or_none()
    return Break("step.changed", changed.case_id, changed.revision) if changed is not None else None


def _changed_content(session: Session) -> Break | None:
    """Hash what people wrote anew and compare it with the journal, which is proven by now."""
    told = JournalEntry.facts["checksum"].astext
    writings = (
        select(JournalEntry.case_id, JournalEntry.sequence, JournalEntry.id, told, Content.salt, Content.body)
        .outerjoin(Content, Content.id == cast(JournalEntry.facts["content"].astext, Uuid))
        .where(JournalEntry.kind == "content.put", told.is_not(None))
        .order_by(JournalEntry.id)
    )
    with session.execute(writings, execution_options={"yield_per": _BATCH}) as found:
        for case_id, sequence, entry_id, expected, salt, body in found:
            if body is None or checksum(salt, body) != expected:
                return Break("content.changed", case_id, sequence, entry_id)
    return None


def _changed_file(session: Session) -> Break | None:
    """Weigh every file of evidence, every letter and every report anew against the journal, which is proven by now."""
    sha256 = JournalEntry.facts["sha256"].astext
    # Bytes that several entries speak of are weighed once, for the first of them.
    first = select(func.min(JournalEntry.id)).where(JournalEntry.facts.has_key("sha256")).group_by(sha256)
    told = select(sha256, JournalEntry.case_id, JournalEntry.sequence, JournalEntry.id)
    for expected, case_id, sequence, entry_id in session.execute(
        told.where(JournalEntry.id.in_(first)).order_by(JournalEntry.id)
    ).all():
        if not is_intact(session, expected):
            return Break("file.changed", case_id, sequence, entry_id)
    return None
