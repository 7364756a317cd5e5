"""Bytes at rest: kept once, streamed both ways, and found out when somebody changed them."""

import contextlib
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from case_factories import create_case
from databases import TestDatabase
from factories import NOW
from workflows.errors import NotFound
from workflows.evidence.models import Evidence
from workflows.storage import queries
from workflows.storage.models import CHUNK_SIZE, StoredChunk, StoredFile
from workflows.storage.operations import forget_unclaimed, put
from workflows.transaction import SYSTEM, Tx, begin

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.mark.parametrize("size", [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 3 * CHUNK_SIZE])
def test_bytes_come_back_as_they_went_in(begin_tx: BeginTx, session: Session, size: int) -> None:
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]

    with begin_tx() as tx:
        stored = put(tx, io.BytesIO(content))

    assert stored.size == size
    assert queries.read(session, stored.checksum) == content
    assert [len(chunk) for chunk in queries.chunks(session, stored.checksum)] == [
        *[CHUNK_SIZE] * (size // CHUNK_SIZE),
        *([size % CHUNK_SIZE] if size % CHUNK_SIZE else []),
    ]


def test_same_bytes_are_kept_once(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        first = put(tx, io.BytesIO(b"sama"))
    with begin_tx() as tx:
        second = put(tx, io.BytesIO(b"sama"))

    assert first == second
    assert session.scalar(select(func.count()).select_from(StoredChunk)) == 1


def test_stream_that_cannot_be_rewound_is_stored_too(begin_tx: BeginTx, session: Session) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with begin_tx() as tx:
        stored = put(tx, Pipe(b"x" * (CHUNK_SIZE + 5)))

    assert queries.size_of(session, stored.checksum) == CHUNK_SIZE + 5
    assert queries.is_intact(session, stored.checksum)


def test_file_goes_with_the_act_that_fails(begin_tx: BeginTx, session: Session) -> None:
    with contextlib.suppress(ZeroDivisionError), begin_tx() as tx:
        put(tx, io.BytesIO(b"hilang"))
        raise ZeroDivisionError

    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_changed_or_missing_chunk_is_found_out(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        stored = put(tx, io.BytesIO(b"asli"))
        gone = put(tx, io.BytesIO(b"akan hilang"))
        tx.session.execute(update(StoredChunk).where(StoredChunk.checksum == stored.checksum).values(body=b"palsu"[:4]))
        tx.session.execute(StoredChunk.__table__.delete().where(StoredChunk.checksum == gone.checksum))  # type: ignore[attr-defined]

    assert not queries.is_intact(session, stored.checksum)
    assert not queries.is_intact(session, gone.checksum)
    with pytest.raises(NotFound):
        queries.read(session, gone.checksum)


def test_unknown_checksum_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        queries.read(session, "0" * 64)


def test_two_acts_with_the_same_bytes_at_once_keep_them_once(committed_database: TestDatabase) -> None:
    content = b"z" * (2 * CHUNK_SIZE)
    failures: list[BaseException] = []

    def store() -> None:
        try:
            with Session(committed_database.engine) as session, begin(session, SYSTEM, now=NOW) as tx:
                put(tx, io.BytesIO(content))
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=store) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with Session(committed_database.engine) as session:
        assert session.scalar(select(func.count()).select_from(StoredChunk)) == 2


def test_bytes_that_nothing_points_at_are_forgotten_after_a_while(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx(now=NOW - timedelta(days=3)) as tx:
        old = put(tx, io.BytesIO(b"ditinggalkan"))
    with begin_tx() as tx:
        fresh = put(tx, io.BytesIO(b"baru datang"))
    with begin_tx() as tx:
        assert forget_unclaimed(tx, before=NOW - timedelta(days=2)) == 1

    with pytest.raises(NotFound):
        queries.size_of(session, old.checksum)
    assert queries.read(session, fresh.checksum) == b"baru datang"


def test_bytes_that_a_case_holds_are_never_forgotten(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx(now=NOW - timedelta(days=300)) as tx:
        held = put(tx, io.BytesIO(b"bukti"))
        case = create_case(tx)
        tx.session.add(
            Evidence(
                case_id=case.id,
                ordinal=1,
                name="bukti.jpg",
                content_type="image/jpeg",
                size=held.size,
                checksum=held.checksum,
                origin="reporter",
                audience="reporter",
                attached_at=tx.now,
            )
        )
    with begin_tx() as tx:
        assert forget_unclaimed(tx, before=NOW) == 0
    assert queries.read(session, held.checksum) == b"bukti"
