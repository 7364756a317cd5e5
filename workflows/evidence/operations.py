"""Verbs on evidence: attach what came in, make its working copy, release it to a wider audience, read the original.

Whoever hands files in has been let in by the verb that takes the form; these verbs are parts of that act.
"""

import io
import tempfile
from collections.abc import Mapping, Sequence
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, select

from workflows import jobs
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.evidence.copies import COPIED, copy_of
from workflows.evidence.models import Evidence
from workflows.evidence.uploads import Limits, Upload, examine
from workflows.journal.operations import record
from workflows.storage import queries as storage
from workflows.storage.operations import put
from workflows.transaction import Tx

# Beyond this a file that is being copied waits on disk instead of in memory.
_IN_MEMORY = 8_000_000


def attach(
    tx: Tx,
    case: Case,
    uploads: Sequence[Upload],
    *,
    limits: Limits,
    audience: str = "internal",
    element: str | None = None,
    captions: Mapping[str, str] | None = None,
) -> list[Evidence]:
    """Store the files as evidence of the case, in their order, and have their working copies made.

    All are stored or none: InvalidAnswers tells what is wrong with which (see `uploads.examine`). Files of a reporter
    are for the reporter too. `captions` are by field. Journals `evidence.attached` for each.
    """
    examined = examine(uploads, limits)
    if not examined:
        return []
    # Two forms about one case may come at once; their items get numbers one after the other.
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"evidence:{case.id}", 0))))
    last = tx.session.scalar(select(func.max(Evidence.ordinal)).where(Evidence.case_id == case.id)) or 0
    from_officer = tx.actor.kind == "user" and tx.actor.user_id != case.reporter_user_id
    attached: list[Evidence] = []
    for ordinal, item in enumerate(examined, start=last + 1):
        stored = put(tx, item.upload.stream)
        evidence = Evidence(
            case_id=case.id,
            ordinal=ordinal,
            name=item.name,
            content_type=item.kind.content_type,
            size=stored.size,
            checksum=stored.checksum,
            origin="officer" if from_officer else "reporter",
            audience=audience if from_officer else max(audience, "reporter", key=_AUDIENCES.index),
            caption=(captions or {}).get(item.upload.field, ""),
            field=item.upload.field,
            element=element,
            attached_at=tx.now,
            attached_by_id=tx.actor.user_id if from_officer else None,
        )
        tx.session.add(evidence)
        tx.session.flush()
        record(
            tx,
            "evidence.attached",
            case_id=case.id,
            evidence=evidence.id,
            sha256=stored.checksum,
            size=stored.size,
        )
        if evidence.content_type in COPIED:
            jobs.defer(tx.session, "evidence.copy", evidence_id=evidence.id)
        attached.append(evidence)
    return attached


# From the narrowest to the widest.
_AUDIENCES = ("internal", "reporter", "public")


def make_copy(tx: Tx, evidence_id: UUID) -> Evidence:
    """Make the working copy of one item; called by a job, and doing nothing the second time.

    An item that cannot be copied is marked, and CannotCopy rises so that somebody hears of it.
    """
    evidence = _locked(tx, evidence_id)
    if evidence.working_checksum is not None or evidence.content_type not in COPIED:
        return evidence
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        original = cast(BinaryIO, spool)
        storage.copy_to(tx.session, evidence.checksum, original)
        copy = copy_of(original, evidence.content_type)
    stored = put(tx, io.BytesIO(copy.content))
    evidence.working_checksum, evidence.working_size = stored.checksum, stored.size
    evidence.working_type = copy.content_type
    evidence.copy_failed = False
    return evidence


def note_copy_failure(tx: Tx, evidence_id: UUID) -> None:
    """Write down that no copy can be made, so that the page says so instead of "in preparation"."""
    _locked(tx, evidence_id).copy_failed = True


def release(tx: Tx, evidence_id: UUID, audience: str) -> Evidence:
    """Let a wider audience see an item, for example a photograph of progress; never narrows. Needs `case.work`.

    Journals `evidence.released` when something changed.
    """
    evidence = _locked(tx, evidence_id)
    case = tx.session.get_one(Case, evidence.case_id)
    if not tx.may("case.read", case):
        raise NotFound("evidence.unknown", evidence=evidence_id)
    tx.require("case.work", case)
    if _AUDIENCES.index(audience) > _AUDIENCES.index(evidence.audience):
        evidence.audience = audience
        record(tx, "evidence.released", case_id=case.id, evidence=evidence.id)
    return evidence


def open_original(tx: Tx, evidence_id: UUID) -> Evidence:
    """Let the actor read the item as it was handed in, with the traces it may bear; journals `evidence.read`.

    Needs the right to know the reporter's identity, since that is what an original may give away.
    """
    evidence = _locked(tx, evidence_id)
    case = tx.session.get_one(Case, evidence.case_id)
    if not tx.may("case.read", case):
        raise NotFound("evidence.unknown", evidence=evidence_id)
    tx.require("party.identity", case)
    record(tx, "evidence.read", case_id=case.id, evidence=evidence.id)
    return evidence


def _locked(tx: Tx, evidence_id: UUID) -> Evidence:
    evidence = tx.session.scalars(select(Evidence).where(Evidence.id == evidence_id).with_for_update()).one_or_none()
    if evidence is None:
        raise NotFound("evidence.unknown", evidence=evidence_id)
    return evidence
