"""The office that the program opens, with a custodian."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from case_factories import SampleOffice, create_actor, create_role
from workflows.transaction import Actor, Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]


@pytest.fixture(autouse=True)
def _the_office(in_the_open_office: None) -> None:
    """Every test here asks for it."""


@pytest.fixture
def keeper(begin_tx: BeginTx, an_office: SampleOffice) -> Actor:
    """Who keeps what is entrusted."""
    with begin_tx() as tx:
        create_role(tx, "keeper", ["work", "custody.keep"])
        return create_actor(tx, ("keeper", an_office.intake), name="Nurhayati")
