"""Faults with an owner: by cause and one by one, tried again, laid aside."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pages import Visitor
from stories import Story
from web.conftest import BeginTx
from webapp.labels import LABELS
from workflows.background.duties import DUTIES
from workflows.incidents.operations import Cause, raise_incident, settle

SignIn = Callable[[str], Visitor]


@pytest.fixture
def fault(a_case: Story, begin_tx: BeginTx, session: Session) -> str:
    """The id of a letter's failed printing."""
    with begin_tx() as tx:
        incident = raise_incident(
            tx,
            "job.failed",
            "letters.print:1",
            Cause("OSError", "render"),
            owner_role="intake_supervisor",
            case_id=a_case.case_id,
            instance_id=a_case.instance(session).id,
            element="verify",
            task="letters.print",
            arguments={"letter_id": "00000000-0000-0000-0000-000000000001"},
        )
    return str(incident.id)


@pytest.fixture
def many_faults(begin_tx: BeginTx) -> None:
    """Thirty of one cause, and one that no job can mend."""
    with begin_tx() as tx:
        for number in range(30):
            raise_incident(
                tx,
                "job.failed",
                f"evidence.copy:{number}",
                Cause("CannotCopy", "copies:90"),
                owner_role="administrator",
                task="evidence.copy",
                arguments={"evidence_id": str(number)},
            )
        raise_incident(tx, "task.orphan", "task.orphan:1", Cause("Recusal", "task.orphan"), owner_role="administrator")


def test_every_job_has_a_name_that_people_read() -> None:
    assert set(DUTIES) <= set(LABELS["job"])


def test_it_says_what_stopped_where_and_why_and_nothing_of_the_case(sign_in: SignIn, a_case: Story, fault: str) -> None:
    visit = sign_in("admin")
    page = visit("/insiden")

    assert "Mencetak surat: gagal" in page.text
    assert "Verifikasi pengaduan" in page.text
    assert "Penyelia penerimaan" in page.text
    assert a_case.number in page.text

    page = visit(f"/insiden/{fault}")
    assert "Berkas atau perangkat pada mesin pekerja tidak dapat dipakai" in page.text
    assert "Perbaiki sebabnya dahulu" in page.text
    assert "Gangguan dicatat" in page.text
    assert page.tree.xpath("//*[@data-element='verify'][contains(@class, 'is-failed')]")
    assert "Dusun III" not in page.text
    # An administrator reads no case.
    assert "Buka kasus" not in page.text


def test_it_is_tried_again_and_tells_what_became_of_it(
    sign_in: SignIn, fault: str, session: Session, begin_tx: BeginTx
) -> None:
    visit = sign_in("admin")

    page = visit.fill(visit(f"/insiden/{fault}"), f"/insiden/{fault}/ulang")

    assert "Pekerjaan dijadwalkan ulang." in page.text
    assert "Sedang dicoba lagi" in page.text
    assert "Gangguan dicoba lagi" in page.text
    assert f"/insiden/{fault}/ulang" not in {form.action for form in page.forms()}
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'letters.print'"
    assert session.execute(text(jobs)).scalar() == 1

    retried = "UPDATE procrastinate_jobs SET attempts = 1, scheduled_at = '2026-01-01 10:00+07' WHERE task_name = :task"
    session.execute(text(retried), {"task": "letters.print"})
    # Its page was held to the contract above; reading a whole diagram strictly takes long.
    assert "gagal lagi, dicoba pada 1 Jan 2026 10.00" in visit.client.get(f"/insiden/{fault}").get_data(as_text=True)

    with begin_tx() as tx:
        settle(tx, "letters.print:1")
    assert "Pulih sendiri" in visit.client.get(f"/insiden/{fault}").get_data(as_text=True)


def test_it_is_laid_aside_with_a_note_and_never_without(sign_in: SignIn, fault: str) -> None:
    visit = sign_in("admin")
    place = f"/insiden/{fault}/selesai"

    page = visit.fill(visit(f"/insiden/{fault}"), place, {"note": " "}, status=422)
    assert page.problems == {"note": "Tulis bagaimana gangguan ini diatasi"}
    page = visit.fill(page, place, {"note": "Surat dicetak dengan tangan."})

    assert "Gangguan dinyatakan selesai." in page.text
    assert "Tidak ada gangguan." in page.text
    assert "Surat dicetak dengan tangan." in page.text


