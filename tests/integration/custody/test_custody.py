"""What is entrusted is entered once, goes through known hands, and leaves to somebody who is named."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import create_actor, create_case
from factories import NOW
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.cases.operations import close_case
from workflows.catalogue import queries as catalogue
from workflows.custody import operations, queries
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.journal.models import JournalEntry
from workflows.processes.office import current_office


@pytest.fixture
def mapping(session: Session, an_office):
    return catalogue.manifest(session, catalogue.newest_version(session, "sample")).custody


@pytest.fixture
def entrusted(begin_tx, keeper, mapping):
    """Objects of a case that the keeper has put into cupboard A."""
    with begin_tx(keeper) as tx:
        case = create_case(tx)
        contents.put(tx, case, "keep", {"place": "Lemari A", "condition": "good"}, element="take")
    with begin_tx() as tx:
        return operations.take(tx, tx.session.merge(case), mapping, zone=current_office().zone)


def hand_over(begin_tx, actor, custody, mapping, **changed):
    told = {"keeper_id": actor.user_id, "place": "Brankas 2", "condition": "damaged", "reason": "Cuti", **changed}
    with begin_tx(actor) as tx:
        return operations.hand_over(tx, custody.id, mapping, **told)


def test_what_is_entrusted_has_a_slip_and_is_entered_once(begin_tx, session, keeper, mapping, entrusted):
    assert (entrusted.slip_number, entrusted.place, entrusted.keeper_id) == (
        "TT-2026-0001", "Lemari A", keeper.user_id,
    )  # fmt: skip
    with begin_tx() as tx:
        case = tx.session.get_one(Case, entrusted.case_id)
        assert operations.take(tx, case, mapping, zone=current_office().zone) is entrusted
        with pytest.raises(NotFound, match=r"custody\.untold"):
            operations.take(tx, create_case(tx), mapping, zone=current_office().zone)


def test_a_hand_over_tells_from_whom_to_whom_and_where(begin_tx, session, an_office, keeper, mapping, entrusted):
    with begin_tx() as tx:
        successor = create_actor(tx, ("keeper", an_office.health), name="Rizal")
    hand_over(begin_tx, keeper, entrusted, mapping, keeper_id=successor.user_id)

    kept, (move,) = queries.one(session, keeper, entrusted.id, NOW)
    assert (kept.keeper, kept.place, kept.condition) == ("Rizal", "Brankas 2", "damaged")
    assert (move.from_keeper, move.to_keeper) == ("Nurhayati", "Rizal")
    assert (move.from_place, move.to_place, move.reason) == ("Lemari A", "Brankas 2", "Cuti")
    kinds = select(JournalEntry.kind).where(JournalEntry.kind.startswith("custody."))
    assert session.scalars(kinds.order_by(JournalEntry.id)).all() == ["custody.taken", "custody.handed_over"]


WRONG = {
    "place": ({"place": " "}, ("place", "required")),
    "reason": ({"reason": "x" * 301}, ("reason", "too_long")),
    "keeper": ({"keeper_id": None}, ("keeper", "unknown_option")),
    "condition": ({"condition": "melted"}, ("condition", "unknown_option")),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_hand_over_that_does_not_fit_is_told(begin_tx, keeper, mapping, entrusted, wrong):
    changed, problem = WRONG[wrong]
    with pytest.raises(InvalidAnswers) as invalid:
        hand_over(begin_tx, keeper, entrusted, mapping, **changed)

    assert [found[:2] for found in invalid.value.problems] == [problem]


def test_it_is_overdue_once_its_case_is_closed_and_gone_once_released(begin_tx, session, keeper, mapping, entrusted):
    assert queries.counts(session, keeper, NOW) == (1, 0)
    with begin_tx() as tx:
        case = tx.session.merge(entrusted).case_id
        case = tx.session.get_one(Case, case)
        close_case(tx, case, "done")
    later = NOW + timedelta(days=1)
    assert queries.counts(session, keeper, later) == (1, 1)
    assert [kept.overdue for kept in queries.register(session, keeper, later)] == [True]

    with begin_tx() as tx:
        operations.release(tx, case, mapping, to="state", released_by_id=keeper.user_id)
        assert operations.release(tx, case, mapping, to="state", released_by_id=keeper.user_id) is None
    assert queries.register(session, keeper, later) == []
    (gone,) = queries.register(session, keeper, later, kept_only=False)
    assert (gone.released_to, gone.overdue) == ("state", False)
    with pytest.raises(Conflict, match=r"custody\.released"):
        hand_over(begin_tx, keeper, entrusted, mapping)


def test_only_what_a_closed_case_left_is_given_out_by_hand(begin_tx, session, keeper, mapping, entrusted):
    def give_out(**changed):
        with begin_tx(keeper) as tx:
            operations.give_out(tx, entrusted.id, mapping, **{"to": "state", "reason": "Berita acara 4", **changed})

    with pytest.raises(Conflict, match=r"custody\.case_open"):
        give_out()
    with begin_tx() as tx:
        close_case(tx, tx.session.get_one(Case, entrusted.case_id), "done")
    with pytest.raises(InvalidAnswers) as invalid:
        give_out(to="friend", reason=" ")
    assert [found[:2] for found in invalid.value.problems] == [("reason", "required"), ("to", "unknown_option")]

    give_out()

    gone, (move,) = queries.one(session, keeper, entrusted.id, NOW)
    assert (gone.released_to, gone.released_at is not None) == ("state", True)
    assert (move.from_keeper, move.to_keeper, move.reason) == ("Nurhayati", "", "Berita acara 4")
    assert move.to_place == mapping.released_to["state"].title
    with pytest.raises(Conflict, match=r"custody\.released"):
        give_out()


def test_a_receiver_whom_nobody_named_is_refused(begin_tx, keeper, mapping, entrusted):
    with begin_tx() as tx:
        case = tx.session.get_one(Case, entrusted.case_id)
    with begin_tx() as tx, pytest.raises(NotFound, match=r"custody\.unknown_receiver"):
        operations.release(tx, case, mapping, to="friend", released_by_id=None)


def test_whoever_keeps_nothing_reads_nothing(begin_tx, session, an_office, mapping, entrusted):
    for read in (
        lambda: queries.register(session, an_office.officer, NOW),
        lambda: queries.counts(session, an_office.officer, NOW),
        lambda: queries.one(session, an_office.officer, entrusted.id, NOW),
        lambda: hand_over(begin_tx, an_office.officer, entrusted, mapping),
    ):
        with pytest.raises(NotAllowed):
            read()
