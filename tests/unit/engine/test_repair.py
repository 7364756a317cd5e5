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


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8", "cp1252"])
def test_a_file_keeps_its_encoding_and_can_be_read_afterwards(codec: str, marked: bool) -> None:
    """Byte order marks and wide letters: XML 1.0, 4.3.3 and appendix F."""
    name = {"cp1252": "windows-1252", "utf-8": "UTF-8"}.get(
        codec, codec.upper().removesuffix("-LE").removesuffix("-BE")
    )
    declared = codec.upper() if name.startswith("UTF-") and not marked else name
    mark = "\ufeff" if marked and codec != "cp1252" else ""
    text = f'{mark}<?xml version="1.0" encoding="{declared}"?>' + GOOD.decode().split("?>", 1)[-1]
    drawn = text.replace(' id="ask_end"', ' name="é"').encode(codec)

    repaired = with_ids(drawn)

    assert repaired.decode(codec) == drawn.decode(codec).replace(
        '<bpmn:sequenceFlow name="é"', '<bpmn:sequenceFlow id="sequenceFlow_unnamed_1" name="é"'
    )
    assert repaired != drawn
    assert "id.assigned" not in {found.code for found in parse({"main.bpmn": repaired}).findings}
