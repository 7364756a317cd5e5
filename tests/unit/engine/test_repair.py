"""Ids that are missing are written into the file, and into nothing else of it."""

import pytest

from unit.engine.block_models import Model
from unit.engine.drawing import draw, end, flows, start, user
from workflows.engine import parse
from workflows.engine.repair import with_ids

GOOD = draw(start(), user("ask"), end(), flows("start > ask > end"))


@pytest.mark.parametrize("seed", range(10))
def test_a_repaired_file_is_the_process_that_was_read_without_ids(seed: int) -> None:
    drawn = Model(seed).bpmn
    repaired = with_ids(drawn)
    before, after = parse({"main.bpmn": drawn}), parse({"main.bpmn": repaired})

    assert (before.elements, before.flows) == (after.elements, after.flows)
    assert "id.assigned" not in {found.code for found in after.findings}
    assert with_ids(repaired) == repaired


def test_nothing_else_of_the_file_changes() -> None:
    written = '<?xml version="1.0"?>\r\n<!-- é <sequenceFlow> -->\r\n'.encode()
    drawn = written + GOOD.replace(b' id="ask_end"', b"\n\t  name='a > b'")

    assert with_ids(drawn) == drawn.replace(
        b"<bpmn:sequenceFlow\n", b'<bpmn:sequenceFlow id="sequenceFlow_unnamed_1"\n'
    )


@pytest.mark.parametrize(
    "content",
    [GOOD, b"", b"no xml", b"<a/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + GOOD, GOOD.decode().encode("utf-16")],
    ids=["complete", "empty", "rubbish", "foreign", "doctype", "utf-16"],
)
def test_what_needs_nothing_or_cannot_be_read_stays_as_it_is(content: bytes) -> None:
    assert with_ids(content) == content
