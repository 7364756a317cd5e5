"""`amanah refingerprint`: people are recognised under another key as they were, also after an interruption."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from case_factories import publish_sample
from databases import TestDatabase
from factories import NOW
from gifts import JAKARTA, NIP, gift_files, tell
from workflows import cli, fingerprints, transaction
from workflows.access import policy
from workflows.cases.models import Case
from workflows.catalogue.queries import manifest, newest_version
from workflows.commands import refingerprinting
from workflows.items.models import Giver, Item
from workflows.items.operations import record_items
from workflows.items.queries import facts_of
from workflows.journal.models import JournalEntry
from workflows.processes import office
from workflows.settings import BadSetting, Settings
from workflows.transaction import SYSTEM, begin

NIK = "1205015102930001"


@pytest.fixture
def gifts(committed_database: TestDatabase, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Three reports of one receiver, two of them of one giver, under the key "lama"; the office has a new one."""
    monkeypatch.setattr(transaction, "_policies", [policy.may])
    monkeypatch.setattr(office, "_opened", [])
    monkeypatch.setattr(fingerprints, "_keys", [])
    for name, value in {
        "DATABASE_URL": committed_database.url,
        "LANG": "en_GB.UTF-8",
        "FINGERPRINT_KEY": "baru",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FINGERPRINT_KEY_FORMER", "lama")
    fingerprints.use_key("lama")
    with Session(committed_database.engine) as session:
        with begin(session, SYSTEM, now=NOW) as tx:
            publish_sample(tx, gift_files())
            mapping = manifest(session, newest_version(session, "sample")).items
            assert mapping is not None
            for on, giver in (("2026-02-01", NIK), ("2026-02-02", NIK), ("2026-02-03", None)):
                case = tell(tx, {"giver": "Budi", "nik": giver, "amount": 100, "received_on": date.fromisoformat(on)})
                record_items(tx, case, mapping, zone=JAKARTA)
        yield session


def asked(capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    assert cli.main(["refingerprint"]) == status
    return capsys.readouterr().out


def marks(session: Session) -> list[tuple[str | None, str | None, str | None]]:
    session.rollback()
    rows = select(Giver.fingerprint, Giver.name_mark, Giver.mark_key).order_by(Giver.id)
    return [tuple(row) for row in session.execute(rows)]


def test_everybody_is_recognised_under_the_new_key(gifts: Session, capsys: pytest.CaptureFixture[str]) -> None:
    before = marks(gifts)

    told = asked(capsys)

    assert "3 cases: 3 givers and 3 objects" in told
    assert "kept" not in told
    after = marks(gifts)
    assert {key for *_, key in after} == {fingerprints.key_id()}
    assert not {mark for *row, _ in before for mark in row if mark} & {mark for *row, _ in after for mark in row}
    fingerprints.use_key("baru")
    assert set(gifts.scalars(select(Item.receiver))) == {fingerprints.fingerprint("number", NIP)}
    assert sorted(mark for mark, *_ in after if mark) == [fingerprints.fingerprint("number", NIK)] * 2
    assert len(gifts.scalars(select(JournalEntry).where(JournalEntry.kind == "items.remarked")).all()) == 3
    assert "0 cases" in asked(capsys)


def test_an_interrupted_run_goes_on_where_it_stopped(
    gifts: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, done = refingerprinting.renew_marks, []

    def stumble(*arguments, **named):
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(1)
        return renew(*arguments, **named)

    monkeypatch.setattr(refingerprinting, "renew_marks", stumble)
    cli.main(["refingerprint"])
    assert len({key for *_, key in marks(gifts)}) == 2
    monkeypatch.setattr(refingerprinting, "renew_marks", renew)

    assert "2 cases: 2 givers and 2 objects" in asked(capsys)
    assert {key for *_, key in marks(gifts)} == {fingerprints.key_id()}


def test_what_is_no_longer_kept_stays_and_is_told(gifts: Session, capsys: pytest.CaptureFixture[str]) -> None:
    key_of = select(Giver).where(Giver.fingerprint.is_not(None)).order_by(Giver.id).limit(1)
    giver = gifts.scalars(key_of).one()
    gifts.connection().exec_driver_sql(
        "UPDATE content SET body = '{}' WHERE kind = 'items' AND id = %s", (giver.content_id,)
    )
    gifts.execute(update(Giver).where(Giver.id != giver.id).values(name_mark="0" * 64))
    gifts.commit()

    told = asked(capsys, status=1)

    assert "2 givers" in told
    assert "1 fingerprints stay" in told
    # The emptied one, and two that the former key never made.
    assert "3 fingerprints were not made by the former key" in told


def test_the_former_key_is_another_one() -> None:
    with pytest.raises(BadSetting, match="FINGERPRINT_KEY_FORMER"):
        Settings.from_env({"FINGERPRINT_KEY": "a", "FINGERPRINT_KEY_FORMER": "a"})


def test_sums_are_as_they_were(gifts: Session, capsys: pytest.CaptureFixture[str]) -> None:
    def sums() -> list[int]:
        gifts.rollback()
        cases = gifts.scalars(select(Case).order_by(Case.number)).all()
        return [fact["prior"] for case in cases for fact in facts_of(gifts, case, "rolling")]

    before = sums()
    asked(capsys)

    assert sums() == before == [0, 100, 0]
