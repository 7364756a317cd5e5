"""What no browser would send: hidden and unknown fields, nonsense in addresses, JSON that never ends. Never a fault."""

import json
from collections.abc import Callable
from contextlib import suppress
from time import process_time
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints import ANSWERS, FORM, fill
from looking import row_counts
from pages import Visitor
from stories import Story
from workflows.cases.models import Case, Content
from workflows.errors import BrokenDefinition
from workflows.forms.schema import read
from workflows.processes.models import ProcessInstance

SignIn = Callable[[str], Visitor]

NASTY = [
    "\x00",
    "NaN",
    "Infinity",
    "1e400",
    "9" * 400,
    "9999-12-31",
    "0001-01-01",
    "[" * 3000,
    '{"a":' * 3000,
    "' OR 1=1 --",
    "%s%n{0}{{7*7}}${7*7}",
    "\u202e\u200b\ufeff",
    "x" * 100_001,
    "\r\nSet-Cookie: a=b",
]
FIELDS = [*ANSWERS, "latitude", "longitude", "office", "anonymous", "confidential", "name", "phone", "email"]
OURS = ["_key", "_village_asked", "files_kept", "bahasa", "lanjut"]


def test_no_value_in_any_field_of_a_report_is_a_fault(visit: Visitor, session: Session) -> None:
    blank = visit(FORM).form(FORM).values
    for number, value in enumerate(NASTY):
        # One value in many fields at once: each is judged by itself, and the answers name every one.
        everywhere = {**blank, **dict.fromkeys(FIELDS, value)}
        assert visit.client.post(FORM, data=everywhere).status_code == 422, repr(value)[:40]
        field = FIELDS[number % len(FIELDS)]
        answer = visit.client.post(FORM, data={**blank, **ANSWERS, "_village_asked": "1", field: value})
        assert answer.status_code in {200, 303, 409, 422}, (field, repr(value)[:40])


def test_a_sign_that_the_database_cannot_hold_is_left_out(visit: Visitor, session: Session) -> None:
    fill(visit, {**ANSWERS, "title": f"{ANSWERS['title']}\x00"})
    report = session.scalars(select(Content.body).where(Content.kind == "report")).one()
    assert report["title"] == ANSWERS["title"]


def test_no_value_in_a_hidden_field_of_ours_is_a_fault(visit: Visitor) -> None:
    blank = visit(FORM).form(FORM).values
    for value in NASTY:
        for fields in (OURS, OURS[:1]):
            response = visit.client.post(FORM, data={**blank, **ANSWERS, **dict.fromkeys(fields, value)})
            assert response.status_code in {200, 303, 409, 422}, repr(value)[:40]


def test_smuggled_fields_decide_nothing(visit: Visitor, session: Session) -> None:
    smuggled = {
        "stage": "closed",
        "disposition": "resolved",
        "number": "PGD-1999-00001",
        "handling_unit_id": "1",
        "reporter_user_id": "00000000-0000-0000-0000-000000000000",
        "confirmed_class": "information",
        "problem_code": "09",
        "verification": "archived",
        "routing": '{"route": "archive"}',
        "audience": "public",
        "summary.title": "x",
        "__proto__": "x",
        "_no_conflict": "true",
    }
    fill(visit, {**ANSWERS, **smuggled})
    case = session.scalars(select(Case)).one()
    assert (case.stage, case.disposition, case.category, case.handling_unit_id) == ("received", None, None, None)
    variables = session.scalars(select(ProcessInstance.variables)).one()
    assert not {"confirmed_class", "problem_code", "verification", "routing"} & variables.keys()
    for body in session.scalars(select(Content.body)):
        assert not smuggled.keys() & body.keys()


def test_an_answer_to_a_hidden_question_is_dropped(visit: Visitor, session: Session) -> None:
    fill(visit, {**{name: value for name, value in ANSWERS.items() if name != "district"}, "village": "12.05.07.2001"})
    assert session.scalars(select(Case.village)).one() is None


