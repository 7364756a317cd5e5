"""What somebody typed into a form, parted: plain facts for the process, columns of the case, words for the contents.

A field that the manifest declares as a variable enters the process; the reporter's identity goes to the party alone;
everything else, and the variables once more, is kept as the writing that it is.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflows import money
from workflows.cases import contents, operations, parties
from workflows.cases.search import index_words
from workflows.catalogue import queries as catalogue
from workflows.catalogue.manifest import CaseType
from workflows.errors import InvalidAnswers
from workflows.evidence.operations import attach
from workflows.evidence.uploads import Upload
from workflows.feel.clock import Clock
from workflows.feel.values import from_json, to_json
from workflows.forms import answers as forms
from workflows.forms import rows
from workflows.forms.schema import Form
from workflows.people.queries import reportable_offices, unit_by_code
from workflows.processes.calls import Call, make_confidential
from workflows.transaction import SYSTEM, Tx

# Field id -> the strings that were posted for it, as a web form gives them.
Posted = Mapping[str, Sequence[str]]
# What the form of a task with the property `recusal` posts beside its own fields: "I have no conflict of interest".
NO_CONFLICT = "_no_conflict"

# Codes of the ministry's register of areas: province, regency, kecamatan, and desa or kelurahan.
_DISTRICT = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}")
_VILLAGE = re.compile(_DISTRICT.pattern + r"\.[0-9]{4}")


@dataclass(frozen=True)
class Parted:
    """The answers to one form, by where they belong."""

    # Name -> FEEL value, for the engine.
    variables: Mapping[str, Any]
    # Field -> JSON value, for the contents.
    writing: Mapping[str, Any]
    # Field -> JSON value, for the party.
    identity: Mapping[str, Any]
    # Column of the case -> value.
    columns: Mapping[str, Any]


def part(session: Session, manifest: CaseType, answers: forms.Answers) -> Parted:
    """Part the answers to a form by what the manifest says of their fields.

    A question that the form hid this time was not answered: its variable becomes null, so that no gateway goes by what
    an earlier round had said.
    """
    values = answers.values
    return Parted(
        variables={
            name: value
            for name, value in {**dict.fromkeys(answers.hidden), **values}.items()
            if name in manifest.variables
        },
        writing={name: to_json(value) for name, value in values.items() if name not in manifest.identity},
        identity={
            name: to_json(value)
            for name, value in values.items()
            if name in manifest.identity and value not in (None, "")
        },
        columns=_columns(session, manifest, values),
    )


def choices(session: Session, form: Form, posted: Posted) -> dict[str, frozenset[str]]:
    """Give the lists that the form asks for, by name, as far as the domain can tell what is on them.

    `offices` holds the codes of the reportable units, `currencies` the ISO 4217 codes that are tender; lists made of
    rows are those that were posted. The registers of `districts` and `villages` are with whoever draws the form and
    checks it first; here a code that was posted is taken when it is written as such codes are, and a village when it
    lies in the district that was posted with it.
    """
    asked = {field.values_key: field.name for field in form.fields if field.values_key}
    offered: dict[str, frozenset[str]] = {}
    if "currencies" in asked:
        offered["currencies"] = frozenset(code for code, _ in money.currencies("id"))
    for key, pairs in rows.choices(form, posted).items():
        offered[key] = frozenset(value for value, _ in pairs)
    if "offices" in asked:
        offered["offices"] = frozenset(unit.code for unit in reportable_offices(session))
    districts = [code for code in posted.get(asked.get("districts", ""), ()) if _DISTRICT.fullmatch(code)]
    if "districts" in asked:
        offered["districts"] = frozenset(districts)
    if "villages" in asked:
        within = tuple(f"{code}." for code in districts)
        villages = posted.get(asked["villages"], ())
        offered["villages"] = frozenset(
            code for code in villages if _VILLAGE.fullmatch(code) and code.startswith(within)
        )
    return offered


def present_fields(files: Collection[Upload]) -> frozenset[str]:
    """Give the fields for which a file came."""
    return frozenset(upload.field for upload in files)


def _columns(session: Session, manifest: CaseType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the columns of the case that these answers fill; a question that was not asked leaves its column alone."""
    columns: dict[str, Any] = {}
    for column, fields in manifest.case_fields.items():
        answer = next((values[field] for field in fields if values.get(field) not in (None, "")), None)
        if answer is None:
            continue
        if column == "subject_office":
            unit_id = _unit_id(session, str(answer))
            if unit_id is not None:
                columns["subject_unit_id"] = unit_id
        else:
            columns[column] = float(answer) if column in {"latitude", "longitude"} else answer
    for column, field in (("confidential", manifest.confidential_field), ("anonymous", manifest.anonymous_field)):
        if field is not None and field in values:
            columns[column] = values[field] is True
    return columns


def _unit_id(session: Session, code: str) -> UUID | None:
    unit = unit_by_code(session, code)
    return unit.id if unit is not None else None


def answered(call: Call, form_id: str, posted: Posted, files: Sequence[Upload], *, recusal: bool = False) -> Parted:
    """Read the posted form and part its answers; InvalidAnswers with every problem."""
    problems: list[tuple[str, str, dict[str, Any]]] = []
    if recusal and not posted.get(NO_CONFLICT):
        problems.append((NO_CONFLICT, "agree", {}))
    answers = forms.Answers({})
    if form_id:
        form = catalogue.form(call.tx.session, call.version, form_id)
        try:
            answers = forms.read(
                form,
                {name: texts for name, texts in posted.items() if name != NO_CONFLICT},
                files_present=present_fields(files),
                clock=Clock(call.tx.now, call.office.zone),
                variables=from_json(call.instance.variables),
                choices=choices(call.tx.session, form, posted),
            )
        except InvalidAnswers as error:
            problems.extend(error.problems)
    if problems:
        raise InvalidAnswers(problems)
    return part(call.tx.session, call.manifest, answers)


def keep(tx: Tx, call: Call, parted: Parted, form_id: str, element: str, files: Sequence[Upload]) -> None:
    """Store the words and files of a form, and what it decides about the case's own columns."""
    if parted.writing:
        contents.put(tx, call.case, form_id, parted.writing, element=element)
        if tx.actor.kind == "reporter":
            _sum_up_anew(tx, call, parted)
    if parted.identity:
        parties.complete_identity(tx, call.case, parted.identity)
    if files:
        attach(tx, call.case, files, limits=call.office.limits, element=element)
    columns = dict(parted.columns)
    if columns.pop("confidential", False) and not call.case.confidential:
        make_confidential(tx, call.case, call.manifest, waiting=call.waiting)
    if columns:
        operations.classify(tx, call.case, columns)


def _sum_up_anew(tx: Tx, call: Call, parted: Parted) -> None:
    """Let lists, searches and papers tell of the case as its reporter told it last: a draft sent, a report completed.

    What this form did not ask stays as it was said before.
    """
    named = call.manifest.summary
    if named is None:
        return
    before = contents.latest(tx.session, SYSTEM, call.case, contents.SUMMARY)
    said = {"title": "", "text": "", **(before.body if before is not None else {})}
    told = {part: parted.writing.get(field) for part, field in (("title", named.title), ("text", named.text))}
    now = said | {part: str(words) for part, words in told.items() if words}
    if now == said:
        return
    contents.put(tx, call.case, contents.SUMMARY, now)
    index_words(call.case, title=now["title"], text=now["text"])
