"""What somebody typed into a form, parted: plain facts for the process, columns of the case, words for the contents.

A field that the manifest declares as a variable enters the process; the reporter's identity goes to the party alone;
everything else, and the variables once more, is kept as the writing that it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.catalogue.manifest import CaseType
from workflows.feel.values import to_json
from workflows.people.queries import reportable_offices, unit_by_code


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


def part(session: Session, manifest: CaseType, values: Mapping[str, Any]) -> Parted:
    """Part the answers to a form by what the manifest says of their fields."""
    return Parted(
        variables={name: value for name, value in values.items() if name in manifest.variables},
        writing={name: to_json(value) for name, value in values.items() if name not in manifest.identity},
        identity={
            name: to_json(value)
            for name, value in values.items()
            if name in manifest.identity and value not in (None, "")
        },
        columns=_columns(session, manifest, values),
    )


def choices(session: Session) -> dict[str, frozenset[str]]:
    """Give the lists that the office offers to forms, by name: `offices`, the codes of the reportable units."""
    return {"offices": frozenset(unit.code for unit in reportable_offices(session))}


def present_fields(files: Collection[Any]) -> frozenset[str]:
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
