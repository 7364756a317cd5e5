"""Bytes from anywhere: findings with a line, never a traceback, nothing fetched, nothing expanded."""

import random
import time
from contextlib import suppress

import pytest

from unit.engine.drawing import draw, end, flows, start, user
from workflows.engine import BrokenDefinition, parse
from workflows.engine.documents import MAXIMUM_BYTES

GOOD = draw(start(), user("ask"), end(), flows("start > ask > end"))
OPEN = GOOD.index(b"<bpmn:process")


def codes(content: bytes) -> set[str]:
    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": content})
    for finding in broken.value.findings:
        assert finding.line >= 1
        assert finding.message
        assert finding.file == "main.bpmn"
    return {finding.code for finding in broken.value.findings if finding.severity == "error"}


@pytest.mark.parametrize(
    "content",
    [b"", b"   ", b"no xml", b"<", b"\x00\x01\x02", b"\xff\xfe<\x00", GOOD[:-10], GOOD[:200], b"<a></b>", b"%PDF-1.7"],
)
def test_what_is_no_xml_is_told(content: bytes) -> None:
    assert codes(content) == {"file.not_xml"}


@pytest.mark.parametrize("content", [b"<a/>", b"<definitions/>", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"])
def test_xml_that_is_no_bpmn_is_told(content: bytes) -> None:
    assert codes(content) == {"file.not_bpmn"}


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE x>",
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    ],
)
def test_no_document_type_is_read(doctype: bytes) -> None:
    assert codes(doctype + GOOD) <= {"file.doctype", "file.not_xml"}


def test_a_used_entity_never_reaches_the_engine() -> None:
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "1234567890">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(8))
        + b"]>"
    )
    assert codes(bomb + GOOD.replace(b'id="ask"', b'id="ask" name="&i;"')) <= {"file.doctype", "file.not_xml"}


def test_too_many_bytes_are_not_even_read() -> None:
    assert codes(b"<" * (MAXIMUM_BYTES + 1)) == {"file.too_large"}


def test_too_deep_nesting_is_refused() -> None:
    deep = b"<a>" * 5_000 + b"</a>" * 5_000
    assert codes(deep) == {"file.not_xml"}

    nested = b""
    for number in range(60):
        nested = b'<bpmn:subProcess id="s%d">' % number + nested + b"</bpmn:subProcess>"
    assert "process.too_deep" in codes(
        GOOD[:OPEN] + b'<bpmn:process id="p" isExecutable="true">' + nested + b"</bpmn:process></bpmn:definitions>"
    )


def test_an_include_is_not_followed() -> None:
    included = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></bpmn:process>'

    parse({"main.bpmn": GOOD.replace(b"</bpmn:process>", included)})


def test_a_long_chain_is_read_and_run_without_recursion() -> None:
    names = [f"task{number}" for number in range(1_000)]
    chain = draw(
        start(),
        *(f'<bpmn:task id="{name}"/>' for name in names),
        end(),
        flows(" > ".join(["start", *names, "end"])),
    )
    definition = parse({"main.bpmn": chain})

    assert len(definition.elements) == 1_002


@pytest.mark.parametrize("seed", range(5))
def test_damaged_files_are_refused_or_run_but_never_break(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(60):
        damaged = bytearray(GOOD)
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(damaged))
            match dice.randrange(3):
                case 0:
                    damaged[place] = dice.randrange(256)
                case 1:
                    del damaged[place : place + dice.randrange(1, 30)]
                case _:
                    damaged[place:place] = damaged[dice.randrange(len(damaged)) :][: dice.randrange(60)]
        with suppress(BrokenDefinition):
            parse({"main.bpmn": bytes(damaged)})


@pytest.mark.parametrize(
    "text", ["__import__('os').getcwd()", "().__class__.__mro__[1].__subclasses__()", "open('/x')"]
)
def test_nothing_from_a_diagram_is_python(text: str) -> None:
    diagram = draw(start(), user("ask", default="ask_end"), end(), flows("start > ask > end", f"ask > ask if {text}"))

    assert codes(diagram) == {"expression.invalid"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (draw(*(f'<bpmn:task id="a{n}"/>' for n in range(20_000))), "file.too_many_elements"),
        (draw(start(), *(f'<bpmn:task id="a{n}"/>' for n in range(6_000))), "process.too_large"),
        (draw(start("start", **{f"a{n}": "x" for n in range(200)})), "file.too_many_attributes"),
        (
            draw(
                *(f'<bpmn:inclusiveGateway id="g{n}"/>' for n in range(300)),
                *(flows(f"g{n} > g{n + 1}", f"g{n} > g{n + 2}") for n in range(298)),
            ),
            "gateway.too_many_inclusive",
        ),
    ],
    ids=["elements", "nodes", "attributes", "joins"],
)
def test_size_is_bounded_and_so_is_what_is_said_about_it(content: bytes, code: str) -> None:
    assert code in codes(content)
    with pytest.raises(BrokenDefinition) as broken:
        parse({"main.bpmn": content})
    assert len(broken.value.findings) <= 3_000


@pytest.mark.parametrize("crowd", ["attributes", "values"])
def test_a_file_made_of_faults_is_answered_within_seconds(crowd: str) -> None:
    odd = " ".join(f'q{number}=""' for number in range(90)) if crowd == "attributes" else 'startQuantity="x"'
    number = 1_000 if crowd == "attributes" else 6_000
    content = draw(*(f'<bpmn:task id="a{each}" {odd}/>' for each in range(number)))
    began = time.process_time()

    assert "attribute.unknown" in codes(content)
    assert time.process_time() - began < 5
