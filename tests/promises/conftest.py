"""What the tests of the promises share: one committed office for all of them, with a case of its own for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import SampleOffice, create_case, create_sample_office
from databases import TestDatabase, TestServer, installation_environment
from factories import NOW
from stepping import Walker
from workflows import transaction
from workflows.access import policy
from workflows.background.duties import Workshop, workshop_of
from workflows.catalogue.models import ProcessFile
from workflows.notices.senders import NullSender
from workflows.processes import office as offices
from workflows.processes import operations as processes
from workflows.processes.models import ProcessInstance
from workflows.settings import Settings
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM, Actor, Tx, begin


@dataclass(frozen=True)
class Matter:
    """A case in the committed office, and how to act upon it."""

    database: TestDatabase
    office: SampleOffice
    case_id: UUID
    instance_id: UUID

    @contextmanager
    def begin(self, actor: Actor = SYSTEM, *, now: datetime = NOW) -> Iterator[Tx]:
        """Open an act in a session of its own."""
        with Session(self.database.engine, expire_on_commit=False) as session, begin(session, actor, now=now) as tx:
            yield tx

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Look at what was committed."""
        with Session(self.database.engine) as session:
            yield session

    def walker(self, act: Any) -> Walker:
        """Let an act on a session be led from point to point."""
        return Walker(self.database.engine, act)

    def task(self, element: str) -> Task:
        """Give the waiting task."""
        with self.look() as session:
            return session.scalars(
                select(Task).where(Task.case_id == self.case_id, Task.element == element, Task.status == "open")
            ).one()

    def instance(self) -> ProcessInstance:
        """Give the run as it is now."""
        with self.look() as session:
            return session.get_one(ProcessInstance, self.instance_id)


@pytest.fixture(scope="module")
def _committed(
    database_server: TestServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestDatabase, SampleOffice, Settings]]:
    home = tmp_path_factory.mktemp("promises")
    with database_server.database() as database:
        settings = Settings.from_env(installation_environment(database.url, home))
        with Session(database.engine, expire_on_commit=False) as session, begin(session, SYSTEM, now=NOW) as tx:
            office = create_sample_office(tx)
            # A reply may come before anybody waits for it.
            manifest = tx.session.scalars(
                select(ProcessFile).where(
                    ProcessFile.version_id == office.version.id, ProcessFile.path == "case-type.yml"
                )
            ).one()
            manifest.content += b"early_messages: {reply: P3D}\n"
            # Another edition than the one that other tests have parsed.
            office.version.checksum = sha256(manifest.content).hexdigest()
        yield database, office, settings


@pytest.fixture
def workshop(_committed: tuple[TestDatabase, SampleOffice, Settings], monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """What jobs need; its law is the law of the test."""
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(offices, "_opened", [])
    return replace(workshop_of(_committed[2]), senders={"email": NullSender()})


def _a_matter(database: TestDatabase, office: SampleOffice) -> Matter:
    with Session(database.engine) as session, begin(session, SYSTEM, now=NOW) as tx:
        case = create_case(tx)
        instance = processes.start(tx, case.id, office.version.id, {})
        return Matter(database, office, case.id, instance.id)


@pytest.fixture
def matter(_committed: tuple[TestDatabase, SampleOffice, Settings], workshop: Workshop) -> Matter:
    """A case whose process waits at "check", in a queue that holds nothing of other tests."""
    database, office, _ = _committed
    # Connections that a test had cut lie in the pool.
    database.engine.dispose()
    with Session(database.engine) as session, begin(session, SYSTEM, now=NOW) as tx:
        assert policy.may in transaction._policies
        tx.session.execute(text("DELETE FROM procrastinate_events"))
        tx.session.execute(text("DELETE FROM procrastinate_jobs"))
        tx.session.execute(text("DELETE FROM procrastinate_workers"))
    return _a_matter(database, office)


@pytest.fixture
def another(matter: Matter) -> Matter:
    """A second case that waits at "check"."""
    return _a_matter(matter.database, matter.office)
