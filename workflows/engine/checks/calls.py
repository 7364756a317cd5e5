"""Calls between processes: does the called one exist, can it begin, and does it not come back to its caller?"""

import re
from collections.abc import Mapping

from workflows.engine.graphs import cycles
from workflows.engine.model import ScopeModel
from workflows.engine.report import Report
from workflows.language import say

# An id as XML knows it, rather than an expression that computes one.
_IS_FIXED = re.compile(r"[^\W\d][\w.-]*")


def calls_arrive(processes: Mapping[str, ScopeModel], report: Report) -> None:
    """Every called process is in the deployment, has a plain start, and does not come back to its caller."""
    graph: dict[str, list[str]] = {identity: [] for identity in processes}
    calls = [
        (process, node)
        for process in processes.values()
        for scope in process.everywhere()
        for node in scope.nodes.values()
        if node.kind == "callActivity"
    ]
    for process, node in calls:
        called = processes.get(node.called or "")
        if called is None:
            report.error(
                node.place,
                "call.unknown" if _IS_FIXED.fullmatch(node.called or "") else "call.unnamed",
                say(
                    f'Proses "{node.called}" tidak ada di berkas yang diberikan.',
                    f'The process "{node.called}" is in none of the given files.',
                )
                if node.called
                else say("Kegiatan ini tidak menyebut proses yang dipanggilnya.", "This does not say what it calls."),
                say(
                    "Isi calledElement dengan id tetap sebuah proses, dan sertakan berkasnya.",
                    "Fill calledElement with the fixed id of a process, and add its file.",
                ),
            )
            continue
        graph[process.id].append(called.id)
        if not any(start.event is None for start in called.starts()):
            report.error(
                node.place,
                "call.no_plain_start",
                say(
                    f'Proses "{called.id}" tidak punya peristiwa mulai biasa.',
                    f'The process "{called.id}" has no plain start event.',
                ),
                say("Tambahkan peristiwa mulai tanpa pemicu.", "Add a start event without trigger."),
            )
    circular = {name for part in cycles(graph) for name in part}
    for process, node in calls:
        if process.id in circular and node.called in circular:
            report.error(
                node.place,
                "call.recursive",
                say("Proses ini memanggil dirinya sendiri.", "This process calls itself."),
                say("Putuskan putarannya; pakai multi-instance atau putaran.", "Break the circle; use a loop instead."),
            )
