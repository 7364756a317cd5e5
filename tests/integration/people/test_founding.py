"""The first administrator of an office, and the one who is made when nobody can sign in any more."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from databases import REPOSITORY
from factories import NOW
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.journal.models import JournalEntry
from workflows.people import queries
from workflows.people.founding import install_administrator
from workflows.people.operations import deactivate
from workflows.people.roles import load_roles
from workflows.people.sign_in import sign_in
from workflows.transaction import NOBODY

PERSON = {"login": "kepala", "name": "Rahmat Hidayat", "unit_code": "KOMINFO", "unit_name": "Dinas Kominfo"}


@pytest.fixture
def roles(begin_tx) -> None:
    """An office in which nobody is."""
    with begin_tx() as tx:
        load_roles(tx, REPOSITORY / "bpmn" / "shared" / "roles.yml")


def test_the_first_administrator_gets_a_unit_a_role_and_a_password_for_once(session: Session, begin_tx, roles) -> None:
    with begin_tx() as tx:
        user, password = install_administrator(tx, **PERSON)

    assert user.must_change_password
    unit = queries.unit_by_code(session, "KOMINFO")
    assert unit is not None
    held = queries.memberships_of(session, user.id, NOW)
    assert [(membership.role_id, membership.unit_id) for membership in held] == [("administrator", unit.id)]
    entry = session.scalars(select(JournalEntry).order_by(JournalEntry.id.desc())).first()
    assert (entry.kind, entry.facts) == ("administrator.installed", {"user": str(user.id), "forced": False})
    with begin_tx(NOBODY) as tx:
        assert sign_in(tx, "kepala", password, second_factor_required=True).step == "enrolment"


def test_where_an_administrator_is_no_second_one_is_made(begin_tx, office) -> None:
    with begin_tx() as tx, pytest.raises(Conflict) as refused:
        install_administrator(tx, **PERSON)

    assert refused.value.code == "administrator.exists"


def test_forced_a_locked_out_administrator_begins_anew(session: Session, begin_tx, office) -> None:
    office.admin.totp_secret = "A" * 32
    with begin_tx() as tx:
        user, password = install_administrator(tx, **(PERSON | {"login": "Admin", "unit_code": "PUPR"}), forced=True)

    assert user.id == office.admin.id
    assert not user.has_second_factor
    assert len(queries.memberships_of(session, user.id, NOW)) == 1
    with begin_tx(NOBODY) as tx:
        assert sign_in(tx, "admin", password, second_factor_required=False).step == "new_password"


def test_a_closed_account_is_not_opened_again(begin_tx, office) -> None:
    with office.by_admin() as tx:
        closed = office.user("lama")
        deactivate(tx, closed.id)

    with begin_tx() as tx, pytest.raises(Conflict) as refused:
        install_administrator(tx, **(PERSON | {"login": "lama"}), forced=True)

    assert refused.value.code == "user.deactivated"


def test_a_name_is_needed(begin_tx, roles) -> None:
    with begin_tx() as tx, pytest.raises(InvalidAnswers):
        install_administrator(tx, **(PERSON | {"name": " "}))


def test_before_the_roles_are_loaded_nobody_is_made(begin_tx) -> None:
    with begin_tx() as tx, pytest.raises(NotFound):
        install_administrator(tx, **PERSON)


def test_nobody_but_the_system_does_this(begin_tx, roles) -> None:
    with begin_tx(NOBODY) as tx, pytest.raises(NotAllowed):
        install_administrator(tx, **PERSON)
