"""Reads of packages: which a case may have and whether one can be asked for now, and those that were asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases import contents
from workflows.cases.contents import Writing
from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import CaseType, PackageType
from workflows.catalogue.models import ProcessVersion
from workflows.errors import Conflict, NotFound
from workflows.language import say
from workflows.letters.models import Letter
from workflows.packages.models import Package
from workflows.people.models import User
from workflows.processes.queries import instances_of
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, permits

# The rights that a package needs on its case: it prints the case, and it names the reporter.
RIGHTS = ("case.report", "party.identity")


@dataclass(frozen=True)
class Signature:
    """The signed checklist: what was ticked, by whom, when."""

    writing: Writing
    name: str
    position: str
    employee_number: str
    # Role in which it was signed.
    role: str


@dataclass(frozen=True)
class PackageView:
    """A requested package as pages show it."""

    id: UUID
    # In the reader's language.
    title: str
    # "queued", "making", "ready" or "failed".
    state: str
    # In percent.
    progress: int
    requested_at: datetime
    requested_by: str
    ready_at: datetime | None
    checksum: str | None
    size: int | None


@dataclass(frozen=True)
class Offer:
    """A package that the case type knows, and how it stands with it."""

    package: PackageType
    signature: Signature | None
    # The newest issued letter that goes along; None while there is none.
    letter: Letter | None
    # Code of what is missing (`package.unsigned`, ...); empty when it may be asked for.
    missing: str
    # The latest answers of each form of `records`, by form.
    records: Mapping[str, Writing]


def may_open(session: Session, actor: Actor, case: Case) -> bool:
    """Tell whether the actor may ask for packages of the case and open them."""
    return all(permits(session, actor, right, case) for right in RIGHTS)


def edition_of(session: Session, case: Case) -> tuple[ProcessVersion, CaseType]:
    """Give the edition on which the case runs, and its manifest."""
    runs = instances_of(session, case.id)
    version = (
        catalogue.version(session, runs[-1].version_id) if runs else catalogue.newest_version(session, case.case_type)
    )
    return version, catalogue.manifest(session, version)


def offers(session: Session, actor: Actor, case: Case) -> Sequence[Offer]:
    """Give the packages that the case may have; none to whoever may not open them."""
    if not may_open(session, actor, case):
        return []
    _, manifest = edition_of(session, case)
    return [offer(session, case, package) for package in manifest.packages.values()]


def offer(session: Session, case: Case, package: PackageType) -> Offer:
    """Tell how it stands with one package, for whoever was asked already whether they may know."""
    signature = signature_of(session, case, package)
    letter = session.scalars(
        select(Letter)
        .where(Letter.case_id == case.id, Letter.name == package.letter)
        .order_by(Letter.issued_at.desc(), Letter.id.desc())
        .limit(1)
    ).first()
    missing = ""
    if signature is None:
        missing = "package.unsigned"
    elif letter is None:
        missing = "package.no_letter"
    elif letter.checksum is None:
        missing = "package.letter_not_printed"
    return Offer(package, signature, letter, missing, _newest(session, case, package.records))


def packages_of(session: Session, actor: Actor, case: Case, *, limit: int = 20) -> Sequence[PackageView]:
    """Give the packages of the case that were asked for, newest first; none to whoever may not open them."""
    if not may_open(session, actor, case):
        return []
    found = (
        select(Package, User.name)
        .join(User, User.id == Package.requested_by_id)
        .where(Package.case_id == case.id)
        .order_by(Package.requested_at.desc(), Package.id)
        .limit(limit)
    )
    return [
        PackageView(
            id=package.id,
            title=say(package.title, package.title_en),
            state=package.state,
            progress=package.progress,
            requested_at=package.requested_at,
            requested_by=name,
            ready_at=package.ready_at,
            checksum=package.checksum,
            size=package.size,
        )
        for package, name in session.execute(found)
    ]


def ready(session: Session, actor: Actor, package_id: UUID) -> Package:
    """Give a package that can be opened.

    Raises NotFound (`package.unknown`) to whoever may not open it, and Conflict (`package.not_ready`) until it is made.
    """
    package = session.get(Package, package_id)
    case = session.get(Case, package.case_id) if package is not None else None
    if package is None or case is None or not may_open(session, actor, case):
        raise NotFound("package.unknown", package=package_id)
    if package.checksum is None:
        raise Conflict("package.not_ready", package=package_id, state=package.state)
    return package


def signature_of(
    session: Session, case: Case, package: PackageType, content_id: UUID | None = None
) -> Signature | None:
    """Give who signed the checklist as it was answered last, or in that one content; None while nobody did.

    Signed is what a holder of the role did as a task of the diagram, with the answers that the case type asks for.
    """
    writing = (
        contents.latest(session, SYSTEM, case, package.checklist)
        if content_id is None
        else contents.by_id(session, SYSTEM, case, content_id)
    )
    if writing is None or writing.author_id is None or not _is_signed(writing.body, package):
        return None
    done = session.scalars(
        select(Task).where(
            Task.case_id == case.id,
            Task.element == writing.element,
            Task.status == "done",
            Task.role == package.signed_by,
            Task.completed_by_id == writing.author_id,
            Task.completed_at == writing.at,
        )
    ).first()
    signer = session.get(User, writing.author_id)
    if done is None or signer is None:
        return None
    return Signature(writing, signer.name, signer.position or "", signer.employee_number or "", package.signed_by)


def _is_signed(body: Mapping[str, Any], package: PackageType) -> bool:
    return all(body.get(field) == answer for field, answer in package.signed.items())


def _newest(session: Session, case: Case, kinds: Sequence[str]) -> dict[str, Writing]:
    if not kinds:
        return {}
    return {writing.kind: writing for writing in contents.read(session, SYSTEM, case, kinds=kinds)}
