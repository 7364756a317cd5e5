"""What a drawing means where it does not show it: several flows out of a task are a gateway that nobody drew.

BPMN 2.0.2, 13.3.1: all flows without condition get a token, as out of a parallel gateway, and each flow with a
condition that holds, as out of an inclusive gateway. The engine runs them so; here it is said.
"""

from lxml import etree

from workflows.diagrams.plan import NAMES, Plan, kind_of
from workflows.language import say


def meaning(plan: Plan, element: etree._Element) -> str:
    """Say which gateway several flows out of an activity or event mean; empty for everything else."""
    kind = kind_of(element)
    if not (kind.endswith(("Task", "Event")) or kind in ("task", "subProcess", "callActivity")):
        return ""
    flows = [flow for flow in plan.outgoing(str(element.get("id"))) if flow.get("targetRef")]
    if len(flows) < 2:
        return ""
    default = element.get("default")
    chosen = [
        flow for flow in flows if flow.get("id") == default or flow.find("b:conditionExpression", NAMES) is not None
    ]
    if not chosen:
        return say(
            f"{len(flows)} alur keluar ditempuh bersamaan, seperti dari gerbang paralel.",
            f"{len(flows)} flows leave this and all are taken, as out of a parallel gateway.",
        )
    always = len(flows) - len(chosen)
    also = say(f" {always} alur lainnya selalu ditempuh.", f" The other {always} always are.") if always else ""
    return (
        say(
            "Setiap alur keluar yang syaratnya terpenuhi ditempuh, seperti dari gerbang inklusif.",
            "Each flow out of this whose condition holds is taken, as out of an inclusive gateway.",
        )
        + also
    )
