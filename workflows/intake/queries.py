"""What a reporter may see: a value of its own that never held anything else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.forms.schema import Form
from workflows.intake.operations import Promise


@dataclass(frozen=True)
class PublicStage:
    """One of the few stages that a reporter sees."""

    key: str
    # In the reader's language.
    title: str
    # "done", "current" or "ahead".
    state: str
    reached_at: datetime | None


@dataclass(frozen=True)
class PublishedText:
    """An answer or a message that was released to the reporter, or that they wrote themselves."""

    # "office" or "reporter".
    by: str
    at: datetime
    # Id of the form that holds the labels; empty for a plain message.
    form: str
    # Label -> text, in the order of the form, in the reader's language.
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PublishedFile:
    """A photo or document that was released to the reporter, or that they sent themselves."""

    evidence_id: UUID
    name: str
    media_type: str
    size: int
    at: datetime
    by: str


@dataclass(frozen=True)
class ReporterMessage:
    """A message that the reporter may send now."""

    name: str
    # In the reader's language.
    title: str
    # The form to fill, drawn and checked like any other; None when nothing is to be typed.
    form: Form | None


@dataclass(frozen=True)
class TrackedCase:
    """Everything that a reporter may know about their case, and nothing else."""

    case_id: UUID
    number: str
    case_type: str
    # In the reader's language.
    case_type_title: str
    submitted_at: datetime
    closed_at: datetime | None
    # How it ended, in the reader's language; None while it runs.
    disposition: str | None
    stages: tuple[PublicStage, ...]
    # Dates promised and why; those met carry the day on which they were.
    promises: tuple["TrackedPromise", ...]
    texts: tuple[PublishedText, ...]
    files: tuple[PublishedFile, ...]
    # Which messages the process would take now.
    messages: tuple[ReporterMessage, ...]
    # Whether plain information may still be added.
    may_add_information: bool


@dataclass(frozen=True)
class TrackedPromise:
    """A date that was promised to the reporter."""

    promise: Promise
    met_at: datetime | None
    overdue: bool


def tracking(session: Session, code: str, now: datetime) -> TrackedCase:
    """Give what the receipt opens; NotFound (`receipt.unknown`) for every code that opens nothing, alike in cost."""
    raise NotImplementedError