def test_the_same_field_many_times_is_bounded(visit: Visitor, session: Session) -> None:
    blank = visit(FORM).form(FORM).values
    many = {**blank, **ANSWERS, "title": ["Judul satu yang sah"] * 900}
    assert visit.client.post(FORM, data=many).status_code in {200, 303, 413, 422}
    over = {**blank, **{f"f{number}": "x" for number in range(1500)}}
    assert visit.client.post(FORM, data=over).status_code in {200, 303, 413, 422}


def test_no_value_in_an_address_is_a_fault(
    sign_in: SignIn, story: Story, another_visitor: Callable[[], Visitor]
) -> None:
    story.file()
    visit = sign_in("penyelia")
    for value in NASTY:
        asked = quote(value[:1500])
        for address in (
            f"/kasus?cari={asked}&dari={asked}&sampai={asked}&halaman={asked}&unit={asked}&masalah={asked}",
            f"/tugas?cari={asked}&halaman={asked}&status={asked}&kecamatan={asked}&lingkup=semua",
            f"/eskalasi?halaman={asked}&lihat={asked}",
        ):
            assert visit.client.get(address).status_code == 200, (address[:30], repr(value)[:40])
    nobody = another_visitor()
    for value in NASTY:
        asked = quote(value[:1500], safe="")
        for address in (f"/kasus/{asked}", f"/lacak/akun/{asked}"):
            assert visit.client.get(address).status_code in {404, 308}, (address[:40], repr(value)[:40])
        for address in (f"/verifikasi/{asked}", f"/poster/{asked}", f"/lapor/{asked}", f"/aset/{asked}"):
            assert nobody.client.get(address).status_code in {200, 303, 302, 404, 308}, (address[:40], repr(value)[:40])
        for address in (f"/masuk?lanjut={asked}", f"/{asked}", f"{FORM}?instansi={asked}", f"/?bahasa={asked}"):
            assert nobody.client.get(address).status_code in {200, 404, 308}, (address[:40], repr(value)[:40])


def test_the_last_day_of_the_calendar_is_a_day(sign_in: SignIn) -> None:
    visit = sign_in("petugas")
    for day in ("9999-12-31", "0001-01-01", "2028-02-29"):
        visit(f"/kasus?dari={day}&sampai={day}")


def test_nothing_in_an_officers_form_is_a_fault(sign_in: SignIn, story: Story, session: Session) -> None:
    story.file()
    visit = sign_in("petugas")
    address = f"/tugas/{story.task(session, 'verify').id}"
    shown = visit(address).form(address).values
    for value in NASTY:
        posted: dict[str, Any] = {**shown, **dict.fromkeys(["revision", "verification", "note", "problem_code"], value)}
        assert visit.client.post(address, data=posted).status_code in {409, 422}, repr(value)[:40]
        drafted = visit.client.post(address, data={**shown, "note": value, "simpan": "ya"})
        assert drafted.status_code in {303, 422}, repr(value)[:40]
        for action, field in (("benturan", "nothing"), ("tugaskan", "person"), ("x", "y")):
            answer = visit.client.post(f"{address}/{action}", data={"csrf_token": shown["csrf_token"], field: value})
            assert answer.status_code in {303, 404}, (action, repr(value)[:40])
    visit.client.post(address, data={**shown, "key": "\x00" * 20})
    assert story.waiting(session) == ["verify"]


