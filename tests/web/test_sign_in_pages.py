"""Signing in and out, as somebody at a browser meets it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pages import Visitor
from webapp.extensions import limiter
from workflows.people.models import User
from workflows.people.queries import user_by_login
from workflows.people.second_factor import code_at

SignIn = Callable[[str], Visitor]


def give_password(visit: Visitor, login: str, password: str, *, status: int = 200, **more: str):
    return visit.fill(visit("/masuk"), "/masuk", {"login": login, "password": password, **more}, status=status)


def test_who_is_not_signed_in_is_led_to_the_sign_in(app: Flask, visit: Visitor) -> None:
    response = visit.client.get("/masuk/tiba")
    assert response.status_code == 303
    assert response.headers["Location"] == "/masuk?lanjut=/masuk/tiba"


def test_a_wrong_password_keeps_the_login_and_says_little(visit: Visitor, passwords_made: dict[str, str]) -> None:
    page = give_password(visit, "warga", "salah sekali", status=422)
    assert page.value("login") == "warga"
    assert page.title.startswith("Kesalahan:")
    unknown = give_password(visit, "siapa", "salah sekali", status=422)
    assert list(page.problems.values()) == list(unknown.problems.values())


def test_the_header_greets_and_lets_out(sign_in: SignIn) -> None:
    visit = sign_in("warga")
    page = visit("/kredit")
    assert "Keluar" in page.text
    page = visit.fill(page, "/keluar")
    assert "Anda sudah keluar." in page.text
    assert "Masuk" in page.text


def test_a_session_ends_after_half_an_hour_of_rest(sign_in: SignIn, clock) -> None:
    visit = sign_in("warga")
    clock.instant += timedelta(minutes=29)
    assert "Keluar" in visit("/kredit").text
    clock.instant += timedelta(minutes=31)
    assert "Keluar" not in visit("/kredit").text


def test_signing_out_ends_the_session_on_the_server(sign_in: SignIn) -> None:
    visit = sign_in("warga")
    token = visit.client.get_cookie("amanah_sesi")
    assert token is not None
    visit.fill(visit("/kredit"), "/keluar")
    visit.client.set_cookie("amanah_sesi", token.value)
    assert "Keluar" not in visit("/kredit").text


@pytest.mark.parametrize("target", ["https://jahat.example/", "//jahat.example/", "/\\jahat.example", "javascript:x"])
def test_signing_in_never_leads_elsewhere(visit: Visitor, passwords_made: dict[str, str], target: str) -> None:
    page = visit("/masuk")
    form = page.form("/masuk").values | {"login": "warga", "password": passwords_made["warga"], "lanjut": target}
    response = visit.client.post("/masuk", data=form)
    assert response.status_code == 303
    assert response.headers["Location"] == "/masuk/tiba"


def test_what_was_asked_for_opens_after_signing_in(visit: Visitor, passwords_made: dict[str, str]) -> None:
    page = visit("/masuk?lanjut=/kredit")
    page = visit.fill(page, "/masuk", {"login": "warga", "password": passwords_made["warga"]})
    assert page.heading == "Sumber data dan perangkat lunak"


@pytest.fixture
def enrolled(session: Session, passwords_made: dict[str, str]) -> User:
    """An officer with an authenticator."""
    user = user_by_login(session, "petugas")
    assert user is not None
    user.totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    session.commit()
    return user


def test_the_code_comes_between_password_and_work(
    visit: Visitor, enrolled: User, passwords_made: dict[str, str], clock
) -> None:
    page = give_password(visit, "petugas", passwords_made["petugas"], lanjut="/kredit")
    assert page.heading == "Kode masuk"
    assert "Keluar" not in visit("/kredit").text
    page = visit.fill(visit("/masuk/kode"), "/masuk/kode", {"code": "000000"}, status=422)
    assert "code" in page.problems
    right = code_at("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", clock.instant)
    page = visit.fill(page, "/masuk/kode", {"code": right, "lanjut": "/kredit"})
    assert page.heading == "Sumber data dan perangkat lunak"
    assert "Keluar" in page.text


def test_an_officer_without_an_authenticator_enrols_one_first(
    app: Flask, visit: Visitor, passwords_made: dict[str, str], session: Session, clock
) -> None:
    app.extensions["amanah_settings"] = replace(app.extensions["amanah_settings"], require_totp=True)
    page = give_password(visit, "petugas", passwords_made["petugas"], lanjut="/kredit")
    assert page.heading == "Daftarkan kode masuk"
    assert page.tree.xpath("//*[local-name()='svg']/*[local-name()='title']")
    secret = "".join(page.tree.xpath("string(//code)").split())
    page = visit.fill(page, "/masuk/daftar-kode", {"code": code_at(secret, clock.instant)})
    assert "Keluar" in page.text


def test_enrolling_without_the_step_before_leads_to_the_beginning(visit: Visitor) -> None:
    assert visit("/masuk/daftar-kode").heading == "Masuk"


def test_a_given_out_password_is_replaced_by_ones_own(
    visit: Visitor, session: Session, passwords_made: dict[str, str]
) -> None:
    user = user_by_login(session, "petugas")
    assert user is not None
    user.must_change_password = True
    session.commit()
    page = give_password(visit, "petugas", passwords_made["petugas"], lanjut="/kredit")
    assert page.heading == "Pilih kata sandi Anda sendiri"
    page = visit.fill(page, "/masuk/kata-sandi", {"chosen": "pendek"}, status=422)
    assert "paling sedikit" in page.problems["chosen"]
    page = visit.fill(page, "/masuk/kata-sandi", {"chosen": "kucing menari di atas genting"})
    assert page.heading == "Sumber data dan perangkat lunak"


def test_many_guesses_are_slowed_down(
    app: Flask, visit: Visitor, passwords_made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    with app.app_context():
        limiter.reset()
    for _ in range(10):
        give_password(visit, "warga", "salah sekali", status=422)
    page = give_password(visit, "warga", "salah sekali", status=429)
    assert page.heading == "Terlalu banyak percobaan"
    # Counters are acts of their own, which the test's transaction does not take back.
    with app.app_context():
        limiter.reset()
