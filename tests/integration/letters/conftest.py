"""The tests of letters run in the office that the program opens."""

import pytest


@pytest.fixture(autouse=True)
def _the_office(in_the_open_office: None) -> None:
    """Every test here asks for it."""
