"""Reads of what can be run: editions, and everything that is in their files.

An edition never changes. So what is read from its files is parsed once per process, kept by its checksum and shared by
all threads; the database is asked for the files only when this process has not parsed them yet.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.catalogue.bundle import MANIFEST, PROCESS, Bundle
from workflows.catalogue.functions import FUNCTIONS
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.manifest_reader import read_manifest
from workflows.catalogue.models import CaseTypeRecord, ProcessFile, ProcessVersion
from workflows.engine import Definition, parse
from workflows.errors import NotFound
from workflows.feel.clock import office_zone
from workflows.forms import schema
from workflows.forms.schema import Form

# Editions that one process keeps parsed. An office runs a handful of case types, and few old editions of each.
MOST_PARSED = 32


@dataclass(frozen=True)
class Edition:
    """Everything that is in the files of one edition, parsed."""

    bundle: Bundle
    manifest: CaseType
    definition: Definition
    # Forms by id.
    forms: Mapping[str, Form]


def case_types(session: Session) -> list[CaseTypeRecord]:
    """Give the case types that take new cases, in the order in which they were first published."""
    query = (
        select(CaseTypeRecord)
        .join(ProcessVersion, ProcessVersion.case_type == CaseTypeRecord.key)
        .where(ProcessVersion.state == "open")
        .order_by(CaseTypeRecord.place)
    )
    return list(session.scalars(query))


def newest_version(session: Session, key: str) -> ProcessVersion:
    """Give the edition on which new cases of the type start; raise NotFound (`case_type.unknown`)."""
    query = select(ProcessVersion).where(ProcessVersion.case_type == key, ProcessVersion.state == "open")
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("case_type.unknown", case_type=key)
    return found


def version(session: Session, version_id: UUID) -> ProcessVersion:
    """Give the edition; raise NotFound (`version.unknown`)."""
    found = session.get(ProcessVersion, version_id)
    if found is None:
        raise NotFound("version.unknown", version=str(version_id))
    return found


def versions(session: Session, key: str) -> list[ProcessVersion]:
    """Give all editions of a case type, newest first."""
    query = select(ProcessVersion).where(ProcessVersion.case_type == key).order_by(ProcessVersion.number.desc())
    return list(session.scalars(query))


def edition(session: Session, version: ProcessVersion) -> Edition:
    """Give everything that is in the edition's files, parsed."""
    # Its local times are read in the zone of the office.
    key = version.checksum, office_zone().key
    with _lock:
        known = _parsed.get(key)
        if known is not None:
            _parsed.move_to_end(key)
            return known
    # Two threads may parse the same edition at once; both get an equal value, and the later one is kept.
    made = read_edition(_load(session, version.id))
    with _lock:
        _parsed[key] = made
        while len(_parsed) > MOST_PARSED:
            _parsed.popitem(last=False)
    return made


def read_edition(bundle: Bundle) -> Edition:
    """Parse the files of an edition; raise BrokenDefinition with the findings of the first part that is wrong.

    They passed the gate when they were published and are not judged again: a gate that grew stricter since stops new
    editions, never running cases.
    """
    manifest = read_manifest(bundle.files.get(MANIFEST, b""))
    definition = parse(bundle.executable(), functions=FUNCTIONS, judge=False)
    read = (schema.read(content, path) for path, content in bundle.under("forms", ".form"))
    return Edition(bundle, manifest, definition, MappingProxyType({form.id: form for form in read}))


def bundle(session: Session, version: ProcessVersion) -> Bundle:
    """Give the files of the edition."""
    return edition(session, version).bundle


def manifest(session: Session, version: ProcessVersion) -> CaseType:
    """Give the edition's case type."""
    return edition(session, version).manifest


def definition(session: Session, version: ProcessVersion) -> Definition:
    """Give the edition's parsed process, ready for the engine."""
    return edition(session, version).definition


def forms(session: Session, version: ProcessVersion) -> Mapping[str, Form]:
    """Give all forms of the edition by id."""
    return edition(session, version).forms


def form(session: Session, version: ProcessVersion, form_id: str) -> Form:
    """Give a form of the edition; raise NotFound (`form.unknown`)."""
    found = forms(session, version).get(form_id)
    if found is None:
        raise NotFound("form.unknown", form=form_id)
    return found


def letter_files(session: Session, version: ProcessVersion, name: str) -> Mapping[str, bytes]:
    """Give the files of a letter by file name, with the letterhead that is shared; NotFound (`letter.unknown`)."""
    files = bundle(session, version).letter_files(name)
    if not files:
        raise NotFound("letter.unknown", letter=name)
    return files


def diagram(session: Session, version: ProcessVersion) -> bytes:
    """Give the bytes of the edition's process.bpmn, for the drawer."""
    return bundle(session, version).files[PROCESS]


def _load(session: Session, version_id: UUID) -> Bundle:
    rows = session.execute(select(ProcessFile.path, ProcessFile.content).where(ProcessFile.version_id == version_id))
    return Bundle({row.path: row.content for row in rows})


_parsed: OrderedDict[tuple[str, str], Edition] = OrderedDict()
_lock = Lock()
