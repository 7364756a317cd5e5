"""R16: a dump is read back into another server, and what was proven here is proven there."""

from sqlalchemy import text

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


def test_what_was_changed_or_stands_still_is_told_of_the_copy_too(matter: Matter, settings: Settings) -> None:
    """A drill that would call everything whole proves nothing."""
    with matter.begin() as tx:
        for table in ("task", "timer"):
            tx.session.execute(text(f"DELETE FROM {table} WHERE instance_id = :run"), {"run": matter.instance_id})
        tx.session.execute(
            text("UPDATE step_record SET actor_name = 'Orang lain' WHERE instance_id = :run"),
            {"run": matter.instance_id},
        )
    installation = Installation(settings, matter.database.url, None)

    restored = rehearse_restore(installation)

    assert restored.broken is not None
    assert (restored.broken.problem, restored.broken.case_id) == ("step.changed", matter.case_id)
    assert (restored.stuck, restored.whole) == (1, False)
    installation.engine.dispose()
