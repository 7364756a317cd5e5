"""What a package says: one value of plain texts, numbers and lists, which goes out as `report.json`.

The shape is documented in docs/operating.md; a change that a reader would stumble over gets another `FORMAT`. Nothing
here is later than the instant at which the package was asked for.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.case_reports.chronology import local
from workflows.case_reports.stationery import Stationery
from workflows.case_reports.writings import Reading
from workflows.cases import contents, queries
from workflows.cases.models import Case
from workflows.cases.parties import identity_of
from workflows.catalogue import queries as catalogue
from workflows.catalogue.guiding import PublicCheck, decision_of
from workflows.catalogue.manifest import CaseType, PackageType
from workflows.custody.queries import of_case
from workflows.errors import Conflict, NotFound
from workflows.evidence.kinds import KINDS
from workflows.evidence.queries import Item as EvidenceItem
from workflows.evidence.queries import items_of as evidence_of
from workflows.feel.values import from_json
from workflows.forms import wording
from workflows.forms.components import Component, Form
from workflows.items.queries import ItemView, items_of
from workflows.language import Language
from workflows.letters.context import plain
from workflows.letters.models import Letter
from workflows.packages.models import Package
from workflows.packages.queries import Signature, edition_of, signature_of
from workflows.people import queries as people
from workflows.processes.models import DecisionRecord
from workflows.processes.office import Office
from workflows.processes.queries import instances_of
from workflows.transaction import SYSTEM

FORMAT = "amanah.package/1"
# Papers to authorities of this country are in its language.
LANGUAGE: Language = "id"
_ENDINGS = {kind.content_type: kind.endings[0] for kind in KINDS}
_ITEM_COLUMNS = (
    "number", "description", "kind", "form", "event", "received_on", "quantity", "amount", "currency", "rate",
    "rate_source", "rate_on", "value", "estimated_by", "perishable", "place", "counts", "state", "giver",
)  # fmt: skip
_GIVER_COLUMNS = ("name", "number", "relation", "occupation", "address", "birth_date")
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Composed:
    """Everything that the archive is filled from."""

    # As `report.json`.
    report: Mapping[str, Any]
    # The same for people: what the templates print besides.
    sheet: Mapping[str, Any]
    letter: Letter
    # Name in the archive -> the item of evidence.
    evidence: Mapping[str, EvidenceItem]


def compose(session: Session, row: Package, stationery: Stationery, office: Office) -> Composed:
    """Compose one requested package.

    Raises NotFound (`package.none`) when its case type has no such package any more, Conflict (`package.unsigned`)
    when the signature that it was asked for with does not stand.
    """
    return _Composer(session, row, stationery, office).compose()


def csv_of(items: Sequence[Mapping[str, Any]], givers: Sequence[Mapping[str, Any]]) -> bytes:
    """Write the items as CSV (RFC 4180, UTF-8 with its mark, decimal points), each with its giver's words."""
    by_number = {giver["number"]: giver for giver in givers}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_ITEM_COLUMNS, *(f"giver_{column}" for column in _GIVER_COLUMNS)])
    for item in items:
        giver = by_number[item["giver"]]
        words = {**giver, "number": giver["identity_number"]}
        writer.writerow(
            [_cell(item[column]) for column in _ITEM_COLUMNS] + [_cell(words.get(column)) for column in _GIVER_COLUMNS]
        )
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    """Give a value as a spreadsheet may have it: text that would be taken for a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


class _Composer:
    """Reads one case for one package."""

    def __init__(self, session: Session, row: Package, stationery: Stationery, office: Office) -> None:
        self.session, self.row, self.office = session, row, office
        self.zone: ZoneInfo = office.zone
        self.case = session.get_one(Case, row.case_id)
        version, self.manifest = edition_of(session, self.case)
        self.package = _package(self.manifest, row.name)
        self.bundle = catalogue.bundle(session, version)
        self.forms: Mapping[str, Form] = catalogue.forms(session, version)
        elements = {each.id: each.name for each in catalogue.definition(session, version).elements if each.name}
        self.words = stationery.words[LANGUAGE]
        self.reading = Reading(session, self.manifest, self.forms, elements, LANGUAGE, self.zone)
        self.manner = self.reading.manner()

    def compose(self) -> Composed:
        signature = signature_of(self.session, self.case, self.package, self.row.signed_content_id)
        if signature is None:
            raise Conflict("package.unsigned", package=self.row.name)
        letter = self.session.get_one(Letter, self.row.letter_id)
        writings = self._writings(self.package.contents)
        items = items_of(self.session, SYSTEM, self.case)
        givers = _givers(items, self.zone)
        numbers = {giver["id"]: giver["number"] for giver in givers}
        evidence = self._evidence()
        header = queries.header(self.session, SYSTEM, self.case)
        report = {
            "format": FORMAT,
            "package": {
                "name": self.row.name,
                "title": self.row.title,
                "recipient": self.package.recipient,
                "as_of": local(self.row.requested_at, self.zone),
                "requested_by": people.user(self.session, self.row.requested_by_id).name,
            },
            "office": self.office.settings.office_name,
            "case": self._case(header),
            "numbers": {
                "case": self.case.number,
                "letter": letter.number,
                "letter_on": letter.issued_at.astimezone(self.zone).date().isoformat(),
                "deposit_slips": [each.slip_number for each in of_case(self.session, self.case.id)],
            },
            "reporter": plain(from_json(dict(identity_of(self.session, self.case.id))), self.zone),
            "items": [self._item(view, numbers) for view in items],
            "givers": [{key: value for key, value in giver.items() if key != "id"} for giver in givers],
            "rulings": self._rulings(),
            "deadlines": self._deadlines(),
            "checklist": self._checklist(signature),
            "contents": [self._told(writing) for writing in writings],
            "records": [self._told(writing) for writing in self._writings(self.package.records)],
            "evidence": [
                {
                    "file": name,
                    "name": item.name,
                    "content_type": item.content_type,
                    "size": item.size,
                    "sha256": item.checksum,
                    "field": item.field or "",
                    "origin": item.origin,
                    "attached_at": local(item.attached_at, self.zone),
                }
                for name, item in evidence.items()
            ],
        }
        return Composed(report, self._sheet(report, header, writings, items), letter, evidence)

    def _case(self, header: queries.CaseHeader) -> dict[str, Any]:
        case = self.case
        return {
            "number": case.number,
            "case_type": case.case_type,
            "title": header.title,
            "text": header.text,
            "opened_at": local(case.opened_at, self.zone),
            "event_on": case.event_on.isoformat() if case.event_on else None,
            "channel": case.channel,
            "classification": case.classification,
            "category": case.category,
            "subject_unit": header.subject_unit,
            "handling_unit": header.handling_unit,
            "stage": case.stage,
            "disposition": case.disposition,
        }

    def _writings(self, kinds: Sequence[str]) -> list[contents.Writing]:
        """What was written in these forms by the instant of the package, without what stays with the office."""
        found = contents.read(self.session, SYSTEM, self.case, kinds=kinds) if kinds else ()
        return [
            replace(
                writing, body={name: value for name, value in writing.body.items() if name not in self.package.withheld}
            )
            for writing in found
            if writing.at <= self.row.requested_at
        ]

    def _told(self, writing: contents.Writing) -> dict[str, Any]:
        answers = {name: value for name, value in writing.body.items() if name not in self.manifest.identity}
        return {
            "form": writing.kind,
            "by": writing.author_kind,
            "at": local(writing.at, self.zone),
            "answers": plain(from_json(answers), self.zone),
        }

    def _item(self, view: ItemView, numbers: Mapping[str, int]) -> dict[str, Any]:
        row = view.row
        told = {column: getattr(row, column) for column in _ITEM_COLUMNS if hasattr(row, column)}
        return {
            **plain(told, self.zone),
            # Money keeps every digit that was told, which a binary fraction would not.
            **{name: _exactly(getattr(row, name)) for name in ("quantity", "amount", "rate")},
            "number": row.ordinal,
            "description": view.description,
            "giver": numbers[str(view.giver.id)],
            "flags": plain(dict(row.flags), self.zone),
        }

    def _rulings(self) -> list[dict[str, Any]]:
        """The answers of the tables of law about this case, in the order in which they were given."""
        runs = [run.id for run in instances_of(self.session, self.case.id)]
        found = self.session.scalars(
            select(DecisionRecord)
            .where(DecisionRecord.instance_id.in_(runs), DecisionRecord.at <= self.row.requested_at)
            .order_by(DecisionRecord.at, DecisionRecord.revision, DecisionRecord.place)
        )
        return [
            {
                "decision": each.decision,
                "at": local(each.at, self.zone),
                "effective_on": each.effective_on.isoformat() if each.effective_on else None,
                "table_sha256": each.checksum,
                "rules": each.rules,
                "inputs": plain(from_json(each.inputs), self.zone),
                "answer": plain(from_json(each.answer), self.zone),
            }
            for each in found
        ]

    def _in_words(self, rulings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The same answers as people read them: by the words of the guided check where it asks the same table."""
        check = self.manifest.public_check
        names = {each: self._name_of(each) for each in {ruling["decision"] for ruling in rulings}}
        return [
            {
                "title": names[each["decision"]],
                "rules": each["rules"],
                "effective_on": each["effective_on"],
                "lines": _lines(each["answer"], check if check and check.decision == each["decision"] else None),
            }
            for each in rulings
        ]

    def _name_of(self, decision: str) -> str:
        try:
            return decision_of(self.bundle, decision).name
        except NotFound:
            # An older edition asked it, and the one on which the case runs now does not.
            return decision

    def _deadlines(self) -> list[dict[str, Any]]:
        return [
            {
                "id": each.deadline_id,
                "title": self.office.register.rule(
                    each.deadline_id, each.trigger_at.astimezone(self.zone).date()
                ).title,
                "basis": each.basis,
                "began_at": local(each.trigger_at, self.zone),
                "due_on": each.lenient_on.isoformat(),
                "strict_due_on": each.strict_on.isoformat(),
                "met_at": local(each.met_at, self.zone) if each.met_at else None,
                "state": each.state,
            }
            for each in queries.deadlines_of(self.session, SYSTEM, self.case, self.row.requested_at)
        ]

    def _checklist(self, signature: Signature) -> dict[str, Any]:
        role = next((role for role in people.all_roles(self.session) if role.id == signature.role), None)
        form = self.forms.get(self.package.checklist)
        return {
            "form": self.package.checklist,
            "signed_by": signature.name,
            "position": signature.position,
            "employee_number": signature.employee_number,
            "role": signature.role,
            "role_title": role.title if role is not None else signature.role,
            "signed_at": local(signature.writing.at, self.zone),
            "points": [
                {"id": point.name, "label": point.label(LANGUAGE), "checked": bool(signature.writing.body[point.name])}
                for point in (form.fields if form is not None else ())
                if point.type == "checkbox" and point.name in signature.writing.body
            ],
        }

    def _evidence(self) -> dict[str, EvidenceItem]:
        """The files that go along, by a name that tells nobody anything."""
        return {
            f"evidence/{item.ordinal:03d}.{_ENDINGS.get(item.content_type, 'bin')}": item
            for item in evidence_of(self.session, SYSTEM, self.case)
            if (item.field or "").rpartition(".")[2] in self.package.evidence
            and item.attached_at <= self.row.requested_at
        }

    def _sheet(
        self,
        report: Mapping[str, Any],
        header: queries.CaseHeader,
        writings: Sequence[contents.Writing],
        items: Sequence[ItemView],
    ) -> dict[str, Any]:
        """What people read: the same in words."""
        start = self.forms.get(self.manifest.start_form)
        asked = {component.name: component for component in (start.fields if start is not None else ())}
        return {
            "case_type": self.manifest.title,
            "stage": self.manifest.stages[self.case.stage].title if self.case.stage in self.manifest.stages else "",
            "reporter": [
                {
                    "label": asked[name].label(LANGUAGE) if name in asked else name,
                    "value": wording.written(asked.get(name), value, self.manner),
                }
                for name, value in from_json(dict(identity_of(self.session, self.case.id))).items()
                if value not in (None, "")
            ],
            "items": [
                {
                    "number": view.row.ordinal,
                    "description": view.description,
                    "kind": self._word(asked, "kind", view.row.kind),
                    "form": self._word(asked, "form", view.row.form),
                    "giver": view.giver.name,
                    "relation": self._relation(asked, view.giver.relation),
                    "received_on": view.row.received_on.isoformat(),
                    "value": view.row.value,
                }
                for view in items
            ],
            "total": sum(view.row.value or 0 for view in items if view.row.state == "recorded"),
            "rulings": self._in_words(report["rulings"]),
            "answers": [
                {
                    "title": self.manifest.title
                    if writing.kind == self.manifest.start_form
                    else self.reading.title(writing.element, self.forms[writing.kind]),
                    "at": local(writing.at, self.zone),
                    "by": self.words["actors"][writing.author_kind],
                    "fields": self.reading.fields(writing, self.forms[writing.kind]),
                }
                for writing in [*writings, *self._writings(self.package.records)]
                if writing.kind in self.forms
            ],
        }

    def _word(self, asked: Mapping[str, Component], fact: str, code: str | None) -> str:
        """What people read for a code of an object."""
        mapping = self.manifest.items
        field = mapping.fields.get(fact, "") if mapping is not None else ""
        inside = asked.get(f"{mapping.list}[].{field}") if mapping is not None else None
        component = inside or asked.get(field)
        return wording.written(component, code, self.manner) if code else ""

    def _relation(self, asked: Mapping[str, Component], code: str | None) -> str:
        mapping = self.manifest.items.givers if self.manifest.items is not None else None
        component = asked.get(f"{mapping.list}[].{mapping.fields.get('relation', '')}") if mapping is not None else None
        return wording.written(component, code, self.manner) if code else ""


