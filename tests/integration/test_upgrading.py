"""`amanah upgrade-cases`: plan, try, run and undo, as somebody at a terminal meets them."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from case_factories import SAMPLE, create_case, create_sample_office
from databases import TestDatabase
from factories import NOW
from workflows import cli, transaction
from workflows.access import policy
from workflows.catalogue.bundle import Bundle
from workflows.catalogue.models import ProcessFile, ProcessVersion
from workflows.processes import office
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.settings import Settings
from workflows.transaction import SYSTEM, begin


@pytest.fixture
def two_editions(
    committed_database: TestDatabase, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """A case at the check of the first edition; the second calls it otherwise, asks more and is the open one."""
    monkeypatch.setattr(transaction, "_policies", [policy.may])
    monkeypatch.setattr(office, "_opened", [])
    monkeypatch.setenv("DATABASE_URL", committed_database.url)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    office.open_office(settings)
    files = {path.relative_to(SAMPLE).as_posix(): path.read_text() for path in SAMPLE.rglob("*") if path.is_file()}
    for old, new in (('"check" name="Periksa"', '"examine" name="Telaah"'), ('Ref="check"', 'Ref="examine"')):
        files["process.bpmn"] = files["process.bpmn"].replace(old, new)
    files["process.bpmn"] = files["process.bpmn"].replace(">check</flowNodeRef>", ">examine</flowNodeRef>")
    files["forms/check.form"] = files["forms/check.form"].replace('"key": "note"', '"key": "remark"')
    content = {name: text.encode() for name, text in files.items()}
    with Session(committed_database.engine) as session:
        with begin(session, SYSTEM, now=NOW) as tx:
            old_edition = create_sample_office(tx).version
            processes.start(tx, create_case(tx).id, old_edition.id, {})
            old_edition.state = "retired"
            session.flush()
            version = ProcessVersion(
                case_type="sample", number=2, checksum=Bundle(content).checksum, published_at=NOW, state="open"
            )
            session.add(version)
            session.flush()
            session.add_all(
                ProcessFile(version_id=version.id, path=path, content=each) for path, each in content.items()
            )
        yield session


def asked(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> str:
    assert cli.main(["upgrade-cases", *arguments]) == status
    return capsys.readouterr().out


def test_cases_go_over_and_back_from_the_command_line(
    two_editions: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    def version() -> int:
        two_editions.rollback()
        run = two_editions.scalars(select(ProcessInstance), execution_options={"populate_existing": True}).one()
        return two_editions.get_one(ProcessVersion, run.version_id).number

    told = asked(capsys, 0, "plan", "sample", "--from", "1")
    assert "sample: version 1 to version 2, 1 cases run." in told
    assert "! check                       “Periksa” was taken out." in told
    assert "“Telaah” was added." in told
    assert "The fields of the form check differ: +remark, −note." in told
    assert "1 cases at check" in told

    told = asked(capsys, 1, "try", "sample", "--from", "1")
    assert "! element.removed     “Periksa” is gone. Name the element that takes its place." in told
    assert "0 of 1 cases can be moved." in told

    mapped = ("sample", "--from", "1", "--to", "2", "--map", "check=examine")
    assert "1 of 1 cases can be moved." in asked(capsys, 0, "try", *mapped)
    assert version() == 1

    told = asked(capsys, 0, "run", *mapped, "--reason", "The law has changed.")
    assert "migrated: 1" in told
    assert version() == 2
    batch = UUID(told.split()[1])

    assert "migrated: 1" in asked(capsys, 0, "run", "--batch", str(batch))
    assert "undone: 1" in asked(capsys, 0, "undo", str(batch))
    assert version() == 1


def test_what_cannot_be_done_is_refused(two_editions: Session, capsys: pytest.CaptureFixture[str]) -> None:
    asked(capsys, 1, "plan", "sample")
    asked(capsys, 1, "run")
    asked(capsys, 1, "try", "sample", "--from", "9")
    asked(capsys, 1, "run", "sample", "--from", "1", "--to", "1")
    asked(capsys, 1, "run", "sample", "--from", "1", "--accept", "everything", "--reason", "Uji")
