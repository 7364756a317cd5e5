"""Verbs of the reporter: file a report, send what the process waits for, add information.

What a reporter does is done in the name of "the reporter" and nobody's: no journal line knows who it was.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases import contents, operations, parties
from workflows.cases.models import Case
from workflows.cases.queries import deadlines_of
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import CaseType
from workflows.deadlines.counting import last_day
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.evidence.operations import attach
from workflows.evidence.uploads import Upload
from workflows.feel.clock import Clock
from workflows.forms import answers as forms
from workflows.intake.models import Receipt
from workflows.intake.receipts import lookup_of, new_code, receipt_of
from workflows.journal.operations import record
from workflows.language import say
from workflows.people.queries import unit_by_code
from workflows.processes import operations as processes
from workflows.processes.answers import Parted, choices, part, present_fields
from workflows.processes.calls import make_confidential
from workflows.processes.office import Office, current_office
from workflows.processes.operations import Posted
from workflows.processes.outcomes import Outcome
from workflows.processes.submissions import heard, remember
from workflows.transaction import NOBODY, Actor, Tx

# A word of added information is a message, not a second report.
_LONGEST_TEXT = 10_000
# The channel of a report that an officer types for somebody at the desk.
DESK = "desk"


@dataclass(frozen=True)
class Promise:
    """What happens by when, as the receipt says it; texts in the reader's language."""

    # Id of the deadline.
    deadline_id: str
    # The last day, lenient reading, in the office's zone.
    due_on: date
    # The last day in the strict reading, which counts joint leave as working days; never later than `due_on`.
    strict_on: date
    due_at: datetime
    # What is promised.
    title: str
    # How the day was counted.
    explanation: str


@dataclass(frozen=True)
class OwnReport:
    """A report that whoever is signed in filed from their account; it opens without its code."""

    number: str


# What opens a report: the code of its receipt, or the account that it was filed from.
Opening = str | OwnReport


