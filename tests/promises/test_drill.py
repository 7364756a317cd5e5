"""R16: a dump is read back into another server, and what was proven here is proven there."""

from promises.conftest import Matter
from workflows.drill import rehearse_restore
from workflows.installation import Installation
from workflows.proof import verify
from workflows.settings import Settings


def test_what_was_dumped_is_restored_whole(matter: Matter, settings: Settings) -> None:
    installation = Installation(settings, matter.database.url, None)

    restored = rehearse_restore(installation)

    with matter.look() as session:
        assert verify(session) is None
    assert (restored.broken, restored.cases, restored.falsely_ended, restored.stuck) == (None, 1, 0, 0)
    assert (restored.whole, restored.entries > 3, restored.size > 10_000) == (True, True, True)
    installation.engine.dispose()
