"""What the tests of objects share: the law, and a key of fingerprints."""

import pytest

from workflows import fingerprints


@pytest.fixture(autouse=True)
def _the_law(under_the_law: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "_keys", [b"key of these tests"])
