"""Reads of what can be run: editions, and everything that is in their files.

What is read from an edition is parsed once per process and shared by all threads, since an edition never changes.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.models import CaseTypeRecord, ProcessVersion
from workflows.engine import Definition
from workflows.forms.schema import Form


def case_types(session: Session) -> list[CaseTypeRecord]:
    """Give the case types that take new cases, in the order in which they were first published."""
    raise NotImplementedError


def newest_version(session: Session, key: str) -> ProcessVersion:
    """Give the edition on which new cases of the type start; raise NotFound (`case_type.unknown`)."""
    raise NotImplementedError


def version(session: Session, version_id: UUID) -> ProcessVersion:
    """Give the edition; raise NotFound (`version.unknown`)."""
    raise NotImplementedError


def versions(session: Session, key: str) -> list[ProcessVersion]:
    """Give all editions of a case type, newest first."""
    raise NotImplementedError


def bundle(session: Session, version: ProcessVersion) -> Bundle:
    """Give the files of the edition."""
    raise NotImplementedError


def manifest(session: Session, version: ProcessVersion) -> CaseType:
    """Give the edition's case type."""
    raise NotImplementedError


def definition(session: Session, version: ProcessVersion) -> Definition:
    """Give the edition's parsed process, ready for the engine."""
    raise NotImplementedError


def form(session: Session, version: ProcessVersion, form_id: str) -> Form:
    """Give a form of the edition; raise NotFound (`form.unknown`)."""
    raise NotImplementedError


def forms(session: Session, version: ProcessVersion) -> Mapping[str, Form]:
    """Give all forms of the edition by id."""
    raise NotImplementedError


def letter_files(session: Session, version: ProcessVersion, name: str) -> Mapping[str, bytes]:
    """Give the files of a letter's folder by file name (template.html, style.css, ...); NotFound (`letter.unknown`)."""
    raise NotImplementedError


def notice_texts(session: Session, version: ProcessVersion, name: str) -> Mapping[str, Mapping[str, str]]:
    """Give a notice's texts: {"id": {"subject", "text", "bell"}, "en": {...}}; NotFound (`notice.unknown`)."""
    raise NotImplementedError


def diagram(session: Session, version: ProcessVersion) -> bytes:
    """Give the bytes of the edition's process.bpmn, for the drawer."""
    raise NotImplementedError
