"""Units: corrected, moved in the tree, closed when nobody and nothing is in them any more."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import create_case
from factories import NOW
from workflows.cases import units as cases_units
from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.models import JournalEntry
from workflows.people import queries
from workflows.people.mandates import move_to_unit
from workflows.people.models import Unit
from workflows.people.units import add_unit, change_unit, close_unit

SAME = {"name": "Dinas Kesehatan", "name_en": "Health Office", "kind": "office", "parent_id": None, "reportable": False}


@pytest.fixture
def clinic(office) -> Unit:
    """A section of the health office in which nobody is."""
    with office.by_admin() as tx:
        return add_unit(tx, code="PKM", name="Puskesmas", name_en="Clinic", kind="section", parent_id=office.health.id)


def test_a_correction_is_journalled_with_what_changed(session: Session, office) -> None:
    with office.by_admin() as tx:
        change_unit(tx, office.health.id, **(SAME | {"name": "Dinas Kesehatan Daerah", "reportable": True}))
        change_unit(tx, office.health.id, **(SAME | {"name": "Dinas Kesehatan Daerah", "reportable": True}))

    facts = session.scalars(select(JournalEntry.facts).where(JournalEntry.kind == "unit.changed")).all()
    assert facts == [{"unit": str(office.health.id), "fields": ["name", "reportable"]}]


@pytest.mark.parametrize(
    ("change", "problem"),
    [({"name": " "}, "name"), ({"name_en": ""}, "name_en"), ({"kind": "castle"}, "kind")],
)
def test_what_does_not_fit_is_refused(office, change, problem) -> None:
    with office.by_admin() as tx, pytest.raises(InvalidAnswers) as refused:
        change_unit(tx, office.health.id, **(SAME | change))

    assert [field for field, _, _ in refused.value.problems] == [problem]


def test_a_unit_never_belongs_to_itself(office, clinic: Unit) -> None:
    for parent in (office.health.id, clinic.id):
        with office.by_admin() as tx, pytest.raises(InvalidAnswers, match=r"unit\.own_parent"):
            change_unit(tx, office.health.id, **(SAME | {"parent_id": parent}))


def test_a_unit_is_closed_from_the_leaves_once_it_is_empty(session: Session, office, clinic: Unit) -> None:
    member = office.user("siti", role="office_liaison", unit=clinic)
    with office.by_admin() as tx, pytest.raises(Conflict, match=r"unit\.has_units"):
        close_unit(tx, office.health.id)
    with office.by_admin() as tx, pytest.raises(Conflict, match=r"unit\.has_members"):
        close_unit(tx, clinic.id)

    with office.by_admin() as tx:
        move_to_unit(tx, member.id, office.health.id, roles=["office_liaison"])
        close_unit(tx, clinic.id)

    assert [unit.code for _, unit in queries.unit_tree(session)] == ["DINKES", "PUPR"]
    for verb in (lambda tx: close_unit(tx, clinic.id), lambda tx: change_unit(tx, clinic.id, **SAME)):
        with office.by_admin() as tx, pytest.raises(Conflict, match=r"unit\.closed"):
            verb(tx)


def test_a_unit_that_handles_a_case_stays_open(office, clinic: Unit) -> None:
    with office.begin_tx() as tx:
        create_case(tx, handling_unit_id=clinic.id)

    with office.by_admin() as tx, pytest.raises(Conflict, match=r"unit\.has_cases") as refused:
        cases_units.close_unit(tx, clinic.id)

    assert refused.value.facts == {"count": 1}


def test_officers_close_nothing(office, clinic: Unit) -> None:
    officer = office.user("petugas", role="intake_officer")

    with office.begin_tx(office.actor(officer.id)) as tx, pytest.raises(NotAllowed):
        cases_units.close_unit(tx, clinic.id)


def test_users_are_found_by_words_unit_and_role_page_by_page(session: Session, office) -> None:
    siti = office.user("siti", role="office_head", name="Siti Aminah", position="Kepala Dinas")
    for number in range(4):
        office.user(f"p{number}", name=f"Pegawai {number}", employee_number=f"1990{number}")

    def found(**asked):
        return [user.login for user in queries.find_users(session, NOW, **asked).users]

    assert found(words="kepala SITI") == ["siti"]
    assert found(words="19902") == ["p2"]
    assert found(words="%") == []
    assert found(unit_id=office.health.id) == found(role="office_head") == ["siti"]
    page = queries.find_users(session, NOW, words="pegawai", page=9, per_page=3)
    assert (page.total, page.page, page.pages, [user.login for user in page.users]) == (4, 2, 2, ["p3"])
    assert [each.role_id for each in queries.memberships_by_user(session, [siti.id], NOW)[siti.id]] == ["office_head"]
    assert queries.member_counts(session, NOW) == {office.health.id: 1, office.works.id: 1}
    assert queries.user_named(session, "19903").login == queries.user_named(session, " P3 ").login == "p3"
