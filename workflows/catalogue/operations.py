"""Verbs of the catalogue: make an edition startable, and no longer startable."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.catalogue import queries
from workflows.catalogue.bundle import MANIFEST, Bundle, read_bundle
from workflows.catalogue.checks import Check, check
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.manifest_reader import read_manifest
from workflows.catalogue.models import CaseTypeRecord, ProcessFile, ProcessVersion
from workflows.catalogue.repairing import repaired
from workflows.catalogue.verdict import accepts
from workflows.errors import BrokenDefinition, Finding
from workflows.journal.operations import record
from workflows.transaction import Tx

# Looks at the files and gives findings: `checks.check` in this process, or `apart.check_apart` in one of its own.
Gate = Callable[[Bundle], Sequence[Finding]]


def publish(tx: Tx, source: Path | Bundle, *, extra: Sequence[Check] = (), gate: Gate | None = None) -> ProcessVersion:
    """Check the case type and make it the edition on which new cases start; journals `definition.published`.

    What was drawn without an id gets one, in the stored edition too. `gate` checks in place of the checks of this
    process and `extra`. The same files as the open edition give that edition back and journal nothing; the same files
    as a retired one open it again. Running cases stay on their edition. Raise BrokenDefinition with all findings when a
    check says "error".
    """
    tx.require("definition.publish")
    bundle = repaired(source if isinstance(source, Bundle) else read_bundle(source))
    same = select(ProcessVersion).where(ProcessVersion.checksum == bundle.checksum, ProcessVersion.state == "open")
    if (unchanged := tx.session.scalars(same).one_or_none()) is not None:
        # These bytes passed the gate when they were published, so a second start of the house need not wait for it.
        return unchanged
    findings = check(bundle, extra=extra) if gate is None else gate(bundle)
    if not accepts(findings):
        raise BrokenDefinition(findings)
    case_type = read_manifest(bundle.files.get(MANIFEST, b""))
    before = _lock_case_type(tx, case_type)
    if before is not None:
        _close(tx, before)
    edition = _known(tx.session, case_type.key, bundle.checksum) or _add(tx, case_type, bundle)
    edition.state, edition.retired_at = "open", None
    tx.session.flush()
    record(tx, "definition.published", case_type=case_type.key, version=edition.id, checksum=edition.checksum)
    return edition


def retire(tx: Tx, key: str) -> ProcessVersion:
    """Let no new case start on the type; running cases go on; journals `definition.retired`.

    Raise NotFound (`case_type.unknown`) when no edition is open.
    """
    tx.require("definition.publish")
    edition = queries.newest_version(tx.session, key)
    _close(tx, edition)
    record(tx, "definition.retired", case_type=key, version=edition.id)
    return edition


def _lock_case_type(tx: Tx, case_type: CaseType) -> ProcessVersion | None:
    """Lock the type's row, made or refreshed, so that two publishers count one after the other; give what is open."""
    row = tx.session.get(CaseTypeRecord, case_type.key, with_for_update=True)
    if row is None:
        place = tx.session.scalar(select(func.coalesce(func.max(CaseTypeRecord.place), 0) + 1))
        row = CaseTypeRecord(key=case_type.key, place=place, first_published_at=tx.now)
        tx.session.add(row)
    row.title, row.title_en = case_type.title, case_type.title_en
    tx.session.flush()
    query = select(ProcessVersion).where(ProcessVersion.case_type == case_type.key, ProcessVersion.state == "open")
    return tx.session.scalars(query).one_or_none()


def _known(session: Session, key: str, checksum: str) -> ProcessVersion | None:
    query = select(ProcessVersion).where(ProcessVersion.case_type == key, ProcessVersion.checksum == checksum)
    return session.scalars(query).one_or_none()


def _add(tx: Tx, case_type: CaseType, bundle: Bundle) -> ProcessVersion:
    last = tx.session.scalar(select(func.max(ProcessVersion.number)).where(ProcessVersion.case_type == case_type.key))
    edition = ProcessVersion(
        case_type=case_type.key,
        number=(last or 0) + 1,
        checksum=bundle.checksum,
        published_at=tx.now,
        published_by=tx.actor.user_id,
        files=[ProcessFile(path=path, content=content) for path, content in sorted(bundle.files.items())],
    )
    tx.session.add(edition)
    return edition


def _close(tx: Tx, edition: ProcessVersion) -> None:
    edition.state, edition.retired_at = "retired", tx.now
    # The open edition is unique per type: this row must have left before another one comes.
    tx.session.flush()
