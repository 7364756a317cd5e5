"""What the tests of evidence share: the law that the program runs under."""

import pytest

from workflows import transaction
from workflows.access import policy


@pytest.fixture(autouse=True)
def _the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "_policies", [policy.may])