def test_nothing_in_a_saved_view_is_a_fault(sign_in: SignIn, session: Session) -> None:
    visit = sign_in("petugas")
    token = visit("/tugas").form("/tugas/tampilan").values["csrf_token"]
    for value in NASTY:
        posted = {"csrf_token": token, "nama": f"v{value}"[:1000], "cari": value, "status": value, "lingkup": value}
        assert visit.client.post("/tugas/tampilan", data=posted).status_code in {303, 422}, repr(value)[:40]
    assert visit.client.get("/tugas").status_code == 200
    assert "<script" not in visit("/tugas").tree.xpath("string(//ul[@class='app-chips'][last()])")
    for number in ("0", "-1", "9" * 30):
        answer = visit.client.post(f"/tugas/tampilan/{number}/hapus", data={"csrf_token": token})
        assert answer.status_code == 404, number


def test_nothing_in_the_reporters_forms_is_a_fault(visit: Visitor, story: Story, session: Session) -> None:
    story.file()
    tracked = visit.fill(visit("/lacak"), "/lacak", {"code": story.code})
    token = {"csrf_token": tracked.form("/lacak/keterangan").values["csrf_token"]}
    for value in NASTY:
        for address, posted in (
            ("/lacak", {"code": value}),
            ("/lacak/keterangan", {"information": value}),
            ("/lacak/keterangan", {"information": "Baik-baik saja.", "_key": value}),
            ("/lacak/pesan/withdrawn", {"withdrawal_reason": value}),
            (f"/lacak/pesan/{quote(value[:500], safe='')}", {}),
        ):
            answer = visit.client.post(address, data={**token, **posted})
            assert answer.status_code in {303, 404, 409, 422, 308, 405}, (address[:40], repr(value)[:40])
    assert story.case(session).is_open


def test_nothing_at_the_door_is_a_fault(visit: Visitor, passwords_made: dict[str, str]) -> None:
    shown = visit("/masuk").form("/masuk").values
    for value in NASTY:
        for posted in ({"login": value, "password": value}, {"login": "petugas", "password": "x", "lanjut": value}):
            assert visit.client.post("/masuk", data={**shown, **posted}).status_code in {409, 422}, repr(value)[:40]


@pytest.mark.parametrize(
    "target",
    ["//jahat.example", "/\\jahat.example", "/\t/jahat.example", "https://jahat.example", "/\r\nX: y", "\\\\x", " //x"],
)
def test_signing_in_leads_to_no_other_site(visit: Visitor, passwords_made: dict[str, str], target: str) -> None:
    shown = visit("/masuk").form("/masuk").values
    answer = visit.client.post(
        "/masuk",
        data={**shown, "login": "petugas", "password": passwords_made["petugas"], "lanjut": target},
    )
    assert answer.status_code == 303
    place = answer.headers["Location"]
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))
    assert "\n" not in place


@pytest.mark.parametrize(
    "source",
    [
        b'{"components":' * 3000,
        b"[" * 100_000,
        b'{"id": "a", "id": "b", "components": []}',
        b'{"id": "a", "components": [], "schemaVersion": NaN}',
        b'{"id": "a", "components": [], "schemaVersion": 1e999}',
        b'{"id": "a", "components": "\xff"}',
        b'{"id": "a\\u0000", "components": [{"type": "textfield", "key": "\\ud800"}]}',
        b"",
        json.dumps({"id": "a", "type": "default", "components": [{"type": "group", "components": []}] * 5000}).encode(),
    ],
    ids=["deep", "brackets", "duplicate", "nan", "huge", "bytes", "signs", "empty", "wide"],
)
def test_a_form_that_is_none_is_a_finding_soon(source: bytes) -> None:
    began = process_time()
    with suppress(BrokenDefinition):
        read(source, "x.form")
    assert process_time() - began < 5


def test_a_body_that_is_no_form_is_answered(visit: Visitor, session: Session) -> None:
    before = row_counts(session)
    for body, kind in (
        (b"[" * 3000, "application/json"),
        (b"%00=%ff&csrf_token=%ff", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"a" * 1_500_000, "application/x-www-form-urlencoded"),
    ):
        response = visit.client.post(FORM, data=body, content_type=kind)
        assert response.status_code in {400, 413}, kind
    assert row_counts(session) == before
