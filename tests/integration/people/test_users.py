"""Users and units: added, corrected, given new passwords, deactivated."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from factories import NOW
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.journal.models import JournalEntry
from workflows.people import passwords, queries
from workflows.people.models import UserSession
from workflows.people.operations import (
    add_user,
    change_password,
    change_user,
    deactivate,
    reset_password,
)
from workflows.people.sessions import open_session
from workflows.people.units import add_unit, name_head

PASSWORD = "tepung gomak lebah"
OTHER = "kopi pahit di stabat"


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(JournalEntry.kind).order_by(JournalEntry.id)))


def test_a_user_is_found_by_login_whatever_its_case(session: Session, office) -> None:
    with office.by_admin() as tx:
        user = add_user(tx, login=" Siti.Aminah ", name="Siti Aminah", password=PASSWORD)

    assert user.login == "siti.aminah"
    assert user.must_change_password
    assert user.added_at == NOW
    assert queries.user_by_login(session, "SITI.aminah") is user
    assert user.password_hash is not None
    assert PASSWORD not in user.password_hash
    assert kinds(session)[-1] == "user.added"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"login": "admin"}, ("login", "login.taken", {})),
        ({"login": "a b"}, ("login", "login.malformed", {})),
        ({"login": ""}, ("login", "login.malformed", {})),
        ({"name": "  "}, ("name", "answer.required", {})),
        ({"password": "pendek"}, ("password", "password.too_short", {"shortest": 12})),
    ],
)
def test_a_user_who_does_not_fit_is_refused(office, fields, problem) -> None:
    with office.by_admin() as tx, pytest.raises(InvalidAnswers) as refused:
        add_user(tx, **({"login": "baru", "name": "Baru", "password": PASSWORD} | fields))

    assert refused.value.problems == [problem]


def test_officers_without_the_right_add_nobody(office) -> None:
    officer = office.user("petugas", role="intake_officer")

    with office.begin_tx(office.actor(officer.id)) as tx, pytest.raises(NotAllowed):
        add_user(tx, login="baru", name="Baru", password=None)


def test_a_correction_is_journalled_with_the_fields_that_changed(session: Session, office) -> None:
    user = office.user("siti", phone="+62811")

    with office.by_admin() as tx:
        change_user(tx, user.id, name="Siti Aminah", phone="+62811", position="Kepala Seksi")

    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "user.changed")).one()
    assert entry.facts == {"user": str(user.id), "fields": ["name", "position"]}
    with office.by_admin() as tx:
        change_user(tx, user.id, name="Siti Aminah")
    assert kinds(session).count("user.changed") == 1


def test_only_the_language_is_ones_own_to_change(office) -> None:
    user = office.user("siti")

    with office.begin_tx(office.actor(user.id)) as tx:
        change_user(tx, user.id, language="en")
        with pytest.raises(NotAllowed):
            change_user(tx, user.id, name="Ratu")
    with office.by_admin() as tx:
        with pytest.raises(TypeError, match="totp_secret"):
            change_user(tx, user.id, totp_secret="x")
        with pytest.raises(InvalidAnswers):
            change_user(tx, user.id, name=" ")
    assert user.language == "en"


def test_a_password_is_changed_by_its_owner_and_ends_every_session(session: Session, office) -> None:
    user = office.user("siti", must_change_password=True)
    with office.begin_tx() as tx:
        open_session(tx, user.id)

    with office.begin_tx(office.actor(user.id)) as tx:
        change_password(tx, user.id, current=PASSWORD, chosen=OTHER)

    assert passwords.verify(user.password_hash, OTHER)
    assert not user.must_change_password
    assert all(each.revoked_at == NOW for each in session.scalars(select(UserSession)))
    assert kinds(session)[-2:] == ["user.sessions_revoked", "user.password_changed"]


def test_nobody_changes_the_password_of_another(office) -> None:
    user = office.user("siti")

    with office.by_admin() as tx, pytest.raises(NotAllowed):
        change_password(tx, user.id, current=PASSWORD, chosen=OTHER)


@pytest.mark.parametrize(
    ("current", "chosen", "code"),
    [
        ("salah sama sekali", OTHER, "password.wrong"),
        (PASSWORD, "pendek", "password.too_short"),
        (PASSWORD, PASSWORD, "password.unchanged"),
    ],
)
def test_a_change_of_password_is_refused_with_the_reason(office, current: str, chosen: str, code: str) -> None:
    user = office.user("siti")

    with office.begin_tx(office.actor(user.id)) as tx, pytest.raises(InvalidAnswers) as refused:
        change_password(tx, user.id, current=current, chosen=chosen)

    assert refused.value.problems[0][1] == code


def test_a_reset_gives_a_password_that_must_be_changed(office) -> None:
    user = office.user("siti")

    with office.by_admin() as tx:
        password = reset_password(tx, user.id)

    assert passwords.verify(user.password_hash, password)
    assert not passwords.verify(user.password_hash, PASSWORD)
    assert user.must_change_password


def test_who_is_deactivated_holds_leads_and_opens_nothing(session: Session, office) -> None:
    user = office.user("siti", role="office_head")
    with office.by_admin() as tx:
        name_head(tx, office.health.id, user.id)
        open_session(tx, user.id)

    with office.by_admin() as tx:
        deactivate(tx, user.id)

    assert not user.active
    assert queries.actor_for(session, user.id, NOW).kind == "nobody"
    assert queries.holders_of(session, "office_head", NOW) == []
    assert queries.members_of(session, office.health.id, NOW) == []
    session.refresh(office.health)
    assert office.health.head_id is None
    assert kinds(session)[-3:] == ["role.ended", "user.sessions_revoked", "user.deactivated"]
    with office.by_admin() as tx, pytest.raises(Conflict, match=r"user\.deactivated"):
        deactivate(tx, user.id)
    with office.by_admin() as tx, pytest.raises(Conflict, match=r"user\.deactivated"):
        reset_password(tx, user.id)


def test_the_last_administrator_cannot_be_deactivated(office) -> None:
    with pytest.raises(Conflict, match=r"role\.last_keeper"), office.by_admin() as tx:
        deactivate(tx, office.admin.id)


def test_units_form_a_tree(session: Session, office) -> None:
    with office.by_admin() as tx:
        clinic = add_unit(
            tx, code="PKM", name="Puskesmas Stabat", name_en="Clinic", kind="section", parent_id=office.health.id
        )
        ward = add_unit(tx, code="POLI", name="Poli", name_en="Ward", kind="section", parent_id=clinic.id)

    assert queries.units_below(session, office.health.id) == {office.health.id, clinic.id, ward.id}
    assert queries.units_below(session, ward.id) == {ward.id}
    assert queries.unit_by_code(session, "PKM") is clinic


def test_a_unit_needs_a_code_of_its_own_and_names(office) -> None:
    with office.by_admin() as tx, pytest.raises(InvalidAnswers) as refused:
        add_unit(tx, code="DINKES", name="", name_en="Other", kind="office")

    assert [(field, code) for field, code, _ in refused.value.problems] == [
        ("code", "unit.code_taken"),
        ("name", "answer.required"),
    ]


def test_a_head_who_is_no_more_is_refused(office) -> None:
    user = office.user("siti")
    with office.by_admin() as tx:
        deactivate(tx, user.id)

    with office.by_admin() as tx, pytest.raises(Conflict, match=r"user\.deactivated"):
        name_head(tx, office.health.id, user.id)


def test_unknown_ids_are_not_found(session: Session) -> None:
    with pytest.raises(NotFound, match=r"user\.unknown"):
        queries.user(session, uuid4())
    with pytest.raises(NotFound, match=r"unit\.unknown"):
        queries.unit(session, uuid4())
    assert queries.user_by_login(session, "hantu") is None


def test_offices_that_a_report_may_be_about_are_listed_by_name(session: Session, office) -> None:
    with office.by_admin() as tx:
        add_unit(tx, code="SOS", name="Dinas Sosial", name_en="Social Office", kind="office", reportable=True)
        add_unit(tx, code="DIK", name="Dinas Pendidikan", name_en="Education", kind="office", reportable=True)

    assert [unit.code for unit in queries.reportable_offices(session)] == ["DIK", "SOS"]
    assert len(queries.all_units(session)) == 4
