"""One's own account: password and second factor."""

from collections.abc import Callable

from pages import Visitor
from workflows.people.second_factor import code_at

SignIn = Callable[[str], Visitor]


def test_the_header_leads_to_the_account(sign_in: SignIn) -> None:
    visit = sign_in("petugas")

    page = visit(visit("/tugas").link("Rina Marlina br. Ginting, S.Kom."))

    assert page.heading == "Akun saya"
    assert "Petugas penerimaan, Dinas Komunikasi dan Informatika" in page.text


def test_the_second_factor_is_enrolled_and_then_asked_for(
    sign_in: SignIn, another_visitor: Callable[[], Visitor], passwords_made: dict[str, str], clock
) -> None:
    visit = sign_in("petugas")
    page = visit(visit("/akun").link("Daftarkan kode masuk"))
    secret = page.tree.xpath("string(//code)").replace(" ", "")

    page = visit.fill(page, "/akun/kode", {"code": code_at(secret, clock.instant)})

    assert "Terdaftar" in page.text
    fresh = another_visitor()
    page = fresh.fill(fresh("/masuk"), "/masuk", {"login": "petugas", "password": passwords_made["petugas"]})
    assert page.heading == "Kode masuk"


def test_a_wrong_code_enrols_nothing(sign_in: SignIn) -> None:
    visit = sign_in("petugas")

    page = visit.fill(visit("/akun/kode"), "/akun/kode", {"code": "000000"}, status=422)

    assert "code" in page.problems
    assert "Belum terdaftar" in visit("/akun").text


def test_the_password_is_changed_and_used_at_once(sign_in: SignIn, passwords_made: dict[str, str]) -> None:
    visit = sign_in("petugas")
    chosen = "sawah luas di kaki bukit"

    page = visit.fill(visit("/akun"), "/akun/kata-sandi", {"current": passwords_made["petugas"], "chosen": chosen})

    assert page.heading == "Masuk"
    assert "Kata sandi diganti." in page.text
    page = visit.fill(page, "/masuk", {"login": "petugas", "password": chosen})
    assert page.heading == "Akun saya"


def test_what_is_wrong_with_a_new_password_is_said(sign_in: SignIn) -> None:
    visit = sign_in("petugas")

    page = visit.fill(visit("/akun"), "/akun/kata-sandi", {"current": "bukan ini", "chosen": "pendek"}, status=422)

    assert page.problems["current"] == "Kata sandi sekarang tidak cocok"
    assert "bukan ini" not in page.source


def test_an_account_is_for_whoever_is_signed_in(visit: Visitor) -> None:
    assert visit("/akun").heading == "Masuk"
