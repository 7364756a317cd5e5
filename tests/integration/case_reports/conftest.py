"""What the tests of case_reports share: the law and the office that the program runs under, and a staffed office."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from case_factories import SampleOffice, create_sample_office
from workflows import transaction
from workflows.access import policy
from workflows.processes import office
from workflows.settings import Settings
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture(autouse=True)
def _the_law(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(transaction, "_policies", [policy.may])
    monkeypatch.setattr(office, "_opened", [])
    office.open_office(settings)


@pytest.fixture
def an_office(begin_tx: BeginTx) -> SampleOffice:
    """A staffed office with the case type "sample" published."""
    with begin_tx() as tx:
        return create_sample_office(tx)
