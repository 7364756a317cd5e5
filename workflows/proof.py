"""Proving that what is kept is what was written: the journal's chains, then the files whose checksums it bears."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.journal import verification
from workflows.journal.models import JournalEntry
from workflows.journal.verification import Break
from workflows.storage.queries import is_intact


def verify(session: Session) -> Break | None:
    """Give the first place that does not fit, or None when everything is whole.

    Besides what `journal.verification` tells, "file.changed" means that the bytes of which this entry of the journal
    speaks are gone or are others by now. Reads every stored byte once.
    """
    return verification.verify(session) or _changed_file(session)


def _changed_file(session: Session) -> Break | None:
    """Weigh every file of evidence, every letter and every report anew against the journal, which is proven by now."""
    checksum = JournalEntry.facts["sha256"].astext
    # Bytes that several entries speak of are weighed once, for the first of them.
    first = select(func.min(JournalEntry.id)).where(JournalEntry.facts.has_key("sha256")).group_by(checksum)
    told = select(checksum, JournalEntry.case_id, JournalEntry.sequence, JournalEntry.id)
    for sha256, case_id, sequence, entry_id in session.execute(
        told.where(JournalEntry.id.in_(first)).order_by(JournalEntry.id)
    ).all():
        if not is_intact(session, sha256):
            return Break("file.changed", case_id, sequence, entry_id)
    return None
