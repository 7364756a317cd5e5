"""Cases: numbers without gaps, contents behind one door, words that can be found, deadlines, ladder and duplicates."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from case_factories import create_actor, create_case, create_unit
from databases import WAITING, TestDatabase
from factories import JAKARTA, NOW, jakarta
from workflows.access.policy import visible_cases
from workflows.calendar.working_days import WorkingCalendar
from workflows.cases import contents, deadlines, duplicates, escalations, operations, parties, queries
from workflows.cases.ladder import Step, escalations_for, ladder_of
from workflows.cases.lists import CaseFilters, list_cases
from workflows.cases.models import Case
from workflows.cases.search import index_words, matches
from workflows.deadlines.rules import Rule
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.language import speaking
from workflows.transaction import SYSTEM, Actor, Tx, begin

BeginTx = Callable[..., AbstractContextManager[Tx]]

CALENDAR = WorkingCalendar({date(2026, 3, 19): "Hari Suci Nyepi"}, {date(2026, 3, 18): "Cuti bersama Nyepi"})
RULE = Rule(
    id="X-01",
    title="Verifikasi",
    title_en="Verification",
    trigger="laporan diterima",
    trigger_en="the report came in",
    obligation="Petugas memverifikasi laporan.",
    obligation_en="The officer verifies the report.",
    length=3,
    unit="working_days",
    source="Peraturan contoh",
    source_en="A sample rule",
    evidence="design",
    read_in=(),
    note="",
    note_en="",
    in_force_from=date(2020, 1, 1),
    in_force_until=None,
    follows=None,
    part_of=None,
)


class TestNumbering:
    def test_numbers_count_within_the_local_year(self, begin_tx: BeginTx) -> None:
        # Half an hour after midnight in the office is still the old year in UTC.
        with begin_tx(now=jakarta(2026, 12, 31, 23, 30)) as tx:
            old = create_case(tx).number
        with begin_tx(now=jakarta(2027, 1, 1, 0, 30)) as tx:
            new = [create_case(tx).number, create_case(tx).number]

        assert old == "SMP-2026-00001"
        assert new == ["SMP-2027-00001", "SMP-2027-00002"]

    def test_a_number_that_was_rolled_back_is_given_again(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            create_case(tx)
            with pytest.raises(RuntimeError), session.begin_nested():
                _open_and_fail(tx)
            assert create_case(tx).number == "SMP-2026-00002"

    def test_two_reports_at_once_leave_no_gap(self, committed_database: TestDatabase) -> None:
        def second_report() -> None:
            with Session(committed_database.engine) as other, begin(other, SYSTEM, now=NOW) as tx:
                create_case(tx)

        with Session(committed_database.engine) as session:
            with begin(session, SYSTEM, now=NOW) as tx:
                create_case(tx)
                thread = Thread(target=second_report)
                thread.start()
                while not session.scalar(WAITING):
                    assert thread.is_alive()
            thread.join(timeout=120)
            numbers = session.scalars(select(Case.number).order_by(Case.number)).all()

        assert numbers == ["SMP-2026-00001", "SMP-2026-00002"]


def _open_and_fail(tx: Tx) -> None:
    create_case(tx)
    raise RuntimeError("the act fails")


class TestContents:
    def test_only_who_may_see_the_case_reads_what_was_written(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = create_case(tx, confidential=True)
            member = create_actor(tx, ("inspector", create_unit(tx)))
            outsider = create_actor(tx, ("intake_officer", create_unit(tx)))
            operations.admit(tx, case, role="inspector")
            contents.put(tx, case, "report", {"story": "rahasia"})

        assert [each.body["story"] for each in contents.read(session, member, case)] == ["rahasia"]
        assert contents.read(session, outsider, case) == []
        assert contents.latest(session, outsider, case, "report") is None

    def test_a_reporter_reads_their_own_words_and_what_was_released(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            reporter = Actor(kind="reporter", case_id=case.id)
            contents.put(replace(tx, actor=reporter), case, "report", {"story": "milik pelapor"})
            contents.put(tx, case, "note", {"note": "untuk petugas"})
            contents.put(tx, case, "answer", {"answer": "lama"})
            contents.put(tx, case, "answer", {"answer": "baru", "draft_note": "internal"})
            contents.publish(tx, case, "answer", fields=["answer"])

        read = contents.read(session, reporter, case)
        assert [dict(each.body) for each in read] == [{"story": "milik pelapor"}, {"answer": "baru"}]

    def test_releasing_twice_is_journalled_once(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            contents.put(tx, case, "answer", {"answer": "ya"})
            contents.publish(tx, case, "answer", fields=["answer"])
            contents.publish(tx, case, "answer", fields=["answer"])
            assert contents.publish(tx, case, "photo", fields=[]) is None

        count = select(func.count()).where(JournalEntry.kind == "content.published")
        assert session.scalar(count) == 1

    def test_the_journal_holds_no_word_of_it(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            contents.put(tx, case, "report", {"story": "KENARI"})
            parties.add_party(tx, case, "reporter", {"name": "KENARI", "email": "kenari@example.org"})

        assert "KENARI" not in str([(entry.facts, entry.actor_name) for entry in session.scalars(select(JournalEntry))])


class TestIdentity:
    def test_reading_an_identity_is_journalled(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            parties.add_party(tx, case, "reporter", {"name": "Siti", "email": "siti@example.org", "phone": ""})
            inspector = create_actor(tx, ("inspector", create_unit(tx)))
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))

        assert [view.identity for view in parties.parties_of(session, inspector, case)] == [None]
        with begin_tx(inspector) as tx:
            assert [view.identity for view in parties.reveal(tx, case)] == [
                {"name": "Siti", "email": "siti@example.org", "phone": ""}
            ]
        with begin_tx(officer) as tx, pytest.raises(NotAllowed):
            parties.reveal(tx, case)

        readers = session.scalars(select(JournalEntry.actor_id).where(JournalEntry.kind == "identity.read")).all()
        assert readers == [inspector.user_id]

    def test_the_outbox_gets_addresses_by_channel(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            party = parties.add_party(tx, create_case(tx), "reporter", {"email": "siti@example.org", "phone": ""})

        assert parties.addresses_of(session, party.id) == {"email": "siti@example.org"}


class TestSearch:
    @pytest.mark.parametrize("words", ["jalan", "perbaikan", "SMP-2026-0000", "memperbaiki jalan"])
    def test_finds_indonesian_words_by_their_stem(self, begin_tx: BeginTx, session: Session, words: str) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            index_words(case, title="Jalan berlubang", text="Mohon diperbaiki segera di desa kami")
            create_case(tx, number_pattern="LAIN-{year}-{sequence}")

        assert session.scalars(select(Case.number).where(matches(words))).all() == [case.number]

    def test_a_confidential_case_is_never_found_by_words(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            secret, open_one = create_case(tx, confidential=True), create_case(tx)
            for case in (secret, open_one):
                index_words(case, title="Pungutan", text="di loket")
            operations.classify(tx, open_one, {"confidential": True})

        assert session.scalars(select(Case.id).where(matches("pungutan"))).all() == []

    def test_the_database_refuses_words_of_a_confidential_case(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = create_case(tx, confidential=True)
        with pytest.raises(IntegrityError, match="confidential_not_searchable"), session.begin_nested():
            session.execute(text("UPDATE case_file SET search = 'pungut' WHERE id = :id"), {"id": case.id})


class TestDeadlines:
    def test_a_running_keeps_both_readings_and_its_explanation(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx(now=jakarta(2026, 3, 16)) as tx:
            case = create_case(tx)
            deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))

        (view,) = queries.deadlines_of(session, officer, case, jakarta(2026, 3, 17))
        assert (view.strict_on, view.lenient_on) == (date(2026, 3, 20), date(2026, 3, 23))
        assert view.due_at == jakarta(2026, 3, 24, 0)
        assert "Nyepi" in view.explanation
        assert view.state == "running"
        with speaking("en"):
            (english,) = queries.deadlines_of(session, officer, case, jakarta(2026, 3, 24, 0))
        assert english.basis == "A sample rule"
        assert english.state == "breached"

    def test_a_met_deadline_starts_a_new_round(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            first = deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
            assert deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA) is first
            deadlines.meet_deadline(tx, case, "X-01")
            second = deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
            assert (first.round, second.round) == (1, 2)
            assert deadlines.meet_deadline(tx, case, "X-02") is None

    def test_one_reminder_a_day(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            running = deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
        with begin_tx(now=NOW + timedelta(days=1)) as tx:
            assert deadlines.remind(tx, running, "0.75", "intake_officer", JAKARTA)
            assert not deadlines.remind(tx, running, "0.9", "intake_officer", JAKARTA)
        with begin_tx(now=NOW + timedelta(days=2)) as tx:
            assert deadlines.remind(tx, running, "0.9", "intake_officer", JAKARTA)
        with begin_tx(now=NOW + timedelta(days=30)) as tx:
            assert not deadlines.remind(tx, running, "0.9", "intake_officer", JAKARTA)


class TestEscalations:
    def test_the_clock_raises_one_breach_to_one_role_once(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = create_case(tx)
            deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
            assert escalations.escalate_by_clock(tx, case, "X-01", "intake_supervisor") is not None
            assert escalations.escalate_by_clock(tx, case, "X-01", "intake_supervisor") is None
            assert escalations.escalate_by_clock(tx, case, "X-01", "regional_secretary") is not None

        assert session.scalar(select(func.count()).where(JournalEntry.kind == "case.escalated")) == 2

    def test_by_hand_needs_a_reason_and_reaches_the_role(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            unit = create_unit(tx)
            officer = create_actor(tx, ("intake_officer", unit), name="Rahma")
            supervisor = create_actor(tx, ("intake_supervisor", unit), name="Budi")
            case = create_case(tx)
        with begin_tx(officer) as tx, pytest.raises(InvalidAnswers) as caught:
            escalations.escalate(tx, case.id, to_role="emperor", reason="  ")
        assert [problem[0] for problem in caught.value.problems] == ["to_role", "reason"]

        with begin_tx(officer) as tx:
            raised = escalations.escalate(tx, case.id, to_role="intake_supervisor", reason="Kantor tidak menjawab")

        page = escalations_for(session, supervisor, visible_cases(session, supervisor))
        assert [(row.id, row.reason, row.raised_by) for row in page.rows] == [
            (raised.id, "Kantor tidak menjawab", "Rahma")
        ]
        assert escalations_for(session, officer, visible_cases(session, officer)).rows == ()
        with begin_tx(officer) as tx, pytest.raises(NotFound):
            escalations.acknowledge(tx, raised.id)
        with begin_tx(supervisor) as tx:
            escalations.acknowledge(tx, raised.id)
            escalations.acknowledge(tx, raised.id)
        assert escalations_for(session, supervisor, visible_cases(session, supervisor)).total == 0

    def test_a_closed_case_is_not_escalated(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))
            case = create_case(tx)
            operations.close_case(tx, case, "resolved")
        with begin_tx(officer) as tx, pytest.raises(Conflict, match=r"case\.closed"):
            escalations.escalate(tx, case.id, to_role="intake_officer", reason="Terlambat")

    def test_the_ladder_tells_what_was_said_and_what_comes(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            unit = create_unit(tx)
            officer = create_actor(tx, ("intake_officer", unit), name="Rahma")
            create_actor(tx, ("intake_supervisor", unit), name="Budi")
            create_actor(tx, ("regional_secretary", unit), name="Sekda")
            case = create_case(tx, handling_unit_id=unit.id)
            running = deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
            deadlines.start_deadline(tx, case, replace(RULE, id="X-05", length=14), CALENDAR, JAKARTA)
        with begin_tx(now=NOW + timedelta(days=2)) as tx:
            deadlines.remind(tx, running, "0.75", "intake_officer", JAKARTA)
        with begin_tx(now=NOW + timedelta(days=4)) as tx:
            escalations.escalate_by_clock(tx, case, "X-01", "intake_supervisor")

        ladder = ladder_of(
            session,
            officer,
            case,
            [
                Step("X-01", "intake_supervisor", "X-01"),
                Step("X-05", "regional_secretary", "X-05"),
                Step("X-06", "regent", "X-06"),
            ],
            NOW + timedelta(days=5),
            ends=never,
        )

        assert [(rung.kind, rung.deadline_id, rung.people) for rung in ladder] == [
            ("reminder", "X-01", ("Rahma",)),
            ("escalation", "X-01", ("Budi",)),
            ("ahead", "X-05", ("Sekda",)),
            ("ahead", "X-06", ()),
        ]
        assert ladder[2].at == jakarta(2026, 3, 25, 0)
        assert ladder[3].at is None

    def test_a_step_within_another_deadline_comes_and_goes_with_it(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))
            case = create_case(tx)
            deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
        asked: list[tuple[str, datetime]] = []

        def ahead(now: datetime) -> list[tuple[str | None, datetime | None]]:
            def ends(deadline_id: str, since: datetime) -> datetime:
                asked.append((deadline_id, since))
                return NOW + timedelta(days=1)

            steps = [Step("X-01a", "inspector", "X-01")]
            return [(rung.deadline_id, rung.at) for rung in ladder_of(session, officer, case, steps, now, ends=ends)]

        assert ahead(NOW) == [("X-01a", NOW + timedelta(days=1))]
        assert asked == [("X-01a", NOW)]
        # It is over and was told, or the deadline within which it falls was kept: nothing comes any more.
        assert ahead(NOW + timedelta(days=1)) == []
        with begin_tx() as tx:
            deadlines.meet_deadline(tx, case, "X-01")
        assert ahead(NOW) == []

    def test_a_step_without_a_running_of_its_own_comes_once(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))
            case = create_case(tx)
        steps = [Step("X-01a", "inspector", "X-01a")]
        assert [rung.kind for rung in ladder_of(session, officer, case, steps, NOW, ends=never)] == ["ahead"]
        with begin_tx() as tx:
            escalations.escalate_by_clock(tx, case, "X-01a", "inspector")
        assert [rung.kind for rung in ladder_of(session, officer, case, steps, NOW, ends=never)] == ["escalation"]


def never(deadline_id: str, since: datetime) -> None:
    """Count nothing: no step of these ladders falls in the running of another deadline."""
    raise AssertionError(deadline_id)


HERE = {"category": "02", "latitude": 3.7300, "longitude": 98.4500}


class TestDuplicates:
    def test_near_in_place_and_time_is_suggested_and_a_person_links(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx(now=NOW - timedelta(days=14)) as tx:
            near = create_case(tx, category="02", latitude=3.7305, longitude=98.4505)
            create_case(tx, category="03", latitude=3.7300, longitude=98.4500)
            create_case(tx, category="02", latitude=3.7300, longitude=98.4515)
            create_case(tx, category="02", latitude=3.7300, longitude=98.4500, confidential=True)
        with begin_tx(now=NOW - timedelta(days=15)) as tx:
            create_case(tx, **HERE)
        with begin_tx() as tx:
            case = create_case(tx, **HERE)
            found = duplicates.suggest_duplicates(tx, case, distance_metres=100, days=14)
            assert [(each.other_id, each.distance_metres, each.days) for each in found] == [(near.id, 79, 14)]
            assert len(duplicates.suggest_duplicates(tx, case, distance_metres=100, days=14)) == 1

            assert duplicates.link_duplicate(tx, case) is near
            with pytest.raises(Conflict, match="circular"):
                duplicates.link_duplicate(tx, near, case.id)
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))

        (lookalike,) = duplicates.lookalikes(session, visible_cases(session, officer), case.id)
        assert (lookalike.number, lookalike.status) == (near.number, "linked")
        assert queries.header(session, officer, case).duplicate_of == near.number

    def test_a_dismissed_suggestion_stays_dismissed(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            older, case = create_case(tx, **HERE), create_case(tx, **HERE)
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))
            duplicates.suggest_duplicates(tx, case, distance_metres=100, days=14)
        with begin_tx(officer) as tx:
            duplicates.dismiss_duplicate(tx, case.id, older.id)
        with begin_tx() as tx:
            assert duplicates.suggest_duplicates(tx, case, distance_metres=100, days=14) == []
            with pytest.raises(Conflict, match="unsuggested"):
                duplicates.link_duplicate(tx, case)


class TestLists:
    def test_a_page_of_the_list_is_counted_and_narrowed(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            unit = create_unit(tx, "DINKES")
            officer = create_actor(tx, ("intake_officer", unit))
            for place in range(5):
                case = create_case(tx, district=f"1205{place % 2}", handling_unit_id=unit.id)
                contents.put(tx, case, contents.SUMMARY, {"title": f"Judul {place}", "text": ""})
            operations.close_case(tx, case, "resolved")
        visible = visible_cases(session, officer)

        page = list_cases(session, visible, CaseFilters(), page=2, per_page=2)
        assert (page.total, page.more, len(page.rows)) == (5, False, 2)
        assert page.rows[0].title.startswith("Judul")
        narrowed = CaseFilters(district="12051", office="DINKES", state="open", opened_from=NOW.date())
        assert list_cases(session, visible, narrowed).total == 2
        assert list_cases(session, visible, CaseFilters(state="closed")).total == 1

    def test_the_timeline_names_what_the_facts_mean(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            unit = create_unit(tx, "DINKES")
            officer = create_actor(tx, ("intake_officer", unit), name="Rahma")
            case = create_case(tx)
        with begin_tx(officer) as tx:
            words = contents.put(tx, case, "referral", {"instruction": "Tindak lanjuti"})
            operations.refer(tx, case, unit.id, content_id=words.id)

        timeline = queries.timeline(session, officer, case)
        assert [entry.kind for entry in timeline] == ["case.opened", "content.put", "case.referred"]
        assert timeline[-1].actor_name == "Rahma"
        assert timeline[-1].names == {str(unit.id): "Unit DINKES"}
        (referral,) = queries.referrals_of(session, officer, case)
        assert (referral.to_unit, referral.by) == ("Unit DINKES", "Rahma")
        assert referral.content is not None
        assert referral.content.body == {"instruction": "Tindak lanjuti"}
        assert verify(session) is None

    def test_a_case_that_may_not_be_seen_does_not_exist(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            secret = create_case(tx, confidential=True)
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))

        for number in (secret.number, "SMP-2026-99999"):
            with pytest.raises(NotFound, match=r"case\.unknown"):
                queries.case_by_number(session, officer, number)
        assert list_cases(session, visible_cases(session, officer), CaseFilters()).total == 0
        assert queries.timeline(session, officer, secret) == []
        assert queries.deadlines_of(session, officer, secret, NOW) == []


def test_a_window_that_its_timer_closed_is_not_late(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        case = create_case(tx)
        running = deadlines.start_deadline(tx, case, RULE, CALENDAR, JAKARTA)
    with begin_tx(now=running.due_at + timedelta(minutes=5)) as tx:
        deadlines.meet_deadline(tx, case, "X-01", at=running.due_at)

    assert not running.is_overdue(NOW + timedelta(days=30))
    met = session.scalars(select(JournalEntry).where(JournalEntry.kind == "deadline.met")).one()
    assert met.facts["late"] is False
