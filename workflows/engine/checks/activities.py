"""Tasks and repetitions: does each say what is to be done, and is everything on it read by somebody?"""

import re

from workflows.engine.model import MAXIMUM_INSTANCES, Node, ScopeModel
from workflows.engine.report import Report
from workflows.language import say

# A written number that counts nothing.
_NO_COUNT = re.compile(r"-\s*[0-9.]+|[0-9]*\.[0-9]*[1-9][0-9]*")


def tasks_say_what_to_do(scope: ScopeModel, report: Report) -> None:
    """Services have a topic, receive tasks a message, decisions and scripts a place for their result."""
    for node in scope.nodes.values():
        if node.kind in ("serviceTask", "sendTask") and not node.topic:
            report.error(
                node.place,
                "service.no_topic",
                say("Tugas layanan ini tidak menyebut layanannya.", "This task does not say which service it calls."),
                say("Isi camunda:topic dengan nama layanan.", "Fill camunda:topic with the name of a service."),
            )
        if node.kind == "receiveTask" and (node.event is None or not node.event.name):
            report.error(
                node.place,
                "event.nameless",
                say("Tugas terima ini tidak menyebut pesannya.", "This receive task does not say which message."),
                say("Isi messageRef.", "Fill in messageRef."),
            )
        if node.kind in ("scriptTask", "businessRuleTask") and not node.result and not node.outputs:
            report.warning(
                node.place,
                "result.lost",
                say("Hasilnya tidak disimpan ke variabel mana pun.", "Its result is not kept in any variable."),
                say("Isi camunda:resultVariable.", "Fill in camunda:resultVariable."),
            )
        if node.kind == "scriptTask" and not node.script:
            report.error(
                node.place,
                "expression.empty",
                say("Tugas skrip ini kosong.", "This script task is empty."),
                say("Tulis satu ekspresi FEEL.", "Write one FEEL expression."),
            )
        if node.decision_result not in (None, "singleEntry", "singleResult", "collectEntries", "resultList"):
            report.error(
                node.place,
                "decision.bad_mapping",
                say(
                    f'mapDecisionResult="{node.decision_result}" tidak dikenal.',
                    f'mapDecisionResult="{node.decision_result}" is not known.',
                ),
                say(
                    "Pakai singleEntry, singleResult, collectEntries, atau resultList.",
                    "Use singleEntry, singleResult, collectEntries or resultList.",
                ),
            )


def repetitions_are_bounded(scope: ScopeModel, report: Report) -> None:
    """A multi-instance has a collection or a number, a loop a condition or a maximum."""
    for node in scope.nodes.values():
        marker = node.repetition
        if marker is None:
            continue
        if node.by_event or not node.is_activity:
            report.error(
                marker.place,
                "repetition.misplaced",
                say("Pengulangan tidak dijalankan di sini.", "A repetition is not run here."),
                say("Hapus penandanya.", "Remove the marker."),
            )
        if marker.kind == "loop":
            if marker.condition is None and marker.maximum is None:
                report.error(
                    marker.place,
                    "loop.unbounded",
                    say(
                        "Pengulangan ini tidak punya syarat maupun batas.", "This loop has no condition and no maximum."
                    ),
                    say("Isi loopCondition atau loopMaximum.", "Fill in loopCondition or loopMaximum."),
                )
        elif (marker.collection is None) == (marker.cardinality is None):
            report.error(
                marker.place,
                "repetition.unclear",
                say(
                    "Multi-instance memerlukan camunda:collection atau loopCardinality, bukan keduanya.",
                    "A multi-instance needs camunda:collection or loopCardinality, not both.",
                ),
                say("Isi salah satunya.", "Fill in one of them."),
            )


def instances_are_few(scope: ScopeModel, report: Report) -> None:
    """What a diagram repeats a written number of times is no more than the engine begins, inner ones multiplied."""
    for node in scope.nodes.values():
        if node.repetition is None:
            continue
        if _NO_COUNT.fullmatch(node.repetition.cardinality or ""):
            report.error(
                node.repetition.place,
                "repetition.no_number",
                say(
                    f"{node.repetition.cardinality} kali tidak dapat dijalankan.",
                    f"{node.repetition.cardinality} times cannot be run.",
                ),
                say("Tulis bilangan bulat, nol atau lebih.", "Write a whole number, zero or more."),
            )
        if _number(node) is None:
            continue
        instances, around = 1, node
        while True:
            instances *= _number(around) or 1
            if around.scope.owner is None:
                break
            around = around.scope.owner
        if instances > MAXIMUM_INSTANCES:
            report.error(
                node.repetition.place,
                "repetition.too_many",
                say(
                    f"{instances} kali sekaligus; paling banyak {MAXIMUM_INSTANCES}.",
                    f"{instances} instances at once; at most {MAXIMUM_INSTANCES} may be.",
                ),
                say("Jadikan kasus tersendiri.", "Make them cases of their own."),
            )


def _number(node: Node) -> int | None:
    """Give the written number of instances; None where it is computed or nothing is repeated."""
    text = node.repetition.cardinality if node.repetition is not None else None
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None


def parameters_are_read(scope: ScopeModel, report: Report) -> None:
    """Input and output parameters stand only where somebody reads them, each with a name."""
    for node in scope.nodes.values():
        tells = node.kind in ("intermediateThrowEvent", "endEvent") and node.event is not None and node.event.topic
        hears = node.kind in ("intermediateCatchEvent", "boundaryEvent", "startEvent") and node.event is not None
        takes_in = node.is_activity or tells
        gives_out = takes_in or (hears and not (node.kind == "startEvent" and scope.owner is None))
        if (node.inputs and not takes_in) or (node.outputs and not gives_out):
            _unread(node, report)
        for parameter in (*node.inputs, *node.outputs):
            if not parameter.name:
                report.error(
                    parameter.place,
                    "parameter.nameless",
                    say("Parameter ini tidak bernama.", "This parameter has no name."),
                    say("Isi namanya.", "Fill in its name."),
                )


def _unread(node: Node, report: Report) -> None:
    report.error(
        node.place,
        "parameter.misplaced",
        say("Parameter di sini tidak dibaca.", "Parameters here are not read."),
        say("Pindahkan ke tugas.", "Move them to a task."),
    )
