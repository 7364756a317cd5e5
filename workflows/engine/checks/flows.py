"""Sequence flows and the gateways that share them out: do they lead somewhere, and is every condition asked?"""

from workflows.engine import dialect
from workflows.engine.links import is_link
from workflows.engine.model import FlowModel, Node, ScopeModel
from workflows.engine.report import Report
from workflows.language import say

MAXIMUM_INCLUSIVE_JOINS = 100


def flows_connect(scope: ScopeModel, report: Report) -> None:
    """Each flow leads from one element of the scope to another."""
    elsewhere = scope.top.names
    for flow in scope.flows:
        for end, identity in (("source", flow.source), ("target", flow.target)):
            if identity in scope.nodes or identity in scope.refused:
                continue
            if identity in elsewhere:
                report.error(
                    flow.place,
                    "flow.crosses_border",
                    say(
                        f'Alur ini melewati batas sub-proses di "{identity}".',
                        f'This flow crosses the border of a sub-process at "{identity}".',
                    ),
                    say("Hubungkan dengan sub-prosesnya sendiri.", "Connect it to the sub-process itself."),
                )
            else:
                report.error(
                    flow.place,
                    f"flow.unknown_{end}",
                    _to_nowhere(end, identity),
                    say("Sambungkan ulang atau hapus alurnya.", "Connect it again or remove it."),
                )


def _to_nowhere(end: str, identity: str) -> str:
    if not identity:
        return say(
            f"Alur ini tidak menyebut {'asalnya' if end == 'source' else 'tujuannya'}.",
            f"This flow does not say where it {'comes from' if end == 'source' else 'leads'}.",
        )
    return say(
        f'Alur ini {"berasal dari" if end == "source" else "menuju"} "{identity}", yang tidak ada.',
        f'This flow {"comes from" if end == "source" else "leads to"} "{identity}", which does not exist.',
    )


def flows_are_allowed(scope: ScopeModel, report: Report) -> None:
    """No flow into a start or boundary event, out of an end event, or at an event sub-process."""
    for node in scope.nodes.values():
        for flow in node.incoming:
            if node.kind in ("startEvent", "boundaryEvent") or node.by_event or is_link(node, "intermediateCatchEvent"):
                _misplaced(flow, node, report)
        for flow in node.outgoing:
            if node.kind == "endEvent" or node.by_event or is_link(node, "intermediateThrowEvent"):
                _misplaced(flow, node, report)


def _misplaced(flow: FlowModel, node: Node, report: Report) -> None:
    report.error(
        flow.place,
        "flow.misplaced",
        say(
            f'Alur ini tidak boleh tersambung dengan "{node.name or node.id}".',
            f'This flow may not be connected to "{node.name or node.id}".',
        ),
        say("Hapus alurnya.", "Remove the flow."),
    )


def conditions_are_asked(scope: ScopeModel, report: Report) -> None:
    """A condition stands only where somebody evaluates it, and a default flow has none."""
    for node in scope.nodes.values():
        asks = node.is_activity or node.kind in ("exclusiveGateway", "inclusiveGateway")
        for flow in node.outgoing:
            if flow.condition is None:
                continue
            if not asks:
                report.error(
                    flow.place,
                    "condition.ignored",
                    say(
                        f'Syarat pada alur dari "{node.name or node.id}" tidak akan diperiksa.',
                        f'The condition on the flow out of "{node.name or node.id}" would never be asked.',
                    ),
                    say("Pasang gerbang eksklusif atau inklusif.", "Put an exclusive or inclusive gateway there."),
                )
            elif flow.default:
                report.error(
                    flow.place,
                    "flow.default_with_condition",
                    say("Alur bawaan tidak boleh bersyarat.", "A default flow may not have a condition."),
                    say("Hapus syaratnya, atau jangan jadikan bawaan.", "Remove the condition or the default mark."),
                )
        asked = any(flow.condition is not None for flow in node.outgoing)
        if asks and asked and all(flow.condition is not None for flow in node.outgoing):
            report.warning(
                node.place,
                "gateway.no_default",
                say(
                    f'"{node.name or node.id}" tidak punya alur bawaan.',
                    f'"{node.name or node.id}" has no default flow.',
                ),
                say("Tandai satu alur sebagai bawaan.", "Mark one flow as the default."),
            )
        if node.default_flow and not any(flow.default for flow in node.outgoing):
            report.error(
                node.place,
                "flow.unknown_default",
                say(
                    f'Alur bawaan "{node.default_flow}" tidak keluar dari elemen ini.',
                    f'The default flow "{node.default_flow}" does not leave this element.',
                ),
                say("Pilih salah satu alur keluarnya.", "Choose one of the flows that leave it."),
            )


