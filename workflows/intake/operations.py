"""Verbs of the reporter: file a report, send what the process waits for, add information."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from workflows.processes.operations import Posted, Upload
from workflows.transaction import Tx


@dataclass(frozen=True)
class Promise:
    """What happens by when, as the receipt says it."""

    # Id of the deadline.
    deadline_id: str
    # The last day, lenient reading, in the office's zone.
    due_on: date
    due_at: datetime
    # What is promised and how the day was counted, in the reader's language.
    title: str
    explanation: str


@dataclass(frozen=True)
class ReceiptSlip:
    """What a reporter is handed: shown once."""

    case_id: UUID
    number: str
    # The code in groups, as people write it down. Empty when this answers a repeated post: it was shown once.
    code: str
    submitted_at: datetime
    promises: tuple[Promise, ...]
    # Whether this answers a repeated post, which filed nothing.
    repeated: bool


def submit_report(
    tx: Tx,
    case_type: str,
    *,
    posted: Posted,
    files: Sequence[Upload] = (),
    key: str,
    channel: str = "web",
    language: str = "id",
) -> ReceiptSlip:
    """File a report: opens the case, keeps what was written and the files, starts the process.

    Journals `case.opened`, `report.submitted` and what followed. `key` is the idempotency key of the shown form: a
    repeated post files nothing and gives the same number. Raises NotFound (`case_type.unknown`), NotAllowed
    (`report.not_allowed`) when this case type takes no reports from such a reporter, InvalidAnswers.
    """
    raise NotImplementedError


def send_reporter_message(
    tx: Tx, code: str, message: str, *, posted: Posted, files: Sequence[Upload] = (), key: str
) -> None:
    """Send what the process awaits from the reporter: a reply, a completion, a reopening.

    Raises NotFound (`receipt.unknown`), Conflict (`message.unawaited`), InvalidAnswers.
    """
    raise NotImplementedError


def add_information(tx: Tx, code: str, *, text: str, files: Sequence[Upload] = (), key: str) -> None:
    """Add a text and files to an open case without moving it; journals `information.added`.

    Raises NotFound (`receipt.unknown`), Conflict (`case.closed`), InvalidAnswers when there is neither text nor file.
    """
    raise NotImplementedError
