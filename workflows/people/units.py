"""Verbs about units: the parts of the regency and who leads them. None is deleted, it is closed."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from workflows.errors import Conflict, InvalidAnswers
from workflows.journal.operations import record
from workflows.people import queries
from workflows.people.models import Membership, Unit
from workflows.transaction import Tx

# As the table's own check lists them.
KINDS = ("regent", "secretariat", "inspectorate", "information", "office", "district", "section")


def add_unit(
    tx: Tx, *, code: str, name: str, name_en: str, kind: str, parent_id: UUID | None = None, reportable: bool = False
) -> Unit:
    """Add a unit to the tree; journals `unit.added`.

    Raises InvalidAnswers for a taken code, an empty name and an unknown kind.
    """
    tx.require("user.manage")

    found: list[tuple[str, str, dict[str, Any]]] = []
    if not code.strip():
        found.append(("code", "answer.required", {}))
    elif queries.unit_by_code(tx.session, code) is not None:
        found.append(("code", "unit.code_taken", {}))
    found += _problems(name, name_en, kind)
    if found:
        raise InvalidAnswers(found)

    unit = Unit(code=code, name=name, name_en=name_en, kind=kind, parent_id=parent_id, reportable=reportable)
    tx.session.add(unit)
    tx.session.flush()

    record(tx, "unit.added", unit=unit.id, code=code)
    return unit


def change_unit(
    tx: Tx, unit_id: UUID, *, name: str, name_en: str, kind: str, parent_id: UUID | None, reportable: bool
) -> Unit:
    """Correct a unit's names, kind, place in the tree, and whether reports may be about it; journals `unit.changed`.

    The code stays: routing tables and figures name it. Raises InvalidAnswers for an empty name, an unknown kind, and a
    parent that belongs to the unit itself; Conflict (`unit.closed`).
    """
    unit = queries.unit(tx.session, unit_id)

    tx.require("user.manage")

    if not unit.active:
        raise Conflict("unit.closed")
    found = _problems(name, name_en, kind)
    if parent_id is not None and parent_id in queries.units_below(tx.session, unit.id):
        found.append(("parent", "unit.own_parent", {}))
    if found:
        raise InvalidAnswers(found)

    wanted = {"name": name, "name_en": name_en, "kind": kind, "parent_id": parent_id, "reportable": reportable}
    changed = sorted(field for field, value in wanted.items() if getattr(unit, field) != value)
    for field in changed:
        setattr(unit, field, wanted[field])
    if changed:
        record(tx, "unit.changed", unit=unit.id, fields=changed)
    return unit


def name_head(tx: Tx, unit_id: UUID, user_id: UUID | None) -> None:
    """Say who leads the unit, or that the seat is vacant; journals `unit.head_named`.

    Raises Conflict: `user.deactivated`, `unit.closed`.
    """
    unit = queries.unit(tx.session, unit_id)
    head = queries.user(tx.session, user_id) if user_id is not None else None

    tx.require("user.manage")

    if not unit.active:
        raise Conflict("unit.closed")
    if head is not None and not head.active:
        raise Conflict("user.deactivated")

    unit.head_id = user_id

    record(tx, "unit.head_named", unit=unit.id, user=user_id)


def close_unit(tx: Tx, unit_id: UUID) -> None:
    """Close a unit in which nobody is any more, for good; journals `unit.closed`. Old cases keep naming it.

    Whether it still has cases is asked above this floor (`cases.units`). Raises Conflict: `unit.closed`,
    `unit.has_members`, `unit.has_units`.
    """
    unit = queries.unit(tx.session, unit_id)

    tx.require("user.manage")

    if not unit.active:
        raise Conflict("unit.closed")
    held = select(Membership.id).where(Membership.unit_id == unit.id, Membership.ends_at.is_(None))
    if tx.session.scalar(held.limit(1)) is not None:
        raise Conflict("unit.has_members")
    below = select(Unit.id).where(Unit.parent_id == unit.id, Unit.active)
    if tx.session.scalar(below.limit(1)) is not None:
        raise Conflict("unit.has_units")

    unit.active, unit.head_id, unit.reportable = False, None, False

    record(tx, "unit.closed", unit=unit.id)


def _problems(name: str, name_en: str, kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = [
        (field, "answer.required", {}) for field, text in (("name", name), ("name_en", name_en)) if not text.strip()
    ]
    if kind not in KINDS:
        found.append(("kind", "answer.required", {}))
    return found
