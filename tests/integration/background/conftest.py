"""What the tests of background work share: the law, and a workshop whose senders only remember."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from workflows import transaction
from workflows.background.duties import Workshop, workshop_of
from workflows.notices.senders import NullSender
from workflows.processes import office
from workflows.settings import Settings


@pytest.fixture
def mail() -> NullSender:
    """The sender of the workshop's mail."""
    return NullSender()


@pytest.fixture
def workshop(settings: Settings, mail: NullSender, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """What jobs need, on the test's own session."""
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(office, "_opened", [])
    return replace(workshop_of(settings), senders={"email": mail})


@pytest.fixture
def count(session: Session) -> Callable[[str], int]:
    """Count rows: `count("procrastinate_jobs WHERE status = 'todo'")`."""
    return lambda rows: session.connection().exec_driver_sql(f"SELECT count(*) FROM {rows}").scalar_one()
