"""Makers of offices, people and cases for tests of the case side. Plain functions; every value has a default."""

from itertools import count
from typing import Any
from uuid import UUID, uuid4

from workflows.cases.models import Case
from workflows.cases.operations import open_case
from workflows.people.models import Membership, Role, Unit, User
from workflows.people.queries import actor_for
from workflows.transaction import Actor, Tx

_places = count(1)

# What the roles of the demonstration office may do, as far as these tests care.
RIGHTS = {
    "intake_officer": ["work", "case.read_all", "case.escalate", "case.report"],
    "intake_supervisor": ["work", "case.read_all", "task.assign", "case.escalate", "case.report", "incident.handle"],
    "office_liaison": ["work", "case.read_unit", "case.escalate"],
    "office_head": ["work", "case.read_unit", "task.assign", "case.escalate", "case.report"],
    "inspector": ["work", "case.read_all", "party.identity"],
    "regional_secretary": ["case.read_all"],
    "citizen": [],
}


def create_role(tx: Tx, role_id: str, rights: list[str] | None = None) -> Role:
    """Add the role unless it is there."""
    role = tx.session.get(Role, role_id)
    if role is None:
        role = Role(
            id=role_id, title=role_id, title_en=role_id, rights=RIGHTS.get(role_id, []) if rights is None else rights
        )
        tx.session.add(role)
        tx.session.flush()
    return role


def create_unit(tx: Tx, code: str = "", *, kind: str = "office", parent: Unit | None = None) -> Unit:
    """Add a unit."""
    code = code or f"UNIT{next(_places)}"
    unit = Unit(id=uuid4(), code=code, name=f"Unit {code}", name_en=f"Unit {code}", kind=kind)
    unit.parent_id = parent.id if parent else None
    tx.session.add(unit)
    tx.session.flush()
    return unit


def create_user(tx: Tx, *mandates: tuple[str, Unit], name: str = "") -> User:
    """Add a user who fills the roles in the units."""
    place = next(_places)
    user = User(id=uuid4(), login=f"user{place}", name=name or f"Pegawai {place}", added_at=tx.now)
    tx.session.add(user)
    tx.session.flush()
    for role, unit in mandates:
        create_role(tx, role)
        tx.session.add(Membership(user_id=user.id, unit_id=unit.id, role_id=role, begins_at=tx.now))
    tx.session.flush()
    return user


def create_actor(tx: Tx, *mandates: tuple[str, Unit], name: str = "") -> Actor:
    """Add a user and give them as an actor."""
    return actor_for(tx.session, create_user(tx, *mandates, name=name).id, tx.now)


def create_case(tx: Tx, *, handling_unit_id: UUID | None = None, **fields: Any) -> Case:
    """Open a case of the type "sample"."""
    case = open_case(tx, **{"case_type": "sample", "number_pattern": "SMP-{year}-{sequence:05d}", **fields})
    case.handling_unit_id = handling_unit_id
    tx.session.flush()
    return case
