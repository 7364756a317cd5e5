"""The inbox of escalations: a breach reaches whom the diagram says, who takes note of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from factories import jakarta
from pages import Visitor
from stories import Story
from workflows.processes.office import current_office
from workflows.recapitulations.reminding import remind_of_due

SignIn = Callable[[str], Visitor]


@pytest.fixture
def breached(a_case: Story, clock, do_what_is_due: Callable[[], int]) -> Story:
    """A complaint that nobody verified in time."""
    clock.instant += timedelta(days=7)
    do_what_is_due()
    return a_case


def test_a_breach_reaches_the_supervisor_and_the_task_stays(sign_in: SignIn, breached: Story) -> None:
    page = sign_in("penyelia")("/eskalasi")

    assert breached.number in page.text
    assert "Lewat batas waktu P-01" in page.text
    assert "oleh sistem" in page.text
    told = page.tree.xpath("//details[@class='app-told']//li")
    said = [" ".join(each.text_content().split()[4:]) for each in told]
    assert "Petugas penerimaan: Pengingat 75 % P-01" in said
    assert said[-1] == "Penyelia penerimaan: Eskalasi karena tenggat terlewati P-01"
    assert breached.number in sign_in("petugas")("/tugas?lingkup=unit&lewat=ya").text


def test_nobody_else_is_bothered(sign_in: SignIn, breached: Story) -> None:
    assert "Tidak ada eskalasi yang menunggu Anda." in sign_in("sekda")("/eskalasi").text


def test_it_is_taken_note_of_once(sign_in: SignIn, breached: Story) -> None:
    visit = sign_in("penyelia")
    page = visit("/eskalasi")
    action = page.tree.xpath("string(//form[contains(@action, '/terima')]/@action)")

    page = visit.fill(page, action)

    assert "Eskalasi dicatat sebagai diterima." in page.text
    assert "Tidak ada eskalasi yang menunggu Anda." in page.text
    assert "Syahrial Effendi Lubis" in visit("/eskalasi?lihat=semua").tree.xpath("string(//tbody)")


def test_whom_it_does_not_reach_cannot_take_note(sign_in: SignIn, breached: Story) -> None:
    action = sign_in("penyelia")("/eskalasi").tree.xpath("string(//form[contains(@action, '/terima')]/@action)")
    stranger = sign_in("sekda")
    token = stranger("/eskalasi").value("csrf_token")

    stranger.post(action, {"csrf_token": token}, status=404)


def test_the_ladder_tells_who_was_told_what_and_when(sign_in: SignIn, breached: Story) -> None:
    page = sign_in("penyelia")(f"/kasus/{breached.number}")
    rungs = [" ".join(rung.text_content().split()) for rung in page.tree.xpath("//ol[@class='app-ladder']/li")]

    rule = "P-01 Verifikasi dan penerusan pengaduan"
    assert any(rung.startswith(f"Pengingat 75 % · {rule} Petugas penerimaan") for rung in rungs)
    assert any(f"Eskalasi karena tenggat terlewati · {rule} Penyelia penerimaan" in rung for rung in rungs)
    assert any(rung.startswith("Berikutnya · P-05") and "Sekretaris Daerah" in rung for rung in rungs)


def test_a_late_recapitulation_reaches_the_head_and_the_regent(sign_in: SignIn, begin_tx, clock) -> None:
    clock.instant = jakarta(2026, 4, 16)
    with begin_tx(now=clock.instant) as tx:
        remind_of_due(tx, current_office())

    assert "Rekapitulasi yang terlambat" in sign_in("bupati")("/eskalasi").text
    head = sign_in("ketuaupg")
    page = head("/eskalasi")
    page = head.fill(page, page.tree.xpath("string(//form[contains(@action, '/rekapitulasi/')]/@action)"))
    assert "Tidak ada eskalasi yang menunggu Anda." in page.text
    page = head("/rekapitulasi")
    assert "keterlambatan dinaikkan kepada Ketua UPG" in page.text
    assert "Triwulan I 2026 belum direkapitulasi; batasnya" in page.text
    assert "Rekapitulasi Triwulan I 2026 terlambat" in head("/pemberitahuan").text
    assert "Rekapitulasi yang terlambat" not in sign_in("upg")("/eskalasi").text
