"""What somebody tried to see and may not stands in the journal, and nothing on the page tells that it was there."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pages import Visitor
from stories import Story
from webapp.errors import MOST_REFUSALS
from workflows.journal.models import JournalEntry

SignIn = Callable[[str], Visitor]


@pytest.fixture
def refused(session: Session) -> Callable[[], list[tuple[str, str]]]:
    """Give who was refused what, in order."""

    def tell() -> list[tuple[str, str]]:
        entries = session.scalars(
            select(JournalEntry).where(JournalEntry.kind == "act.refused").order_by(JournalEntry.id)
        )
        return [(entry.facts["act"], entry.facts["subject_id"]) for entry in entries]

    return tell


def test_a_case_that_may_not_be_seen_and_one_that_is_none_are_noted_alike(
    sign_in: SignIn, a_case: Story, refused: Callable[[], list[tuple[str, str]]], session: Session
) -> None:
    visit = sign_in("opd")
    task = a_case.task(session, "verify").id

    pages = [visit(f"/kasus/{number}", status=404) for number in (a_case.number, "PGD-2026-99999")]
    visit(f"/tugas/{task}", status=404)

    assert pages[0].text == pages[1].text
    assert refused() == [
        ("cases.case", a_case.number),
        ("cases.case", "PGD-2026-99999"),
        ("inbox.task", str(task)),
    ]
    entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "act.refused")).first()
    assert entry.actor_name.startswith("Bambang Suryanto")
    # The chain of the case does not tell its readers who else tried to see it.
    assert entry.case_id is None


def test_what_was_typed_into_an_address_is_not_journalled(
    sign_in: SignIn, refused: Callable[[], list[tuple[str, str]]]
) -> None:
    sign_in("opd")("/kasus/Siti%20Aminah%20melapor", status=404)

    assert refused() == [("cases.case", "")]


def test_strangers_and_wrong_addresses_leave_no_trace(
    visit: Visitor, sign_in: SignIn, a_case: Story, refused: Callable[[], list[tuple[str, str]]]
) -> None:
    visit.client.get(f"/kasus/{a_case.number}")
    visit.client.get(f"/lacak/berkas/{uuid4()}")
    sign_in("opd")("/tidak/ada", status=404)

    assert refused() == []


def test_a_script_does_not_fill_the_journal(
    sign_in: SignIn, refused: Callable[[], list[tuple[str, str]]], clock
) -> None:
    visit = sign_in("opd")
    for _ in range(MOST_REFUSALS + 3):
        visit.client.get("/kasus/PGD-2026-99999")

    assert len(refused()) == MOST_REFUSALS
    assert refused()[-1][0] == "refusals.go_on"
