"""Units for whoever manages them: the tree, adding, correcting, naming a head, closing."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from pages import Visitor
from workflows.people.queries import unit_by_code

SignIn = Callable[[str], Visitor]
NEW = {"code": "puskesmas-1", "name": "Puskesmas Stabat", "name_en": "Stabat Clinic", "kind": "section"}


@pytest.fixture
def visit(sign_in: SignIn) -> Visitor:
    """The browser of whoever manages units."""
    return sign_in("admin")


@pytest.fixture
def place(visit: Visitor, session: Session) -> str:
    """The page of a unit that has just been added below the health office."""
    health = unit_by_code(session, "DINKES")
    assert health is not None
    visit.fill(visit("/pengguna/unit/baru"), "/pengguna/unit/baru", {**NEW, "parent": str(health.id)})
    unit = unit_by_code(session, "PUSKESMAS-1")
    assert unit is not None
    assert unit.parent_id == health.id
    return f"/pengguna/unit/{unit.id}"


def test_the_tree_names_heads_and_people(visit: Visitor, place: str) -> None:
    page = visit("/pengguna/unit")

    assert page.tree.xpath("string(//nav[contains(@class, 'app-nav')]//a[@aria-current])") == "Pengguna"
    row = page.tree.xpath("//tr[contains(., 'PUSKESMAS-1')]")[0].text_content()
    assert "PUSKESMAS-1, Bagian, di bawah DINKES" in row
    assert "lowong" in row
    people = page.tree.xpath("//tr[contains(., 'DISKOMINFO')]//td//a/@href")[0]
    assert "Rina Marlina" in visit(people).text
    assert "Bambang Suryanto" not in visit(people).text


def test_what_is_wrong_with_a_new_unit_is_said_at_its_field(visit: Visitor) -> None:
    page = visit.fill(visit("/pengguna/unit/baru"), "/pengguna/unit/baru", {"code": "pupr", "name": "X"}, status=422)

    assert set(page.problems) == {"code", "name_en", "kind"}
    assert page.value("name") == "X"


def test_data_and_head_are_corrected(visit: Visitor, place: str) -> None:
    page = visit.fill(visit(place), place, {"name": "Puskesmas Stabat Lama"})
    assert page.heading == "Puskesmas Stabat Lama"

    page = visit.fill(page, f"{place}/kepala", {"head": "dinkes"})
    assert "Evi Susanti Sembiring" in page.text
    assert "Tidak ada pengguna aktif" in visit.fill(page, f"{place}/kepala", {"head": "hantu"}).text
    assert "Lowong." in visit.fill(page, f"{place}/kepala", {"head": ""}).text


def test_a_unit_is_closed_when_it_is_meant_and_empty(visit: Visitor, place: str, session: Session) -> None:
    page = visit.fill(visit(place), f"{place}/tutup")
    assert "Centang dahulu" in page.text

    visit.fill(page, f"{place}/tutup", {"sure": "true"})

    assert "PUSKESMAS-1" not in visit("/pengguna/unit").text
    assert "Unit ini sudah ditutup." in visit(place).text
    full = unit_by_code(session, "PUPR")
    assert full is not None
    page = visit(f"/pengguna/unit/{full.id}")
    assert "Masih ada orang" in visit.fill(page, f"/pengguna/unit/{full.id}/tutup", {"sure": "true"}).text


def test_who_manages_no_users_finds_no_units(sign_in: SignIn) -> None:
    visit = sign_in("penyelia")

    for address in ("/pengguna/unit", "/pengguna/unit/baru"):
        visit(address, status=404)
