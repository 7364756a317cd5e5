"""Every element and event of the dialect has a scenario that names its section of BPMN 2.0.2."""

from importlib import import_module
from pathlib import Path

from unit.engine.constructs.sections import PLAYED
from workflows.engine import dialect


def test_everything_that_is_accepted_is_played() -> None:
    for file in Path(__file__).parent.glob("test_*.py"):
        import_module(f"unit.engine.constructs.{file.stem}")
    events = {(place, kind) for place, kinds in dialect.EVENT_KINDS.items() for kind in kinds}
    activities = {(tag, "") for tag in dialect.TASKS | {"subProcess", "callActivity"}}
    gateways = {(tag, "") for tag in dialect.GATEWAYS}
    markers = {(marker, "") for marker in ("parallel instances", "sequential instances", "standard loop")}

    assert PLAYED.keys() == events | activities | gateways | markers
    assert all(section.startswith(("10.", "13.")) for sections in PLAYED.values() for section in sections)
