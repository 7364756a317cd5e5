"""A small office for the tests of people, and a law as simple: administrators and the system may, nobody else."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from factories import NOW
from workflows import transaction
from workflows.people import passwords
from workflows.people.mandates import grant_role
from workflows.people.models import Unit, User
from workflows.people.operations import add_user
from workflows.people.queries import actor_for
from workflows.people.roles import load_roles
from workflows.people.units import add_unit
from workflows.transaction import SYSTEM, Actor, Tx, install_policy

ROLES = Path(__file__).parents[3] / "bpmn" / "shared" / "roles.yml"
PASSWORD = "tepung gomak lebah"

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture(autouse=True)
def administrators_only() -> Iterator[None]:
    """Let the system and administrators do everything, and put back whatever law there was."""
    before = list(transaction._policies)
    install_policy(lambda session, actor, act, subject, seen=None: actor == SYSTEM or actor.has_role("administrator"))
    yield
    transaction._policies[:] = before


@pytest.fixture(autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Hash passwords at the cost of tests."""
    with passwords.costing(passwords.CHEAPEST):
        yield


class Office:
    """Two units, an administrator, and makers of more."""

    def __init__(self, session: Session, begin_tx: BeginTx) -> None:
        self.session, self.begin_tx = session, begin_tx
        with begin_tx() as tx:
            load_roles(tx, ROLES)
            self.health = add_unit(tx, code="DINKES", name="Dinas Kesehatan", name_en="Health Office", kind="office")
            self.works = add_unit(tx, code="PUPR", name="Dinas PUPR", name_en="Public Works Office", kind="office")
        self.admin = self.user("admin", role="administrator", unit=self.works)

    def user(self, login: str, *, role: str | None = None, unit: Unit | None = None, **fields: object) -> User:
        """Add a user, with a role in a unit if one is named."""
        with self.begin_tx() as tx:
            settled = {"password": PASSWORD, "must_change_password": False, "name": login.title()} | fields
            user = add_user(tx, login=login, **settled)  # type: ignore[arg-type]
            if role is not None:
                grant_role(tx, user.id, role, (unit or self.health).id)
        return user

    def actor(self, user_id: UUID) -> Actor:
        """Give the user as an actor at the tests' instant."""
        return actor_for(self.session, user_id, NOW)

    def by_admin(self, **named: object) -> AbstractContextManager[Tx]:
        """Open an act of the administrator."""
        return self.begin_tx(self.actor(self.admin.id), **named)


@pytest.fixture
def office(session: Session, begin_tx: BeginTx) -> Office:
    """An office with two units and an administrator."""
    return Office(session, begin_tx)