def test_many_of_one_cause_are_one_row_and_are_tried_again_together(
    sign_in: SignIn, fault: str, many_faults: None, session: Session
) -> None:
    visit = sign_in("admin")
    page = visit("/insiden")
    assert "32 gangguan terbuka" in page.text
    assert len(page.tree.xpath("(//table)[1]/tbody/tr")) == 3
    assert "Berkas bukti tidak dapat disalin dengan aman" in page.text
    assert "tidak dengan mencoba lagi" in page.text

    # The row leads to its faults alone, page by page; the filter of the page narrows as well.
    narrowed = visit(page.link("Membuat salinan bukti yang aman: gagal"))
    assert "30 gangguan terbuka" in narrowed.text
    assert "Mencetak surat" not in narrowed.text
    assert len(visit(narrowed.link("2")).tree.xpath("//input[@type='checkbox']")) == 5
    assert len(visit("/insiden?halaman=99").tree.xpath("//table[.//input[@type='checkbox']]/tbody/tr")) == 7
    assert "1 gangguan terbuka" in visit("/insiden?jenis=task.orphan&penanggung=").text
    assert "Tidak ada gangguan yang cocok." in visit("/insiden?jenis=case.stuck").text

    (address,) = page.tree.xpath("//a[contains(@href, '/insiden/ulang')][contains(., 'Coba lagi semua')]/@href")
    page = visit(address)
    assert "30 pekerjaan dijadwalkan ulang, masing-masing tersendiri." in page.text
    page = visit.fill(page, "/insiden/ulang")
    assert "30 pekerjaan dijadwalkan ulang." in page.text
    jobs = "SELECT task_name, count(*) FROM procrastinate_jobs WHERE queueing_lock LIKE 'incident:%' GROUP BY 1"
    assert [tuple(row) for row in session.execute(text(jobs))] == [("evidence.copy", 30)]


def test_chosen_ones_are_tried_again_with_a_count_of_each_kind(
    sign_in: SignIn, fault: str, many_faults: None, session: Session
) -> None:
    visit = sign_in("admin")
    orphan = session.execute(text("SELECT id::text FROM incident WHERE kind = 'task.orphan'")).scalar_one()

    page = visit.fill(visit("/insiden"), "/insiden/ulang", {"incident": [fault, orphan, "nonsense"]})

    assert "1 pekerjaan dijadwalkan ulang." in page.text
    assert "2 gangguan tidak dapat dicoba lagi." in page.text
    assert "Pilih dahulu gangguan" in visit.fill(page, "/insiden/ulang").text


def test_owners_see_and_mend_their_own_and_nobody_else_does(
    sign_in: SignIn, a_case: Story, fault: str, many_faults: None, another_visitor: Callable[[], Visitor]
) -> None:
    owner = sign_in("penyelia")
    page = owner("/tugas")
    assert "Gangguan 1" in page.text
    page = owner(page.link("Gangguan 1"))
    assert "1 gangguan terbuka" in page.text
    page = owner(f"/insiden/{fault}")
    assert f"Buka kasus {a_case.number}" in page.text
    assert "Buka prosesnya" not in page.text
    assert "Pekerjaan dijadwalkan ulang." in owner.fill(page, f"/insiden/{fault}/ulang").text


def test_who_mends_no_faults_sees_none_but_is_told_on_the_case(
    sign_in: SignIn, a_case: Story, fault: str, begin_tx: BeginTx
) -> None:
    visit = sign_in("petugas")
    page = visit(f"/kasus/{a_case.number}")
    assert "Kasus ini sedang terganggu Mencetak surat: gagal" in page.text
    assert ", di “Verifikasi pengaduan”, sejak" in page.text
    assert "Yang mengurusnya: Penyelia penerimaan." in page.text
    assert "Tidak ada yang hilang" in page.text
    assert f"/insiden/{fault}" not in page.source
    with begin_tx() as tx:
        cause = Cause("SealBroken", "process.seal_broken")
        raise_incident(tx, "seal.broken", "seal:1", cause, owner_role="administrator", case_id=a_case.case_id)
    assert "Tidak ada yang hilang" not in visit.client.get(f"/kasus/{a_case.number}").get_data(as_text=True)

    for place in ("/insiden", f"/insiden/{fault}", "/insiden/ulang"):
        visit(place, status=404)
    assert "Gangguan" not in visit("/tugas").text


def test_english_pages_speak_english(sign_in: SignIn, fault: str, many_faults: None) -> None:
    visit = sign_in("admin")
    visit("/insiden?bahasa=en", language="en")

    assert "Printing a letter: failed" in visit("/insiden", language="en").text
    assert "What can be done" in visit(f"/insiden/{fault}", language="en").text
