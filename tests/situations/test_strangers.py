"""Whoever may not see a case finds nothing of it anywhere: each address answers as for one that was never there."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from evidence_files import picture, upload
from pages import Visitor
from stories import BeginTx, Story, person
from workflows.access.policy import visible_cases
from workflows.case_reports.operations import ask_report
from workflows.cases.models import Case, Escalation
from workflows.evidence.models import Evidence
from workflows.people.models import User
from workflows.processes import by_hand

SignIn = Callable[[str], Visitor]
CANARY = "kenarikuning"
# What differs from one drawing of a page to the next, and what was asked for.
_DRAWN_ANEW = re.compile(rb'name="csrf_token" (?:type="hidden" )?value="[^"]*"|value="[^"]*" name="csrf_token"')
_OWN = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|PGD-\d{4}-\d{5}")


def bare(body: bytes) -> bytes:
    """Take out of a page what is drawn anew each time."""
    return _OWN.sub(b"ID", _DRAWN_ANEW.sub(b"TOKEN", body))


@pytest.fixture
def secret(story: Story, session: Session, begin_tx: BeginTx) -> Story:
    """A confidential complaint against PUPR, with a photo, a letterless report and an escalation."""
    story.file(
        title=f"Pungutan {CANARY}",
        confidential="true",
        office="PUPR",
        name=f"Nama {CANARY}",
        files=(upload(f"{CANARY}.jpg", picture("JPEG")),),
    )
    with begin_tx(person(session, "penyelia")) as tx:
        ask_report(tx, story.case_id)
        by_hand.escalate(tx, story.case_id, to_role="regional_secretary", reason=f"Gawat {CANARY}")
    return story


def addresses(app: Flask, story: Story, session: Session, *, real: bool) -> Iterator[tuple[str, str]]:
    """Give (method, address) of every route that names an object: of the case, or of one that never was."""
    evidence = session.scalars(select(Evidence.id).where(Evidence.case_id == story.case_id)).one()
    escalation = session.scalars(select(Escalation.id).where(Escalation.case_id == story.case_id)).one()
    known: dict[str, UUID] = {
        "task_id": story.task(session, "verify").id,
        "evidence_id": evidence,
        "escalation_id": escalation,
        "other_id": story.case_id or uuid4(),
    }
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if not rule.arguments & {"number", *known} or rule.endpoint.startswith("portal."):
            continue
        values = {name: str(known.get(name, uuid4()) if real else uuid4()) for name in rule.arguments}
        if "number" in rule.arguments:
            values["number"] = story.number if real else "PGD-2031-77777"
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule.rule)  # noqa: B023
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, address


# Of every role, one who has no part in the circle; whoever fills two of them stands for both.
STRANGERS = ["warga", "opd", "kadis", "inspektur", "camat", "perancang", "admin"]


def test_nothing_of_the_case_exists_for_a_stranger(
    app: Flask, sign_in: SignIn, secret: Story, session: Session
) -> None:
    there, nowhere = (list(addresses(app, secret, session, real=real)) for real in (True, False))
    assert len(there) >= 15
    for login in STRANGERS:
        visit = sign_in(login)
        token = visit("/kredit").form("/keluar").values["csrf_token"]
        form = {
            "csrf_token": token,
            "key": uuid4().hex,
            "role": "regent",
            "reason": "x",
            "note": "x",
            "person": str(uuid4()),
        }
        for (method, real), (_, never) in zip(there, nowhere, strict=True):
            data = form if method == "POST" else None
            found, missing = (visit.client.open(address, method=method, data=data) for address in (real, never))
            assert found.status_code == missing.status_code == 404, (login, method, real, found.status, missing.status)
            assert bare(found.data) == bare(missing.data), (login, method, real)
    assert secret.waiting(session) == ["verify"]


LISTS = [
    "/kasus",
    f"/kasus?cari={CANARY}",
    "/kasus?cari=PGD-2026",
    "/kasus?unit=PUPR",
    "/kasus?kecamatan=12.05.07",
    "/kasus?status=received",
    "/tugas?lingkup=semua",
    f"/tugas?lingkup=semua&cari={CANARY}",
    "/eskalasi?lihat=semua",
    "/masuk/tiba",
    "/",
    "/lacak",
]


def test_no_list_counter_or_search_moves_for_a_stranger(
    sign_in: SignIn, story: Story, session: Session, request: pytest.FixtureRequest
) -> None:
    def look(visit: Visitor) -> list[bytes]:
        return [bare(visit.client.get(address, follow_redirects=True).data) for address in LISTS]

    strangers = {login: sign_in(login) for login in ("opd", "kadis", "inspektur", "admin", "warga")}
    before = {login: look(visit) for login, visit in strangers.items()}
    secret: Story = request.getfixturevalue("secret")
    for login, visit in strangers.items():
        for address, was, now in zip(LISTS, before[login], look(visit), strict=True):
            assert now == was, (login, address)
    assert secret.case(session).confidential
    assert CANARY in sign_in("petugas")("/kasus").text


def test_law_of_one_row_and_of_many_agree_for_everybody(secret: Story, session: Session) -> None:
    seers = set()
    for user in session.scalars(select(User)):
        actor = person(session, user.login)
        if session.scalar(select(Case.id).where(Case.id == secret.case_id, visible_cases(session, actor))):
            seers.add(user.login)
    assert seers == {"petugas", "petugas2", "penyelia", "sekda", "bupati"}


def test_another_units_open_case_is_closed_to_the_office_until_it_is_referred(
    sign_in: SignIn, story: Story, session: Session
) -> None:
    story.file(office="DINKES")
    story.work_through("follow_up")
    for login, status in (("opd", 200), ("kadis", 200), ("dinkes", 404), ("disdik", 404), ("camat", 404)):
        sign_in(login)(f"/kasus/{story.number}", status=status)


def test_a_stranger_downloads_no_file_by_any_door(
    sign_in: SignIn, secret: Story, session: Session, another_visitor: Callable[[], Visitor]
) -> None:
    evidence = session.scalars(select(Evidence.id)).one()
    for visit in (sign_in("opd"), sign_in("warga"), another_visitor()):
        for address in (f"/lacak/berkas/{evidence}", f"/kasus/{secret.number}/bukti/{evidence}"):
            answer = visit.client.get(address)
            assert answer.status_code in {303, 404}
            assert b"JFIF" not in answer.data


def test_somebody_elses_receipt_opens_no_file_of_the_case(
    visit: Visitor, secret: Story, session: Session, begin_tx: BeginTx
) -> None:
    mine = Story(begin_tx)
    mine.file()
    visit.fill(visit("/lacak"), "/lacak", {"code": mine.code})
    evidence = session.scalars(select(Evidence.id)).one()
    assert visit.client.get(f"/lacak/berkas/{evidence}").status_code == 404
