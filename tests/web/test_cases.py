"""The list of cases and the page of one case, as those meet them whose business it is, and those whose it is not."""

import io
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from evidence_files import picture
from pages import Visitor
from stories import REFERRED, VERIFIED, Story, person
from workflows.cases.models import Escalation
from workflows.evidence.uploads import Upload
from workflows.journal.models import JournalEntry
from workflows.processes import by_hand

SignIn = Callable[[str], Visitor]


def test_the_list_shows_the_case_and_narrows(sign_in: SignIn, a_case: Story) -> None:
    visit = sign_in("petugas")

    assert a_case.number in visit("/kasus").text
    assert a_case.number in visit("/kasus?cari=Dusun&kecamatan=12.05.07&keadaan=berjalan").text
    assert a_case.number not in visit("/kasus?keadaan=selesai").text
    assert a_case.number not in visit("/kasus?dari=2026-03-03").text


def test_the_page_tells_the_report_in_the_words_of_its_form(sign_in: SignIn, a_case: Story) -> None:
    page = sign_in("petugas")(f"/kasus/{a_case.number}")

    report = page.tree.xpath("string(//article[@class='app-writing'])")
    assert "Jumat, 20 Februari 2026" in report
    assert "Ceritakan kejadiannya" in report
    assert "12.05.07" not in page.text
    assert "$date" not in page.source


def test_the_picture_stands_large_and_on_a_page_of_its_own(sign_in: SignIn, a_case: Story) -> None:
    visit = sign_in("petugas")
    page = visit(f"/kasus/{a_case.number}")
    assert "Sekarang: Menunggu Petugas penerimaan: Verifikasi pengaduan" in page.text

    alone = visit(page.link("Buka diagram sebesar layar"))

    assert alone.tree.xpath("//main//*[local-name()='svg']//*[contains(@class, 'is-waiting')]")


def test_referrals_name_the_office_and_its_instruction(sign_in: SignIn, a_case: Story) -> None:
    a_case.do("verify", VERIFIED)
    a_case.do("refer", REFERRED)

    page = sign_in("opd")(f"/kasus/{a_case.number}")

    assert "Dinas Komunikasi dan Informatika → Dinas Pekerjaan Umum dan Penataan Ruang" in page.text
    assert REFERRED["instruction"] in page.text
    assert "PUPR" not in page.text


def test_the_journal_speaks_in_sentences(sign_in: SignIn, a_case: Story) -> None:
    a_case.do("verify", VERIFIED)

    page = sign_in("petugas")(f"/kasus/{a_case.number}")

    assert f"Kasus dibuka dengan nomor {a_case.number}" in page.text
    assert "Verifikasi pengaduan selesai" in page.text
    assert "Tugas dibuat: Disposisi ke perangkat daerah" in page.text


def test_a_long_journal_is_folded(sign_in: SignIn, a_case: Story) -> None:
    a_case.work_through()

    page = sign_in("petugas")(f"/kasus/{a_case.number}")

    assert "kejadian sebelumnya" in page.text
    assert len(page.tree.xpath("//section[@aria-labelledby='riwayat']/table//tbody/tr")) == 30


@pytest.mark.parametrize("login", ["opd", "inspektur", "warga", "admin", "perancang"])
def test_whose_business_it_is_not_finds_no_case(sign_in: SignIn, a_case: Story, login: str) -> None:
    visit = sign_in(login)

    visit(f"/kasus/{a_case.number}", status=404)
    visit(f"/kasus/{a_case.number}/diagram", status=404)
    visit(f"/kasus/{a_case.number}/laporan", status=404)


def test_the_office_that_gets_it_sees_it_from_then_on(sign_in: SignIn, a_case: Story) -> None:
    a_case.do("verify", VERIFIED)
    a_case.do("refer", REFERRED)

    assert "Tindak lanjut" in sign_in("opd")(f"/kasus/{a_case.number}").text
    sign_in("dinkes")(f"/kasus/{a_case.number}", status=404)


def test_a_confidential_case_is_its_circles_alone(sign_in: SignIn, begin_tx) -> None:
    story = Story(begin_tx)
    story.file(confidential="true", title="Pungutan di sekolah")

    assert "Rahasia" in sign_in("petugas")(f"/kasus/{story.number}").text
    inspector = sign_in("inspektur")
    inspector(f"/kasus/{story.number}", status=404)
    assert story.number not in inspector("/kasus").text


def test_evidence_is_downloaded_as_a_copy(sign_in: SignIn, begin_tx, do_what_is_due: Callable[[], int]) -> None:
    story = Story(begin_tx)
    story.file(files=(Upload("files", "lubang.jpg", io.BytesIO(picture(gps=True))),))
    do_what_is_due()
    visit = sign_in("petugas")
    address = visit(f"/kasus/{story.number}").link("lubang.jpg")

    answer = visit.client.get(address)

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"Telepon Rahasia" not in answer.data
    sign_in("opd")(address, status=404)


