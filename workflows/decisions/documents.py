"""Reading DMN files safely: no DOCTYPE, no entities, no network, bounded size; and telling where things are."""

from collections.abc import Iterator
from typing import Literal

from lxml import etree

from workflows.errors import Finding
from workflows.language import say

# A large table of law has some hundred rules; these are caps against files made to hurt.
_BYTES = 4_000_000
_ELEMENTS = 150_000

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}


# What becomes of a table that can be asked but is not sensible: whoever publishes it is refused, whoever tries it out
# is told, and an edition that was published before runs on without being judged anew.
Unsound = Literal["refuse", "tell", "pass"]


class Report:
    """Collects what is to be said about one file."""

    def __init__(self, file: str, *, unsound: Unsound = "refuse") -> None:
        self.file = file
        self.unsound_is = unsound
        self.findings: list[Finding] = []

    def error(self, code: str, at: "etree._Element | None", message: str, fix: str = "", *, lines: int = 0) -> None:
        """Note something that forbids publishing; `lines` counts lines below the element's own."""
        self._add("error", code, at, message, fix, lines)

    def unsound(self, code: str, at: "etree._Element | None", message: str, fix: str = "") -> None:
        """Note something that can be asked, but never answers sensibly: it forbids publishing, not trying out."""
        if self.unsound_is != "pass":
            self._add("error" if self.unsound_is == "refuse" else "warning", code, at, message, fix, 0)

    def misfit(self, code: str, at: "etree._Element | None", message: str, fix: str = "") -> None:
        """Note a cell that can never have its effect: it forbids publishing and trying out."""
        if self.unsound_is != "pass":
            self._add("error", code, at, message, fix, 0)

    def warning(self, code: str, at: "etree._Element | None", message: str, fix: str = "") -> None:
        """Note something that asks for a look."""
        self._add("warning", code, at, message, fix, 0)

    def note(self, code: str, at: "etree._Element | None", message: str, fix: str = "") -> None:
        """Note something that only informs."""
        self._add("note", code, at, message, fix, 0)

    def _add(self, severity: str, code: str, at: "etree._Element | None", message: str, fix: str, lines: int) -> None:
        line = 1 if at is None else (at.sourceline or 1) + lines
        self.findings.append(
            Finding(code, message, fix, severity, self.file, line, None if at is None else nearest_id(at))  # type: ignore[arg-type]
        )

    @property
    def has_errors(self) -> bool:
        """Tell whether something forbids publishing."""
        return any(finding.severity == "error" for finding in self.findings)


def nearest_id(element: "etree._Element") -> str | None:
    """Give the id of the element or of the nearest one around it."""
    around: etree._Element | None = element
    while around is not None:
        if around.get("id"):
            return around.get("id")
        around = around.getparent()
    return None


def read_document(content: bytes, report: Report) -> "etree._Element | None":
    """Give the `definitions` element; None, with a finding, when the bytes are no DMN file that may be read."""
    if len(content) > _BYTES:
        report.error(
            "decision.file_too_large",
            None,
            say("Berkas DMN ini terlalu besar.", "This DMN file is too large."),
            say("Pecahlah menjadi beberapa berkas.", "Split it into several files."),
        )
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        line = (problem.lineno or 1) if isinstance(problem, etree.XMLSyntaxError) else 1
        report.findings.append(
            Finding(
                "decision.not_xml",
                say(f"Berkas ini bukan XML yang benar: {problem}", f"This file is not well-formed XML: {problem}"),
                say("Simpan ulang dari penyunting DMN.", "Save it again from the DMN editor."),
                "error",
                report.file,
                max(1, line),
            )
        )
        return None
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        report.error(
            "decision.doctype",
            None,
            say("Berkas DMN tidak boleh memuat DOCTYPE.", "A DMN file must not hold a DOCTYPE."),
            say("Hapus baris <!DOCTYPE ...>.", "Remove the line <!DOCTYPE ...>."),
        )
        return None
    if sum(1 for _ in root.iter()) > _ELEMENTS:
        report.error(
            "decision.file_too_large", None, say("Berkas DMN ini terlalu besar.", "This DMN file is too large.")
        )
        return None
    name = etree.QName(root)
    if name.localname != "definitions" or (name.namespace or "") not in NAMESPACES:
        report.error(
            "decision.not_dmn",
            root,
            say("Berkas ini bukan DMN 1.1 sampai 1.5.", "This file is not DMN 1.1 to 1.5."),
            say(
                f"Ruang nama yang dibaca: {', '.join(NAMESPACES)}.",
                f"Namespaces that are read: {', '.join(NAMESPACES)}.",
            ),
        )
        return None
    return root


def local(element: "etree._Element") -> str:
    """Give the name of a DMN element without its namespace; empty for elements of other languages."""
    name = etree.QName(element)
    return name.localname if (name.namespace or "") in NAMESPACES else ""


def children(element: "etree._Element", name: str) -> Iterator["etree._Element"]:
    """Give the DMN elements of that name directly below."""
    return (child for child in element if isinstance(child.tag, str) and local(child) == name)


def child(element: "etree._Element", name: str) -> "etree._Element | None":
    """Give the first DMN element of that name directly below."""
    return next(children(element, name), None)


def text_of(element: "etree._Element | None") -> tuple[str, "etree._Element | None"]:
    """Give the content of the `text` below the element, with the element it stands in."""
    inner = None if element is None else child(element, "text")
    if inner is None:
        return "", element
    return "".join(inner.itertext()), inner


def is_feel(language: str) -> bool:
    """Tell whether the language of an expression is FEEL, in any of its spellings."""
    return not language or language.lower() in ("feel", "s-feel") or "/FEEL/" in language.upper().rstrip("/") + "/"
