"""Objects and givers: recorded from a report, amended, withdrawn, and given by one person or by two."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import create_actor, create_unit
from factories import NOW, jakarta
from gifts import JAKARTA, MAPPING, NIP, tell
from workflows.access.policy import visible_cases
from workflows.cases import contents, parties
from workflows.cases.models import Case
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.feel.values import from_json
from workflows.items import accumulation, operations, queries
from workflows.items.models import Giver, Item
from workflows.journal.models import JournalEntry
from workflows.transaction import SYSTEM, Tx

ON = date(2026, 2, 1)
NIK = "1205015102930001"
BeginTx = Callable[..., AbstractContextManager[Tx]]


def gift(amount: int | None = 100, on: date = ON, giver: str = "Budi", **more: Any) -> dict[str, Any]:
    return {"giver": giver, "amount": amount, "received_on": on, **more}


def record(tx: Tx, case: Case, **given: Any) -> operations.Recorded:
    return operations.record_items(tx, case, MAPPING, zone=JAKARTA, **given)


def priors(session: Session, case: Case, window: accumulation.Window = "rolling") -> list[int]:
    return [fact["prior"] for fact in queries.facts_of(session, case, window)]


class TestRecording:
    def test_a_report_becomes_objects_and_givers_and_its_words_stay_in_the_content_store(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        with begin_tx() as tx:
            case = tell(
                tx,
                gift(1_500_000, kind="l", description="Amplop tebal", relation="vendor", conflict=True),
                gift(Decimal("20.5"), currency="USD", rate=16250, rate_source="bank", rate_on=ON, giver="Siti"),
            )
            recorded = record(tx, case)

        assert (recorded.count, recorded.value, recorded.largest) == (2, 1_833_125, 1_500_000)
        first, second = queries.items_of(session, SYSTEM, case)
        assert (first.description, first.giver.name, first.row.value) == ("Amplop tebal", "Budi", 1_500_000)
        assert (first.row.kind, first.row.flags, first.giver.relation) == ("l", {"conflict": True}, "vendor")
        assert (second.row.currency, second.row.rate, second.row.value) == ("USD", 16250, 333_125)
        written = [str(value) for row in (first.row, second.row) for value in vars(row).values()]
        assert not any("Amplop" in each or "Budi" in each for each in written)

    def test_facts_for_decisions_hold_no_word_that_anybody_wrote(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = tell(tx, gift(700, description="Amplop", event="wedding"), gift(800, event="wedding", nik="1" * 16))
            record(tx, case)

        one, two = queries.facts_of(session, case, "rolling")
        assert (one["value"], one["prior"], one["together"], one["event"]) == (700, 0, 700, "wedding")
        assert not {"Amplop", "Budi", "1" * 16} & {str(value) for fact in (one, two) for value in fact.values()}

    def test_recording_again_changes_nothing_and_a_newer_list_takes_its_place(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        with begin_tx() as tx:
            case = tell(tx, gift(100))
            record(tx, case)
            assert record(tx, case).count == 1
        with begin_tx(now=jakarta(2026, 3, 5)) as tx:
            tell(tx, gift(200), gift(300), case=case, form="completion")
            assert record(tx, case).value == 500

        states = session.scalars(select(Item.state).where(Item.case_id == case.id).order_by(Item.ordinal))
        assert list(states) == ["replaced", "recorded", "recorded"]
        assert priors(session, case) == [0, 0]

    def test_an_object_without_value_or_day_is_kept(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = tell(tx, {"giver": "", "amount": None, "description": "Parsel"})
            record(tx, case)
        (view,) = queries.items_of(session, SYSTEM, case)
        assert (view.row.value, view.row.received_on, view.giver.name) == (None, date(2026, 3, 2), "")

    def test_givers_of_one_number_are_one_row_and_a_name_alone_joins_nobody(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        with begin_tx() as tx:
            case = tell(tx, gift(1, nik="12 71 011111110001"), gift(2, nik="1271011111110001"), gift(3), gift(4))
            record(tx, case)
        assert len(set(session.scalars(select(Item.giver_id).where(Item.case_id == case.id)))) == 3
        assert priors(session, case) == [0, 1, 0, 0]

    def test_three_hundred_gifts_are_recorded_in_few_statements(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            case = tell(tx, *(gift(number, giver=f"Tamu {number}") for number in range(300)))
            assert record(tx, case).count == 300
        assert len(queries.facts_of(session, case, "rolling")) == 300


class TestSums:
    def test_objects_filed_together_count_each_other_in_the_order_of_receipt(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        nik = "1271011111110001"
        with begin_tx() as tx:
            case = tell(tx, gift(100, date(2026, 2, 3), nik=nik), gift(10, date(2026, 2, 1), nik=nik), gift(1, nik=nik))
            other = tell(tx, gift(1000, date(2026, 2, 2), nik=nik))
            record(tx, case)
            record(tx, other)
        assert priors(session, case) == [1011, 0, 10]
        assert priors(session, other) == [11]

    def test_withdrawn_refused_and_repeating_reports_do_not_count(self, begin_tx: BeginTx, session: Session) -> None:
        nik = "1271011111110001"
        with begin_tx() as tx:
            earlier = [tell(tx, gift(amount, nik=nik)) for amount in (1, 10, 100)]
            record(tx, earlier[0])
            record(tx, earlier[1], counts=False)
            record(tx, earlier[2])
            last = tell(tx, gift(5, date(2026, 2, 2), nik=nik))
            record(tx, last)
            assert priors(session, last) == [101]
            assert operations.withdraw_items(tx, earlier[0]) == 1
            earlier[2].duplicate_of_id = last.id
            session.flush()
            assert priors(session, last) == [0]
            record(tx, earlier[0])
            assert priors(session, last) == [1]

    def test_another_receiver_is_another_sum_and_an_unknown_one_has_only_the_report(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        nik = "1271011111110001"
        with begin_tx() as tx:
            for nip in ("198001012005011002", "-"):
                record(tx, tell(tx, gift(100, nik=nik), nip=nip))
            mine = tell(tx, gift(1, date(2026, 2, 2), nik=nik))
            unknown = tell(tx, gift(1, nik=nik), gift(2, nik=nik), nip="")
            record(tx, mine)
            record(tx, unknown)
        assert (priors(session, mine), priors(session, unknown)) == ([0], [0, 1])

    @pytest.mark.parametrize(("window", "sums"), [("rolling", [0, 100]), ("calendar", [0, 0])])
    def test_the_window_is_what_the_case_type_says(
        self, begin_tx: BeginTx, session: Session, window: accumulation.Window, sums: list[int]
    ) -> None:
        nik = "1271011111110001"
        with begin_tx() as tx:
            case = tell(tx, gift(100, date(2025, 12, 31), nik=nik), gift(1, date(2026, 1, 1), nik=nik))
            record(tx, case)
        assert priors(session, case, window) == sums


class TestOnePersonOrTwo:
    @pytest.fixture
    def two(self, begin_tx: BeginTx) -> tuple[Case, Case]:
        """Two reports of one receiver, each of a gift by somebody called Budi."""
        with begin_tx() as tx:
            first, second = (
                tell(tx, gift(100, giver="H. Budi, S.E.")),
                tell(tx, gift(1, date(2026, 2, 9), giver="BUDI")),
            )
            record(tx, first)
            record(tx, second)
        return first, second

    def matches(self, session: Session, case: Case) -> list[queries.Match]:
        return list(queries.matches_of(session, SYSTEM, visible_cases(session, SYSTEM), case))

    def test_a_name_suggests_and_an_officer_confirms_with_a_reason(
        self, begin_tx: BeginTx, session: Session, two: tuple[Case, Case]
    ) -> None:
        first, second = two
        (match,) = self.matches(session, second)
        assert (match.state, match.other.name, match.other_case) == ("suggested", "H. Budi, S.E.", first.number)
        assert priors(session, second) == [0]
        with begin_tx() as tx:
            with pytest.raises(InvalidAnswers):
                operations.confirm_giver(tx, match.giver.id, match.other.id, reason=" ")
            operations.confirm_giver(tx, match.giver.id, match.other.id, reason="Nomor telepon sama")
            with pytest.raises(Conflict, match=r"giver\.settled"):
                operations.confirm_giver(tx, match.other.id, match.giver.id, reason="lagi")

        assert priors(session, second) == [100]
        assert [each.state for each in self.matches(session, second)] == ["confirmed"]
        assert [each.state for each in self.matches(session, first)] == ["confirmed"]
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "giver.confirmed")).one()
        assert "telepon" not in str(entry.facts)
        assert contents.latest(session, SYSTEM, second, operations.MATCH).body == {"reason": "Nomor telepon sama"}

    def test_what_is_denied_is_not_suggested_again_and_a_confirmation_can_be_taken_back(
        self, begin_tx: BeginTx, session: Session, two: tuple[Case, Case]
    ) -> None:
        _, second = two
        (match,) = self.matches(session, second)
        with begin_tx() as tx:
            operations.confirm_giver(tx, match.giver.id, match.other.id, reason="sama")
            operations.deny_giver(tx, match.other.id, match.giver.id, reason="keliru")
        assert self.matches(session, second) == []
        assert priors(session, second) == [0]
        with begin_tx() as tx:
            operations.confirm_giver(tx, match.giver.id, match.other.id, reason="sama juga")
        assert priors(session, second) == [100]

    def test_who_is_joined_by_way_of_a_third_must_be_parted_there(
        self, begin_tx: BeginTx, session: Session, two: tuple[Case, Case]
    ) -> None:
        with begin_tx() as tx:
            record(tx, third := tell(tx, gift(5, giver="Budi")))
            givers = [session.scalars(select(Giver).where(Giver.case_id == case.id)).one() for case in (*two, third)]
            operations.confirm_giver(tx, givers[1].id, givers[0].id, reason="sama")
            operations.confirm_giver(tx, givers[2].id, givers[0].id, reason="sama")
            with pytest.raises(Conflict, match=r"giver\.joined_elsewhere"):
                operations.deny_giver(tx, givers[2].id, givers[1].id, reason="beda")

    def test_givers_to_others_and_those_whom_numbers_part_are_not_suggested(
        self, begin_tx: BeginTx, session: Session, two: tuple[Case, Case]
    ) -> None:
        with begin_tx() as tx:
            record(tx, stranger := tell(tx, gift(5), nip="198001012005011009"))
            record(tx, one := tell(tx, gift(5, giver="Siti", nik="1271011111110001")))
            record(tx, tell(tx, gift(5, giver="Siti", nik="1271011111110002")))
            giver = session.scalars(select(Giver).where(Giver.case_id == stranger.id)).one()
            mine = session.scalars(select(Giver).where(Giver.case_id == two[0].id)).one()
            assert self.matches(session, stranger) == self.matches(session, one) == []
            with pytest.raises(Conflict, match=r"giver\.unrelated"):
                operations.confirm_giver(tx, giver.id, mine.id, reason="sama")

    def test_sums_on_the_page_are_those_of_cases_that_the_reader_may_see(
        self, begin_tx: BeginTx, session: Session, two: tuple[Case, Case]
    ) -> None:
        first, second = two
        with begin_tx() as tx:
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))
            (match,) = self.matches(session, second)
            operations.confirm_giver(tx, match.giver.id, match.other.id, reason="sama")
        (mine,) = queries.sums_of(session, officer, visible_cases(session, officer), second, "rolling")
        assert (mine.here, dict(mine.by_year), mine.window_sum) == (1, {2026: 101}, 101)

        first.confidential = True
        session.flush()
        (mine,) = queries.sums_of(session, officer, visible_cases(session, officer), second, "rolling")
        assert (mine.by_year, mine.window_sum) == ({2026: 1}, 1)
        assert queries.matches_of(session, officer, visible_cases(session, officer), second) == []
        with begin_tx(officer) as tx, pytest.raises(NotFound):
            operations.deny_giver(tx, match.giver.id, match.other.id, reason="beda")


def test_who_received_follows_what_the_reporter_tells_later(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        record(tx, first := tell(tx, gift(100, nik=NIK)))
        record(tx, second := tell(tx, gift(50, date(2026, 2, 2), nik=NIK), nip=""))
        assert priors(session, second) == [0]
        parties.complete_identity(tx, second, {"nip": NIP})
        record(tx, second)
    assert priors(session, second) == [100]
    assert priors(session, first) == [0]


class TestAmending:
    def test_an_officer_corrects_an_object_with_a_reason_and_the_value_follows(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        with begin_tx() as tx:
            officer = create_actor(tx, ("intake_officer", create_unit(tx)))
            record(tx, case := tell(tx, gift(100, description="Amplop")))
        (view,) = queries.items_of(session, officer, case)
        with begin_tx(officer) as tx:
            changes = {"amount": Decimal("2.5"), "currency": "USD", "rate": 16001, "description": "Amplop putih"}
            operations.amend_item(tx, view.row.id, changes, reason="Isinya dolar")
            with pytest.raises(InvalidAnswers):
                operations.amend_item(tx, view.row.id, {"rate": None}, reason="Kurs keliru")
        (after,) = queries.items_of(session, officer, case)
        assert (after.row.value, after.description, after.row.amended_at) == (40_003, "Amplop putih", NOW)
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "item.amended")).one()
        assert entry.facts["fields"] == ["amount", "currency", "description", "rate"]
        (why,) = contents.read(session, officer, case, kinds=(operations.AMENDMENT,))
        assert (why.body["reason"], why.body["object"]) == ("Isinya dolar", 1)
        told = {change["fact"]: (change["old"], change["new"]) for change in from_json(dict(why.body))["changes"]}
        assert told["amount"] == (100, Decimal("2.5"))
        assert told["currency"] == ("IDR", "USD")
        with begin_tx(officer) as tx:
            # Back in rupiah no rate is left behind, and what changes nothing is not journalled.
            operations.amend_item(tx, view.row.id, {"currency": "IDR", "amount": 7}, reason="Rupiah")
            operations.amend_item(tx, view.row.id, {"amount": 7}, reason="Sekali lagi")
        assert (view.row.value, view.row.rate) == (7, None)
        assert len(session.scalars(select(JournalEntry).where(JournalEntry.kind == "item.amended")).all()) == 2

    def test_an_object_goes_over_to_another_giver_of_its_report_and_no_other(
        self, begin_tx: BeginTx, session: Session
    ) -> None:
        with begin_tx() as tx:
            record(tx, case := tell(tx, gift(100, giver="Budi", nik=NIK), gift(50, giver="Siti")))
            record(tx, other := tell(tx, gift(1, giver="Ani")))
            views = queries.items_of(session, SYSTEM, case)
            (stranger,) = queries.givers_of(session, SYSTEM, other)
            budi = next(view.giver.id for view in views if view.giver.name == "Budi")
            mine = next(view.row for view in views if view.giver.name == "Siti")
            operations.amend_item(tx, mine.id, {"giver_id": budi}, reason="Kadonya dari Budi")
            with pytest.raises(InvalidAnswers):
                operations.amend_item(tx, mine.id, {"giver_id": stranger.id}, reason="x")
        assert priors(session, case) == [0, 100]

    def test_a_giver_is_corrected_and_recognised_anew(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            record(tx, first := tell(tx, gift(100, giver="Budi", nik=NIK)))
            record(tx, second := tell(tx, gift(50, date(2026, 2, 2), giver="Budy", relation="vendor")))
            assert priors(session, second) == [0]
            (giver,) = queries.givers_of(session, SYSTEM, second)
            operations.amend_giver(tx, giver.id, {"name": "Budi", "number": NIK, "relation": None}, reason="Lihat KTP")
            with pytest.raises(InvalidAnswers):
                operations.amend_giver(tx, giver.id, {"name": ""}, reason="x")
            with pytest.raises(InvalidAnswers):
                operations.amend_giver(tx, giver.id, {"name": "Ani"}, reason=" ")
        assert priors(session, second) == [100]
        (after,) = queries.givers_of(session, SYSTEM, second)
        assert (after.name, after.relation, after.is_known) == ("Budi", None, True)
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "giver.amended")).one()
        assert entry.facts["fields"] == ["name", "number", "relation"]
        assert "Budi" not in str(entry.facts)
        with begin_tx() as tx:
            secretary = create_actor(tx, ("regional_secretary", create_unit(tx)))
        with begin_tx(secretary) as tx, pytest.raises((NotAllowed, NotFound)):
            operations.amend_giver(tx, after.id, {"name": "Ani"}, reason="x")
        assert queries.givers_of(session, SYSTEM, first)[0].name == "Budi"

    def test_nobody_amends_without_right_or_what_no_longer_counts(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            secretary = create_actor(tx, ("regional_secretary", create_unit(tx)))
            record(tx, case := tell(tx, gift(100)))
            (view,) = queries.items_of(session, SYSTEM, case)
        with begin_tx(secretary) as tx, pytest.raises(NotAllowed):
            operations.amend_item(tx, view.row.id, {"amount": 1}, reason="x")
        with begin_tx() as tx:
            operations.withdraw_items(tx, case)
            with pytest.raises(Conflict, match=r"item\.not_recorded"):
                operations.amend_item(tx, view.row.id, {"amount": 1}, reason="x")
