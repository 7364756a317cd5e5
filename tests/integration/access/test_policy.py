"""The law: who sees which case, as one row and as a list, and what they may do about it."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import RIGHTS, create_actor, create_case, create_role, create_unit, create_user
from workflows.access import policy
from workflows.cases.models import Case
from workflows.cases.operations import admit, exclude, refer
from workflows.people.models import Unit
from workflows.transaction import NOBODY, SYSTEM, Actor, Mandate, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@dataclass(frozen=True)
class Work:
    """What the law needs to know of a task."""

    case_id: UUID
    role: str
    unit_id: UUID | None


def _visible(session: Session, actor: Actor) -> set[UUID]:
    return set(session.scalars(select(Case.id).where(policy.visible_cases(session, actor))))


def test_a_list_shows_exactly_what_a_page_shows(begin_tx: BeginTx, session: Session) -> None:
    """Random offices, people and cases, judged by an oracle that knows no SQL."""
    chance = random.Random(20260302)
    with begin_tx() as tx:
        units = [create_unit(tx) for _ in range(4)]
        people = [create_user(tx) for _ in range(5)]
        for role in RIGHTS:
            create_role(tx, role)
        cases = []
        for _ in range(40):
            case = create_case(tx, confidential=chance.random() < 0.4)
            for _ in range(chance.randrange(3)):
                refer(tx, case, chance.choice(units).id)
            for _ in range(chance.randrange(3)):
                where = chance.choice([None, chance.choice(units).id])
                admit(tx, case, role=chance.choice(list(RIGHTS)), unit_id=where)
            if chance.random() < 0.3:
                admit(tx, case, user_id=chance.choice(people).id)
            if chance.random() < 0.3:
                exclude(tx, case, "related", user_id=chance.choice(people).id)
            if chance.random() < 0.3:
                exclude(tx, case, "reported", unit_id=chance.choice(units).id)
            cases.append(case)
        facts = {case.id: _facts(session, case) for case in cases}

        for person in people:
            for _ in range(6):
                mandates = frozenset(
                    Mandate(chance.choice(list(RIGHTS)), chance.choice(units).id) for _ in range(chance.randrange(4))
                )
                actor = Actor(kind="user", user_id=person.id, mandates=mandates)
                listed = _visible(session, actor)
                for case in cases:
                    expected = _oracle(actor, case, *facts[case.id])
                    assert (case.id in listed) is expected
                    assert policy.may(session, actor, "case.read", case) is expected


def _facts(session: Session, case: Case) -> tuple[set[UUID], list[tuple[object, ...]], list[tuple[object, ...]]]:
    from_tables = session.connection().exec_driver_sql
    referred = {row[0] for row in from_tables("SELECT to_unit_id FROM referral WHERE case_id = %s", (case.id,))}
    circle = [
        tuple(row)
        for row in from_tables("SELECT role, unit_id, user_id FROM case_circle WHERE case_id = %s", (case.id,))
    ]
    barred = [
        tuple(row) for row in from_tables("SELECT unit_id, user_id FROM case_exclusion WHERE case_id = %s", (case.id,))
    ]
    return referred, circle, barred


def _oracle(
    actor: Actor,
    case: Case,
    referred: set[UUID],
    circle: list[tuple[object, ...]],
    barred: list[tuple[object, ...]],
) -> bool:
    for unit_id, user_id in barred:
        if user_id == actor.user_id or any(mandate.unit_id == unit_id for mandate in actor.mandates):
            return False
    if not actor.mandates:
        return False
    if any(
        user_id == actor.user_id
        or any(mandate.role == role and unit_id in (None, mandate.unit_id) for mandate in actor.mandates)
        for role, unit_id, user_id in circle
    ):
        return True
    if case.confidential:
        return False
    if any("case.read_all" in RIGHTS[mandate.role] for mandate in actor.mandates):
        return True
    own = {mandate.unit_id for mandate in actor.mandates if "case.read_unit" in RIGHTS[mandate.role]}
    return case.handling_unit_id in own or bool(own & referred)


def test_a_reported_office_sees_the_case_once_it_is_referred(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        office = create_unit(tx)
        head = create_actor(tx, ("office_head", office))
        case = create_case(tx, subject_unit_id=office.id)

        assert not policy.may(session, head, "case.read", case)
        refer(tx, case, office.id)
        assert policy.may(session, head, "case.read", case)


def test_nobody_and_reporters_see_no_officers_page(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        case = create_case(tx)
        reporter = Actor(kind="reporter", case_id=case.id)

        assert policy.may(session, reporter, "case.follow", case)
        assert not policy.may(session, Actor(kind="reporter", case_id=uuid4()), "case.follow", case)
        for actor in (NOBODY, reporter):
            assert not policy.may(session, actor, "case.read", case)
            assert not policy.may(session, actor, "task.work", Work(case.id, "", None))
            assert not policy.may(session, actor, "user.manage")
            assert _visible(session, actor) == set()
        assert policy.may(session, SYSTEM, "case.read", case)


def test_an_account_follows_what_it_reported(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        citizen = create_actor(tx, ("citizen", create_unit(tx)))
        own = create_case(tx, reporter_user_id=citizen.user_id)
        other = create_case(tx)

        assert policy.may(session, citizen, "case.follow", own)
        assert not policy.may(session, citizen, "case.follow", other)
        assert not policy.may(session, citizen, "case.read", own)


class TestIdentity:
    """Who may know who reported."""

    @pytest.fixture
    def office(self, begin_tx: BeginTx) -> Unit:
        with begin_tx() as tx:
            return create_unit(tx, "DINAS")

    def test_needs_the_right_of_that_name(self, begin_tx: BeginTx, session: Session, office: Unit) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            inspector = create_actor(tx, ("inspector", create_unit(tx)))
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))

            assert policy.may(session, inspector, "party.identity", case)
            assert not policy.may(session, officer, "party.identity", case)

    @pytest.mark.parametrize("anonymous", [True, False])
    def test_of_an_anonymous_reporter_stays_hidden_from_the_reported_office(
        self, begin_tx: BeginTx, session: Session, office: Unit, anonymous: bool
    ) -> None:
        with begin_tx() as tx:
            case = create_case(tx, subject_unit_id=office.id, anonymous=anonymous)
            section = create_unit(tx, parent=office, kind="section")
            inside = create_actor(tx, ("inspector", office))
            below = create_actor(tx, ("office_liaison", section), ("inspector", create_unit(tx)))

            assert policy.may(session, inside, "party.identity", case) is not anonymous
            assert policy.may(session, below, "party.identity", case) is not anonymous


def test_a_task_is_for_its_role_in_its_unit(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        here, there = create_unit(tx), create_unit(tx)
        case = create_case(tx, handling_unit_id=here.id)
        liaison = create_actor(tx, ("office_liaison", here))
        elsewhere = create_actor(tx, ("office_liaison", there), ("regional_secretary", there))
        head = create_actor(tx, ("office_head", here))
        task = Work(case.id, "office_liaison", here.id)

        assert policy.may(session, liaison, "task.work", task)
        assert not policy.may(session, elsewhere, "task.work", task)
        assert not policy.may(session, head, "task.work", task)
        assert policy.may(session, head, "task.assign", task)
        assert not policy.may(session, liaison, "task.assign", task)
        assert not policy.may(session, liaison, "task.work", Work(create_case(tx).id, "office_liaison", here.id))


def test_other_acts_are_rights(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        supervisor = create_actor(tx, ("intake_supervisor", create_unit(tx)))

        assert policy.may(session, supervisor, "incident.handle")
        assert not policy.may(session, supervisor, "definition.publish")