class TestEscalatingByHand:
    def test_a_reason_raises_the_case(self, sign_in: SignIn, a_case: Story) -> None:
        visit = sign_in("petugas")
        place = f"/kasus/{a_case.number}"

        page = visit.fill(
            visit(place),
            f"{place}/eskalasi",
            {"role": "regional_secretary", "reason": "Dua orang jatuh dalam seminggu."},
        )

        assert "Kasus dinaikkan." in page.text
        assert "Eskalasi oleh petugas" in page.text
        assert "Dua orang jatuh dalam seminggu." in page.text

    def test_without_a_reason_nothing_is_raised(self, sign_in: SignIn, a_case: Story, session: Session) -> None:
        visit = sign_in("petugas")
        place = f"/kasus/{a_case.number}"

        page = visit.fill(visit(place), f"{place}/eskalasi", {"role": "regional_secretary", "reason": "  "})

        assert "tanpa alasan kasus tidak dinaikkan" in page.text
        assert session.scalars(select(Escalation)).all() == []

    def test_the_role_is_told_under_the_bell(self, sign_in: SignIn, a_case: Story, begin_tx, session: Session) -> None:
        with begin_tx(person(session, "petugas")) as tx:
            by_hand.escalate(tx, a_case.case_id, to_role="regional_secretary", reason="Mendesak.")
        visit = sign_in("sekda")

        page = visit("/pemberitahuan")

        assert "1 belum dibaca" in page.text
        assert a_case.number in page.text


def test_steps_ahead_name_nobody_before_an_office_has_the_case(sign_in: SignIn, a_case: Story) -> None:
    page = sign_in("petugas")(f"/kasus/{a_case.number}")

    assert "Kepala perangkat daerah" in page.text
    assert "Khairul Azmi" not in page.text
    a_case.do("verify", VERIFIED)
    a_case.do("refer", REFERRED)
    assert "Khairul Azmi" in sign_in("petugas2")(f"/kasus/{a_case.number}").text


def test_a_step_ahead_tells_the_last_day_not_the_midnight_after(sign_in: SignIn, a_case: Story) -> None:
    page = sign_in("petugas")(f"/kasus/{a_case.number}")

    assert "bila belum selesai sampai Kamis, 5 Maret 2026" in page.text
    assert "00.00" not in page.text


class TestIdentity:
    def test_is_shown_on_request_and_journalled(self, sign_in: SignIn, a_case: Story, session: Session) -> None:
        visit = sign_in("petugas")
        place = f"/kasus/{a_case.number}"
        page = visit(place)
        assert "Siti Aminah" not in page.source

        page = visit.fill(page, f"{place}/identitas")

        assert "Siti Aminah" in page.text
        read = session.scalars(select(JournalEntry).where(JournalEntry.kind == "identity.read")).one()
        assert read.actor_name.startswith("Rina Marlina")

    def test_is_not_offered_to_an_office(self, sign_in: SignIn, a_case: Story, session: Session) -> None:
        a_case.do("verify", VERIFIED)
        a_case.do("refer", REFERRED)
        visit = sign_in("opd")
        place = f"/kasus/{a_case.number}"
        page = visit(place)
        assert "Buka identitas" not in page.text

        token = page.value("csrf_token")
        visit.post(f"{place}/identitas", {"csrf_token": token[0] if isinstance(token, list) else token}, status=404)

        refused = session.scalars(select(JournalEntry).where(JournalEntry.kind == "act.refused")).one()
        assert refused.actor_name.startswith("Bambang Suryanto")
        assert refused.facts["act"] == "party.identity"


class TestDuplicates:
    @pytest.fixture
    def pair(self, begin_tx) -> tuple[Story, Story]:
        """Two reports of one hole in the road; the second is suspected to repeat the first."""
        place = {"latitude": "3.7300", "longitude": "98.4500"}
        first, second = Story(begin_tx), Story(begin_tx)
        first.file(**place)
        first.do("verify", VERIFIED)
        second.file(**place)
        second.do("verify", VERIFIED)
        return first, second

    def test_are_shown_and_dismissed(self, sign_in: SignIn, pair: tuple[Story, Story]) -> None:
        first, second = pair
        visit = sign_in("petugas")
        place = f"/kasus/{second.number}"
        page = visit(place)
        assert "Mungkin laporan yang sama" in page.text
        assert first.number in page.text

        page = visit.fill(page, f"{place}/ganda/{first.case_id}", {"putusan": "bukan"})

        assert "Dicatat: bukan laporan yang sama." in page.text
        assert "Bukan laporan ganda" in page.text

    def test_are_linked_by_a_person(self, sign_in: SignIn, pair: tuple[Story, Story]) -> None:
        first, second = pair
        visit = sign_in("petugas")
        place = f"/kasus/{second.number}"

        page = visit.fill(visit(place), f"{place}/ganda/{first.case_id}", {"putusan": "ganda"})

        assert f"Ganda dari {first.number}" in page.text
        assert "Digabung dengan pengaduan lain" in page.text


def test_a_number_that_is_none_is_not_found(sign_in: SignIn) -> None:
    sign_in("petugas")("/kasus/" + quote("PGD-2026-99999"), status=404)


def test_deadlines_that_passed_are_told_with_their_basis(
    sign_in: SignIn, a_case: Story, clock, do_what_is_due: Callable[[], int]
) -> None:
    clock.instant += timedelta(days=7)
    do_what_is_due()

    page = sign_in("petugas")(f"/kasus/{a_case.number}")

    assert "Terlewati" in page.text
    assert "Paling lambat Kamis, 5 Maret 2026" in page.text


def test_a_letter_is_read_before_it_is_issued(sign_in: SignIn, a_case: Story) -> None:
    visit = sign_in("petugas")
    address = visit(f"/kasus/{a_case.number}").tree.xpath("string(//a[contains(@href, '/pratinjau/')]/@href)")

    answer = visit.client.get(address)

    assert answer.status_code == 200
    assert "Pratinjau: belum terbit" in answer.get_data(as_text=True)
    assert a_case.number in answer.get_data(as_text=True)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("sandbox")
    assert visit.client.get(address + "x").status_code == 404
    assert sign_in("dinkes").client.get(address).status_code == 404
