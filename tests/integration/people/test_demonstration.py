"""The demonstration office: whole, repeatable, and with somebody in every role."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from factories import NOW
from workflows.errors import NotAllowed
from workflows.journal.models import JournalEntry
from workflows.people import queries
from workflows.people.demonstration import load_office
from workflows.people.models import Membership, Unit, User
from workflows.people.operations import reset_password
from workflows.people.sign_in import sign_in
from workflows.transaction import NOBODY

OFFICE = Path(__file__).parents[3] / "bpmn" / "shared" / "demonstration" / "office.yml"
SIGN_INS = {"warga", "petugas", "opd", "inspektur", "upg", "ketuaupg", "asn", "sekda", "bupati", "perancang", "admin"}


@pytest.fixture
def passwords_made(begin_tx) -> dict[str, str]:
    with begin_tx() as tx:
        return load_office(tx, OFFICE)


def test_everybody_of_the_office_can_sign_in(begin_tx, passwords_made: dict[str, str]) -> None:
    assert len(passwords_made) == 24
    assert set(passwords_made) >= SIGN_INS
    with begin_tx(NOBODY) as tx:
        for login in sorted(SIGN_INS):
            assert sign_in(tx, login, passwords_made[login], second_factor_required=False).step == "open"


def test_loading_again_adds_nothing(session: Session, begin_tx, passwords_made: dict[str, str]) -> None:
    def rows() -> list[int]:
        tables = (User, Unit, Membership, JournalEntry)
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    before = rows()
    with begin_tx() as tx:
        assert load_office(tx, OFFICE) == {}

    assert rows() == before


def test_loading_again_keeps_what_was_changed(session: Session, begin_tx, passwords_made: dict[str, str]) -> None:
    user = queries.user_by_login(session, "petugas")
    assert user is not None
    with begin_tx() as tx:
        password = reset_password(tx, user.id)

    with begin_tx() as tx:
        load_office(tx, OFFICE)

    with begin_tx(NOBODY) as tx:
        assert sign_in(tx, "petugas", password, second_factor_required=False).step == "new_password"


def test_every_role_of_the_office_has_a_holder(session: Session, passwords_made: dict[str, str]) -> None:
    for role in queries.all_roles(session):
        if role.id != "citizen":
            assert queries.holders_of(session, role.id, NOW), role.id


def test_every_reportable_office_can_answer_and_has_a_head(session: Session, passwords_made: dict[str, str]) -> None:
    offices = queries.reportable_offices(session)

    assert len([unit for unit in offices if unit.kind == "office"]) == 7
    for unit in offices:
        assert queries.head_of(session, unit.id, NOW) is not None, unit.code
        assert queries.holders_of(session, "office_head", NOW, unit_id=unit.id), unit.code
        if unit.kind in {"office", "district"} and unit.code != "DISKOMINFO":
            assert queries.holders_of(session, "office_liaison", NOW, unit_id=unit.id), unit.code


def test_colleagues_can_be_quicker_than_each_other(session: Session, passwords_made: dict[str, str]) -> None:
    works = queries.unit_by_code(session, "PUPR")
    assert works is not None

    assert len(queries.holders_of(session, "office_liaison", NOW, unit_id=works.id)) == 2
    assert len(queries.holders_of(session, "intake_officer", NOW)) == 2


def test_all_units_hang_on_the_regent(session: Session, passwords_made: dict[str, str]) -> None:
    regent = queries.unit_by_code(session, "BUPATI")
    assert regent is not None

    assert queries.units_below(session, regent.id) == {unit.id for unit in queries.all_units(session)}


def test_nobody_of_the_demonstration_can_be_written_to(session: Session, passwords_made: dict[str, str]) -> None:
    for user in session.scalars(select(User)):
        assert user.phone is None
        assert (user.email or "").endswith(".example")


def test_nobody_may_not_load_it(begin_tx) -> None:
    with begin_tx(NOBODY) as tx, pytest.raises(NotAllowed):
        load_office(tx, OFFICE)
