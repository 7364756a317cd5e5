"""Faults with an owner: listed, tried again, laid aside."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pages import Visitor
from stories import Story
from workflows.incidents.operations import Cause, raise_incident

SignIn = Callable[[str], Visitor]


@pytest.fixture
def fault(a_case: Story, begin_tx) -> str:
    """The id of a letter's failed printing."""
    with begin_tx() as tx:
        incident = raise_incident(
            tx,
            "job.failed",
            "letters.print:1",
            Cause("OSError", "render"),
            owner_role="administrator",
            case_id=a_case.case_id,
            task="letters.print",
            arguments={"letter_id": "00000000-0000-0000-0000-000000000001"},
        )
    return str(incident.id)


def test_it_says_what_stopped_and_nothing_of_the_case(sign_in: SignIn, a_case: Story, fault: str) -> None:
    page = sign_in("admin")("/insiden")

    assert "Pekerjaan latar gagal" in page.text
    assert a_case.number in page.text
    assert "Dusun III" not in page.text


def test_it_is_tried_again(sign_in: SignIn, fault: str, session: Session) -> None:
    visit = sign_in("admin")

    page = visit.fill(visit("/insiden"), f"/insiden/{fault}/ulang")

    assert "Pekerjaan dijadwalkan ulang." in page.text
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'letters.print'"
    assert session.execute(text(jobs)).scalar() == 1


def test_it_is_laid_aside_with_a_note(sign_in: SignIn, fault: str) -> None:
    visit = sign_in("admin")

    page = visit.fill(visit("/insiden"), f"/insiden/{fault}/selesai", {"note": "Surat dicetak dengan tangan."})

    assert "Gangguan dinyatakan selesai." in page.text
    assert "Tidak ada gangguan." in page.text
    assert "Surat dicetak dengan tangan." in page.text


def test_who_mends_no_faults_sees_none(sign_in: SignIn, fault: str) -> None:
    sign_in("petugas")("/insiden", status=404)
