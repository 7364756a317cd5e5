"""Makers of offices, people and cases for tests of the case side. Plain functions; every value has a default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from workflows.cases.models import Case
from workflows.cases.operations import admit, open_case
from workflows.catalogue.bundle import Bundle
from workflows.catalogue.models import CaseTypeRecord, ProcessFile, ProcessVersion
from workflows.people.models import Membership, Role, Unit, User
from workflows.people.queries import actor_for
from workflows.processes.models import ProcessInstance
from workflows.tasks.models import Task
from workflows.transaction import Actor, Tx

_places = count(1)
SAMPLE = Path(__file__).parent / "integration" / "processes" / "sample"

# What the roles of the demonstration office may do, as far as these tests care.
RIGHTS = {
    "intake_officer": ["work", "case.read_all", "case.escalate", "case.report", "item.amend"],
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


def create_users(tx: Tx, *people: tuple[str, Sequence[tuple[str, Unit]]]) -> list[User]:
    """Add users, each with a name and the roles in the units that they fill; many at once cost little more than one."""
    for role in dict.fromkeys(role for _, mandates in people for role, _ in mandates):
        create_role(tx, role)
    users = []
    for name, _ in people:
        place = next(_places)
        users.append(User(id=uuid4(), login=f"user{place}", name=name or f"Pegawai {place}", added_at=tx.now))
    tx.session.add_all(users)
    tx.session.flush()
    tx.session.add_all(
        Membership(user_id=user.id, unit_id=unit.id, role_id=role, begins_at=tx.now)
        for user, (_, mandates) in zip(users, people, strict=True)
        for role, unit in mandates
    )
    tx.session.flush()
    return users


def create_user(tx: Tx, *mandates: tuple[str, Unit], name: str = "") -> User:
    """Add a user who fills the roles in the units."""
    return create_users(tx, (name, mandates))[0]


def create_actor(tx: Tx, *mandates: tuple[str, Unit], name: str = "") -> Actor:
    """Add a user and give them as an actor."""
    return actor_for(tx.session, create_user(tx, *mandates, name=name).id, tx.now)


def create_case(tx: Tx, *, handling_unit_id: UUID | None = None, **fields: Any) -> Case:
    """Open a case of the type "sample"."""
    case = open_case(tx, **{"case_type": "sample", "number_pattern": "SMP-{year}-{sequence:05d}", **fields})
    case.handling_unit_id = handling_unit_id
    tx.session.flush()
    return case


def publish_sample(tx: Tx, replacing: Mapping[str, bytes] | None = None) -> ProcessVersion:
    """Publish the case type "sample" as it lies in the folder of the process tests, without asking the deploy gate.

    `replacing` are files of other contents, by their path in the folder.
    """
    files = {
        file.relative_to(SAMPLE).as_posix(): file.read_bytes() for file in sorted(SAMPLE.rglob("*")) if file.is_file()
    } | dict(replacing or {})
    tx.session.add(CaseTypeRecord(key="sample", title="Contoh", title_en="Sample", place=1, first_published_at=tx.now))
    tx.session.flush()
    version = ProcessVersion(
        id=uuid4(), case_type="sample", number=1, checksum=Bundle(files).checksum, published_at=tx.now
    )
    tx.session.add(version)
    tx.session.flush()
    tx.session.add_all(
        ProcessFile(version_id=version.id, path=path, content=content) for path, content in files.items()
    )
    tx.session.flush()
    return version


@dataclass(frozen=True)
class SampleOffice:
    """The people around the case type "sample", and a published edition of it."""

    version: ProcessVersion
    intake: Unit
    health: Unit
    officer: Actor
    colleague: Actor
    supervisor: Actor
    liaison: Actor
    head: Actor


def create_sample_office(tx: Tx, replacing: Mapping[str, bytes] | None = None) -> SampleOffice:
    """Publish "sample" and staff its lanes: two intake officers, their supervisor, a liaison and a head of DINKES.

    `replacing` is as in `publish_sample`.
    """
    intake, health = create_unit(tx, "DISKOMINFO", kind="information"), create_unit(tx, "DINKES")
    health.reportable = True
    staff = create_users(
        tx,
        ("Rahma", [("intake_officer", intake)]),
        ("Budi", [("intake_officer", intake)]),
        ("Sri", [("intake_supervisor", intake)]),
        ("Dewi", [("office_liaison", health)]),
        ("Hasan", [("office_head", health)]),
    )
    version = publish_sample(tx, replacing)
    return SampleOffice(version, intake, health, *(actor_for(tx.session, user.id, tx.now) for user in staff))


def a_key() -> str:
    """Draw the idempotency key of a shown form."""
    return uuid4().hex


def create_task(tx: Tx, office: SampleOffice, case: Case, **fields: Any) -> Task:
    """Put a waiting task on the case without asking a diagram: "check" for intake officers of any unit."""
    instance = tx.session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == case.id)).first()
    if instance is None:
        instance = ProcessInstance(
            id=uuid4(),
            case_id=case.id,
            version_id=office.version.id,
            tokens=b"",
            variables={},
            started_at=tx.now,
        )
        tx.session.add(instance)
        tx.session.flush()
    given = {"element": "check", "name": "Periksa", "lane": "intake", "role": "intake_officer", **fields}
    task = Task(
        id=uuid4(),
        instance_id=instance.id,
        case_id=case.id,
        engine_task=uuid4().hex,
        created_at=tx.now,
        **given,
    )
    tx.session.add(task)
    tx.session.flush()
    admit(tx, case, role=task.role, unit_id=task.unit_id)
    return task
