"""What a file brings along and what it asks for in others, without judging it: processes and decisions by their ids."""

from dataclasses import dataclass

from workflows.decisions import documents as tables
from workflows.engine import documents
from workflows.engine.documents import bpmn, camunda, flag, local_name
from workflows.engine.report import Report

# Kind ("process", "decision") and id.
Reference = tuple[str, str]


@dataclass(frozen=True)
class References:
    """The ids of one file; none of a file that cannot be read."""

    brings: frozenset[Reference]
    asks_for: frozenset[Reference]


def references(name: str, content: bytes) -> References:
    """Look through a BPMN or DMN file, whatever its bytes are."""
    if name.lower().endswith(".dmn"):
        table = tables.read_document(content, tables.Report(name))
        decisions = () if table is None else (each for each in table.iter() if local_name(each) == "decision")
        return References(frozenset(("decision", each.get("id") or "") for each in decisions), frozenset())
    root = documents.read(name, content, Report())
    if root is None:
        return References(frozenset(), frozenset())
    processes = (each for each in root.iterfind(bpmn("process")) if flag(each, "isExecutable"))
    calls = {("process", each.get("calledElement") or "") for each in root.iter(bpmn("callActivity"))}
    rules = {("decision", each.get(camunda("decisionRef")) or "") for each in root.iter(bpmn("businessRuleTask"))}
    return References(frozenset(("process", str(each.get("id"))) for each in processes), frozenset(calls | rules))
