"""What runs side by side: is it little enough to review, does it meet again, and does each write its own data?"""

import re

from workflows.engine.forks import Fork, forks_of, is_fork, is_watch, turning_forks, watches_of, writers_within
from workflows.engine.model import FlowModel, Node, Parameter, ScopeModel
from workflows.engine.report import Report
from workflows.language import say

# More ways out of one element, or more forks in one scope, nobody can review.
MAXIMUM_WAYS = 100
MAXIMUM_FORKS = 200
# Elements that write one variable, of which every two are compared.
MAXIMUM_WRITERS = 100
# Events that let what they watch go on, in one scope.
MAXIMUM_WATCHES = 1_000
# Elements that are looked at for the forks inside loops, all forks together; each asks where it can be come back to.
MAXIMUM_LOOKS = 250_000


def branches_are_few(scope: ScopeModel, report: Report) -> None:
    """No element sends its token on very many ways, and no scope forks very often."""
    for node in scope.nodes.values():
        if len(node.outgoing) > MAXIMUM_WAYS:
            report.error(
                node.place,
                "fork.too_wide",
                say(
                    f"{len(node.outgoing)} alur keluar; paling banyak {MAXIMUM_WAYS}.",
                    f"{len(node.outgoing)} flows leave this; at most {MAXIMUM_WAYS} may.",
                ),
                say("Pakai multi-instance atau tabel keputusan.", "Use a multi-instance or a decision table."),
            )
    if _forks_too_often(scope):
        report.error(
            scope.place,
            "fork.too_many",
            say(
                f"Terlalu banyak percabangan: paling banyak {MAXIMUM_FORKS}, di dalam putaran lebih sedikit, dan "
                f"{MAXIMUM_WATCHES} peristiwa yang mengawasi.",
                f"Too many ways at once: at most {MAXIMUM_FORKS} forks, fewer inside loops, and "
                f"{MAXIMUM_WATCHES} events that watch.",
            ),
            say("Pindahkan sebagian ke sub-proses.", "Move some of them into sub-processes."),
        )


def is_affordable(scope: ScopeModel) -> bool:
    """Tell whether looking at every two ways of every fork stays within bounds."""
    wide = any(is_fork(node) and len(node.outgoing) > MAXIMUM_WAYS for node in scope.nodes.values())
    return not wide and not _forks_too_often(scope)


def _forks_too_often(scope: ScopeModel) -> bool:
    forks = sum(is_fork(node) for node in scope.nodes.values())
    if forks > MAXIMUM_FORKS or sum(is_watch(node) for node in scope.nodes.values()) > MAXIMUM_WATCHES:
        return True
    # What cannot be too much need not be counted.
    return forks * len(scope.nodes) > MAXIMUM_LOOKS and turning_forks(scope) * len(scope.nodes) > MAXIMUM_LOOKS


def branches_behave(scope: ScopeModel, report: Report) -> None:
    """Two ways that run at once write different variables, and meet in a gateway that waits for both."""
    if not is_affordable(scope):
        return
    forks = forks_of(scope)
    _one_writer_each(scope, [*forks, *watches_of(scope)], report)
    for node in scope.nodes.values():
        if node.kind == "parallelGateway" and len(node.incoming) > 1:
            _can_be_joined(node, forks, report)
        elif len(node.incoming) > 1 and node.kind not in ("parallelGateway", "inclusiveGateway", "endEvent"):
            _is_not_run_twice(node, forks, report)


def _one_writer_each(scope: ScopeModel, forks: list[Fork], report: Report) -> None:
    written: dict[str, list[tuple[str, Node]]] = {}
    for node in scope.nodes.values():
        for writer in writers_within(scope, node):
            for name in writes(writer):
                written.setdefault(name, []).append((node.id, writer))
    for name, writers in written.items():
        told: set[str] = set()
        for fork in forks if len(writers) > 1 else ():
            lying = [(fork.ways_of(place), writer) for place, writer in writers[:MAXIMUM_WRITERS]]
            for number, (ways, writer) in enumerate(lying):
                for other_ways, other in lying[number + 1 :] if ways else ():
                    if other.id in told or not (ways & ~other_ways and other_ways & ~ways):
                        continue
                    told.add(other.id)
                    record = report.error if fork.certain else report.warning
                    record(
                        other.place,
                        "variable.two_branches",
                        say(
                            f'"{name}" ditulis di sini dan, pada cabang yang berjalan bersamaan, oleh "{writer.id}".',
                            f'"{name}" is written here and, on a branch that runs at the same time, by "{writer.id}".',
                        ),
                        say("Beri tiap cabang variabelnya sendiri.", "Give each branch a variable of its own."),
                    )


