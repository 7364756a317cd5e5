"""Random lives of cases: whatever is done to them, in whatever order, the rows tell one story. See `lives`.

A few here; `bench/random_lives.py` lives as many as one likes.
"""

import pytest

from lives import Life, Provider
from promises.conftest import Matter
from workflows.background.duties import Workshop
from workflows.processes.services import SERVICES

VERBS = 22
# Lives in which much happens: moves under other ids that are taken back, timers that cannot fire, batches cut off.
SEEDS = (16, 21, 26)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A service that random diagrams ask, and that is out of order at times."""
    provider = Provider()
    monkeypatch.setitem(SERVICES, provider.topic, provider.described())
    return provider


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_done_the_rows_tell_one_story(
    matter: Matter, workshop: Workshop, provider: Provider, seed: int
) -> None:
    verbs = Life(seed, matter.database, workshop, matter.office, provider).live(VERBS)

    assert verbs.total() >= VERBS // 2
