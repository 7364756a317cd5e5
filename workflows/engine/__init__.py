"""The engine: (definition, state, input, services, now) -> (state, step).

The only package that speaks SpiffWorkflow. It has no tables, no web framework and no clock of its own. This module
re-exports the whole public contract; everything else in the package is the engine's own business.
"""

from workflows.engine.definition import Definition, Element, Flow, StartEvent
from workflows.engine.evidence import data_checksum
from workflows.engine.runtime import Service, complete, deliver, parse, retime, start, wake
from workflows.engine.step import AwaitedMessage, DecisionTaken, DueTimer, State, Step, Thrown, TraceEntry, WaitingTask
from workflows.errors import BrokenDefinition, BusinessError, Conflict, Finding

__all__ = [
    "AwaitedMessage",
    "BrokenDefinition",
    "BusinessError",
    "Conflict",
    "DecisionTaken",
    "Definition",
    "DueTimer",
    "Element",
    "Finding",
    "Flow",
    "Service",
    "StartEvent",
    "State",
    "Step",
    "Thrown",
    "TraceEntry",
    "WaitingTask",
    "complete",
    "data_checksum",
    "deliver",
    "parse",
    "retime",
    "start",
    "wake",
]
