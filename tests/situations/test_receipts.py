"""Codes that open nothing are alike in everything: unknown, expired, malformed; in body, status, size and time."""

import re
from collections.abc import Callable
from statistics import median
from time import process_time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from looking import tables_holding
from pages import Visitor
from stories import Story
from workflows.intake import receipts
from workflows.intake.models import Receipt

DEAR = receipts.COST
_OWN = re.compile(rb'value="[^"]*"')


@pytest.fixture
def _dear_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "COST", DEAR)


@pytest.mark.usefixtures("_dear_codes")
def test_expired_unknown_and_nonsense_are_indistinguishable(visit: Visitor, story: Story, session: Session) -> None:
    story.file()
    session.scalars(select(Receipt)).one().expired_at = story.now
    session.flush()
    unknown = "-".join(["12345"] * 5)
    token = visit("/lacak").form("/lacak").values["csrf_token"]
    times: dict[str, list[float]] = {story.code: [], unknown: [], "99999-88888-77777-66666-55555": []}
    bodies, sizes = set(), set()
    for _ in range(7):
        for code, spent in times.items():
            # Processor time, so that nothing else on the machine counts; whether the hash is made decides over it.
            began = process_time()
            response = visit.client.post("/lacak", data={"csrf_token": token, "code": code})
            spent.append(process_time() - began)
            assert response.status_code == 422
            assert "amanah_lacak" not in response.headers.get("Set-Cookie", "")
            bodies.add(_OWN.sub(b"", response.data))
            sizes.add(len(response.data))
    assert len(bodies) == len(sizes) == 1
    typical = [median(spent) for spent in times.values()]
    assert max(typical) < 2 * min(typical), typical


def test_a_malformed_code_costs_a_hash_as_well(story: Story, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []
    genuine = receipts.hash_secret_raw

    def counted(**given: object) -> bytes:
        hashed.append(given["secret"])  # type: ignore[arg-type]
        return genuine(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(receipts, "hash_secret_raw", counted)
    for code in ("", "x", "1", "1" * 500):
        assert receipts.receipt_of(session, code) is None
    assert len(hashed) == 4
    assert all(len(secret) <= 200 for secret in hashed)


def test_an_expired_code_in_the_cookie_opens_nothing_either(
    visit: Visitor, story: Story, session: Session, another_visitor: Callable[[], Visitor]
) -> None:
    story.file()
    assert visit.fill(visit("/lacak"), "/lacak", {"code": story.code}).heading == story.number
    session.scalars(select(Receipt)).one().expired_at = story.now
    session.flush()
    assert visit("/lacak").heading == another_visitor()("/lacak").heading == "Lacak laporan"


def test_no_list_of_tried_codes_is_kept(visit: Visitor, story: Story, session: Session) -> None:
    story.file()
    tried = "31415-92653-58979-32384-62643"
    visit.fill(visit("/lacak"), "/lacak", {"code": tried}, status=422)
    for shape in (tried, tried.replace("-", "")):
        assert tables_holding(session, shape) == set()
    assert tables_holding(session, story.code) == set()