def several_ways_mean_a_gateway(scope: ScopeModel, report: Report) -> None:
    """Several flows out of an activity or event run as the gateway that BPMN says they mean (2.0.2, 13.3.1)."""
    for node in scope.nodes.values():
        if len(node.outgoing) < 2 or not (node.is_activity or node.kind.endswith("Event")):
            continue
        chosen = any(flow.condition is not None or flow.default for flow in node.outgoing)
        gateway = (
            say("gerbang inklusif", "an inclusive gateway") if chosen else say("gerbang paralel", "a parallel gateway")
        )
        report.note(
            node.place,
            "flow.means_gateway",
            say(
                f'{len(node.outgoing)} alur keluar dari "{node.name or node.id}" berarti {gateway}.',
                f'{len(node.outgoing)} flows out of "{node.name or node.id}" mean {gateway}.',
            ),
            say("Gambar gerbangnya agar terlihat.", "Draw the gateway so that it is seen."),
        )


def gateways_decide(scope: ScopeModel, report: Report) -> None:
    """Every way out of an exclusive or inclusive gateway has a condition, except the default one."""
    for node in scope.nodes.values():
        if node.kind not in dialect.GATEWAYS:
            continue
        if not node.outgoing:
            report.error(
                node.place,
                "gateway.no_way_out",
                say("Gerbang ini tidak punya alur keluar.", "This gateway has no outgoing flow."),
                say("Sambungkan atau hapus gerbangnya.", "Connect or remove the gateway."),
            )
        if node.kind in ("exclusiveGateway", "inclusiveGateway") and len(node.outgoing) > 1:
            for flow in node.outgoing:
                if flow.condition is None and not flow.default:
                    report.error(
                        flow.place,
                        "flow.no_condition",
                        say("Alur dari gerbang ini tidak bersyarat.", "This flow out of the gateway has no condition."),
                        say("Beri syarat, atau jadikan alur bawaan.", "Give it a condition or make it the default."),
                    )


def inclusive_gateways_are_few(scope: ScopeModel, report: Report) -> None:
    """Each inclusive join asks where all other tokens stand; many of them in one scope would cost without bound."""
    if has_too_many_joins(scope):
        report.error(
            scope.place,
            "gateway.too_many_inclusive",
            say(
                f"Lebih dari {MAXIMUM_INCLUSIVE_JOINS} gerbang inklusif menggabung di satu lingkup.",
                f"More than {MAXIMUM_INCLUSIVE_JOINS} inclusive gateways join in one scope.",
            ),
            say("Pindahkan sebagian ke sub-proses.", "Move some of them into sub-processes."),
        )


def has_too_many_joins(scope: ScopeModel) -> bool:
    """Tell whether the scope holds more inclusive joins than `MAXIMUM_INCLUSIVE_JOINS`."""
    joins = sum(1 for node in scope.nodes.values() if node.kind == "inclusiveGateway" and len(node.incoming) > 1)
    return joins > MAXIMUM_INCLUSIVE_JOINS


def event_gateways_offer_events(scope: ScopeModel, report: Report) -> None:
    """Behind an event-based gateway stand catch events or receive tasks that only it leads to."""
    for node in scope.nodes.values():
        if node.kind != "eventBasedGateway":
            continue
        targets = [scope.nodes[flow.target] for flow in node.outgoing if flow.target in scope.nodes]
        for target in targets:
            catches = target.kind == "receiveTask" or (
                target.kind == "intermediateCatchEvent" and not is_link(target, "intermediateCatchEvent")
            )
            if not catches or len(target.incoming) != 1 or target.boundaries or target.repetition is not None:
                report.error(
                    target.place,
                    "event_gateway.bad_target",
                    say(
                        "Setelah gerbang peristiwa hanya boleh ada peristiwa tangkap dengan satu alur masuk.",
                        "Only catch events with one incoming flow may follow an event-based gateway.",
                    ),
                    say("Sisipkan peristiwa tangkap.", "Insert a catch event."),
                )
        if len(targets) == 1:
            report.warning(
                node.place,
                "event_gateway.no_choice",
                say("Gerbang peristiwa ini hanya punya satu jalan.", "This event-based gateway has one way only."),
                say("Pakai peristiwa tangkap saja.", "Use the catch event alone."),
            )