def _lines(answer: Sequence[Any], check: PublicCheck | None) -> list[dict[str, str]]:
    """Give what a table answered, line by line; without words for it, as the table says it."""
    lines: list[dict[str, str]] = []
    for row in answer:
        told = row if isinstance(row, Mapping) else {"": row}
        for name, value in told.items():
            if value is None:
                continue
            if check is None:
                lines.append({"label": name, "value": str(value)})
            elif name == check.result and str(value) in check.rulings:
                lines.append({"label": "", "value": check.rulings[str(value)].title})
            elif name in check.shows:
                lines.append({"label": check.shows[name].title, "value": str(value)})
    return lines


def _givers(items: Sequence[ItemView], zone: ZoneInfo) -> list[dict[str, Any]]:
    """The givers of the items, each once, numbered in the order in which the items name them."""
    givers = list({view.giver.id: view.giver for view in items}.values())
    return [
        {
            "id": str(giver.id),
            "number": number,
            **{column: plain(giver.words.get(column), zone) for column in _GIVER_COLUMNS if column != "number"},
            "identity_number": plain(giver.words.get("number"), zone),
            "relation": giver.relation,
        }
        for number, giver in enumerate(givers, start=1)
    ]


def _exactly(value: Any) -> str | None:
    """Write a decimal as it was told, without exponent and without zeros at its end."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _package(manifest: CaseType, name: str) -> PackageType:
    found = manifest.packages.get(name)
    if found is None:
        raise NotFound("package.none", package=name)
    return found
