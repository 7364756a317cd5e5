"""The law and the office that the program runs under, and a staffed office with a custodian."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from case_factories import SampleOffice, create_actor, create_role, create_sample_office
from workflows import transaction
from workflows.access import policy
from workflows.processes import office
from workflows.settings import Settings
from workflows.transaction import Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture(autouse=True)
def _the_law(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(transaction, "_policies", [policy.may])
    monkeypatch.setattr(office, "_opened", [])
    office.open_office(settings)


@pytest.fixture
def an_office(begin_tx: BeginTx) -> SampleOffice:
    with begin_tx() as tx:
        return create_sample_office(tx)


@pytest.fixture
def keeper(begin_tx: BeginTx, an_office: SampleOffice) -> Actor:
    """Who keeps what is entrusted."""
    with begin_tx() as tx:
        create_role(tx, "keeper", ["work", "custody.keep"])
        return create_actor(tx, ("keeper", an_office.intake), name="Nurhayati")
