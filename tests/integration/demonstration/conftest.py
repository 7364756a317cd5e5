"""What the tests of the demonstration share: a furnished office whose case type demonstrates what a test writes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from databases import REPOSITORY, TestDatabase, TestServer, installation_environment
from factories import NOW
from workflows import transaction
from workflows.access import policy
from workflows.calendar.operations import seed_years
from workflows.catalogue.operations import publish
from workflows.demonstration.operations import Loaded, load_reports
from workflows.people import passwords
from workflows.people.demonstration import load_office
from workflows.processes import office
from workflows.settings import Settings
from workflows.transaction import SYSTEM, begin

DEMONSTRATION = Path("complaint") / "demonstration"


@dataclass(frozen=True)
class Stage:
    """A furnished installation on which a test has demonstrations played."""

    session: Session
    database: TestDatabase
    settings: Settings

    def add(self, file: str, line: str) -> None:
        """Write a line below what is demonstrated."""
        with (self.settings.definitions / DEMONSTRATION / file).open("a", encoding="utf-8") as written:
            written.write(f"{line}\n")

    def load(self, *, now: datetime = NOW) -> Loaded:
        """Load the demonstration."""
        self.session.rollback()
        return load_reports(self.database.engine, self.settings, now=now)


@contextmanager
def furnished(database: TestDatabase, folder: Path) -> Iterator[Stage]:
    """Lend an installation with people, calendar and the case type of the house, and no case yet."""
    definitions = folder / "bpmn"
    shutil.copytree(REPOSITORY / "bpmn", definitions)
    shutil.copytree(Path(__file__).parent / "sample", definitions / DEMONSTRATION, dirs_exist_ok=True)
    environment = installation_environment(database.url, folder)
    settings = replace(Settings.from_env(environment), definitions=definitions)
    with pytest.MonkeyPatch.context() as changing, passwords.costing(passwords.CHEAPEST):
        changing.setattr(transaction, "_policies", [policy.may])
        changing.setattr(office, "_opened", [])
        office.open_office(settings)
        with Session(database.engine, expire_on_commit=False) as session:
            with begin(session, SYSTEM, now=NOW) as tx:
                load_office(tx, definitions / "shared" / "demonstration" / "office.yml")
                seed_years(tx, range(2025, 2028))
                publish(tx, definitions / "complaint", gate=lambda bundle: ())
            yield Stage(session, database, settings)


@pytest.fixture
def stage(committed_database: TestDatabase, tmp_path: Path) -> Iterator[Stage]:
    """An installation of the test's own."""
    with furnished(committed_database, tmp_path) as stage:
        yield stage


@pytest.fixture(scope="module")
def theatre(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Loaded]]:
    """An installation on which the demonstration was loaded; the tests of a module only look at it."""
    with database_server.database() as database, furnished(database, tmp_path_factory.mktemp("theatre")) as stage:
        yield stage, stage.load()


@pytest.fixture
def played(theatre: tuple[Stage, Loaded]) -> Loaded:
    """What loading told."""
    return theatre[1]


@pytest.fixture
def session(theatre: tuple[Stage, Loaded]) -> Session:
    """A session on the loaded demonstration."""
    return theatre[0].session
