"""What was published once can be run for ever, also when the gate has grown stricter since."""

from dataclasses import replace

import pytest

from databases import REPOSITORY
from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.guiding import decision_of
from workflows.catalogue.queries import read_edition
from workflows.engine import BrokenDefinition, parse

# Each runs as drawn, and is refused at deployment since it cannot be meant.
UNSOUND = [
    ("decisions/class_and_route.dmn", 'hitPolicy="FIRST"', 'hitPolicy="UNIQUE"', "decision.overlap"),
    ("decisions/service_levels.dmn", '<text>"information"</text>', "<text>10</text>", "decision.cell_type"),
    ("process.bpmn", 'reply_kind = "accepted"', '3 = "accepted"', "expression.kinds_differ"),
    ("process.bpmn", "<script>deadline(", "<script/><script>deadline(", "schema.misplaced"),
]


@pytest.fixture(scope="module")
def published() -> Bundle:
    """An edition with files that nobody could publish today."""
    bundle = read_bundle(REPOSITORY / "bpmn" / "complaint")
    files = dict(bundle.files)
    for path, old, new, _ in UNSOUND:
        assert old in files[path].decode()
        files[path] = files[path].decode().replace(old, new, 1).encode()
    return replace(bundle, files=files)


def _errors(refused: BrokenDefinition) -> set[str]:
    return {finding.code for finding in refused.findings if finding.severity == "error"}


def test_an_edition_that_nobody_could_publish_today_runs_on(published: Bundle) -> None:
    with pytest.raises(BrokenDefinition) as refused:
        parse(published.executable(), functions={"deadline": print})

    edition = read_edition(published)

    assert _errors(refused.value) >= {code for _, _, _, code in UNSOUND}
    assert edition.definition.findings == ()
    assert decision_of(published, "class_and_route").takes


def test_an_edition_that_could_not_run_as_drawn_is_refused_all_the_same(published: Bundle) -> None:
    diagram = published.files["process.bpmn"].decode().replace("<script>deadline(", "<script>deadlin(", 1)

    with pytest.raises(BrokenDefinition) as refused:
        read_edition(replace(published, files={**published.files, "process.bpmn": diagram.encode()}))

    assert "expression.invalid" in _errors(refused.value)
