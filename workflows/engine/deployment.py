"""From files to a definition: read, check, compile, build; every finding before anything is refused."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from workflows.decisions.graph import Decision
from workflows.decisions.reader import parse as parse_decisions
from workflows.engine import documents, kinds, schema
from workflows.engine.assembly import Assembler, elements_of, flows_of
from workflows.engine.checks import structure
from workflows.engine.definition import Definition, Element, StartEvent
from workflows.engine.expressions import Compiler, Functions
from workflows.engine.forks import forks_of, watches_of
from workflows.engine.kinds import Use
from workflows.engine.model import ScopeModel
from workflows.engine.reading import Reader
from workflows.engine.report import Place, Report
from workflows.errors import BrokenDefinition
from workflows.feel.nodes import Node as FeelNode
from workflows.language import say


def deploy(
    files: Mapping[str, bytes], process: str | None, functions: Functions, zone: ZoneInfo, judge: bool = True
) -> Definition:
    """Make a definition of the files; BrokenDefinition with all findings when something could not run as drawn.

    Only with `judge` is it asked too whether files keep to the schema, whether tables and expressions make sense, and
    whether what goes round comes to rest.
    """
    report = Report()
    processes: dict[str, ScopeModel] = {}
    decisions: dict[str, Decision] = {}
    checksums: dict[str, str] = {}
    # Processes without their mark, which are drawn for the reader only.
    drawn: list[ScopeModel] = []
    for name, content in files.items():
        if name.lower().endswith(".dmn"):
            checksums |= _read_decisions(name, content, functions, decisions, report, judge)
            continue
        root = documents.read(name, content, report)
        if root is None:
            continue
        found = Reader(root, name, report).processes()
        if judge:
            schema.check(root, name, report)
        for scope in found:
            if not scope.executable:
                drawn.append(scope)
                continue
            if scope.id in processes:
                report.error(
                    scope.place,
                    "process.duplicate",
                    say(
                        f'Proses "{scope.id}" sudah ada di {processes[scope.id].place.file}.',
                        f'The process "{scope.id}" already exists in {processes[scope.id].place.file}.',
                    ),
                    say("Beri id lain.", "Give it another id."),
                )
                continue
            processes[scope.id] = scope
    chosen = _choose(files, processes, drawn, process, report)
    structure.check(processes, report, judge=judge)
    compiler = Compiler(functions, report)
    assembler = Assembler(processes, decisions, compiler, report, zone)
    assembler.checksums = checksums
    plan = None
    # Two elements of one id cannot both be built; whoever mends that sees the rest of the findings next time.
    ids_are_clear = all(finding.code != "id.duplicate" for finding in report.findings)
    if chosen is not None and ids_are_clear and structure.is_affordable(processes):
        plan = assembler.plan(chosen.id)
    if judge:
        _judge_expressions(assembler, processes, report)
    if report.has_errors or chosen is None:
        raise BrokenDefinition(report.in_order())
    elements = tuple(element for scope in processes.values() for element in elements_of(scope, assembler.reads))
    scopes = [inner for scope in processes.values() for inner in scope.everywhere()]
    catching = [element for element in elements if element.kind not in ("intermediateThrowEvent", "endEvent")]
    return Definition(
        process=chosen.id,
        name=chosen.name,
        elements=elements,
        flows=tuple(flow for scope in processes.values() for flow in flows_of(scope)),
        messages=tuple(sorted({e.event_name or "" for e in catching if e.event == "message" and e.kind != "sendTask"})),
        signals=tuple(sorted({e.event_name or "" for e in catching if e.event == "signal"})),
        lanes={lane: name for scope in processes.values() for lane, name in scope.lanes.items()},
        starts=tuple(_start(element) for element in _starts(elements, chosen)),
        variables_read=tuple(sorted({name for names in assembler.reads.values() for name in names})),
        variables_written=tuple(sorted({name for element in elements for name in element.writes})),
        findings=tuple(report.in_order()),
        forks=tuple(fork for scope in scopes for fork in forks_of(scope)),
        watches=tuple(watch for scope in scopes for watch in watches_of(scope)),
        uses=tuple(assembler.uses),
        zone=zone,
        plan=plan,
        source=(deploy, (dict(files), process, dict(functions), zone, judge)),
    )


def _judge_expressions(assembler: Assembler, processes: Mapping[str, ScopeModel], report: Report) -> None:
    """Refuse what can never be right; point out what is likely wrong since a variable seems to hold another kind."""
    guessed = {name: _guessed(process, assembler.uses) for name, process in processes.items()}
    for use in assembler.uses:
        place = Place(use.file, use.line, use.element)
        certain = list(kinds.problems(use, {}))
        for code, indonesian, english in certain:
            report.error(place, code, say(indonesian, english), kinds.mend(code))
        for problem in kinds.problems(use, guessed.get(use.process, {})) if not certain else ():
            code, indonesian, english = problem
            report.warning(place, f"{code}_likely", say(indonesian, english), kinds.mend(code))


def _guessed(process: ScopeModel, uses: Sequence[Use]) -> dict[str, str]:
    """Guess the kinds of the variables of one process; a name that is local somewhere may be anything."""
    own = [use for use in uses if use.process == process.id]
    texts = {(use.element, use.text): use.root for use in own}
    scripts: dict[str, list[FeelNode]] = {}
    local = {"loopCounter", "item", "partial"}
    for node in (node for scope in process.everywhere() for node in scope.nodes.values()):
        local.update(parameter.name for parameter in node.inputs)
        if node.repetition is not None and node.repetition.element_variable:
            local.add(node.repetition.element_variable)
        if node.kind == "scriptTask" and node.result and (node.id, node.script) in texts:
            scripts.setdefault(node.result, []).append(texts[node.id, str(node.script)])
    once = {name: roots[0] for name, roots in scripts.items() if len(roots) == 1}
    return {name: kind for name, kind in kinds.likely(own, once).items() if name not in local}


def _read_decisions(
    name: str, content: bytes, functions: Functions, decisions: dict[str, Decision], report: Report, judge: bool
) -> dict[str, str]:
    """Read a DMN file; its findings join ours. Give the checksum of each decision in it."""
    try:
        found = parse_decisions(content, name, functions=functions, unsound="refuse" if judge else "pass")
    except BrokenDefinition as broken:
        report.include(broken.findings)
        return {}
    report.include(found.findings)
    for identity, decision in found.items():
        if identity in decisions:
            report.error(
                Place(name, decision.line, identity),
                "decision.duplicate",
                say(
                    f'Keputusan "{identity}" sudah ada di {decisions[identity].file}.',
                    f'The decision "{identity}" already exists in {decisions[identity].file}.',
                ),
                say("Beri id lain.", "Give it another id."),
            )
        decisions.setdefault(identity, decision)
    return dict.fromkeys(found, found.checksum)


def _choose(
    files: Mapping[str, bytes],
    processes: Mapping[str, ScopeModel],
    drawn: Sequence[ScopeModel],
    wanted: str | None,
    report: Report,
) -> ScopeModel | None:
    """Find the process to run; None, with a finding, when that is not clear."""
    if wanted is not None:
        if wanted in processes:
            return processes[wanted]
        place = Place(next(iter(files), ""))
        code, indonesian, english = (
            "process.unknown",
            f'Proses "{wanted}" tidak ada atau isExecutable-nya bukan "true".',
            f'The process "{wanted}" does not exist, or its isExecutable is not "true".',
        )
    else:
        called = {
            node.called
            for process in processes.values()
            for scope in process.everywhere()
            for node in scope.nodes.values()
        }
        roots = [scope for scope in processes.values() if scope.id not in called]
        if len(roots) == 1:
            return roots[0]
        if roots:
            place, code = roots[1].place, "process.ambiguous"
            names = ", ".join(scope.id for scope in roots)
            indonesian = f"Ada beberapa proses yang dapat dijalankan: {names}."
            english = f"There are several processes to run: {names}."
        else:
            place, code = drawn[0].place if drawn else Place(next(iter(files), "")), "process.missing"
            indonesian = 'Tidak ada proses dengan isExecutable="true" yang tidak dipanggil proses lain.'
            english = 'There is no process with isExecutable="true" that no other process calls.'
    if not (report.has_errors and not processes):
        report.error(
            place,
            code,
            say(indonesian, english),
            say('Beri isExecutable="true" pada satu proses.', 'Set isExecutable="true" on one process.'),
        )
    return None


def _starts(elements: tuple[Element, ...], chosen: ScopeModel) -> list[Element]:
    return [
        element
        for element in elements
        if element.kind == "startEvent" and element.process == chosen.id and element.parent is None
    ]


def _start(element: Element) -> StartEvent:
    match element.event:
        case "message":
            return StartEvent(element.id, "message", element.event_name)
        case "signal":
            return StartEvent(element.id, "signal", element.event_name)
        case "timer":
            return StartEvent(element.id, "timer", element.id)
        case _:
            return StartEvent(element.id, "none")
