"""The tests of tasks run under the law of the program."""

import pytest


@pytest.fixture(autouse=True)
def _the_law(under_the_law: None) -> None:
    """Every test here asks for it."""
