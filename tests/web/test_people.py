"""Users for whoever manages them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from pages import Page, Visitor
from stories import BeginTx, Story, person
from workflows.people.queries import unit_by_code, user_by_login
from workflows.tasks.operations import claim

SignIn = Callable[[str], Visitor]
NEW = {
    "login": "petugas3",
    "name": "Dian Sastra, S.Sos.",
    "employee_number": "199001012020011001",
    "position": "Pranata Humas",
    "email": "petugas3@langkat.example",
    "phone": "081200000003",
}


@pytest.fixture
def visit(sign_in: SignIn) -> Visitor:
    """The browser of whoever manages users."""
    return sign_in("admin")


@pytest.fixture
def page_of(session: Session) -> Callable[[str], str]:
    """Give the address of a user's page by login."""

    def address(login: str) -> str:
        user = user_by_login(session, login)
        assert user is not None
        return f"/pengguna/{user.id}"

    return address


def password_in(page: Page) -> str:
    return page.tree.xpath("string(//main//p/code[@class='app-code'])")


def test_the_list_names_everybody_with_their_roles(visit: Visitor, passwords_made: dict[str, str]) -> None:
    page = visit("/pengguna")

    assert f"{len(passwords_made)} pengguna" in page.text
    assert len(page.tree.xpath("//tbody/tr")) == min(25, len(passwords_made))
    assert "Petugas penerimaan, Dinas Komunikasi dan Informatika" in visit("/pengguna?cari=rina+pranata").text
    assert "1 pengguna" in visit("/pengguna?cari=zulkarnain").text


def test_a_new_user_signs_in_with_a_password_that_is_shown_once(
    visit: Visitor, another_visitor: Callable[[], Visitor]
) -> None:
    page = visit.fill(visit("/pengguna/baru"), "/pengguna/baru", NEW)
    password = password_in(page)

    assert page.response.headers["Cache-Control"] == "no-store"
    assert password not in visit("/pengguna?cari=petugas3").source
    fresh = another_visitor()
    page = fresh.fill(fresh("/masuk"), "/masuk", {"login": "petugas3", "password": password})
    assert page.heading == "Pilih kata sandi Anda sendiri"


def test_what_is_wrong_with_a_new_user_is_said_at_its_field(visit: Visitor) -> None:
    visit.fill(visit("/pengguna/baru"), "/pengguna/baru", NEW)

    page = visit.fill(visit("/pengguna/baru"), "/pengguna/baru", {**NEW, "login": "Sekda", "name": ""}, status=422)

    assert page.problems == {
        "login": "Nama pengguna itu sudah dipakai",
        "name": "Isi “Nama lengkap dan gelar”",
        "employee_number": "NIP itu sudah dimiliki pengguna lain",
    }
    assert page.value("email") == NEW["email"]


def test_a_role_is_given_and_ended(
    visit: Visitor, sign_in: SignIn, page_of: Callable[[str], str], session: Session
) -> None:
    place = page_of("warga")
    unit = unit_by_code(session, "DISKOMINFO")
    assert unit is not None

    page = visit.fill(visit(place), f"{place}/peran", {"role": "intake_officer", "unit": str(unit.id)})
    assert "Peran diberikan." in page.text
    assert sign_in("warga")("/tugas").heading == "Tugas"

    page = visit.fill(page, f"{place}/peran/akhiri")
    assert "Peran diakhiri." in page.text
    sign_in("warga")("/tugas", status=404)


def test_a_role_that_is_held_is_not_given_twice(
    visit: Visitor, page_of: Callable[[str], str], session: Session
) -> None:
    place = page_of("petugas")
    unit = unit_by_code(session, "DISKOMINFO")
    assert unit is not None

    page = visit.fill(visit(place), f"{place}/peran", {"role": "intake_officer", "unit": str(unit.id)})

    assert "Peran itu sudah dipegang." in page.text


def test_somebody_must_keep_the_users(visit: Visitor, page_of: Callable[[str], str]) -> None:
    place = page_of("admin")

    page = visit.fill(visit(place), f"{place}/nonaktif", {"sure": "true"})

    assert "Harus tetap ada seorang pengelola." in page.text


