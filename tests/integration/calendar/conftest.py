"""The law of these tests: whoever asks may, unless the test says otherwise."""

from collections.abc import Iterator

import pytest

from workflows import transaction
from workflows.transaction import install_policy


@pytest.fixture(autouse=True)
def everything_allowed() -> Iterator[None]:
    """Let every act pass, and put back whatever law there was."""
    before = list(transaction._policies)
    install_policy(lambda session, actor, act, subject, seen=None: actor.kind != "nobody")
    yield
    transaction._policies[:] = before
