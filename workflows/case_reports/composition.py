"""What a report says: one value of plain texts, numbers and lists, composed for one edition.

Editions differ in what is composed, not in what a template leaves out: the reporter's edition is composed in the
reporter's name, so that the law which guards the pages guards the paper as well. No edition names the reporter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.case_reports.charts import Bar, deadline_bars
from workflows.case_reports.chronology import Names, chronology, local
from workflows.case_reports.course import Course
from workflows.case_reports.models import CaseReport
from workflows.case_reports.objects import chapter, objects_recorded, objects_written
from workflows.case_reports.stationery import Stationery
from workflows.case_reports.writings import Reading, format_day, place
from workflows.cases import contents, queries
from workflows.cases.models import Case, Escalation
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import CaseType
from workflows.deadlines.register import Register
from workflows.evidence import queries as evidence
from workflows.forms.components import Form
from workflows.journal.queries import entries_of
from workflows.language import Language, say
from workflows.letters import queries as letters
from workflows.people import queries as people
from workflows.processes import queries as processes
from workflows.processes.models import ProcessInstance
from workflows.processes.office import Office
from workflows.transaction import SYSTEM, Actor

# On the one page for the Ombudsman, texts are cut to these many characters.
_SHORT_REPORT, _SHORT_ANSWER, _MOST_DEADLINES = 900, 700, 8


@dataclass(frozen=True)
class Composed:
    """Everything that a template needs."""

    # Plain JSON; goes along with an archival print as its data.
    report: Mapping[str, Any]
    # Drawn pictures, empty where there is nothing to draw.
    diagram: Markup
    chart: Markup
    # Whether the diagram is better off on a sheet that lies on its side.
    diagram_is_wide: bool = False


def compose(session: Session, row: CaseReport, stationery: Stationery, office: Office, now: datetime) -> Composed:
    """Compose one requested report as the case stands at `now`, in the language of the row."""
    case = session.get_one(Case, row.case_id)
    return _Composer(session, case, row, stationery, office, now).compose()


class _Composer:
    """Reads one case for one edition."""

    def __init__(
        self, session: Session, case: Case, row: CaseReport, stationery: Stationery, office: Office, now: datetime
    ) -> None:
        self.session, self.case, self.row, self.stationery, self.office, self.now = (
            session, case, row, stationery, office, now,
        )  # fmt: skip
        self.zone: ZoneInfo = office.zone
        self.language = cast(Language, row.language)
        self.words = stationery.words[self.language]
        self.inside = row.edition == "internal"
        # Whoever holds a receipt of the case reads what this actor reads.
        self.reader = SYSTEM if self.inside else Actor(kind="reporter", case_id=case.id)
        instances = processes.instances_of(session, case.id)
        self.instance: ProcessInstance | None = instances[-1] if instances else None
        self.version = (
            catalogue.version(session, self.instance.version_id)
            if self.instance is not None
            else catalogue.newest_version(session, case.case_type)
        )
        self.manifest: CaseType = catalogue.manifest(session, self.version)
        self.forms: Mapping[str, Form] = catalogue.forms(session, self.version)
        definition = catalogue.definition(session, self.version)
        self.elements = {element.id: element.name for element in definition.elements if element.name}
        self.reading = Reading(session, self.manifest, self.forms, self.elements, self.language, self.zone)

    def compose(self) -> Composed:
        case = self.case
        header = queries.header(self.session, SYSTEM, case)
        deadlines = self._deadlines()
        course = Course.of(self.session, catalogue.diagram(self.session, self.version), self.instance, self.now)
        short = self.row.edition == "ombudsman"
        report: dict[str, Any] = {
            "edition": self.row.edition,
            "language": self.language,
            "office": self.office.settings.office_name,
            "document_id": self.row.document_id,
            "address": f"{self.office.settings.public_url}/verifikasi/{self.row.document_id}",
            "made_at": local(self.now, self.zone),
            "made_by": self._asked_by(),
            "case": {
                "number": case.number,
                "title": header.title or case.number,
                "text": _shortened(header.text, _SHORT_REPORT) if short else header.text,
                "opened_at": local(case.opened_at, self.zone),
                "closed_at": local(case.closed_at, self.zone) if case.closed_at else "",
                "stage": self._stage(),
                "disposition": self._disposition(),
                "handling_unit": header.handling_unit,
                "confidential": case.confidential,
                "besides": [] if short else self._besides(),
            },
            "facts": self._facts(header, short=short),
            "answers": self._answers(short=short),
            "deadlines": deadlines[-_MOST_DEADLINES:] if short else deadlines,
            "deadlines_sentence": self._kept(deadlines),
        }
        if short:
            report["dates"] = self._dates()
            return Composed(report, Markup(), Markup())
        report |= {
            "objects": self._objects(),
            "referrals": self._referrals(),
            "escalations": self._escalations() if self.inside else [],
            "evidence": self._evidence(),
            "letters": self._letters(),
            "path": course.told(self.zone),
            "chronology": self._chronology(),
            "integrity": self._integrity() if self.inside else "",
        }
        picture = course.picture(str(self.words["diagram"]).format(number=case.number))
        return Composed(report, picture, self._chart(deadlines), course.is_wide)

    def _besides(self) -> list[dict[str, str]]:
        """What the report answered besides its title and story, as it was handed in last."""
        form = self.forms.get(self.manifest.start_form)
        writing = contents.latest(self.session, self.reader, self.case, self.manifest.start_form)
        return self.reading.besides(writing, form) if form is not None and writing is not None else []

    def _asked_by(self) -> str:
        if not self.inside or self.row.requested_by_id is None:
            return ""
        return people.user(self.session, self.row.requested_by_id).name

    def _stage(self) -> str:
        return self._stage_title(self.case.stage)

    def _stage_title(self, id_: str) -> str:
        """The office's own word for a stage, or the one that a reporter knows."""
        stage = self.manifest.stages.get(id_) if self.inside else self.manifest.public_stage_of(id_)
        return say(stage.title, stage.title_en) if stage else ""

    def _disposition(self) -> str:
        disposition = self.manifest.dispositions.get(self.case.disposition or "")
        return say(disposition.title, disposition.title_en) if disposition else ""

    def _facts(self, header: queries.CaseHeader, *, short: bool) -> list[dict[str, str]]:
        case = self.case
        days = ((case.closed_at or self.now).astimezone(self.zone).date() - self._day(case.opened_at)).days
        facts = {
            "case_type": say(self.manifest.title, self.manifest.title_en),
            "opened_at": self._said(self._day(case.opened_at)),
            "event_on": self._said(case.event_on) if case.event_on else "",
            "channel": self.words["channels"].get(case.channel, case.channel),
            "classification": self.reading.chosen("classification", case.classification),
            "category": self.reading.chosen("category", case.category),
            "place": ", ".join(filter(None, (place(case.village), place(case.district)))),
            "subject_unit": header.subject_unit,
            "handling_unit": header.handling_unit,
            "stage": self._stage(),
            "disposition": self._disposition(),
            "closed_at": self._said(self._day(case.closed_at)) if case.closed_at else "",
            "age": self.words["days"].format(count=days),
            "anonymous": self.words["yes" if case.anonymous else "no"],
            "confidential": self.words["yes" if case.confidential else "no"],
        }
        left_out = {"opened_at", "closed_at", "channel", "anonymous", "confidential"} if short else set()
        return [{"name": name, "value": value} for name, value in facts.items() if value and name not in left_out]

    def _answers(self, *, short: bool) -> list[dict[str, Any]]:
        """What was written in the case besides the report itself; on one page the latest answer alone."""
        answers: list[dict[str, Any]] = []
        for writing in contents.read(self.session, self.reader, self.case):
            form = self.forms.get(writing.kind)
            if writing.kind == contents.SUMMARY or writing.kind == self.manifest.start_form or form is None:
                continue
            if short and writing.author_kind == "reporter":
                continue
            fields = self.reading.fields(writing, form)
            if fields:
                answers.append(
                    {
                        "title": self.reading.title(writing.element, form),
                        "at": local(writing.at, self.zone),
                        "by": self._author(writing),
                        "fields": fields,
                    }
                )
        if short:
            for answer in answers[-1:]:
                answer["fields"] = [
                    {**field, "value": _shortened(field["value"], _SHORT_ANSWER)} for field in answer["fields"][:3]
                ]
            return answers[-1:]
        return answers

    def _author(self, writing: contents.Writing) -> str:
        if writing.author_kind == "reporter":
            return str(self.words["actors"]["reporter"])
        if not self.inside or writing.author_id is None:
            return ""
        return people.user(self.session, writing.author_id).name

    def _deadlines(self) -> list[dict[str, Any]]:
        rows = []
        for running in queries.deadlines_of(self.session, self.reader, self.case, self.now):
            rows.append(
                {
                    "id": running.deadline_id,
                    "title": _deadline_title(self.office.register, running, self.zone),
                    "basis": running.basis,
                    "explanation": running.explanation,
                    "began_at": local(running.trigger_at, self.zone),
                    "due_on": running.lenient_on.isoformat(),
                    "met_at": local(running.met_at, self.zone) if running.met_at else "",
                    "state": running.state,
                }
            )
        return rows

    def _kept(self, deadlines: Sequence[Mapping[str, Any]]) -> str:
        counts = {
            name: sum(deadline["state"] == state for deadline in deadlines)
            for name, state in (("kept", "met"), ("late", "late"), ("breached", "breached"), ("running", "running"))
        }
        return str(self.words["deadlines_kept"]).format(**counts)

    def _chart(self, deadlines: Sequence[Mapping[str, Any]]) -> Markup:
        bars = [
            Bar(
                label=deadline["id"],
                began_on=date.fromisoformat(deadline["began_at"][:10]),
                due_on=date.fromisoformat(deadline["due_on"]),
                met_on=date.fromisoformat(deadline["met_at"][:10]) if deadline["met_at"] else None,
                state=deadline["state"],
            )
            for deadline in deadlines
        ]
        title = str(self.words["deadlines_chart"]).format(number=self.case.number)
        drawn = deadline_bars(
            bars, self._day(self.now), title=title, states=self.words["deadline_states"], language=self.language
        )
        # Ours, with every text in it escaped.
        return Markup(drawn)  # noqa: S704

    def _referrals(self) -> list[dict[str, str]]:
        return [
            {
                "at": local(referral.at, self.zone),
                "from_unit": referral.from_unit,
                "to_unit": referral.to_unit,
                "instruction": self._instruction(referral.content) if self.inside else "",
            }
            for referral in queries.referrals_of(self.session, SYSTEM, self.case)
        ]

    def _instruction(self, writing: contents.Writing | None) -> str:
        form = self.forms.get(writing.kind) if writing is not None else None
        if writing is None or form is None:
            return ""
        fields = self.reading.fields(writing, form)
        written = {field.label(self.language) for field in form.fields if field.type in {"textarea", "textfield"}}
        return "\n\n".join(field["value"] for field in fields if field["label"] in written)

    def _escalations(self) -> list[dict[str, str]]:
        roles = self._roles()
        found = self.session.scalars(
            select(Escalation).where(Escalation.case_id == self.case.id).order_by(Escalation.raised_at)
        ).all()
        by_hand = any(raised.reason_content_id for raised in found)
        written = contents.read(self.session, SYSTEM, self.case) if by_hand else ()
        reasons = {writing.id: str(writing.body.get("reason", "")) for writing in written}
        return [
            {
                "at": local(raised.raised_at, self.zone),
                "deadline": raised.deadline_id or "",
                "reason": reasons.get(raised.reason_content_id, "") if raised.reason_content_id else "",
                "to": roles.get(raised.to_role, raised.to_role),
                "acknowledged_at": local(raised.acknowledged_at, self.zone) if raised.acknowledged_at else "",
            }
            for raised in found
        ]

    def _objects(self) -> Mapping[str, Any] | None:
        """What was given: to the office as whoever asked may read it, to the reporter as they told it themselves."""
        mapping = self.manifest.items
        if mapping is None:
            return None
        if self.inside:
            by = self.row.requested_by_id
            reader = people.actor_for(self.session, by, self.now) if by is not None else self.reader
            found = objects_recorded(self.session, reader, self.case)
        else:
            day = self._day(self.case.opened_at)
            found = objects_written(self.session, self.reader, self.case, mapping, opened_on=day)
        return chapter(found, mapping, self.forms.get(self.manifest.start_form), self.language)

    def _evidence(self) -> list[dict[str, Any]]:
        return [
            {
                "ordinal": item.ordinal,
                "name": item.name,
                "origin": item.origin,
                "at": local(item.attached_at, self.zone),
                "size": item.size,
                "checksum": item.checksum,
            }
            for item in evidence.items_of(self.session, self.reader, self.case)
        ]

    def _letters(self) -> list[dict[str, str]]:
        return [
            {
                "number": letter.number,
                "title": letter.title,
                "at": local(letter.issued_at, self.zone),
                "checksum": letter.checksum or "",
            }
            for letter in letters.letters_of(self.session, self.reader, self.case)
        ]

    def _chronology(self) -> list[dict[str, str]]:
        names = Names(
            stages={id_: self._stage_title(id_) for id_ in self.manifest.stages},
            dispositions={id_: say(end.title, end.title_en) for id_, end in self.manifest.dispositions.items()},
            elements=self.elements,
            roles=self._roles(),
            letters={name: say(letter.title, letter.title_en) for name, letter in self.manifest.letters.items()},
        )
        return chronology(
            queries.timeline(self.session, SYSTEM, self.case),
            self.stationery,
            names,
            self.zone,
            self.language,
            for_reporter=not self.inside,
        )

    def _roles(self) -> Mapping[str, str]:
        return {role.id: say(role.title, role.title_en) for role in people.all_roles(self.session)}

    def _integrity(self) -> str:
        entries = entries_of(self.session, self.case.id)
        if not entries:
            return ""
        return str(self.words["integrity_text"]).format(count=len(entries), hash=entries[-1].hash)

    def _dates(self) -> list[dict[str, str]]:
        """When the case passed the points that a reporter knows, from the journal."""
        reached: dict[str, datetime] = {}
        for entry in entries_of(self.session, self.case.id):
            if entry.kind == "case.stage_set":
                reached.setdefault(str(entry.facts["stage"]), entry.at)
            reached.setdefault(entry.kind, entry.at)
        labels = self.words["date_labels"]
        dates = {
            "opened": self.case.opened_at,
            "verified": reached.get("verified"),
            "referred": reached.get("case.referred"),
            "answered": reached.get("answered"),
            "closed": self.case.closed_at,
        }
        return [{"label": labels[name], "at": local(at, self.zone) if at else ""} for name, at in dates.items()]

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _said(self, day: date) -> str:
        return format_day(day, self.language)


def _deadline_title(register: Register, running: queries.DeadlineView, zone: ZoneInfo) -> str:
    rule = register.rule(running.deadline_id, running.trigger_at.astimezone(zone).date())
    return say(rule.title, rule.title_en)


def _shortened(text: str, most: int) -> str:
    """The beginning of a text, cut between words."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
