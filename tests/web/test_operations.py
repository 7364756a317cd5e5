"""The operator's pages: what runs and what does not, and every act with what it does said before."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from factories import NOW
from pages import Visitor
from stories import Story
from web.conftest import BeginTx, MovableClock
from workflows.catalogue.bundle import Bundle
from workflows.catalogue.models import ProcessFile, ProcessVersion
from workflows.incidents.operations import Cause, raise_incident
from workflows.processes.models import MigrationBatch, MigrationResult, Timer
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM

SignIn = Callable[[str], Visitor]


@pytest.fixture
def operator(sign_in: SignIn) -> Visitor:
    return sign_in("admin")


def address(story: Story, session: Session) -> str:
    return f"/operasi/proses/{story.instance(session).id}"


def test_only_operators_find_the_page(sign_in: SignIn, a_case: Story, session: Session) -> None:
    visit = sign_in("penyelia")

    for place in ("/operasi", address(a_case, session), "/operasi/versi/complaint"):
        assert visit.client.get(place).status_code == 404


def test_the_page_tells_what_stands_still_and_who_works(
    sign_in: SignIn, a_case: Story, session: Session, clock: MovableClock, begin_tx: BeginTx
) -> None:
    with begin_tx() as tx:
        for number in (1, 2):
            raise_incident(
                tx,
                "job.failed",
                f"letters.print:{number}",
                Cause("OSError", "render"),
                owner_role="administrator",
                case_id=a_case.case_id,
                instance_id=a_case.instance(session).id,
                element="acknowledge",
                task="letters.print",
                arguments={"letter_id": str(uuid4())},
            )
    session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (:at)"), {"at": NOW})
    session.execute(text("INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('journal.link', 'acts')"))
    due = session.scalars(select(Timer.due_at).order_by(Timer.due_at).limit(1)).one()
    clock.instant = due + timedelta(hours=1)

    page = sign_in("admin")("/operasi")

    # Two faults of one cause are one row: what, why in words, where, whose, since when, how many, and the way on.
    assert "Mencetak surat: gagal" in page.text
    assert "Berkas atau perangkat pada mesin pekerja tidak dapat dipakai" in page.text
    assert "OSError (render)" in page.text
    assert "Kirim tanda terima" in page.text
    assert "Administrator sistem" in page.text
    assert "Coba lagi semua" in page.text
    assert "diam" in page.text
    assert "Merangkai jurnal" in page.text
    assert "Penjaga belum pernah memeriksa." in page.text
    assert "Pengingat yang terlambat (0)" not in page.text
    assert "menerima kasus baru" in page.text
    assert "Dusun III" not in page.text


def test_a_run_tells_its_faults_in_words_and_shows_their_place(
    operator: Visitor, a_case: Story, session: Session, begin_tx: BeginTx
) -> None:
    with begin_tx() as tx:
        raise_incident(
            tx,
            "step.failed",
            "step:1",
            Cause("FeelError", "feel.type"),
            owner_role="process_designer",
            case_id=a_case.case_id,
            instance_id=a_case.instance(session).id,
            element="verify",
        )

    page = operator(address(a_case, session))

    assert "1 gangguan terbuka" in page.text
    assert "Rumus pada diagram tidak dapat dihitung" in page.text
    (place,) = page.tree.xpath("//*[@data-element='verify'][contains(@class, 'is-failed')]")
    assert "Terganggu" in place.findtext("title")
    # An operator reads no case, so no link leads to a page that would refuse them.
    assert "Buka kasus" not in page.text


def test_a_run_is_found_by_the_number_of_its_case(operator: Visitor, a_case: Story, session: Session) -> None:
    found = operator.client.get(f"/operasi/proses?nomor={a_case.number.lower()}")
    assert found.location == address(a_case, session)

    assert operator.client.get("/operasi/proses?nomor=PGD-1999-00001").location == "/operasi"


def test_a_suspension_tells_its_effect_and_shows_in_every_task(
    operator: Visitor,
    a_case: Story,
    session: Session,
    sign_in: SignIn,
    another_visitor: Callable[[], Visitor],
) -> None:
    page = operator(address(a_case, session))
    assert "Aturan tidak mengenal jeda, jadi batas waktu tetap berjalan:" in page.text
    assert "tetap berakhir pada" in page.text

    place = f"{address(a_case, session)}/tangguhkan"
    page = operator.fill(page, place, status=422)
    page = operator.fill(page, place, {"reason": "Menunggu putusan."})
    assert "Proses ini ditangguhkan" in page.text
    assert "ditahan" in page.text

    task_id = a_case.task(session, "verify").id
    officer = sign_in("petugas")
    assert "Kasus ini sedang ditangguhkan" in officer(f"/tugas/{task_id}").text
    assert "ditangguhkan" in officer("/tugas?lingkup=unit").text

    # What the reporter sends meanwhile is kept; they are told so, and not asked for it again.
    reporter = another_visitor()
    tracked = reporter.fill(reporter("/lacak"), "/lacak", {"code": a_case.code})
    tracked = reporter.fill(tracked, "/lacak/pesan/withdrawn", {"withdrawal_confirmed": "true"})
    assert "Terkirim dan disimpan." in tracked.text
    assert "/lacak/pesan/withdrawn" not in {form.action for form in tracked.forms()}
    assert "1 pesan disimpan" in operator("/operasi").text
    page = operator(address(a_case, session))
    assert "Pesan yang disimpan (1)" in page.text

    page = operator.fill(page, f"{address(a_case, session)}/lanjutkan", {"reason": "Putusan ada."})
    assert "Proses dilanjutkan." in page.text
    assert "Kasus ini sedang ditangguhkan" not in officer(f"/tugas/{task_id}").text


def test_a_token_is_moved_after_its_preview(
    operator: Visitor, a_case: Story, session: Session, sign_in: SignIn
) -> None:
    place = f"{address(a_case, session)}/pindah"

    page = operator(f"{place}?dari=verify&ke=refer")
    assert "Belum ada yang berubah." in page.text
    # A promise that ends with the task which it watched is told before.
    assert "Batas waktu P-01 Verifikasi dan penerusan pengaduan" in page.text
    assert "Batas waktu yang dijanjikan berhenti" in page.text
    assert a_case.waiting(session) == ["verify"]

    page = operator.fill(page, place, status=422)
    page = operator.fill(page, place, {"reason": "Sudah diperiksa lewat surat."})
    assert "Kasus dipindahkan." in page.text
    assert "Yang sudah dilakukan pengelola" in page.text
    assert "dari “Verifikasi pengaduan” ke “Disposisi ke perangkat daerah”" in page.text
    assert a_case.waiting(session) == ["refer"]
    assert "Sudah diperiksa lewat surat." in sign_in("penyelia")(f"/kasus/{a_case.number}").text


def test_a_move_that_would_go_wrong_says_why(operator: Visitor, a_case: Story, session: Session) -> None:
    answer = operator.client.get(f"{address(a_case, session)}/pindah?dari=verify&ke=nowhere")

    assert answer.status_code == 409
    assert "tidak ada di tingkat yang sama" in answer.get_data(as_text=True)


@pytest.fixture
def second_edition(a_case: Story, begin_tx: BeginTx, session: Session) -> ProcessVersion:
    """The complaint published once more, with another name for verifying."""
    old = session.get_one(ProcessVersion, a_case.instance(session).version_id)
    files = {file.path: file.content for file in old.files}
    files["process.bpmn"] = files["process.bpmn"].replace(b'"verify"', b'"examine"')
    files["case-type.yml"] = files["case-type.yml"].replace(b"verify", b"examine")
    with begin_tx(SYSTEM) as tx:
        old.state = "retired"
        tx.session.flush()
        new = ProcessVersion(
            case_type=old.case_type,
            number=old.number + 1,
            checksum=Bundle(files).checksum,
            published_at=NOW,
            state="open",
        )
        new.files = [ProcessFile(path=path, content=content) for path, content in files.items()]
        tx.session.add(new)
    return new


def test_cases_are_tried_moved_and_taken_back(
    operator: Visitor,
    a_case: Story,
    session: Session,
    second_edition: ProcessVersion,
    do_what_is_due: Callable[[], int],
) -> None:
    assert "Pindahkan ke versi lain" in operator("/operasi").text
    page = operator("/operasi/versi/complaint")
    assert "dihapus" in page.text
    assert "tidak ada pada versi 2" in page.text
    assert "1 kasus" in page.text

    # Tried by a job; the page says how far it is, and keeps what was found.
    page = operator.fill(page, "/operasi/versi/complaint/coba")
    assert "0% kasus sudah mendapat giliran." in page.text
    do_what_is_due()
    tried = session.scalars(select(MigrationBatch.id)).one()
    page = operator(f"/operasi/perpindahan/{tried}")
    assert "Tidak dapat dipindahkan: 1" in page.text
    page = operator.fill(
        operator("/operasi/versi/complaint"), "/operasi/versi/complaint/coba", {"tujuan-verify": "examine"}
    )
    do_what_is_due()
    tried = session.scalars(select(MigrationBatch.id).where(MigrationBatch.id != tried)).one()
    page = operator(f"/operasi/perpindahan/{tried}")
    assert "Dapat dipindahkan: 1" in page.text
    assert a_case.waiting(session) == ["verify"]
    assert "examine" in operator(page.tree.xpath("string(//a[contains(., 'Ubah pilihan')]/@href)")).value(
        "tujuan-verify"
    )

    place = f"/operasi/perpindahan/{tried}/mulai"
    page = operator.fill(page, place, status=422)
    page = operator.fill(page, place, {"reason": "Nama langkah berubah."})
    assert "Menunggu giliran: 1" in page.text
    do_what_is_due()
    result = session.scalars(select(MigrationResult).where(MigrationResult.state == "migrated")).one()
    page = operator(f"/operasi/perpindahan/{result.batch_id}")
    assert "Dipindahkan: 1" in page.text
    assert a_case.waiting(session) == ["examine"]

    page = operator.fill(page, f"/operasi/perpindahan/{result.batch_id}/batal")
    assert "1 kasus dikembalikan." in page.text
    assert a_case.waiting(session) == ["verify"]
    assert len(session.scalars(select(Task).where(Task.case_id == a_case.case_id)).all()) == 1
