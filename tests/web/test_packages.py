"""A package for an authority, as its officer meets it: what is missing, asking, waiting, opening; the deposit slip."""

import io
import zipfile

from sqlalchemy import select

import forwarding
from workflows.custody.queries import of_case
from workflows.tasks.models import Task


def test_a_package_is_asked_for_once_signed_and_opened(app, session, begin_tx, sign_in, do_what_is_due):
    case = forwarding.file_report(session, begin_tx)
    forwarding.examine(session, begin_tx, case)
    visit = sign_in("upg")
    place = f"/kasus/{case.number}/paket"
    assert visit(f"/kasus/{case.number}").link("Paket untuk lembaga lain") == place
    assert "Daftar periksanya belum ditandatangani." in visit(place).text

    forwarding.sign(session, begin_tx, case)
    do_what_is_due()
    task = session.scalars(select(Task.id).where(Task.case_id == case.id, Task.status == "open")).one()
    assert visit(f"/tugas/{task}").link("Paket untuk lembaga lain") == place
    page = visit.fill(visit(place), f"{place}/kpk", {})
    assert "Menunggu giliran" in page.text
    assert page.tree.xpath("//section[@id='paket-dibuat']/@hx-trigger") == ["every 3s"]
    do_what_is_due()
    page = visit(place)
    address = page.tree.xpath("string(//form[contains(@action, '/unduh')]/@action)")
    token = page.value("csrf_token")
    answer = visit.client.post(address, data={"csrf_token": token})
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert "SHA256SUMS" in archive.namelist()
    assert "Paket dibuka" in visit(f"/kasus/{case.number}").text
    _the_slip_is_fetched(session, case, sign_in)

    sign_in("penyelia")(place, status=404)


def _the_slip_is_fetched(session, case, sign_in):
    (kept,) = of_case(session, case.id)
    keeper = sign_in("upg2")
    link = keeper(f"/titipan/{kept.id}").link("Unduh tanda titip (PDF)")
    assert keeper.client.get(link).data.startswith(b"%PDF")
