"""Verbs on packages: ask for one, make it afterwards, open it.

Whoever asks or opens reads who the reporter is, and the journal says so of each.
"""

import tempfile
from collections.abc import Callable
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, select, update

from workflows import jobs
from workflows.case_reports.stationery import stationery_in
from workflows.cases.models import Case
from workflows.cases.parties import reveal
from workflows.errors import Conflict, NotFound
from workflows.journal.operations import record
from workflows.language import speaking
from workflows.packages.filling import LANGUAGE, fill_archive
from workflows.packages.models import Package
from workflows.packages.queries import RIGHTS, edition_of, offer, ready
from workflows.processes.office import Office
from workflows.storage.operations import put
from workflows.transaction import Tx

# Told how far the making is, in percent.
Progress = Callable[[int], None]
# Beyond this an archive that is being written waits on disk, in a file without a name, instead of in memory.
_IN_MEMORY = 8_000_000


def ask_package(tx: Tx, case_id: UUID, name: str) -> Package:
    """Ask for a package of the case as it stands now; a job makes it. Journals `identity.read`, `package.requested`.

    Whoever asks again while the same package is being made is given that one. Raises NotFound (`case.unknown`) to
    whoever may not see the case, NotAllowed without `case.report` and `party.identity` on it, NotFound
    (`package.none`) for a name that its case type does not know, and Conflict (`package.unsigned`,
    `package.no_letter`, `package.letter_not_printed`) while something is missing.
    """
    case = tx.session.get(Case, case_id)
    if case is None or not tx.may("case.read", case):
        raise NotFound("case.unknown", case=case_id)
    for right in RIGHTS:
        tx.require(right, case)
    package_type = edition_of(tx.session, case)[1].packages.get(name)
    if package_type is None:
        raise NotFound("package.none", package=name)
    # A double click comes as two acts at once: the second waits here for the first one's commit.
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"package:{case.id}", 0))))
    awaited = tx.session.scalars(
        select(Package)
        .where(Package.case_id == case.id, Package.name == name, Package.state.in_(("queued", "making")))
        .limit(1)
    ).first()
    if awaited is not None:
        return awaited
    standing = offer(tx.session, case, package_type)
    if standing.missing or standing.letter is None or standing.signature is None or tx.actor.user_id is None:
        raise Conflict(standing.missing or "package.unsigned", package=name)
    reveal(tx, case)
    package = Package(
        case_id=case.id,
        name=name,
        title=package_type.title,
        title_en=package_type.title_en,
        letter_id=standing.letter.id,
        signed_content_id=standing.signature.writing.id,
        requested_at=tx.now,
        requested_by_id=tx.actor.user_id,
    )
    tx.session.add(package)
    tx.session.flush()
    record(tx, "package.requested", case_id=case.id, package=package.id, name=name)
    jobs.defer(tx.session, "packages.make", package_id=package.id)
    return package


def make_package(tx: Tx, package_id: UUID, *, office: Office, progress: Progress) -> Package:
    """Make one requested package; called by a job, which may come twice. Journals `package.made`.

    No row is locked while it is made; `progress` is told in between.
    """
    package = _found(tx, package_id)
    if package.checksum is not None:
        return package
    progress(5)
    stationery = stationery_in(office.settings.definitions / "shared" / "reports")
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool, speaking(LANGUAGE):
        archive = cast(BinaryIO, spool)
        files = fill_archive(tx.session, package, archive, stationery=stationery, office=office, progress=progress)
        stored = put(tx, archive)
    package = tx.session.scalars(
        select(Package).where(Package.id == package_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if package.checksum is None:
        package.checksum, package.size = stored.checksum, stored.size
        package.state, package.progress, package.ready_at = "ready", 100, tx.now
        record(
            tx,
            "package.made",
            case_id=package.case_id,
            package=package.id,
            name=package.name,
            sha256=stored.checksum,
            files=files,
        )
    return package


def note_progress(tx: Tx, package_id: UUID, percent: int) -> None:
    """Tell those who wait how far the package is."""
    tx.session.execute(
        update(Package)
        .where(Package.id == package_id, Package.checksum.is_(None))
        .values(state="making", progress=percent)
    )


def note_failure(tx: Tx, package_id: UUID) -> None:
    """Write down that a package could not be made. Journals `package.failed`."""
    package = _found(tx, package_id)
    if package.checksum is None:
        package.state = "failed"
        record(tx, "package.failed", case_id=package.case_id, package=package.id)


def open_package(tx: Tx, package_id: UUID) -> Package:
    """Let the actor read a package; journals `package.read` and `identity.read`. Raises as `queries.ready`."""
    package = ready(tx.session, tx.actor, package_id)
    reveal(tx, tx.session.get_one(Case, package.case_id))
    record(tx, "package.read", case_id=package.case_id, package=package.id)
    return package


def _found(tx: Tx, package_id: UUID) -> Package:
    package = tx.session.get(Package, package_id)
    if package is None:
        raise NotFound("package.unknown", package=package_id)
    return package
