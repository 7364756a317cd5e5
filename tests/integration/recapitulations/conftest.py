"""The office that the program opens, whose head may recapitulate."""

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
    """Who keeps the register and makes the recapitulations."""
    with begin_tx() as tx:
        create_role(tx, "keeper", ["work", "activity.record", "recapitulation.make"])
        return create_actor(tx, ("keeper", an_office.intake), name="Nurhayati")
