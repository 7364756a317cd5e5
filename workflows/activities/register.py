"""What a register asks for: the kinds of activity of a case type, read from its `activities.yml`.

Which duties an office has is law and therefore data; nothing here knows one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.lined_yaml import LinedMap, read_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

FILE = "activities.yml"
# What may be counted of an activity.
MEASURES = ("hours", "participants", "units")
_TOP = frozenset({"title", "title_en", "basis", "basis_en", "kinds"})
_KIND = frozenset({"title", "title_en", "counts"})


@dataclass(frozen=True)
class ActivityKind:
    """One kind of activity."""

    id: str
    title: str
    title_en: str
    # Those of MEASURES that must be told.
    counts: frozenset[str]


@dataclass(frozen=True)
class Register:
    """The register of one case type."""

    title: str
    title_en: str
    # Where the duty to keep it stands.
    basis: str
    basis_en: str
    kinds: Mapping[str, ActivityKind]


def register_in(bundle: Bundle) -> Register | None:
    """Read the register of a case type, None when it keeps none; raise BrokenDefinition that names every line."""
    content = bundle.files.get(FILE)
    if content is None:
        return None
    top = read_yaml(content, FILE)
    findings = _misfits(top, _TOP, needed=_TOP)
    kinds = top.get("kinds")
    found: dict[str, ActivityKind] = {}
    if not isinstance(kinds, LinedMap) or not kinds:
        findings.append(_finding(top.line_of("kinds"), "Sebutkan sedikitnya satu jenis.", "Name at least one kind."))
    else:
        for name, told in kinds.items():
            if not isinstance(told, LinedMap):
                line = kinds.line_of(name)
                findings.append(_finding(line, "Di sini harus ada judul.", "A title was expected here."))
                continue
            findings += _misfits(told, _KIND, needed=frozenset({"title", "title_en"}))
            counts = told.get("counts", [])
            if not isinstance(counts, list) or not set(counts) <= set(MEASURES):
                words = ", ".join(MEASURES)
                line = told.line_of("counts")
                findings.append(_finding(line, f"Yang dapat dihitung: {words}.", f"What can be counted: {words}."))
                counts = []
            found[name] = ActivityKind(
                name, str(told.get("title", "")), str(told.get("title_en", "")), frozenset(counts)
            )
    if findings:
        raise BrokenDefinition(findings)
    return Register(str(top["title"]), str(top["title_en"]), str(top["basis"]), str(top["basis_en"]), found)


def _misfits(told: LinedMap, known: frozenset[str], *, needed: frozenset[str]) -> list[Finding]:
    found = [
        _finding(told.line_of(key), f"Kunci '{key}' tidak dikenal.", f"The key '{key}' is not known.")
        for key in told
        if key not in known
    ]
    return found + [
        _finding(told.line, f"Kunci '{key}' belum ada.", f"The key '{key}' is missing.")
        for key in sorted(needed - told.keys())
    ]


def _finding(line: int, words: str, words_en: str) -> Finding:
    return Finding(
        "activities.unreadable",
        say(words, words_en),
        say("Bentuknya ada di bpmn/README.md.", "bpmn/README.md shows its shape."),
        file=FILE,
        line=line,
    )
