"""What differs between two editions of a case type, in words: elements, ways, forms, tables, variables.

A change that hinders is one over which a running case cannot go by itself when it stands there. Whether one does stand
there, and what lies before it, is found out case by case (`engine.migration`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from workflows.catalogue.queries import Edition
from workflows.engine import Definition, Element
from workflows.engine.charts import Chart
from workflows.language import say

Part = Literal["element", "way", "form", "decision", "variable", "role"]

_WAITS = frozenset({"userTask", "manualTask", "receiveTask", "intermediateCatchEvent", "callActivity", "subProcess"})


@dataclass(frozen=True)
class Change:
    """One difference."""

    part: Part
    # Id of the element, form, decision file, variable or lane; in the old edition where it is in both.
    subject: str
    sentence: str
    # Whether a case that stands there needs a mapping, or somebody who takes the risk.
    hinders: bool = False


def changes_between(old: Edition, new: Edition, mapping: Mapping[str, str]) -> tuple[Change, ...]:
    """Name every difference that a running case may feel, in the language of the reader."""
    return (
        *_elements(old.definition, new.definition, mapping),
        *_ways(old.definition, new.definition, mapping),
        *_forms(old, new),
        *_decisions(old, new),
        *_variables(old, new),
        *_roles(old, new),
    )


def _elements(old: Definition, new: Definition, mapping: Mapping[str, str]) -> Iterator[Change]:
    after = {element.id: element for element in new.elements}
    before = {mapping.get(element.id, element.id) for element in old.elements}
    for element in old.elements:
        there = after.get(mapping.get(element.id, element.id))
        if there is None:
            rests = element.kind in _WAITS
            yield _said(element, "dihapus", "was taken out", hinders=rests)
        else:
            yield from _element(element, there)
    for element in new.elements:
        if element.id in before:
            continue
        clock = element.event == "timer" and element.kind == "boundaryEvent"
        if clock:
            host = after[element.attached_to or element.id]
            yield _said(
                element,
                f"ditambahkan: pengatur waktu pada “{host.name or host.id}”",
                f"was added: a timer at “{host.name or host.id}”",
                hinders=True,
            )
        else:
            yield _said(element, "ditambahkan", "was added")


def _element(old: Element, new: Element) -> Iterator[Change]:
    rests = old.kind in _WAITS
    if old.kind != new.kind or old.event != new.event:
        was, now = _kind(old), _kind(new)
        yield _said(old, f"berganti jenis: {was} menjadi {now}", f"became {now} instead of {was}", hinders=rests)
        return
    if old.parent != new.parent or old.process != new.process:
        yield _said(old, "pindah ke subproses lain", "moved into another sub-process", hinders=rests)
    if old.repetition != new.repetition:
        yield _said(old, "diulang dengan cara lain", "is repeated in another way", hinders=rests)
    if old.called != new.called:
        yield _said(old, f"memanggil {new.called}", f"calls {new.called}", hinders=True)
    if old.id != new.id:
        yield _said(old, f"diteruskan sebagai {new.id}", f"goes on as {new.id}")
    if old.name != new.name:
        yield _said(old, f"bernama “{new.name or new.id}”", f"is called “{new.name or new.id}”")
    if old.lane != new.lane:
        yield _said(old, f"berada di lajur {new.lane or '–'}", f"stands in the lane {new.lane or '–'}")
    if old.form != new.form:
        yield _said(old, f"memakai formulir {new.form or '–'}", f"uses the form {new.form or '–'}")
    if old.due != new.due:
        yield _said(old, f"bertenggat {new.due or '–'}", f"is due by {new.due or '–'}")
    if old.event_name != new.event_name:
        yield _said(old, f"menunggu “{new.event_name or '–'}”", f"waits for “{new.event_name or '–'}”")
    if (old.topic, old.decision, old.input_texts) != (new.topic, new.decision, new.input_texts):
        yield _said(old, "melakukan hal lain", "does something else")


def _ways(old: Definition, new: Definition, mapping: Mapping[str, str]) -> Iterator[Change]:
    """Name gateways and tasks whose ways out lead elsewhere, and elements that other parallel ways hold now."""

    def leaving(definition: Definition, names: Mapping[str, str]) -> dict[str, set[tuple[str, str]]]:
        found: dict[str, set[tuple[str, str]]] = {}
        for flow in definition.flows:
            way = (names.get(flow.target, flow.target), "default" if flow.default else flow.condition or "")
            found.setdefault(names.get(flow.source, flow.source), set()).add(way)
        return found

    before, after = leaving(old, mapping), leaving(new, {})
    for element in old.elements:
        target = mapping.get(element.id, element.id)
        if target in after and before.get(target, set()) != after[target]:
            yield _said(element, "dilanjutkan ke arah lain", "leads on to elsewhere", part="way")
    charts = Chart(old), Chart(new)
    drawn = {element.id: element for element in new.elements}
    for element in old.elements:
        there = drawn.get(mapping.get(element.id, element.id))
        if there is None or element.kind not in _WAITS:
            continue
        here = {
            mapping.get(fork, fork) for fork in charts[0].forks_around((element.process, element.parent), element.id)
        }
        if here != set(charts[1].forks_around((there.process, there.parent), there.id)):
            yield _said(
                element,
                "berada di dalam jalur paralel lain",
                "lies inside other parallel ways",
                part="way",
                hinders=True,
            )


def _forms(old: Edition, new: Edition) -> Iterator[Change]:
    for name in sorted(old.forms.keys() & new.forms.keys()):
        before, after = old.forms[name], new.forms[name]
        if before == after:
            continue
        added = sorted(set(after.keys) - set(before.keys))
        gone = sorted(set(before.keys) - set(after.keys))
        if added or gone:
            fields = ", ".join([*(f"+{key}" for key in added), *(f"−{key}" for key in gone)])
            told = say(f"Isian formulir {name} berubah: {fields}.", f"The fields of the form {name} differ: {fields}.")
        else:
            told = say(f"Isi formulir {name} ditulis lain.", f"The form {name} is written otherwise.")
        yield Change("form", name, told)


def _decisions(old: Edition, new: Edition) -> Iterator[Change]:
    before, after = (
        {path: content for path, content in edition.bundle.files.items() if path.endswith(".dmn")}
        for edition in (old, new)
    )
    for path in sorted(before.keys() & after.keys()):
        if before[path] != after[path]:
            yield Change(
                "decision",
                path,
                say(
                    f"Tabel {path} berubah: kasus yang belum diputus akan memakai yang baru.",
                    f"The table {path} differs: what is not decided yet will be decided by the new one.",
                ),
            )


def _variables(old: Edition, new: Edition) -> Iterator[Change]:
    for name in sorted(set(new.definition.variables_read) - set(old.definition.variables_read)):
        yield Change(
            "variable",
            name,
            say(
                f"“{name}” baru dibaca; kasus yang berjalan mungkin tidak memilikinya.",
                f"“{name}” is read from now on; a running case may lack it.",
            ),
            hinders=True,
        )
    for name in sorted(old.manifest.variables.keys() & new.manifest.variables.keys()):
        before, after = old.manifest.variables[name].type, new.manifest.variables[name].type
        if before != after:
            told = say(f"“{name}” berjenis {after}, bukan lagi {before}.", f"“{name}” is {after}, no longer {before}.")
            yield Change("variable", name, told, hinders=True)


def _roles(old: Edition, new: Edition) -> Iterator[Change]:
    for lane in sorted(old.manifest.lanes.keys() & new.manifest.lanes.keys()):
        before, after = old.manifest.lanes[lane].role, new.manifest.lanes[lane].role
        if before != after:
            yield Change(
                "role",
                lane,
                say(f"Lajur {lane}: {before} menjadi {after}.", f"Lane {lane}: {after} instead of {before}."),
            )


def _said(element: Element, indonesian: str, english: str, *, part: Part = "element", hinders: bool = False) -> Change:
    name = element.name or element.id
    return Change(part, element.id, say(f"“{name}” {indonesian}.", f"“{name}” {english}."), hinders)


def _kind(element: Element) -> str:
    return f"{element.kind} ({element.event})" if element.event else element.kind
