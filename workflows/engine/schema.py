"""The schema of BPMN 2.0, asked first because it knows every line: first what is no BPMN, then what is not ours.

The schema is the copy that SpiffWorkflow brings with it; it is read from the disk and nothing is fetched. What it says
is put into our words. Where our own checks find fault with the same line they say it better, and `Report` drops what
was said here (codes that begin with `schema.`).
"""

import re
import threading
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

from lxml import etree

from workflows.engine import dialect
from workflows.engine.documents import place_of
from workflows.engine.report import SCHEMA, Place, Report
from workflows.language import say

# Nobody reads more of what a schema says; what comes after is found when these are mended.
MAXIMUM_VIOLATIONS = 100

# Each violation costs time that grows with the number of siblings, so a file that could hold very many is not asked:
# one that is full of faults of other kinds, or beyond everything that is drawn by hand.
ENOUGH_ERRORS = 100
MAXIMUM_ASKED = 60_000

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_TAG = re.compile(r"Element '([^']*)'")
_ATTRIBUTE = re.compile(r"attribute '([^']*)'")
_VALUE = re.compile(r"[:e] '([^']*)' is not (?:a valid value|an element of the set)", re.DOTALL)
_TYPE = re.compile(r"type '(?:xs:)?([^']*)'")
_EXPECTED = re.compile(r"Expected is(?: one of)? \( (.*) \)")

# Children whose order the schema prescribes and no meaning hangs on; many tools write them in another one.
_ANYWHERE = frozenset(
    {
        *("documentation", "extensionElements", "incoming", "outgoing", "property"),
        *("dataInputAssociation", "dataOutputAssociation"),
        *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"),
    }
)
_IN_A_SCOPE = dialect.FLOW_NODES | dialect.DRAWN_ONLY | {"sequenceFlow"}
_AT_THE_ROOT = frozenset(
    {
        *("import", "extension", "relationship", "BPMNDiagram", "process", "collaboration", "message", "signal"),
        *("error", "escalation", "itemDefinition", "category", "dataStore", "interface", "resource", "endPoint"),
        *("partnerEntity", "partnerRole", "correlationProperty"),
    }
)

# What to write where a value is none of its type.
_ID = ("Tulis id elemen yang ada di berkas ini.", "Write the id of an element of this file.")
_VALUES = {
    "boolean": ("Tulis true atau false.", "Write true or false."),
    "ID": (
        "Beri id yang belum dipakai, huruf di depan dan tanpa spasi.",
        "Give an unused id, a letter first, no spaces.",
    ),
    **dict.fromkeys(("IDREF", "QName"), _ID),
    **dict.fromkeys(("integer", "int"), ("Tulis bilangan bulat.", "Write a whole number.")),
}
_ANY_VALUE = ("Tulis nilai yang dikenal BPMN 2.0.", "Write a value that BPMN 2.0 knows.")

# lxml keeps the errors of a validation on the schema, which threads share.
_one_at_a_time = threading.Lock()


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    with as_file(files("SpiffWorkflow.bpmn.parser") / "schema") as folder:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd"), parser))


def check(root: etree._Element, file: str, report: Report) -> None:
    """Ask the schema; what can change what runs is an error, what only concerns picture or order a warning."""
    if report.error_count >= ENOUGH_ERRORS:
        return
    if sum(1 + len(element.attrib) for child in root for element in child.iter(f"{_BPMN}*")) > MAXIMUM_ASKED:
        report.warning(
            Place(file),
            f"{SCHEMA}not_asked",
            say("Berkas terlalu besar untuk diperiksa dengan skema BPMN.", "Too large to be held against the schema."),
            say("Pecah proses dengan call activity.", "Split the process with call activities."),
        )
        return
    with _one_at_a_time:
        schema = _schema()
        if schema.validate(root.getroottree()):
            return
        violations = [
            (entry.line, entry.type_name, entry.message) for entry in list(schema.error_log)[:MAXIMUM_VIOLATIONS]
        ]
    wanted = {line for line, _, _ in violations}
    elements = {
        (element.sourceline, str(element.tag)): element
        for element in root.iter(etree.Element)
        if element.sourceline in wanted
    }
    for line, kind, message in violations:
        tag = _first(_TAG, message)
        _tell(elements.get((line, tag)), tag, kind, message, Place(file, line or 1), report)


