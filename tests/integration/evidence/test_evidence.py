"""Evidence of a case: stored whole or not at all, copied without traces, seen by those who may."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from case_factories import create_actor, create_case, create_unit
from evidence_files import HEIC_PHOTO, LIMITED, pdf, picture, upload
from workflows.cases.models import Case
from workflows.errors import Conflict, InvalidAnswers, NotAllowed, NotFound
from workflows.evidence import operations, queries
from workflows.evidence.copies import CannotCopy
from workflows.evidence.models import Evidence
from workflows.evidence.operations import attach, make_copy, note_copy_failure, open_original, release
from workflows.evidence.uploads import Limits
from workflows.journal.queries import entries_of
from workflows.storage.models import StoredFile
from workflows.transaction import NOBODY, SYSTEM, Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

LIMITS = Limits(**LIMITED)


@pytest.fixture
def a_case(begin_tx: BeginTx) -> Case:
    with begin_tx() as tx:
        return create_case(tx)


@pytest.fixture
def officer(begin_tx: BeginTx) -> Actor:
    with begin_tx() as tx:
        return create_actor(tx, ("intake_officer", create_unit(tx)))


def reporter_of(case: Case) -> Actor:
    return Actor(kind="reporter", case_id=case.id)


def test_files_of_a_report_are_numbered_and_journalled(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    with begin_tx(reporter_of(a_case)) as tx:
        first, second = attach(tx, a_case, [upload("foto.jpg", picture()), upload("surat.pdf", pdf())], limits=LIMITS)

    assert (first.ordinal, second.ordinal) == (1, 2)
    assert (first.origin, first.audience, first.attached_by_id) == ("reporter", "reporter", None)
    entry = entries_of(session, a_case.id)[-1]
    assert (entry.kind, entry.facts["sha256"], entry.facts["size"]) == (
        "evidence.attached",
        second.checksum,
        second.size,
    )
    jobs = session.execute(text("SELECT task_name, queue_name FROM procrastinate_jobs")).all()
    assert [tuple(job) for job in jobs] == [("evidence.copy", "prints")] * 2


def test_files_of_an_officer_stay_inside_unless_released(begin_tx: BeginTx, a_case: Case, officer: Actor) -> None:
    with begin_tx(officer) as tx:
        (item,) = attach(tx, a_case, [upload("a.txt", b"isi")], limits=LIMITS, element="follow_up")

    assert (item.origin, item.audience, item.attached_by_id) == ("officer", "internal", officer.user_id)
    assert item.element == "follow_up"


def test_with_one_bad_file_nothing_is_stored(begin_tx: BeginTx, session: Session, a_case: Case) -> None:
    with contextlib.suppress(InvalidAnswers), begin_tx() as tx:
        attach(tx, a_case, [upload("a.txt", b"baik"), upload("b.png", b"buruk")], limits=LIMITS)

    assert session.scalar(select(func.count()).select_from(Evidence)) == 0
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_no_files_are_no_trouble(begin_tx: BeginTx, a_case: Case) -> None:
    with begin_tx() as tx:
        assert attach(tx, a_case, [], limits=LIMITS) == []


def test_handlers_get_the_copy_and_the_original_keeps_its_checksum(
    begin_tx: BeginTx, session: Session, a_case: Case, officer: Actor
) -> None:
    original = picture(gps=True)
    with begin_tx(reporter_of(a_case)) as tx:
        (item,) = attach(tx, a_case, [upload("foto.jpg", original)], limits=LIMITS)
    assert queries.item(session, officer, item.id).state == "preparing"
    with pytest.raises(Conflict, match=r"evidence\.not_ready"):
        queries.download(session, officer, item.id)

    for _ in range(2):
        with begin_tx() as tx:
            make_copy(tx, item.id)

    given = queries.download(session, officer, item.id)
    content = b"".join(given.chunks)
    assert (given.name, given.content_type, given.size) == ("foto.jpg", "image/jpeg", len(content))
    assert b"Telepon Rahasia" not in content
    assert b"".join(queries.original(session, item).chunks) == original
    assert queries.item(session, officer, item.id).checksum == item.checksum


def test_a_photograph_of_a_telephone_is_given_as_one_that_everything_shows(
    begin_tx: BeginTx, session: Session, a_case: Case, officer: Actor
) -> None:
    with begin_tx(reporter_of(a_case)) as tx:
        (item,) = attach(tx, a_case, [upload("IMG_0042.HEIC", HEIC_PHOTO)], limits=LIMITS)
        make_copy(tx.acting_as(SYSTEM), item.id)

    given = queries.download(session, officer, item.id)

    assert (given.name, given.content_type) == ("IMG_0042.HEIC.jpg", "image/jpeg")
    assert queries.item(session, officer, item.id).is_picture
    assert b"".join(queries.original(session, item).chunks) == HEIC_PHOTO


def test_item_that_cannot_be_copied_is_given_to_nobody(
    begin_tx: BeginTx, session: Session, a_case: Case, officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(stream: object, content_type: str) -> None:
        raise CannotCopy("SyntaxError")

    monkeypatch.setattr(operations, "copy_of", stumble)
    with begin_tx(reporter_of(a_case)) as tx:
        (item,) = attach(tx, a_case, [upload("foto.jpg", picture())], limits=LIMITS)
    with pytest.raises(CannotCopy), begin_tx() as tx:
        make_copy(tx, item.id)
    with begin_tx() as tx:
        note_copy_failure(tx, item.id)

    with pytest.raises(Conflict, match=r"evidence\.copy_failed"):
        queries.download(session, officer, item.id)


def test_item_without_traces_to_remove_is_given_as_it_is(
    begin_tx: BeginTx, session: Session, a_case: Case, officer: Actor
) -> None:
    with begin_tx(reporter_of(a_case)) as tx:
        (item,) = attach(tx, a_case, [upload("catatan.txt", b"catatan")], limits=LIMITS)

    assert b"".join(queries.download(session, officer, item.id).chunks) == b"catatan"


class TestSight:
    @pytest.fixture
    def items(self, begin_tx: BeginTx, a_case: Case, officer: Actor) -> dict[str, Evidence]:
        with begin_tx(reporter_of(a_case)) as tx:
            (own,) = attach(tx, a_case, [upload("lapor.txt", b"a")], limits=LIMITS)
        with begin_tx(officer) as tx:
            (inside,) = attach(tx, a_case, [upload("telaah.txt", b"b")], limits=LIMITS)
            (progress,) = attach(tx, a_case, [upload("kemajuan.txt", b"c")], limits=LIMITS)
        return {"own": own, "inside": inside, "progress": progress}

    def names(self, session: Session, actor: Actor, case: Case) -> list[str]:
        return [item.name for item in queries.items_of(session, actor, case)]

    def test_officer_sees_all_and_reporter_what_is_theirs(
        self, session: Session, a_case: Case, officer: Actor, items: dict[str, Evidence]
    ) -> None:
        assert self.names(session, officer, a_case) == ["lapor.txt", "telaah.txt", "kemajuan.txt"]
        assert self.names(session, reporter_of(a_case), a_case) == ["lapor.txt"]
        assert self.names(session, Actor(kind="reporter", case_id=uuid4()), a_case) == []
        assert self.names(session, NOBODY, a_case) == []

    def test_hidden_item_looks_like_a_missing_one(
        self, session: Session, a_case: Case, items: dict[str, Evidence]
    ) -> None:
        for evidence_id in (items["inside"].id, uuid4()):
            with pytest.raises(NotFound, match=r"evidence\.unknown"):
                queries.download(session, reporter_of(a_case), evidence_id)

    def test_released_item_reaches_the_reporter_and_then_everybody(
        self, begin_tx: BeginTx, session: Session, a_case: Case, officer: Actor, items: dict[str, Evidence]
    ) -> None:
        with begin_tx(officer) as tx:
            release(tx, items["progress"].id, "reporter")
        assert self.names(session, reporter_of(a_case), a_case) == ["lapor.txt", "kemajuan.txt"]
        assert self.names(session, NOBODY, a_case) == []

        with begin_tx(officer) as tx:
            release(tx, items["progress"].id, "public")
            release(tx, items["progress"].id, "internal")
        assert self.names(session, NOBODY, a_case) == ["kemajuan.txt"]

    def test_public_item_of_a_confidential_case_is_seen_by_nobody_outside(
        self, begin_tx: BeginTx, session: Session, a_case: Case, officer: Actor, items: dict[str, Evidence]
    ) -> None:
        with begin_tx(officer) as tx:
            release(tx, items["progress"].id, "public")
        with begin_tx() as tx:
            tx.session.get_one(Case, a_case.id).confidential = True

        assert self.names(session, NOBODY, a_case) == []
        assert self.names(session, officer, a_case) == []

    def test_original_needs_the_right_to_know_the_reporter(
        self, begin_tx: BeginTx, session: Session, a_case: Case, officer: Actor, items: dict[str, Evidence]
    ) -> None:
        with begin_tx() as tx:
            inspector = create_actor(tx, ("inspector", create_unit(tx)))
        with pytest.raises(NotAllowed), begin_tx(officer) as tx:
            open_original(tx, items["own"].id)
        with begin_tx(inspector) as tx:
            open_original(tx, items["own"].id)

        assert entries_of(session, a_case.id)[-1].kind == "evidence.read"