def instances_write_their_own(scope: ScopeModel, report: Report) -> None:
    """What each of several instances at once writes over is pointed out; only the last one's would stay."""
    for node in scope.nodes.values():
        if node.repetition is None or node.repetition.kind != "parallel":
            continue
        for writer in writers_within(scope, node):
            collected = {each.name for each in writer.outputs if _collects(each)}
            for name in sorted(writes(writer) - collected):
                report.warning(
                    writer.place,
                    "variable.every_instance",
                    say(
                        f'"{name}" ditulis oleh setiap instans "{node.name or node.id}"; yang terakhir menimpa.',
                        f'"{name}" is written by every instance of "{node.name or node.id}"; the last one stays.',
                    ),
                    say(
                        f"Kumpulkan dengan camunda:outputParameter, misalnya append({name}, ...).",
                        f"Collect them with a camunda:outputParameter, such as append({name}, ...).",
                    ),
                )


def _collects(output: Parameter) -> bool:
    """Tell whether an output builds upon what the variable held: `append(gifts, ...)`, `total + value`."""
    return re.search(rf"(?<![\w.]){re.escape(output.name)}(?!\w)", output.text) is not None


def writes(node: Node) -> set[str]:
    """Name the variables that the element writes, as far as the diagram says."""
    names = {parameter.name for parameter in (*node.outputs, *node.call_out.parameters)}
    names.update(name for name in (node.result,) if name)
    if node.event is not None:
        names.update(name for name in (node.event.code_variable, node.event.message_variable) if name)
    return names


def _can_be_joined(node: Node, forks: list[Fork], report: Report) -> None:
    """A join waits for a token on each flow; somebody must send several."""
    first, *others = node.incoming
    if any(_arrive_together(first, other, forks) for other in others) or _has_watchers(node):
        return
    report.warning(
        node.place,
        "gateway.waits_for_ever",
        say(
            "Gerbang paralel ini menunggu semua alur, tetapi tidak ada percabangan yang mengisi semuanya.",
            "This parallel gateway waits for every flow, yet no fork sends a token on each.",
        ),
        say("Pakai gerbang eksklusif untuk menyatukan pilihan.", "Join alternatives with an exclusive gateway."),
    )


def _is_not_run_twice(node: Node, forks: list[Fork], report: Report) -> None:
    first, *others = node.incoming
    for other in others[:20]:
        found = next((fork for fork in forks if fork.certain and _part(first, other, fork)), None)
        if found is not None:
            report.warning(
                node.place,
                "gateway.runs_twice",
                say(
                    f'"{node.name or node.id}" dijalankan sekali untuk tiap cabang dari "{found.element}".',
                    f'"{node.name or node.id}" runs once for each branch of "{found.element}".',
                ),
                say("Satukan cabangnya dengan gerbang paralel.", "Join the branches with a parallel gateway."),
            )
            return


def _arrive_together(one: FlowModel, other: FlowModel, forks: list[Fork]) -> bool:
    return any(_part(one, other, fork) for fork in forks)


def _part(one: FlowModel, other: FlowModel, fork: Fork) -> bool:
    """Tell whether two flows into an element bring tokens of different ways of the fork."""
    if fork.element in (one.source, other.source):
        return one.source != other.source or len(fork.ways) > 1
    return fork.part(one.source, other.source)


def _has_watchers(node: Node) -> bool:
    """Tell whether a boundary event or event sub-process that lets the work go on could send further tokens."""
    return any(
        (other.kind == "boundaryEvent" and not other.interrupting) or other.by_event
        for other in node.scope.nodes.values()
    )
