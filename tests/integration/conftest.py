"""What most of these tests share: the law that the program runs under, its office, and a staffed sample office.

A folder asks for what its tests run under in a conftest of its own, since some bring a law of theirs.
"""

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


@pytest.fixture
def under_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the policy of the program, and no other one, say who may."""
    monkeypatch.setattr(transaction, "_policies", [policy.may])


@pytest.fixture
def in_the_open_office(under_the_law: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Let the registers of the house count, under its law."""
    monkeypatch.setattr(office, "_opened", [])
    office.open_office(settings)


@pytest.fixture
def an_office(begin_tx: BeginTx) -> SampleOffice:
    """A staffed office with the case type "sample" published."""
    with begin_tx() as tx:
        return create_sample_office(tx)
