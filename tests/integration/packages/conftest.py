"""The demonstration office with the gift desk published, and a report there whose checklist is signed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

import forwarding
from databases import REPOSITORY
from factories import NOW
from workflows import transaction
from workflows.access import policy
from workflows.background.duties import Workshop, workshop_of
from workflows.calendar.operations import seed_years
from workflows.cases.models import Case
from workflows.catalogue.operations import publish
from workflows.notices.senders import NullSender
from workflows.people import passwords
from workflows.people.demonstration import load_office
from workflows.processes import office
from workflows.settings import Settings
from workflows.transaction import SYSTEM, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture
def workshop(begin_tx: BeginTx, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setattr(transaction, "_policies", [policy.may])
    monkeypatch.setattr(office, "_opened", [])
    furnished = replace(workshop_of(settings), senders={"email": NullSender()})
    with passwords.costing(passwords.CHEAPEST), begin_tx(SYSTEM) as tx:
        load_office(tx, REPOSITORY / "bpmn" / "shared" / "demonstration" / "office.yml")
        seed_years(tx, range(NOW.year - 1, NOW.year + 2))
        publish(tx, REPOSITORY / "bpmn" / "gratification")
    return furnished


@pytest.fixture
def case(workshop: Workshop, session: Session, begin_tx: BeginTx) -> Case:
    """A report that was found to be for the authority; its checklist is not signed yet."""
    found = forwarding.file_report(session, begin_tx)
    forwarding.examine(session, begin_tx, found)
    return found
