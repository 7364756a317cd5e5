"""Tokens as bytes: compact, versioned, migratable, and the same again after reading.

Only live tokens are written, and the splits that hold boundary events to their activity. No definition, no name of a
class, no variable of the process, no clock. A scope is `[owner, key, variables, tokens]`, a token
`[number, parent, state, element, memory, local values]`; what is empty is 0.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from workflows.engine.assembly import Plan
from workflows.engine.instance import Instance, Scope
from workflows.engine.tokens import Token
from workflows.engine.variables import Variables
from workflows.errors import AmanahError, NewerState
from workflows.feel.clock import Clock

# Raise it together with an entry in MIGRATIONS, and keep a sample of every version in the tests.
VERSION = 1

# version -> a function from the document of that version to the one of the next.
MIGRATIONS: Mapping[int, Callable[[list[Any]], list[Any]]] = {}


def dump(instance: Instance) -> bytes:
    """Write the tokens of an instance."""
    scopes = []
    for scope in instance.scopes():
        tokens = [
            [
                token.id,
                token._parent,
                token._state,
                token.task_spec.name,
                token.internal_data or 0,
                token.data or 0,
            ]
            for token in sorted(scope.tasks.values(), key=lambda token: token.id)
            if token.id
        ]
        owner = scope.owner
        variables = 0 if owner is None or scope.variables is None else scope.variables.document
        scopes.append([0 if owner is None else owner.id, scope.spec.name, variables, _parents_first(tokens)])
    document = [VERSION, instance.last_number, instance.outcome or 0, instance.error or 0, scopes]
    return orjson.dumps(document)


def load(
    tokens: bytes,
    plan: Plan,
    variables: Mapping[str, Any],
    *,
    clock: Clock,
    services: Mapping[str, Callable[..., Any]],
) -> Instance:
    """Read tokens back; AmanahError `state.unreadable` or `state.unknown_element` when they do not fit.

    NewerState when a later version of this module wrote them.
    """
    document = _current(tokens)
    try:
        return _build(document, plan, variables, clock, services)
    except (TypeError, ValueError, LookupError, AttributeError) as problem:
        raise AmanahError("state.unreadable") from problem


def _build(
    document: list[Any],
    plan: Plan,
    variables: Mapping[str, Any],
    clock: Clock,
    services: Mapping[str, Callable[..., Any]],
) -> Instance:
    _, last_number, outcome, error, scopes = document
    top = _scope_spec(plan, scopes[0][1])
    instance = Instance(
        top, plan.scopes, Variables(dict(variables)), clock=clock, services=services, last_number=last_number
    )
    instance.outcome, instance.error = outcome or None, error or None
    owners: dict[int, Token] = {}
    for owner, key, own_variables, records in scopes:
        scope: Any = instance
        if owner:
            held = None if own_variables == 0 else Variables(own_variables)
            scope = Scope(_scope_spec(plan, key), owners[owner], held)
            instance.subprocesses[owner] = scope
        for number, parent, state, name, memory, local in records:
            spec = scope.spec.task_specs.get(name)
            if spec is None:
                raise AmanahError("state.unknown_element", element=name, process=scope.spec.process)
            token = Token(scope, spec, scope.tasks[parent], state, number)
            token.internal_data = memory or {}
            token.data = local or {}
            owners[number] = token
    instance.ended = not any(token._state & ~TaskState.COMPLETED for token in instance.tasks.values())
    return instance


def _current(tokens: bytes) -> list[Any]:
    """Read the document and bring it to the current version."""
    try:
        document = orjson.loads(tokens)
        version = document[0]
    except (orjson.JSONDecodeError, TypeError, LookupError) as problem:
        raise AmanahError("state.unreadable") from problem
    if isinstance(version, int) and version > VERSION:
        raise NewerState("state.newer", version=version)
    while version != VERSION:
        migrate = MIGRATIONS.get(version)
        if migrate is None:
            raise AmanahError("state.unreadable", version=version)
        document = migrate(document)
        version = document[0]
    return list(document)


def _scope_spec(plan: Plan, key: str) -> Any:
    spec = plan.scopes.get(key)
    if spec is None:
        raise AmanahError("state.unknown_element", element=key)
    return spec


def _parents_first(records: list[list[Any]]) -> list[list[Any]]:
    """Order the tokens so that a parent comes before its children; a split that moved up may be the younger one."""
    known, ordered, waiting = {0}, [], records
    while waiting:
        later = []
        for record in waiting:
            if record[1] in known:
                known.add(record[0])
                ordered.append(record)
            else:
                later.append(record)
        waiting = later
    return ordered