def _tell(element: Any, tag: str, kind: str, message: str, place: Place, report: Report) -> None:
    name = tag.rpartition("}")[2]
    if element is not None:
        place = Place(place.file, place.line, place_of(element, place.file).element)
    attribute = _first(_ATTRIBUTE, message).rpartition("}")[2]
    if attribute == "id" and tag.startswith(_BPMN):
        # Ids are asked for before the schema is, once for everything that stands inside a doubled element.
        return
    record = report.error if _matters(element, tag, kind, attribute) else report.warning
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        expected = ", ".join(
            dict.fromkeys(part.strip().rpartition("}")[2] for part in _first(_EXPECTED, message).split(","))
        )
        if "Missing child" in message:
            code, said = "missing", say(f'Isi "{name}" belum lengkap.', f'"{name}" is not complete.')
        else:
            code, said = "misplaced", say(f'"{name}" tidak boleh ada di sini.', f'"{name}" may not stand here.')
        fix = (
            say(f"Yang dikenal di sini: {expected}.", f"Known here: {expected}.")
            if expected
            else say(f'Hapus "{name}", atau pindahkan ke tempatnya.', f'Remove "{name}", or move it where it belongs.')
        )
        record(place, f"{SCHEMA}{code}", said, fix)
    elif kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        record(
            place,
            f"{SCHEMA}missing_attribute",
            say(f'"{name}" tidak mempunyai atribut "{attribute}".', f'"{name}" has no attribute "{attribute}".'),
            say(f'Isi "{attribute}".', f'Fill in "{attribute}".'),
        )
    elif "is not allowed" in message and attribute:
        record(
            place,
            f"{SCHEMA}attribute",
            say(
                f'Atribut "{attribute}" pada {name} tidak dikenal.',
                f'The attribute "{attribute}" of {name} is unknown.',
            ),
            say("Hapus atribut ini.", "Remove this attribute."),
        )
    elif attribute or _VALUE.search(message):
        value = _first(_VALUE, message)[:80]
        where = attribute or name
        record(
            place,
            f"{SCHEMA}value",
            say(f'"{value}" bukan nilai yang sah untuk "{where}".', f'"{value}" is no valid value of "{where}".'),
            say(*_VALUES.get(_first(_TYPE, message), _ANY_VALUE)),
        )
    elif kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
        record(
            place,
            f"{SCHEMA}text",
            say(f'Di dalam "{name}" ada tulisan lepas.', f'There is loose text inside "{name}".'),
            say("Hapus tulisannya, atau jadikan documentation.", "Remove the text, or make it a documentation."),
        )
    elif kind == "SCHEMAV_CVC_TYPE_3_1_2":
        record(
            place,
            f"{SCHEMA}misplaced",
            say(f'Di dalam "{name}" hanya boleh ada tulisan.', f'Only text may stand inside "{name}".'),
            say("Hapus elemen di dalamnya, atau pindahkan ke tempatnya.", "Remove what is inside, or move it."),
        )
    else:
        record(
            place,
            f"{SCHEMA}invalid",
            say(f'"{name}" tidak sesuai skema BPMN 2.0.', f'"{name}" does not follow the schema of BPMN 2.0.'),
            say("Simpan ulang dari perancang proses.", "Save it again from the process designer."),
        )


def _matters(element: Any, tag: str, kind: str, attribute: str) -> bool:
    """Tell whether the violation could change what runs: not in the picture, nor in pools that only tell a story."""
    if not tag.startswith(_BPMN) or attribute in ("targetNamespace", "type") or element is None:
        return False
    if any(_only_drawn(outer) for outer in (element, *element.iterancestors())):
        return False
    if kind != "SCHEMAV_ELEMENT_CONTENT" or element.getparent() is None:
        return True
    name, parent = tag.removeprefix(_BPMN), etree.QName(element.getparent()).localname
    if name in _ANYWHERE:
        return False
    known = {"process": _IN_A_SCOPE, "subProcess": _IN_A_SCOPE, "definitions": _AT_THE_ROOT}.get(str(parent))
    return known is None or name not in known


def _only_drawn(element: Any) -> bool:
    name = etree.QName(element).localname
    if name == "process":
        return element.get("isExecutable") not in ("true", "1")
    return name in ("BPMNDiagram", "collaboration", "category", "dataStore", "itemDefinition", "interface", "resource")


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""
