"""What a reporter may see: a value of its own that never held anything else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from babel.dates import format_date, format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases import contents
from workflows.cases.models import Case
from workflows.cases.queries import deadlines_of
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import CaseType, EarlyRule
from workflows.catalogue.models import ProcessVersion
from workflows.deadlines.counting import last_day
from workflows.errors import NotFound
from workflows.evidence.queries import items_of
from workflows.feel.values import from_json
from workflows.forms import wording
from workflows.forms.schema import Form
from workflows.intake.operations import Opening, Promise, case_of, title_of
from workflows.journal.queries import entries_of
from workflows.language import current_language, say
from workflows.people.queries import unit_by_code
from workflows.processes.office import current_office
from workflows.processes.queries import has_kept, instances_of, taken_until, takes_now
from workflows.transaction import NOBODY, Actor


@dataclass(frozen=True)
class PublicStage:
    """One of the few stages that a reporter sees."""

    key: str
    # In the reader's language.
    title: str
    state: Literal["done", "current", "ahead"]
    reached_at: datetime | None


@dataclass(frozen=True)
class PublishedText:
    """An answer or a message that was released to the reporter, or that they wrote themselves."""

    by: Literal["office", "reporter"]
    at: datetime
    # Id of the form that holds the labels; empty for a plain message.
    form: str
    # Label -> text, in the order of the form, in the reader's language.
    lines: tuple[tuple[str, str], ...]
    # Its lists of rows, likewise.
    tables: tuple[wording.Table, ...] = ()


@dataclass(frozen=True)
class PublishedFile:
    """A photo or document that was released to the reporter, or that they sent themselves."""

    evidence_id: UUID
    name: str
    size: int
    at: datetime
    by: str
    # As `evidence.queries.Item` has them: whether there is a copy to give yet, and whether a page can show it.
    state: str
    is_picture: bool


@dataclass(frozen=True)
class ReporterMessage:
    """A message that the reporter may send now."""

    name: str
    # In the reader's language.
    title: str
    # The form to fill, drawn and checked like any other; None when nothing is to be typed.
    form: Form | None
    # Field -> FEEL value that stands in the form: what the reporter wrote when it opened the case as a draft.
    values: Mapping[str, Any]
    # Instant after which the process takes it no more; None where it names none.
    until: datetime | None


@dataclass(frozen=True)
class TrackedPromise:
    """A date that was promised to the reporter."""

    promise: Promise
    met_at: datetime | None
    overdue: bool


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
    # True while it is a draft that was kept but not sent: the office has no report yet.
    unsent: bool
    # How it ended, in the reader's language; None while it runs.
    disposition: str | None
    # Codes of kecamatan and village where it happened, as the report named them.
    district: str | None
    village: str | None
    stages: tuple[PublicStage, ...]
    # What is being done now, where the case type tells more than the public stage; empty otherwise and once closed.
    standing: str
    # Dates promised and why, those still running first; those met carry the day on which they were.
    promises: tuple[TrackedPromise, ...]
    texts: tuple[PublishedText, ...]
    files: tuple[PublishedFile, ...]
    # Which messages the process would take now.
    messages: tuple[ReporterMessage, ...]
    # Whether plain information may still be added.
    may_add_information: bool

    @property
    def next_promise(self) -> TrackedPromise | None:
        """The date that comes next, or has passed unmet; None once nothing is running."""
        return next((each for each in self.promises if each.met_at is None), None) if self.closed_at is None else None


@dataclass(frozen=True)
class OwnReportLine:
    """A line in the list of the reports that an account has filed."""

    number: str
    # In the reader's language.
    case_type_title: str
    submitted_at: datetime
    # What is being done now, or how it ended, in the reader's language.
    standing: str


def own_reports(session: Session, actor: Actor) -> list[OwnReportLine]:
    """Give the reports that whoever is signed in filed from their account, the newest first."""
    if actor.user_id is None:
        return []
    found = session.scalars(
        select(Case).where(Case.reporter_user_id == actor.user_id).order_by(Case.opened_at.desc(), Case.id)
    )
    editions = {
        each.key: catalogue.manifest(session, catalogue.newest_version(session, each.key))
        for each in catalogue.case_types(session)
    }
    return [_own_line(case, editions.get(case.case_type)) for case in found]


def _own_line(case: Case, manifest: CaseType | None) -> OwnReportLine:
    if manifest is None:
        # Its case type takes no new cases any more.
        return OwnReportLine(case.number, case.case_type, case.opened_at, "")
    ended = manifest.dispositions.get(case.disposition or "")
    stage = manifest.stages.get(case.stage)
    public = manifest.public_stage_of(case.stage)
    own_words = stage if stage is not None and (stage.told or stage.unsent) else public
    words = ended if ended is not None and not case.is_open else own_words
    return OwnReportLine(
        case.number,
        say(manifest.title, manifest.title_en),
        case.opened_at,
        say(words.title, words.title_en) if words is not None else "",
    )


def tracking(session: Session, opening: Opening, now: datetime, actor: Actor = NOBODY) -> TrackedCase:
    """Give what the receipt or the account opens; NotFound (`receipt.unknown`) for what opens nothing.

    Every code costs the same, whether it opens something or not.
    """
    case = case_of(session, opening, actor)
    reporter = Actor(kind="reporter", case_id=case.id)
    version = _version(session, case)
    manifest = catalogue.manifest(session, version)
    disposition = manifest.dispositions.get(case.disposition or "")
    return TrackedCase(
        case_id=case.id,
        number=case.number,
        case_type=case.case_type,
        case_type_title=say(manifest.title, manifest.title_en),
        submitted_at=case.opened_at,
        closed_at=case.closed_at,
        unsent=_unsent(case, manifest),
        disposition=say(disposition.title, disposition.title_en) if disposition else None,
        district=case.district,
        village=case.village,
        stages=_stages(session, case, manifest),
        standing=_standing(case, manifest),
        promises=_promises(session, case, reporter, now),
        texts=tuple(_texts(session, case, reporter, version)),
        files=tuple(
            PublishedFile(
                evidence_id=item.id,
                name=item.name,
                size=item.size,
                at=item.attached_at,
                by="reporter" if item.origin == "reporter" else "office",
                state=item.state,
                is_picture=item.is_picture,
            )
            for item in items_of(session, reporter, case)
        ),
        messages=tuple(_messages(session, case, reporter, version, manifest)),
        may_add_information=case.is_open,
    )


def _version(session: Session, case: Case) -> ProcessVersion:
    """Give the edition whose words the case speaks: that of its latest run."""
    runs = instances_of(session, case.id)
    if not runs:
        raise NotFound("receipt.unknown")
    return catalogue.version(session, runs[-1].version_id)


def _unsent(case: Case, manifest: CaseType) -> bool:
    stage = manifest.stages.get(case.stage)
    return case.is_open and stage is not None and stage.unsent


def _standing(case: Case, manifest: CaseType) -> str:
    stage = manifest.stages.get(case.stage)
    return say(stage.title, stage.title_en) if case.is_open and stage is not None and stage.told else ""


def _stages(session: Session, case: Case, manifest: CaseType) -> tuple[PublicStage, ...]:
    """Give the public stages: those behind the present one are done, whichever way the diagram took.

    What was not sent yet stands before all of them.
    """
    reached: dict[str, datetime] = {}
    for entry in entries_of(session, case.id):
        public = manifest.public_stage_of(str(entry.facts["stage"])) if entry.kind == "case.stage_set" else None
        if public is not None:
            reached[public.id] = entry.at
    present = manifest.public_stage_of(case.stage)
    unsent = _unsent(case, manifest)
    order = [stage.id for stage in manifest.public_stages]
    place = order.index(present.id) if present is not None else 0
    stages: list[PublicStage] = []
    for index, stage in enumerate(manifest.public_stages):
        state: Literal["done", "current", "ahead"] = "done" if index < place else "ahead"
        if index == place and not unsent:
            state = "current" if case.is_open else "done"
        title = say(stage.title, stage.title_en)
        at = reached.get(stage.id) if state != "ahead" else None
        stages.append(PublicStage(key=stage.id, title=title, state=state, reached_at=at))
    return tuple(stages)


def _promises(session: Session, case: Case, reporter: Actor, now: datetime) -> tuple[TrackedPromise, ...]:
    office = current_office()
    promises = [
        TrackedPromise(
            promise=Promise(
                deadline_id=view.deadline_id,
                due_on=last_day(view.due_at, office.zone),
                strict_on=view.strict_on,
                due_at=view.due_at,
                title=title_of(office, view.deadline_id, view.trigger_at),
                explanation=view.explanation,
            ),
            met_at=view.met_at,
            overdue=view.state in {"late", "breached"},
        )
        for view in deadlines_of(session, reporter, case, now)
        if view.state != "stopped"
    ]
    return tuple(sorted(promises, key=lambda each: (each.met_at is not None, each.promise.due_at)))


def _texts(session: Session, case: Case, reporter: Actor, version: ProcessVersion) -> Iterator[PublishedText]:
    """Give what was released to the reporter and what they wrote, in the words of the forms it was written in."""
    forms = catalogue.forms(session, version)
    for writing in contents.read(session, reporter, case):
        if writing.kind == contents.SUMMARY:
            continue
        form = forms.get(writing.kind)
        lines, tables = _said(session, form, writing) if form is not None else (_plain(writing), [])
        if lines or tables:
            yield PublishedText(
                by="reporter" if writing.author_kind == "reporter" else "office",
                at=writing.at,
                form=writing.kind if form is not None else "",
                lines=tuple(lines),
                tables=tuple(tables),
            )


def _messages(
    session: Session, case: Case, reporter: Actor, version: ProcessVersion, manifest: CaseType
) -> Iterator[ReporterMessage]:
    """Give what the process would take from the reporter now, or keep for its time, in the order of the manifest."""
    awaited = takes_now(session, case.id)
    ends = taken_until(session, case.id) if awaited else {}
    for message in manifest.reporter_messages.values():
        rule = manifest.early_messages.get(message.name)
        early = rule if message.name not in awaited and _is_asked_early(session, case, message.name, rule) else None
        if message.name in awaited or early is not None:
            form = catalogue.form(session, version, message.form) if message.form else None
            goes_on = form is not None and message.form == manifest.start_form
            yield ReporterMessage(
                name=message.name,
                title=say(early.title, early.title_en) if early else say(message.title, message.title_en),
                form=form,
                values=_written_before(session, case, reporter, form) if form is not None and goes_on else {},
                until=ends.get(message.name),
            )


def _is_asked_early(session: Session, case: Case, message: str, rule: EarlyRule | None) -> bool:
    """Tell whether the reporter is asked for the message though nobody waits for it yet: they may have it already."""
    if rule is None or not case.is_open or case.stage not in rule.stages:
        return False
    return not has_kept(session, case.id, message)


def _written_before(session: Session, case: Case, reporter: Actor, form: Form) -> dict[str, Any]:
    """Give what the form held when it was sent last, but for what is answered anew each time (`refill` = `no`).

    Who the reporter is stands elsewhere and is not told to whoever holds the code.
    """
    writing = contents.latest(session, reporter, case, form.id)
    anew = {field.name for field in form.fields if field.properties.get("refill") == "no"}
    body = from_json(dict(writing.body)) if writing is not None else {}
    return {name: value for name, value in body.items() if name not in anew}


def _plain(writing: contents.Writing) -> list[tuple[str, str]]:
    return [("", str(writing.body.get("text", "")))]


def _said(session: Session, form: Form, writing: contents.Writing) -> tuple[list[tuple[str, str]], list[wording.Table]]:
    """Give label and text of each answer, and the lists of rows, in the order of the form.

    Areas are codes here and are left out; so are files, which stand in a list of their own.
    """

    def name_of(values_key: str, code: str) -> str:
        unit = unit_by_code(session, code) if values_key == "offices" else None
        return say(unit.name, unit.name_en) if unit is not None else code

    manner = wording.Manner(_day, _moment, name_of)
    unsaid = {
        field.name for field in form.everything() if field.type == "filepicker" or field.values_key in _NAMED_ELSEWHERE
    }
    # What the form does not ask was never meant for the reporter.
    unsaid |= writing.body.keys() - {field.name for field in form.everything()}
    return wording.lines(form, writing.body, manner, leave_out=unsaid), wording.tables(form, writing.body, manner)


# Lists whose names only the screens know.
_NAMED_ELSEWHERE = frozenset({"districts", "villages"})


def _day(day: date) -> str:
    return format_date(day, "d MMMM y", locale=current_language())


def _moment(at: datetime) -> str:
    local = at.astimezone(current_office().zone) if at.tzinfo else at
    return format_datetime(local, "d MMMM y HH.mm", locale=current_language())
