"""Roles and deputies: granted, ended, moved, and what an actor may do with them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from factories import NOW
from workflows.errors import BrokenDefinition, Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.journal.models import JournalEntry
from workflows.people import queries
from workflows.people.mandates import end_deputy, grant_role, move_to_unit, revoke_role, set_deputy
from workflows.people.models import Role
from workflows.people.operations import deactivate
from workflows.people.roles import load_roles, read_roles
from workflows.people.sessions import open_session, touch_session
from workflows.people.units import name_head
from workflows.transaction import NOBODY, Mandate

ROLES = Path(__file__).parents[3] / "bpmn" / "shared" / "roles.yml"
DAY = timedelta(days=1)


def test_an_actor_holds_the_roles_of_the_instant(session: Session, office) -> None:
    user = office.user("siti", role="office_liaison")
    with office.by_admin(now=NOW + DAY) as tx:
        revoke_role(tx, user.id, "office_liaison", office.health.id)

    held = queries.actor_for(session, user.id, NOW)
    assert held.mandates == {Mandate("office_liaison", office.health.id)}
    assert (held.kind, held.user_id, held.name) == ("user", user.id, "Siti")
    assert queries.actor_for(session, user.id, NOW - DAY).mandates == frozenset()
    assert queries.actor_for(session, user.id, NOW + DAY).mandates == frozenset()


def test_a_stranger_is_nobody(session: Session, office) -> None:
    assert queries.actor_for(session, office.health.id, NOW) == NOBODY


def test_a_role_ends_and_may_be_granted_again(session: Session, office) -> None:
    user = office.user("siti", role="office_liaison")
    with office.by_admin() as tx:
        with pytest.raises(Conflict, match=r"role\.held"):
            grant_role(tx, user.id, "office_liaison", office.health.id)
        grant_role(tx, user.id, "office_liaison", office.works.id)
        revoke_role(tx, user.id, "office_liaison", office.health.id)
        grant_role(tx, user.id, "office_liaison", office.health.id)

    assert len(queries.memberships_of(session, user.id, NOW)) == 2
    entries = session.scalars(
        select(JournalEntry.kind).where(JournalEntry.kind.like("role.%")).order_by(JournalEntry.id)
    )
    assert list(entries)[-4:] == ["role.granted", "role.granted", "role.ended", "role.granted"]


def test_what_does_not_exist_is_not_granted_and_what_is_not_held_does_not_end(office) -> None:
    user = office.user("siti")
    with office.by_admin() as tx:
        with pytest.raises(NotFound, match=r"role\.unknown"):
            grant_role(tx, user.id, "sultan", office.health.id)
        with pytest.raises(NotFound, match=r"role\.not_held"):
            revoke_role(tx, user.id, "office_head", office.health.id)


def test_a_change_of_roles_ends_the_sessions(office) -> None:
    user = office.user("siti")
    with office.begin_tx() as tx:
        token = open_session(tx, user.id)

    with office.by_admin() as tx:
        grant_role(tx, user.id, "office_head", office.health.id)

    with office.begin_tx() as tx:
        assert touch_session(tx, token) is None


def test_officers_grant_themselves_nothing(office) -> None:
    user = office.user("siti", role="intake_officer")

    with office.begin_tx(office.actor(user.id)) as tx, pytest.raises(NotAllowed):
        grant_role(tx, user.id, "administrator", office.health.id)


def test_the_last_keeper_of_users_keeps_the_role(office) -> None:
    with pytest.raises(Conflict, match=r"role\.last_keeper"), office.by_admin() as tx:
        revoke_role(tx, office.admin.id, "administrator", office.works.id)
    office.user("wakil", role="administrator")
    with office.by_admin() as tx:
        revoke_role(tx, office.admin.id, "administrator", office.works.id)


def test_who_moves_leaves_roles_and_seat_behind(session: Session, office) -> None:
    user = office.user("siti", role="office_head")
    with office.by_admin() as tx:
        name_head(tx, office.health.id, user.id)

    with office.by_admin(now=NOW + DAY) as tx:
        move_to_unit(tx, user.id, office.works.id, roles=["office_liaison"])

    assert queries.actor_for(session, user.id, NOW + DAY).mandates == {Mandate("office_liaison", office.works.id)}
    assert queries.head_of(session, office.health.id, NOW + DAY) is None
    assert queries.members_of(session, office.works.id, NOW + DAY) == [office.admin, user]


def test_a_deputy_holds_the_principals_roles_for_the_time_of_the_order(session: Session, office) -> None:
    head = office.user("kadis", role="office_head")
    deputy = office.user("sekdis", role="office_liaison")
    with office.by_admin() as tx:
        name_head(tx, office.health.id, head.id)
        set_deputy(tx, head.id, deputy.id, kind="plh", begins_at=NOW + DAY, ends_at=NOW + 3 * DAY, order_number="800/1")

    def roles(days: int) -> frozenset[str]:
        return queries.actor_for(session, deputy.id, NOW + days * DAY).roles

    assert roles(0) == {"office_liaison"}
    assert roles(1) == roles(2) == {"office_liaison", "office_head"}
    assert roles(3) == {"office_liaison"}
    assert queries.head_of(session, office.health.id, NOW) == head
    assert queries.head_of(session, office.health.id, NOW + DAY) == deputy
    assert queries.holders_of(session, "office_head", NOW + DAY, unit_id=office.health.id) == [head, deputy]
    assert queries.holders_of(session, "office_head", NOW + 3 * DAY) == [head]
    assert [each.deputy for each in queries.deputies_at(session, NOW)] == [deputy]


def test_a_deputy_of_a_deputy_inherits_nothing(session: Session, office) -> None:
    head, first, second = office.user("kadis", role="office_head"), office.user("sekdis"), office.user("kasi")
    with office.by_admin() as tx:
        set_deputy(tx, head.id, first.id, kind="plh", begins_at=NOW, ends_at=NOW + DAY)
        set_deputy(tx, first.id, second.id, kind="plh", begins_at=NOW, ends_at=NOW + DAY)

    assert queries.actor_for(session, first.id, NOW).has_role("office_head")
    assert not queries.actor_for(session, second.id, NOW).has_role("office_head")


def test_a_deactivated_principal_lends_nothing(session: Session, office) -> None:
    head, deputy = office.user("kadis", role="office_head"), office.user("sekdis")
    with office.by_admin() as tx:
        set_deputy(tx, head.id, deputy.id, kind="plt", begins_at=NOW, ends_at=NOW + 9 * DAY)

    with office.by_admin(now=NOW + DAY) as tx:
        deactivate(tx, head.id)

    assert queries.actor_for(session, deputy.id, NOW + 2 * DAY).mandates == frozenset()


def test_one_names_ones_own_deputy_and_nobody_elses(office) -> None:
    head, deputy = office.user("kadis", role="office_head"), office.user("sekdis")

    with office.begin_tx(office.actor(head.id)) as tx:
        set_deputy(tx, head.id, deputy.id, kind="plh", begins_at=NOW, ends_at=NOW + DAY)
        with pytest.raises(NotAllowed):
            set_deputy(tx, deputy.id, head.id, kind="plh", begins_at=NOW, ends_at=NOW + DAY)


def test_orders_that_make_no_sense_are_refused(office) -> None:
    head, deputy = office.user("kadis"), office.user("sekdis")
    with office.by_admin() as tx:
        set_deputy(tx, head.id, deputy.id, kind="plh", begins_at=NOW, ends_at=NOW + 2 * DAY)

        with pytest.raises(InvalidAnswers):
            set_deputy(tx, head.id, head.id, kind="plh", begins_at=NOW, ends_at=NOW + DAY)
        with pytest.raises(InvalidAnswers):
            set_deputy(tx, head.id, deputy.id, kind="plh", begins_at=NOW - 2 * DAY, ends_at=NOW - DAY)
        with pytest.raises(Conflict, match=r"deputy\.overlaps"):
            set_deputy(tx, head.id, office.admin.id, kind="plh", begins_at=NOW + DAY, ends_at=NOW + 3 * DAY)
        set_deputy(tx, head.id, office.admin.id, kind="plh", begins_at=NOW + 2 * DAY, ends_at=NOW + 3 * DAY)


def test_a_deputy_is_ended_early_or_cancelled(session: Session, office) -> None:
    head, deputy = office.user("kadis", role="office_head"), office.user("sekdis")
    with office.by_admin() as tx:
        now = set_deputy(tx, head.id, deputy.id, kind="plh", begins_at=NOW, ends_at=NOW + 2 * DAY)
        later = set_deputy(tx, head.id, deputy.id, kind="plh", begins_at=NOW + 3 * DAY, ends_at=NOW + 5 * DAY)

    with office.by_admin(now=NOW + DAY) as tx:
        end_deputy(tx, now.id)
        end_deputy(tx, later.id)

    assert now.ends_at == NOW + DAY
    assert not queries.actor_for(session, deputy.id, NOW + DAY).has_role("office_head")
    assert not queries.actor_for(session, deputy.id, NOW + 3 * DAY).has_role("office_head")
    with office.by_admin(now=NOW + DAY) as tx:
        for ended in (now, later):
            with pytest.raises(Conflict, match=r"deputy\.ended"):
                end_deputy(tx, ended.id)
        set_deputy(tx, head.id, deputy.id, kind="plh", begins_at=NOW + 2 * DAY, ends_at=NOW + 6 * DAY)


def test_rights_come_from_the_roles(session: Session, office) -> None:
    assert queries.rights_of(session, ["office_head", "citizen", "sultan"]) >= {"work", "task.assign"}
    assert queries.rights_of(session, ["citizen"]) == frozenset()
    assert "user.manage" not in queries.rights_of(session, ["process_designer"])


def test_rights_are_asked_of_the_database_once_per_session(session: Session, office) -> None:
    statements: list[str] = []
    event.listen(session.connection(), "before_cursor_execute", lambda *told: statements.append(told[2]))

    for _ in range(3):
        queries.rights_of(session, ["office_head", "intake_officer"])

    assert len(statements) == 1


def test_loading_the_roles_again_changes_nothing(session: Session, office) -> None:
    with office.begin_tx() as tx:
        assert load_roles(tx, ROLES) == []

    assert [role.id for role in queries.all_roles(session)] == [entry["id"] for entry in read_roles(ROLES)]


def test_a_role_that_the_file_forgets_loses_its_rights(session: Session, office, tmp_path: Path) -> None:
    file = tmp_path / "roles.yml"
    file.write_text("roles: [{id: administrator, title: Admin, title_en: Admin, rights: [user.manage]}]")

    with office.begin_tx() as tx:
        touched = load_roles(tx, file)

    assert "administrator" in touched
    assert queries.rights_of(session, ["regent"]) == frozenset()
    role = session.get(Role, "administrator")
    assert role is not None
    assert role.title == "Admin"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "roles: 3",
        "[",
        "roles: [{id: a, title: A, title_en: A}]",
        "roles: [3]",
        "roles: [{id: a, title: A, title_en: A, rights: [1]}]",
        "roles: [{id: a, title: A, title_en: A, rights: []}, {id: a, title: A, title_en: A, rights: []}]",
    ],
)
def test_a_broken_file_of_roles_is_a_finding(tmp_path: Path, text: str) -> None:
    file = tmp_path / "roles.yml"
    file.write_text(text)

    with pytest.raises(BrokenDefinition) as broken:
        read_roles(file)

    assert broken.value.findings
