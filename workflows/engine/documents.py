"""From bytes to a safe XML tree: size, document types, entities, and an id for every flow node.

Nothing is fetched, expanded or executed here, whatever the bytes are.
"""

import re

from lxml import etree

from workflows.engine.report import Place, Report
from workflows.language import say

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"

# A drawn process with its picture stays far below; the gate promises five seconds and bounded memory per file.
MAXIMUM_BYTES = 4_000_000

# Flow nodes and flows in one file; nobody can review more, and the gate promises its five seconds for these.
MAXIMUM_DRAWN = 15_000
MAXIMUM_ATTRIBUTES = 100
# Elements of all kinds, with those of the picture: some eight for each that is drawn.
MAXIMUM_ELEMENTS = 200_000
# Longer ids and names nobody wrote; ids stand in indexes of the database.
MAXIMUM_ID = 200
MAXIMUM_NAME = 2_000

# SpiffWorkflow gives these names to tasks of its own; an element of that id vanishes silently.
RESERVED_IDS = frozenset({"Start", "End", "Root"})
RESERVED_SUFFIXES = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin", "StartEventSplit", "StartEventJoin")
_USABLE_ID = re.compile(r"[^\W\d][\w.\-]*", re.UNICODE)


def bpmn(tag: str) -> str:
    """Give the qualified name of a BPMN element."""
    return f"{{{BPMN}}}{tag}"


def camunda(name: str) -> str:
    """Give the qualified name of a Camunda attribute or element."""
    return f"{{{CAMUNDA}}}{name}"


