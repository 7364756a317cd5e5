"""What the tests of tasks share: the law, and a case whose task waits."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from case_factories import SampleOffice, create_sample_office
from workflows import transaction
from workflows.access import policy
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture(autouse=True)
def _the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "_policies", [policy.may])


@pytest.fixture
def an_office(begin_tx: BeginTx) -> SampleOffice:
    """A staffed office with the case type "sample" published."""
    with begin_tx() as tx:
        return create_sample_office(tx)