def test_a_deputy_acts_from_the_first_day_through_the_last(
    visit: Visitor, sign_in: SignIn, page_of: Callable[[str], str], clock
) -> None:
    place = page_of("kadis")
    deputy = visit(place).tree.xpath("string(//datalist[@id='rekan']/option[contains(., 'Nurhayati')]/@value)")
    dates = {"from": "2026-03-03", "to": "2026-03-04", "order_number": "800/12/2026"}

    page = visit.fill(visit(place), f"{place}/pelaksana", {"deputy": deputy, "kind": "plh", **dates})

    assert "Selasa, 3 Maret 2026 – Rabu, 4 Maret 2026, 800/12/2026" in page.text
    assert "Nurhayati Siregar, S.T. : Plh. (pelaksana harian)" in page.text
    assert "Khairul Azmi" not in sign_in("opd2")("/akun").text
    clock.instant += timedelta(days=2, hours=14)
    assert "Khairul Azmi" in sign_in("opd2")("/akun").text
    clock.instant += timedelta(hours=2)
    assert "Khairul Azmi" not in sign_in("opd2")("/akun").text


def test_somebody_moves_to_another_unit_with_other_roles(
    visit: Visitor, page_of: Callable[[str], str], a_case: Story, session: Session, begin_tx: BeginTx
) -> None:
    with begin_tx(person(session, "petugas")) as tx:
        claim(tx, a_case.task(session, "verify").id)
    place, unit = page_of("petugas"), unit_by_code(session, "PUPR")
    assert unit is not None

    assert "Pilih unit yang baru." in visit.fill(visit(place), f"{place}/pindah").text
    page = visit.fill(visit(place), f"{place}/pindah", {"new_unit": str(unit.id), "roles": ["office_liaison"]})

    assert "Pengguna dipindahkan." in page.text
    roles = page.tree.xpath("//section[@aria-labelledby='peran']//li/p[1]")
    assert [role.text_content() for role in roles] == ["Pejabat penghubung, Dinas Pekerjaan Umum dan Penataan Ruang"]
    assert a_case.task(session, "verify").assignee_id is None


def test_a_deputys_time_can_be_ended(visit: Visitor, page_of: Callable[[str], str]) -> None:
    place = page_of("kadis")
    deputy = visit(place).tree.xpath("string(//datalist[@id='rekan']/option[contains(., 'Nurhayati')]/@value)")
    page = visit.fill(visit(place), f"{place}/pelaksana", {"deputy": deputy, "from": "2026-03-02", "to": "2026-03-31"})
    action = page.tree.xpath("string(//form[contains(@action, '/pelaksana/')]/@action)")

    page = visit.fill(page, action)

    assert "Masa pelaksana diakhiri." in page.text
    assert not page.tree.xpath("//form[contains(@action, '/pelaksana/')]")


def test_a_deputy_without_days_or_for_oneself_is_refused(visit: Visitor, page_of: Callable[[str], str]) -> None:
    place = page_of("kadis")

    page = visit.fill(visit(place), f"{place}/pelaksana", {"from": "besok"})
    assert "NIP pelaksananya" in page.text

    page = visit.fill(page, f"{place}/pelaksana", {"deputy": "kadis", "from": "2026-03-02", "to": "2026-03-03"})
    assert "Pelaksana tugas harus orang lain" in page.text


def test_a_password_is_reset_and_the_old_one_is_worthless(
    visit: Visitor, sign_in: SignIn, page_of: Callable[[str], str], passwords_made: dict[str, str]
) -> None:
    officer = sign_in("petugas")
    place = page_of("petugas")

    password = password_in(visit.fill(visit(place), f"{place}/kata-sandi"))

    assert officer("/tugas").heading == "Masuk"
    page = officer("/masuk")
    officer.fill(page, "/masuk", {"login": "petugas", "password": passwords_made["petugas"]}, status=422)
    page = officer.fill(page, "/masuk", {"login": "petugas", "password": password})
    assert page.heading == "Pilih kata sandi Anda sendiri"


def test_an_account_is_closed_only_when_it_is_meant(visit: Visitor, page_of: Callable[[str], str]) -> None:
    place = page_of("petugas2")

    page = visit.fill(visit(place), f"{place}/nonaktif")
    assert "Centang dahulu" in page.text

    page = visit.fill(page, f"{place}/nonaktif", {"sure": "true"})
    assert "Akun ditutup." in page.text
    assert "Tidak memegang peran apa pun." in page.text


def test_data_are_corrected(visit: Visitor, page_of: Callable[[str], str]) -> None:
    place = page_of("petugas2")

    page = visit.fill(visit(place), place, {"phone": "081211112222", "language": "en"})

    assert "Data pengguna disimpan." in page.text
    assert page.value("phone") == "081211112222"
    assert page.value("language") == "en"


@pytest.mark.parametrize("login", ["petugas", "sekda", "warga"])
def test_who_manages_no_users_finds_no_such_page(sign_in: SignIn, page_of: Callable[[str], str], login: str) -> None:
    visit = sign_in(login)

    for address in ("/pengguna", "/pengguna/baru", page_of("petugas")):
        visit(address, status=404)