@dataclass(frozen=True)
class ReceiptSlip:
    """What a reporter is handed: shown once."""

    case_id: UUID
    number: str
    # The code in groups, as people write it down. Empty when a form that was filed already came back with other words.
    code: str
    submitted_at: datetime
    promises: tuple[Promise, ...]
    # Whether this answers a repeated post, which filed nothing.
    repeated: bool = False


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

    Journals `case.opened`, `report.submitted` and what followed. `key` is the idempotency key of the shown form: the
    same post again files nothing and gives the same slip. Raises NotFound (`case_type.unknown`), NotAllowed
    (`report.not_allowed`) when this case type takes no reports from such a reporter, InvalidAnswers.
    """
    office = current_office()
    digest = _digest(posted)
    first = heard(tx, key, "report.submit", case_type)
    if first is not None:
        return _repeated(tx, office, first, key, digest)
    version = catalogue.newest_version(tx.session, case_type)
    manifest = catalogue.manifest(tx.session, version)

    tx.require("report.submit", manifest)
    if manifest.reporters == "staff" and tx.actor.kind != "user":
        raise NotAllowed("report.not_allowed", case_type=case_type)

    form = catalogue.form(tx.session, version, manifest.start_form)
    answers = forms.read(
        form,
        posted,
        files_present=present_fields(files),
        clock=Clock(tx.now, office.zone),
        choices=choices(tx.session, form, posted),
    )
    parted = part(tx.session, manifest, answers)

    case = _open(tx, manifest, parted, office, channel, language)
    reporter = _as_reporter(tx, case)
    _keep_report(reporter, case, manifest, parted, language)
    if files:
        attach(reporter, case, files, limits=office.limits)
    code = new_code(office.settings.secret_key, key)
    receipt = Receipt(id=uuid4(), case_id=case.id, lookup=lookup_of(code), issued_at=tx.now)
    tx.session.add(receipt)
    record(reporter, "report.submitted", case_id=case.id, receipt=receipt.id, files=len(files))
    processes.start(reporter, case.id, version.id, parted.variables)

    remember(tx, key, "report.submit", case_type, result={"case_id": str(case.id), "digest": digest})
    return _slip(tx.session, office, case, code)


def send_reporter_message(
    tx: Tx, opening: Opening, message: str, *, posted: Posted, files: Sequence[Upload] = (), key: str
) -> Outcome:
    """Send what the process awaits from the reporter: a reply, a completion, a reopening, a withdrawal.

    The outcome tells whether it was only kept for now. Raises NotFound (`receipt.unknown`), Conflict
    (`message.unawaited`, `message.kept`), InvalidAnswers. A repeated key sends nothing.
    """
    case = case_of(tx.session, opening, tx.actor)
    return processes.send_message(_as_reporter(tx, case), case.id, message, posted=posted, files=files, key=key)


def add_information(tx: Tx, opening: Opening, *, text: str, files: Sequence[Upload] = (), key: str) -> None:
    """Add a text and files to an open case without moving it; journals `information.added`.

    Raises NotFound (`receipt.unknown`), Conflict (`case.closed`), InvalidAnswers when there is neither text nor file,
    or too much of it. A repeated key adds nothing.
    """
    case = case_of(tx.session, opening, tx.actor)
    reporter = _as_reporter(tx, case)
    if heard(reporter, key, "information.add", case.id) is not None:
        return

    if not case.is_open:
        raise Conflict("case.closed", number=case.number)
    words = text.strip()
    if not words and not files:
        raise InvalidAnswers([("text", "required", {})])
    if len(words) > _LONGEST_TEXT:
        raise InvalidAnswers([("text", "too_long", {"maximum": _LONGEST_TEXT, "length": len(words)})])

    if words:
        contents.put(reporter, case, "message", {"text": words})
    if files:
        attach(reporter, case, files, limits=current_office().limits)
    remember(reporter, key, "information.add", case.id, result={})

    record(reporter, "information.added", case_id=case.id, message=bool(words), files=len(files))


def case_of(session: Session, opening: Opening, actor: Actor = NOBODY) -> Case:
    """Give the case that is opened; NotFound (`receipt.unknown`), alike for everything that opens nothing."""
    if isinstance(opening, OwnReport):
        found = session.scalar(
            select(Case).where(
                Case.number == opening.number,
                Case.reporter_user_id.is_not(None),
                Case.reporter_user_id == actor.user_id,
            )
        )
        if found is None:
            raise NotFound("receipt.unknown")
        return found
    receipt = receipt_of(session, opening)
    if receipt is None:
        raise NotFound("receipt.unknown")
    return session.get_one(Case, receipt.case_id)


def promises_of(session: Session, office: Office, case: Case, now: datetime) -> tuple[Promise, ...]:
    """Give what is promised in the case and still runs, soonest first."""
    reporter = Actor(kind="reporter", case_id=case.id)
    running = [view for view in deadlines_of(session, reporter, case, now) if view.met_at is None]
    return tuple(
        Promise(
            deadline_id=view.deadline_id,
            due_on=last_day(view.due_at, office.zone),
            strict_on=view.strict_on,
            due_at=view.due_at,
            title=title_of(office, view.deadline_id, view.trigger_at),
            explanation=view.explanation,
        )
        for view in sorted(running, key=lambda view: view.due_at)
        if view.state != "stopped"
    )


def title_of(office: Office, deadline_id: str, trigger_at: datetime) -> str:
    """Say what a deadline promises, by the register as it stood at the trigger; its id when the register forgot it."""
    try:
        rule = office.register.rule(deadline_id, trigger_at.astimezone(office.zone).date())
    except NotFound:
        return deadline_id
    return say(rule.title, rule.title_en)


def _open(tx: Tx, manifest: CaseType, parted: Parted, office: Office, channel: str, language: str) -> Case:
    """Open the case with the columns that the report fills; at the desk it is the officer who opens it."""
    columns = dict(parted.columns)
    confidential = bool(columns.pop("confidential", False))
    at_desk = channel == DESK and tx.actor.kind == "user"
    title, text = _summary(manifest, parted)
    unit = unit_by_code(tx.session, manifest.handled_by) if manifest.handled_by else None
    case = operations.open_case(
        tx if at_desk else tx.acting_as(Actor(kind="reporter")),
        case_type=manifest.key,
        number_pattern=manifest.number,
        channel=channel,
        language=language,
        confidential=confidential,
        reporter_user_id=None if at_desk else tx.actor.user_id,
        handling_unit_id=unit.id if unit is not None else None,
        title=title,
        text=text,
        zone=office.zone,
        **columns,
    )
    if confidential:
        make_confidential(tx.acting_as(Actor(kind="system", name="sistem")), case, manifest)
    return case


def _keep_report(tx: Tx, case: Case, manifest: CaseType, parted: Parted, language: str) -> None:
    """Keep the report itself, what lists say about it, and who reported."""
    contents.put(tx, case, manifest.start_form, parted.writing)
    if manifest.summary is not None:
        title, text = _summary(manifest, parted)
        contents.put(tx, case, contents.SUMMARY, {"title": title, "text": text})
    if parted.identity or case.reporter_user_id is not None:
        parties.add_party(tx, case, "reporter", parted.identity, user_id=case.reporter_user_id, language=language)


def _summary(manifest: CaseType, parted: Parted) -> tuple[str, str]:
    """Give the title and the text by which lists and searches know the report; empty where the manifest names none."""
    if manifest.summary is None:
        return "", ""
    return (
        str(parted.writing.get(manifest.summary.title) or ""),
        str(parted.writing.get(manifest.summary.text) or ""),
    )


def _as_reporter(tx: Tx, case: Case) -> Tx:
    return tx.acting_as(Actor(kind="reporter", case_id=case.id))


def _slip(session: Session, office: Office, case: Case, code: str, *, repeated: bool = False) -> ReceiptSlip:
    return ReceiptSlip(
        case_id=case.id,
        number=case.number,
        code=code,
        submitted_at=case.opened_at,
        promises=promises_of(session, office, case, case.opened_at),
        repeated=repeated,
    )


def _repeated(tx: Tx, office: Office, first: Mapping[str, Any], key: str, digest: str) -> ReceiptSlip:
    """Give the slip again. The code only to the very same post, and only where it can be made again."""
    case = tx.session.get_one(Case, UUID(first["case_id"]))
    same = first["digest"] == digest and office.settings.secret_key is not None
    code = new_code(office.settings.secret_key, key) if same else ""
    return _slip(tx.session, office, case, code, repeated=True)


def _digest(posted: Posted) -> str:
    """Tell one post from another by what was typed, whatever order the browser sent it in."""
    typed = {name: list(texts) for name, texts in posted.items() if not name.startswith(("_", "csrf"))}
    return hashlib.sha256(json.dumps(typed, sort_keys=True).encode()).hexdigest()
