"""What the tests of objects share: the law, and a key of fingerprints."""

import pytest

from workflows import fingerprints, transaction
from workflows.access import policy


@pytest.fixture(autouse=True)
def _the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "_policies", [policy.may])
    monkeypatch.setattr(fingerprints, "_keys", [b"key of these tests"])