def local_name(element: etree._Element) -> str:
    """Give the tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def flag(element: etree._Element, name: str, *, otherwise: bool = False) -> bool:
    """Read a yes or no as XML Schema writes it: `true` or `1`, `false` or `0`; `otherwise` without the attribute."""
    text = (element.get(name) or "").strip()
    return otherwise if not text else text in ("true", "1")


def place_of(element: etree._Element, file: str) -> Place:
    """Tell where the element stands; the id is that of the nearest BPMN element that has one."""
    named: etree._Element | None = element
    while named is not None and (named.get("id") is None or not str(named.tag).startswith(f"{{{BPMN}}}")):
        named = named.getparent()
    line = element.sourceline
    return Place(file, int(line or 1), None if named is None else named.get("id"))


def read(file: str, content: bytes, report: Report) -> etree._Element | None:
    """Read the bytes of a BPMN file; None, with findings, when they cannot be used."""
    whole = Place(file)
    if len(content) > MAXIMUM_BYTES:
        report.error(
            whole,
            "file.too_large",
            say(f"Berkas lebih besar dari {MAXIMUM_BYTES} byte.", f"The file is larger than {MAXIMUM_BYTES} bytes."),
            say("Pecah proses menjadi beberapa berkas.", "Split the process into several files."),
        )
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        line = getattr(problem, "lineno", None) or 1
        report.error(
            Place(file, line),
            "file.not_xml",
            say(f"Berkas bukan XML yang benar: {problem}.", f"The file is not well-formed XML: {problem}."),
            say("Simpan ulang dari perancang proses.", "Save it again from the process designer."),
        )
        return None
    if root is None:
        report.error(whole, "file.not_xml", say("Berkas kosong.", "The file is empty."))
        return None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        report.error(
            whole,
            "file.doctype",
            say("Deklarasi DOCTYPE tidak diizinkan.", "A DOCTYPE declaration is not allowed."),
            say("Hapus DOCTYPE beserta entitasnya.", "Remove the DOCTYPE and its entities."),
        )
        return None
    if root.tag != bpmn("definitions"):
        report.error(
            whole,
            "file.not_bpmn",
            say("Akar berkas bukan bpmn:definitions.", "The root of the file is not bpmn:definitions."),
            say("Berikan berkas BPMN 2.0.", "Give a BPMN 2.0 file."),
        )
        return None
    elements = sum(1 for _ in root.iter())
    if elements > MAXIMUM_ELEMENTS:
        report.error(
            whole,
            "file.too_many_elements",
            say(
                f"Berkas memuat {elements} elemen XML, lebih dari {MAXIMUM_ELEMENTS}.",
                f"The file holds {elements} XML elements, more than {MAXIMUM_ELEMENTS}.",
            ),
            say("Pecah proses dengan call activity.", "Split the process with call activities."),
        )
        return None
    crowded = next((element for element in root.iter(etree.Element) if len(element.attrib) > MAXIMUM_ATTRIBUTES), None)
    if crowded is not None:
        report.error(
            Place(file, int(crowded.sourceline or 1)),
            "file.too_many_attributes",
            say("Satu elemen memuat terlalu banyak atribut.", "One element carries too many attributes."),
            say("Simpan ulang dari perancang proses.", "Save it again from the process designer."),
        )
        return None
    drawn = sum(1 for element in root.iter(f"{{{BPMN}}}*") if _is_drawn(local_name(element)))
    if drawn > MAXIMUM_DRAWN:
        report.error(
            whole,
            "file.too_many_elements",
            say(
                f"Berkas memuat {drawn} elemen dan alur, lebih dari {MAXIMUM_DRAWN}.",
                f"The file holds {drawn} elements and flows, more than {MAXIMUM_DRAWN}.",
            ),
            say("Pecah proses dengan call activity.", "Split the process with call activities."),
        )
        return None
    _check_ids(root, file, report)
    _assign_ids(root, file, report)
    return root


def _is_drawn(tag: str) -> bool:
    return tag in ("sequenceFlow", "subProcess", "callActivity", "task") or tag.endswith(("Event", "Task", "Gateway"))


def _semantic(root: etree._Element) -> list[etree._Element]:
    """Give the BPMN elements of the file, without its picture."""
    return [element for child in root for element in child.iter(f"{{{BPMN}}}*") if local_name(child) != "BPMNDiagram"]


def _check_ids(root: etree._Element, file: str, report: Report) -> None:
    """Refuse ids that are used twice, reserved, not writable as a name or overlong, and overlong names."""
    seen: dict[str, int] = {}
    doubled: set[etree._Element] = set()
    for element in _semantic(root):
        if element.getparent() in doubled:
            # What stands inside something that is there twice is there twice for the same reason.
            doubled.add(element)
        identity = element.get("id")
        for attribute, most in (("id", MAXIMUM_ID), ("name", MAXIMUM_NAME)):
            if len(element.get(attribute) or "") > most:
                report.error(
                    place_of(element, file),
                    f"{attribute}.too_long",
                    say(f'"{attribute}" ini lebih panjang dari {most} huruf.', f'This "{attribute}" is over {most}.'),
                    say("Pendekkan.", "Shorten it."),
                )
        if identity is None:
            continue
        place = Place(file, int(element.sourceline or 1), identity)
        if identity in seen and element not in doubled:
            doubled.add(element)
            report.error(
                place,
                "id.duplicate",
                say(
                    f'Id "{identity}" sudah dipakai di baris {seen[identity]}.',
                    f'The id "{identity}" is already used on line {seen[identity]}.',
                ),
                say("Beri id lain pada salah satunya.", "Give one of them another id."),
            )
        seen.setdefault(identity, place.line)
        if identity in RESERVED_IDS or identity.endswith(RESERVED_SUFFIXES):
            report.error(
                place,
                "id.reserved",
                say(f'Id "{identity}" dipakai oleh mesin.', f'The id "{identity}" belongs to the engine.'),
                say("Beri id lain, misalnya nama tindakannya.", "Give another id, for example what is done."),
            )
        elif not _USABLE_ID.fullmatch(identity):
            report.error(
                place,
                "id.unusable",
                say(
                    f'Id "{identity}" bukan nama XML yang sah.',
                    f'The id "{identity}" is not a valid XML name.',
                ),
                say(
                    "Pakai huruf, angka, titik, garis; jangan mulai dengan angka.",
                    "Use letters, digits, dots and dashes; do not begin with a digit.",
                ),
            )


def _assign_ids(root: etree._Element, file: str, report: Report) -> None:
    """Give every flow, flow node and lane without an id one that depends only on the file.

    The schema makes the id optional, and SpiffWorkflow 3.2.0 drops flows and boundary events that have none, so that
    the case ends at its start event.
    """
    taken = {element.get("id") for element in root.iter() if element.get("id")}
    counts: dict[str, int] = {}
    for element in _semantic(root):
        tag = local_name(element)
        needs_one = _is_drawn(tag) or tag in ("lane", "process")
        if element.get("id") is not None or not needs_one:
            continue
        while True:
            counts[tag] = counts.get(tag, 0) + 1
            identity = f"{tag}_unnamed_{counts[tag]}"
            if identity not in taken:
                break
        element.set("id", identity)
        report.note(
            Place(file, int(element.sourceline or 1), identity),
            "id.assigned",
            say(f'Elemen tanpa id diberi id "{identity}".', f'An element without id was given the id "{identity}".'),
            say("Simpan id ini di berkas: amanah check --repair.", "Keep this id in the file: amanah check --repair."),
        )
