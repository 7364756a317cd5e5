"""The structure of a process: does what is drawn hang together so that it can run as drawn?

One small function per question, each over one scope (a process or the content of a sub-process). SpiffWorkflow accepts
most of what is refused here and then drops it, ignores it or does something else.
"""

from collections.abc import Callable, Mapping

from workflows.engine.checks import activities, branches, calls, circles, events, flows, paths
from workflows.engine.model import ScopeModel
from workflows.engine.report import Report
from workflows.language import say

# More flow nodes than this in one process nobody can review.
MAXIMUM_NODES = 5_000

QUESTIONS: tuple[Callable[[ScopeModel, Report], None], ...] = (
    flows.flows_connect,
    flows.flows_are_allowed,
    flows.conditions_are_asked,
    flows.several_ways_mean_a_gateway,
    flows.gateways_decide,
    flows.inclusive_gateways_are_few,
    flows.event_gateways_offer_events,
    events.scopes_begin_once,
    events.events_fit_their_place,
    events.boundary_events_hang,
    events.catchers_differ,
    events.links_meet,
    activities.tasks_say_what_to_do,
    activities.repetitions_are_bounded,
    activities.instances_are_few,
    activities.parameters_are_read,
    paths.everything_is_reached,
    branches.branches_are_few,
    branches.branches_behave,
    branches.instances_write_their_own,
)

# What runs as drawn and comes to nothing, or never to rest: the engine itself stops such a step.
SENSE: tuple[Callable[[ScopeModel, Report], None], ...] = (
    paths.joins_do_not_wait_for_themselves,
    circles.loops_come_to_rest,
    circles.signals_do_not_call_themselves,
)


def is_affordable(processes: Mapping[str, ScopeModel]) -> bool:
    """Tell whether building the processes stays within bounds; if not, a finding has said so."""
    return not any(
        _is_too_large(process) or any(flows.has_too_many_joins(scope) for scope in process.everywhere())
        for process in processes.values()
    )


def _is_too_large(process: ScopeModel) -> bool:
    return sum(len(scope.nodes) for scope in process.everywhere()) > MAXIMUM_NODES


def check(processes: Mapping[str, ScopeModel], report: Report, *, judge: bool) -> None:
    """Ask every question about every scope of every executable process, those about its sense only with `judge`."""
    for process in processes.values():
        if _is_too_large(process):
            report.error(
                process.place,
                "process.too_large",
                say(f"Proses memuat lebih dari {MAXIMUM_NODES} elemen.", f"More than {MAXIMUM_NODES} elements."),
                say("Pecah dengan call activity.", "Split it with call activities."),
            )
        for scope in process.everywhere():
            for question in (*QUESTIONS, *(SENSE if judge else ())):
                question(scope, report)
    calls.calls_arrive(processes, report)
