"""Tasks change hands, one pair at a time; the inbox shows what waits, late things first, and nothing that is hidden."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SampleOffice, create_case, create_task
from factories import NOW, jakarta
from workflows.cases import contents, operations
from workflows.cases.lists import COUNT_LIMIT
from workflows.cases.search import index_words
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.journal.models import JournalEntry
from workflows.journal.queries import entries_of
from workflows.people.models import Deputy, Membership, User
from workflows.tasks import operations as tasks
from workflows.tasks import queries
from workflows.tasks.models import Task
from workflows.tasks.queries import InboxFilters
from workflows.transaction import Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture
def a_task(begin_tx: BeginTx, an_office: SampleOffice) -> Task:
    """A task for intake officers."""
    with begin_tx() as tx:
        return create_task(tx, an_office, create_case(tx))


def _user(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id


class TestHands:
    def test_claim_tells_who_was_quicker(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_task: Task
    ) -> None:
        with begin_tx(an_office.officer) as tx:
            tasks.claim(tx, a_task.id)
            tasks.claim(tx, a_task.id)
        with begin_tx(an_office.colleague) as tx, pytest.raises(Conflict, match=r"task\.taken") as caught:
            tasks.claim(tx, a_task.id)

        assert caught.value.facts == {"by": "Rahma"}
        assert a_task.claimed_at == NOW
        assert len(session.scalars(select(JournalEntry).where(JournalEntry.kind == "task.claimed")).all()) == 1

    def test_release_is_for_the_holder_and_the_superior(
        self, begin_tx: BeginTx, an_office: SampleOffice, a_task: Task
    ) -> None:
        with begin_tx(an_office.officer) as tx:
            tasks.claim(tx, a_task.id)
        with begin_tx(an_office.colleague) as tx, pytest.raises(NotAllowed):
            tasks.release(tx, a_task.id)
        with begin_tx(an_office.supervisor) as tx:
            tasks.release(tx, a_task.id)

        assert a_task.assignee_id is None

    def test_assign_takes_it_even_from_another(self, begin_tx: BeginTx, an_office: SampleOffice, a_task: Task) -> None:
        with begin_tx(an_office.officer) as tx:
            tasks.claim(tx, a_task.id)
            with pytest.raises(NotAllowed):
                tasks.assign(tx, a_task.id, _user(an_office.colleague))
        with begin_tx(an_office.supervisor) as tx:
            tasks.assign(tx, a_task.id, _user(an_office.colleague))
            with pytest.raises(NotAllowed, match="unfit_assignee"):
                tasks.assign(tx, a_task.id, _user(an_office.liaison))

        assert a_task.assignee_id == an_office.colleague.user_id

    def test_a_task_of_a_hidden_case_does_not_exist(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_task: Task
    ) -> None:
        for act in (tasks.claim, tasks.release):
            with begin_tx(an_office.liaison) as tx, pytest.raises(NotFound, match=r"task\.unknown"):
                act(tx, a_task.id)
            with begin_tx(an_office.liaison) as tx, pytest.raises(NotFound, match=r"task\.unknown"):
                act(tx, uuid4())
        with pytest.raises(NotFound, match=r"task\.unknown"):
            queries.task(session, an_office.liaison, a_task.id, NOW)

    @pytest.mark.parametrize("status", ["done", "cancelled"])
    def test_nobody_takes_what_is_over(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_task: Task, status: str
    ) -> None:
        a_task.status, a_task.completed_at, a_task.completed_by_id = status, NOW, an_office.colleague.user_id
        session.flush()

        with begin_tx(an_office.officer) as tx, pytest.raises(Conflict, match=rf"task\.{status}"):
            tasks.claim(tx, a_task.id)

    def test_the_page_says_what_the_reader_may_do(
        self, session: Session, an_office: SampleOffice, a_task: Task
    ) -> None:
        officer = queries.task(session, an_office.officer, a_task.id, NOW)
        supervisor = queries.task(session, an_office.supervisor, a_task.id, NOW)

        assert (officer.may_work, officer.may_assign) == (True, False)
        assert (supervisor.may_work, supervisor.may_assign) == (False, True)
        people = queries.assignable_people(session, an_office.supervisor, a_task.id, NOW)
        assert [person.name for person in people] == ["Budi", "Rahma"]
        assert queries.assignable_people(session, an_office.officer, a_task.id, NOW) == []


class TestDrafts:
    def test_a_draft_is_its_writers_alone_and_outlives_a_lost_race(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_task: Task
    ) -> None:
        with begin_tx(an_office.officer) as tx:
            tasks.save_draft(tx, a_task.id, {"note": ["pertama"]})
        with begin_tx(an_office.colleague) as tx:
            tasks.claim(tx, a_task.id)
        with begin_tx(an_office.officer) as tx:
            tasks.save_draft(tx, a_task.id, {"note": ["kedua"], "tags": ["a", "b"]})

        draft = queries.draft(session, an_office.officer, a_task.id)
        assert draft is not None
        assert draft.posted == {"note": ["kedua"], "tags": ["a", "b"]}
        assert queries.draft(session, an_office.colleague, a_task.id) is None

    def test_saved_views_are_ones_own(self, begin_tx: BeginTx, session: Session, an_office: SampleOffice) -> None:
        with begin_tx(an_office.officer) as tx:
            tasks.save_view(tx, "Terlambat", "?overdue=1")
            view = tasks.save_view(tx, "Terlambat", "overdue=1&district=12")
        assert [each.query for each in queries.saved_views(session, an_office.officer)] == ["overdue=1&district=12"]
        assert queries.saved_views(session, an_office.colleague) == []
        with begin_tx(an_office.colleague) as tx, pytest.raises(NotFound):
            tasks.forget_view(tx, view.id)
        with begin_tx(an_office.officer) as tx:
            tasks.forget_view(tx, view.id)
        assert queries.saved_views(session, an_office.officer) == []


class TestInbox:
    def test_what_is_due_first_stands_first_and_days_are_working_days(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            for name, due_at in (
                ("tanpa batas", None),
                ("Senin depan", jakarta(2026, 3, 10, 0)),
                ("terlambat", jakarta(2026, 2, 28, 0)),
                ("hari ini", jakarta(2026, 3, 3, 0)),
            ):
                create_task(tx, an_office, case, name=name, due_at=due_at)

        page = queries.inbox(session, an_office.officer, InboxFilters(scope="unit"), NOW)
        assert [(row.name, row.overdue, row.remaining_days) for row in page.rows] == [
            ("terlambat", True, -1),
            ("hari ini", False, 0),
            ("Senin depan", False, 5),
            ("tanpa batas", False, None),
        ]
        late = queries.inbox(session, an_office.officer, InboxFilters(scope="unit", overdue=True), NOW)
        assert [row.name for row in late.rows] == ["terlambat"]

    def test_scopes_hold_mine_my_roles_and_all_that_i_see(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        with begin_tx() as tx:
            case = create_case(tx, handling_unit_id=an_office.health.id)
            mine = create_task(tx, an_office, case, name="milik saya")
            create_task(tx, an_office, case, name="bersama")
            create_task(tx, an_office, case, name="kantor", role="office_liaison", unit_id=an_office.health.id)
            secret = create_case(tx, confidential=True)
            operations.exclude(tx, secret, "related", user_id=_user(an_office.officer))
            create_task(tx, an_office, secret, name="rahasia")
        with begin_tx(an_office.officer) as tx:
            tasks.claim(tx, mine.id)

        def names(actor: Actor, scope: queries.Scope) -> list[str]:
            return sorted(row.name for row in queries.inbox(session, actor, InboxFilters(scope=scope), NOW).rows)

        assert names(an_office.officer, "mine") == ["milik saya"]
        assert names(an_office.officer, "unit") == ["bersama", "milik saya"]
        assert names(an_office.officer, "all") == ["bersama", "kantor", "milik saya"]
        assert names(an_office.colleague, "unit") == ["bersama", "milik saya", "rahasia"]
        assert names(an_office.liaison, "unit") == ["kantor"]
        counts = queries.counts(session, an_office.officer, NOW)
        assert (counts.mine, counts.unit, counts.all, counts.mine_overdue) == (1, 2, 3, 0)

    def test_filters_search_and_pages(self, begin_tx: BeginTx, session: Session, an_office: SampleOffice) -> None:
        with begin_tx() as tx:
            for place in range(5):
                case = create_case(tx, district=f"d{place % 2}", handling_unit_id=an_office.health.id)
                operations.set_stage(tx, case, "checking")
                contents.put(tx, case, contents.SUMMARY, {"title": f"Jalan {place}", "text": "berlubang"})
                index_words(case, title=f"Jalan {place}", text="berlubang")
                create_task(tx, an_office, case, due_at=NOW + timedelta(days=place))

        def found(**filters: str) -> int:
            return queries.inbox(session, an_office.officer, InboxFilters(scope="unit", **filters), NOW).total  # type: ignore[arg-type]

        assert found() == 5
        assert found(district="d0") == 3
        assert found(stage="checking", office="DINKES", case_type="sample") == 5
        assert found(office="LAIN") == 0
        assert found(search="lubang") == 5
        assert found(search="SMP-2026-00003") == 1
        page = queries.inbox(session, an_office.officer, InboxFilters(scope="unit"), NOW, page=2, per_page=2)
        assert [row.case_title for row in page.rows] == ["Jalan 2", "Jalan 3"]
        assert (page.total, page.page, page.per_page) == (5, 2, 2)
        newest = queries.inbox(session, an_office.officer, InboxFilters(scope="unit", sort="newest"), NOW, per_page=999)
        assert newest.per_page == 50

    def test_a_large_inbox_is_not_counted_to_the_end(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice
    ) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            first = create_task(tx, an_office, case)
            session.execute(
                Task.__table__.insert(),
                [
                    {
                        "id": uuid4(),
                        "instance_id": first.instance_id,
                        "case_id": case.id,
                        "engine_task": uuid4().hex,
                        "element": "check",
                        "name": "Periksa",
                        "lane": "intake",
                        "role": "intake_officer",
                        "created_at": NOW,
                    }
                    for _ in range(COUNT_LIMIT + 10)
                ],
            )

        page = queries.inbox(session, an_office.officer, InboxFilters(scope="unit"), NOW)
        assert (page.total, page.more) == (COUNT_LIMIT, True)


class TestHoldersWhoMayNoLonger:
    @pytest.fixture
    def a_held_task(self, begin_tx: BeginTx, an_office: SampleOffice, a_task: Task) -> Task:
        with begin_tx(an_office.officer) as tx:
            return tasks.claim(tx, a_task.id)

    def test_a_holder_who_may_do_it_keeps_it(self, begin_tx: BeginTx, a_held_task: Task) -> None:
        with begin_tx() as tx:
            assert tasks.release_unfit(tx) == 0
        assert a_held_task.assignee_id is not None

    def test_a_closed_account_gives_its_tasks_back(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_held_task: Task
    ) -> None:
        session.get_one(User, _user(an_office.officer)).active = False
        with begin_tx() as tx:
            assert tasks.release_unfit(tx) == 1

        assert (a_held_task.assignee_id, a_held_task.claimed_at, a_held_task.is_open) == (None, None, True)
        entry = entries_of(session, a_held_task.case_id)[-1]
        assert (entry.kind, entry.actor_kind) == ("task.released", "system")

    def test_whoever_was_moved_or_stood_in_gives_them_back_on_the_day(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_held_task: Task
    ) -> None:
        officer, colleague = _user(an_office.officer), _user(an_office.colleague)
        mandate = session.scalars(select(Membership).where(Membership.user_id == officer)).one()
        mandate.ends_at = NOW + timedelta(days=3)
        session.add(
            Deputy(
                principal_id=colleague,
                deputy_id=officer,
                kind="plh",
                begins_at=NOW + timedelta(days=3),
                ends_at=NOW + timedelta(days=5),
                named_at=NOW,
            )
        )
        session.flush()
        for days, given_back in ((2, 0), (4, 0), (5, 1)):
            with begin_tx(now=NOW + timedelta(days=days)) as tx:
                assert tasks.release_unfit(tx) == given_back

    def test_a_role_in_another_unit_is_not_enough(
        self, begin_tx: BeginTx, session: Session, an_office: SampleOffice, a_held_task: Task
    ) -> None:
        a_held_task.unit_id = an_office.health.id
        session.flush()
        with begin_tx() as tx:
            assert tasks.release_unfit(tx) == 1
