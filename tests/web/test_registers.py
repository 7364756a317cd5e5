"""The registers of activities and of entrusted objects and the recapitulations, as whoever keeps them meets them."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import create_case, publish_sample
from stories import person
from workflows.cases import contents
from workflows.cases.operations import close_case
from workflows.catalogue import queries as catalogue
from workflows.custody import operations as custody
from workflows.letters.seals import NoSeal
from workflows.people.mandates import grant_role
from workflows.people.models import Role, Unit
from workflows.processes.office import current_office
from workflows.recapitulations.models import Recapitulation
from workflows.recapitulations.operations import print_figures


@pytest.fixture
def keeper(app, begin_tx, session: Session, sign_in):
    """An officer who keeps the registers of the case type "sample"."""
    with begin_tx() as tx:
        publish_sample(tx)
        session.add(
            Role(
                id="keeper",
                title="Pengelola",
                title_en="Keeper",
                rights=["activity.record", "recapitulation.make", "custody.keep"],
            )
        )
        session.flush()
        unit = session.scalars(select(Unit).order_by(Unit.code)).first()
        grant_role(tx, person(session, "penyelia", tx.now).user_id, "keeper", unit.id)
    return sign_in("penyelia")


def test_an_activity_is_recorded_and_struck(keeper, clock):
    page = keeper("/kegiatan/sample")
    address = "/kegiatan/sample"
    refused = keeper.fill(
        page, address, {"kind": "training", "title": "", "held_on": "", "participants": "tiga"}, status=422
    )
    for sentence in ("Isi “Judul kegiatan”", "Isi “Tanggal”", "“Jumlah peserta”: tulis angka", "Isi “Lama”"):
        assert sentence in refused.text
    assert refused.value("participants") == "tiga"

    today = clock.instant.date().isoformat()
    page = keeper.fill(
        refused, address,
        {"kind": "training", "title": "Pelatihan UPG", "held_on": today, "hours": "2,5", "participants": "1.250"},
    )  # fmt: skip
    assert "Kegiatan dicatat." in page.text
    assert "2,5" in page.text
    assert "1.250" in page.text

    strike = page.tree.xpath("string(//form[contains(@action, '/coret')]/@action)")
    assert "Tulis alasan pencoretan." in keeper.fill(page, strike, {"reason": ""}).text
    page = keeper.fill(keeper("/kegiatan/sample"), strike, {"reason": "Salah hari"})
    assert page.tree.xpath("string(//s)") == "Pelatihan UPG"
    assert "Salah hari" in page.text


def test_a_quarter_is_counted_shown_and_fetched(keeper, clock, session, begin_tx):
    page = keeper("/rekapitulasi")
    assert "belum direkapitulasi" in page.text
    quarter = f"{clock.instant.year}-Q{(clock.instant.month - 1) // 3 + 1}"

    page = keeper.fill(page, "/rekapitulasi", {"case_type": "sample", "period": quarter, "edition": "full"})

    assert "Rekapitulasi dihitung." in page.text
    assert "Menurut masalah" in page.text
    assert "Jam pelatihan (jam)" in page.text
    made = session.scalars(select(Recapitulation)).one()
    with begin_tx(now=clock.instant) as tx:
        print_figures(tx, made.id, office=current_office(), seal=NoSeal())
    assert keeper.client.get(f"/rekapitulasi/{made.id}/berkas.pdf").data.startswith(b"%PDF")
    assert keeper.client.get(f"/rekapitulasi/{made.id}/berkas.xlsx").data.startswith(b"PK")
    assert "Unduh lembar kerja" in keeper(f"/rekapitulasi/{made.id}").text
    assert "Triwulan I 2026" in keeper("/rekapitulasi").tree.xpath("string(//tbody)")
    assert made.checksum in keeper(f"/verifikasi/{made.document_id}").text


def test_whoever_keeps_no_register_finds_none(sign_in):
    visit = sign_in("petugas")
    for address in ("/kegiatan", "/kegiatan/sample", "/rekapitulasi", "/titipan"):
        visit(address, status=404)
    assert "/rekapitulasi" not in visit("/tugas").text


def test_what_is_entrusted_is_listed_and_handed_over(keeper, begin_tx, session, clock):
    with begin_tx(person(session, "penyelia", clock.instant), now=clock.instant) as tx:
        case = create_case(tx)
        contents.put(tx, case, "keep", {"place": "Lemari A", "condition": "good"}, element="take")
        mapping = catalogue.manifest(session, catalogue.newest_version(session, "sample")).custody
        entrusted = custody.take(tx, case, mapping, zone=current_office().zone)
    page = keeper("/titipan")
    assert "Lemari A" in page.text
    address = f"/titipan/{entrusted.id}"

    refused = keeper.fill(keeper(address), address, {"place": "", "reason": ""}, status=422)
    assert "Isi “Tempat penyimpanan”" in refused.text
    page = keeper.fill(refused, address, {"place": "Brankas 2", "condition": "damaged", "reason": "Ruang direnovasi"})

    assert "Perpindahan titipan dicatat." in page.text
    assert "dari Lemari A" in page.text
    assert "Brankas 2" in keeper("/titipan?lihat=semua").text

    assert "Keluarkan titipan" not in page.text
    with begin_tx() as tx:
        close_case(tx, tx.session.merge(case), "resolved")
    page = keeper.fill(keeper(address), f"{address}/keluar", {"to": "", "reason": ""}, status=422)
    assert "Isi “Alasan atau bukti penyerahan”" in page.text
    page = keeper.fill(page, f"{address}/keluar", {"to": "reporter", "reason": "Tanda terima 4"})
    assert "Titipan dicatat keluar." in page.text
    assert "Alasan: Tanda terima 4" in page.text
    assert "Keluarkan titipan" not in page.text
