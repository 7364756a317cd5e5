"""Whoever owns the database changes what is in it: `amanah verify` says so and names the place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evidence_files import pdf, upload
from pages import Visitor
from situations.conftest import LiveOffice
from stories import VERIFIED, BeginTx, Story
from workflows import cli, proof
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.journal.operations import link_pending
from workflows.journal.verification import verify


@contextmanager
def as_administrator(session: Session) -> Iterator[Session]:
    """Act as whoever may switch triggers off."""
    session.flush()
    session.execute(text("SET LOCAL session_replication_role = replica"))
    yield session
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.expire_all()


@pytest.fixture
def told(story: Story, begin_tx: BeginTx, session: Session) -> Story:
    """A complaint with a past, linked into the one chain; a second one stands beside it."""
    story.file()
    other = Story(begin_tx)
    other.file(title="Lampu padam di Simpang Tiga")
    story.work_through("refer")
    with begin_tx() as tx:
        link_pending(tx)
    assert verify(session) is None
    return story


MIDDLE = "case_id = :case AND sequence = 5"
CHANGES = {
    "edited fact": f"""UPDATE journal_entry SET facts = facts || '{{"element": "x"}}' WHERE {MIDDLE}""",
    "edited actor": f"UPDATE journal_entry SET actor_name = 'Orang lain' WHERE {MIDDLE}",
    "edited kind": f"UPDATE journal_entry SET kind = 'task.released' WHERE {MIDDLE}",
    "back-dated": f"UPDATE journal_entry SET at = at - interval '3 days' WHERE {MIDDLE}",
    "deleted": f"DELETE FROM journal_entry WHERE {MIDDLE}",
    "moved": "UPDATE journal_entry SET sequence = 999 WHERE case_id = :case AND sequence = 5",
    "swapped": "UPDATE journal_entry SET sequence = 11 - sequence WHERE case_id = :case AND sequence IN (5, 6)",
    "given to another case": "UPDATE journal_entry SET case_id = NULL WHERE case_id = :case AND sequence = 5",
}
TAILS = {
    "newest deleted": "DELETE FROM journal_entry e WHERE case_id = :case"
    " AND sequence = (SELECT max(sequence) FROM journal_entry WHERE case_id = :case)",
    "whole chain deleted": "DELETE FROM journal_entry WHERE case_id = :case",
    "head turned back": "UPDATE journal_head SET sequence = sequence - 1 WHERE case_id = :case",
    "link edited": "UPDATE journal_link SET hash = repeat('0', 64) WHERE sequence = 3",
    "link deleted": "DELETE FROM journal_link WHERE sequence = 3",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_in_the_middle_is_found_at_its_place(session: Session, told: Story, change: str) -> None:
    with as_administrator(session):
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        if "11 - sequence" in change:
            session.execute(text("ALTER TABLE journal_entry DROP CONSTRAINT uq_journal_entry_case_id_sequence"))
        session.execute(text(change), {"case": told.case_id})

    broken = verify(session)

    assert broken is not None
    assert (broken.case_id, broken.sequence) in {(told.case_id, 5), (told.case_id, 6)}


@pytest.mark.parametrize("change", TAILS.values(), ids=TAILS)
def test_a_change_at_the_end_is_found(session: Session, told: Story, change: str) -> None:
    with as_administrator(session):
        session.execute(text(change), {"case": told.case_id})

    broken = verify(session)

    assert broken is not None
    assert broken.case_id == told.case_id or broken.sequence == 3


def test_the_newest_entry_and_its_head_together_are_missed_by_the_links(session: Session, told: Story) -> None:
    """Who knows about the heads turns them back as well; the one chain over all still holds the entry."""
    with as_administrator(session):
        session.execute(
            text(
                "DELETE FROM journal_entry WHERE case_id = :case"
                " AND sequence = (SELECT sequence FROM journal_head WHERE case_id = :case)"
            ),
            {"case": told.case_id},
        )
        session.execute(
            text(
                "UPDATE journal_head h SET (sequence, hash) = (SELECT sequence, hash FROM journal_entry"
                " WHERE case_id = h.case_id ORDER BY sequence DESC LIMIT 1) WHERE case_id = :case"
            ),
            {"case": told.case_id},
        )

    broken = verify(session)

    assert broken is not None
    assert broken.problem == "entry.missing"


def test_nobody_changes_the_journal_by_an_ordinary_statement(session: Session, told: Story) -> None:
    for statement in (
        "UPDATE journal_entry SET kind = 'x'",
        "DELETE FROM journal_link",
        "TRUNCATE journal_entry CASCADE",
    ):
        with pytest.raises(Exception, match="append-only"), session.begin_nested():
            session.execute(text(statement))


def test_the_command_names_the_place_and_ends_with_1(
    live: LiveOffice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**live.environment, "LANG": "en_GB.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("LC_ALL", raising=False)
    story = live.story()
    story.file()
    assert cli.main(["verify"]) == 0

    with live.begin() as tx, as_administrator(tx.session):
        genuine = tx.session.scalar(
            select(JournalEntry.at).where(JournalEntry.case_id == story.case_id, JournalEntry.sequence == 2)
        )
        moved = text("UPDATE journal_entry SET at = :at WHERE case_id = :case AND sequence = 2")
        assert genuine is not None
        tx.session.execute(moved, {"at": genuine - timedelta(hours=1), "case": story.case_id})
    try:
        assert cli.main(["verify"]) == 1
        said = capsys.readouterr().err
        assert str(story.case_id) in said
        assert "sequence 2" in said
    finally:
        with live.begin() as tx, as_administrator(tx.session):
            tx.session.execute(moved, {"at": genuine, "case": story.case_id})
    assert cli.main(["verify"]) == 0


def test_bytes_that_were_exchanged_are_found(session: Session, story: Story, begin_tx: BeginTx) -> None:
    story.file(files=(upload("bukti.pdf", pdf()),))
    with begin_tx() as tx:
        link_pending(tx)
    assert proof.verify(session) is None

    session.execute(text("UPDATE stored_chunk SET body = 'lain sama sekali'::bytea"))

    broken = proof.verify(session)
    assert broken is not None
    assert broken.case_id == story.case_id


REWRITTEN = {
    "changed": """UPDATE content SET body = body || '{"story": "Tidak pernah terjadi."}' WHERE case_id = :case""",
    "deleted": "DELETE FROM content WHERE case_id = :case AND kind = 'summary'",
    "salted anew": "UPDATE content SET salt = 'x' WHERE case_id = :case",
}


@pytest.mark.parametrize("change", REWRITTEN.values(), ids=REWRITTEN)
def test_words_that_were_rewritten_are_found(session: Session, told: Story, change: str) -> None:
    assert proof.verify(session) is None
    with as_administrator(session):
        session.execute(text(change), {"case": told.case_id})

    broken = proof.verify(session)

    assert broken is not None
    assert (broken.problem, broken.case_id) == ("content.changed", told.case_id)


def test_whoever_works_on_a_case_with_a_changed_past_is_told_in_words(
    sign_in: Callable[[str], Visitor], story: Story, session: Session
) -> None:
    """Nothing is stored, nothing typed is lost, and whoever can restore it has an incident."""
    story.file()
    visit, run = sign_in("petugas"), story.instance(session)
    task = story.task(session, "verify")
    opened = visit(f"/tugas/{task.id}")
    session.execute(text("UPDATE step_record SET actor_name = 'Orang lain' WHERE instance_id = :run"), {"run": run.id})

    typed = {**VERIFIED, "_no_conflict": "true", "note": "Sudah saya telepon."}
    page = visit.fill(opened, f"/tugas/{task.id}", typed, status=500)

    assert page.heading == "Kasus ini dihentikan untuk diperiksa"
    assert "pengelola sistem sudah diberi tahu" in page.text
    assert "Sudah saya telepon." in page.source
    incident = session.scalars(select(Incident)).one()
    assert (incident.kind, incident.owner_role, incident.case_id) == ("seal.broken", "administrator", story.case_id)
    assert story.waiting(session) == ["verify"]
    assert "Catatan sebuah langkah tidak sama lagi dengan saat ditulis" in sign_in("admin")("/insiden").text
