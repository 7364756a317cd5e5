"""Moving a waiting instance to another edition of its process, or to another place in the same one.

A pure function of (old definition, new definition, state, mapping). Tokens keep their numbers, what they remember and
their running timers; only the element that each stands on is looked up anew. What would not behave as either diagram
says is refused: a live element that is gone or has become another kind of thing, other parallel ways around it, a join
whose ways are gone (engine note 1.9). A token may also begin anew at an element, which is how a token is moved by hand.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from workflows.engine import codec
from workflows.engine.activities import CallActivity, SubProcess, UserTask
from workflows.engine.charts import Chart, Level, level_of
from workflows.engine.concerns import Concern
from workflows.engine.definition import Definition, Element
from workflows.engine.events import BoundaryEvent, BoundarySplit, Catcher, CatchEvent, EventSubprocessStart
from workflows.engine.gateways import EventGateway, Join
from workflows.engine.instance import LIVE, Instance
from workflows.engine.nodes import Node
from workflows.engine.observing import observe
from workflows.engine.repetition import Repeated
from workflows.engine.step import State, Step, TraceEntry, TraceKind
from workflows.engine.tokens import Token
from workflows.errors import Conflict
from workflows.feel.clock import Clock

# Elements at which nothing is done: that one is passed by says nothing to anybody.
_SILENT = ("Gateway", "Event")
_NO_PLACE = frozenset({"startEvent", "boundaryEvent"})


class _Reached(BaseException):
    """A service would run; in a trial none may."""


@dataclass(frozen=True)
class Crossing:
    """The way from one definition to another, good for any number of instances."""

    old: Definition
    new: Definition
    # Element of the old definition -> element of the new one, for tokens that go on under another id.
    mapping: Mapping[str, str] = field(default_factory=dict)
    # Element of the old definition -> element of the new one at which its tokens begin anew.
    anew: Mapping[str, str] = field(default_factory=dict)
    # Codes of the risks that were taken; see `concerns.RISKS`.
    accepted: Collection[str] = ()
    # Variable -> elements that write it, for what the diagrams do not tell (the fields of forms).
    writers: Mapping[str, Collection[str]] = field(default_factory=dict)
    # Variable -> its type in the old edition and in the new one, where they differ.
    retyped: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_charts", (Chart(self.old), Chart(self.new)))

    @property
    def before(self) -> Chart:
        """The old definition as a map."""
        return self._charts[0]  # type: ignore[attr-defined, no-any-return]

    @property
    def after(self) -> Chart:
        """The new definition as a map."""
        return self._charts[1]  # type: ignore[attr-defined, no-any-return]

    def target(self, element: str) -> str:
        """Give the element of the new definition that an element of the old one goes on as."""
        return self.mapping.get(element, element)

    def landing(self, element: str) -> str:
        """Give the element of the new definition at which a token of an element of the old one comes to stand."""
        return self.anew.get(element) or self.target(element)

    def hinders(self, concerns: Collection[Concern]) -> bool:
        """Tell whether anything among them forbids the move: an error, or a risk that nobody has taken."""
        return any(
            concern.weight == "error" or (concern.weight == "risk" and concern.code not in self.accepted)
            for concern in concerns
        )


@dataclass(frozen=True)
class Crossed:
    """An instance on the other side."""

    state: State
    step: Step
    # What there is to know about it; never anything that hinders.
    concerns: tuple[Concern, ...]
    # True when automatic steps ran because of the move, so that it cannot be taken back.
    ran: bool
    # True when a trial stopped before a service, so that `step` does not tell where the instance would come to stand.
    stopped: bool = False


class Hindered(Conflict):
    """The instance cannot be moved; `concerns` say why."""

    def __init__(self, concerns: Collection[Concern]) -> None:
        super().__init__("migration.hindered")
        self.concerns = tuple(concerns)


def migrate(
    crossing: Crossing,
    state: State,
    *,
    now: datetime,
    services: Mapping[str, Callable[..., Any]] | None = None,
) -> Crossed:
    """Move an instance across and let run what can run; raise Hindered with every concern when that would be wrong.

    Without `services` it is a trial: automatic steps that would follow are named and not run. Running timers keep
    their instants; nothing fires here, also when one of them is due.
    """
    clock = Clock(now, crossing.new.zone)
    leaving = codec.load(state.tokens, crossing.old.plan, state.variables, clock=clock, services={})
    journey = _Journey(crossing, leaving)
    concerns = journey.concerns()
    if crossing.hinders(concerns):
        raise Hindered(concerns)
    return journey.cross(state, concerns, clock, services)


def take_back(old: Definition, new: Definition, tokens: bytes, state: State, *, now: datetime) -> tuple[State, Step]:
    """Give a moved instance of `new` the tokens again that it had on `old`; nothing runs, fires or is counted anew.

    The step tells of each token that is taken from where it stood and of each that comes back, so that the path and
    the picture stay whole. Numbers of tokens that were given out since are left unused.
    """
    earlier, later = orjson.loads(tokens), orjson.loads(state.tokens)
    earlier[1] = max(earlier[1], later[1])
    clock = Clock(now, old.zone)
    leaving = codec.load(state.tokens, new.plan, state.variables, clock=clock, services={})
    arriving = codec.load(orjson.dumps(earlier), old.plan, state.variables, clock=clock, services={})
    here, there = _standing(leaving), _standing(arriving)
    arriving.trace += [_told("cancelled", token) for place, token in here.items() if place not in there]
    # A join is entered when it goes on, not by each who waits there.
    back = [token for place, token in there.items() if place not in here and not isinstance(token.task_spec, Join)]
    arriving.trace += [_told("entered", token) for token in back]
    return replace(state, tokens=codec.dump(arriving)), observe(arriving)


def _standing(instance: Instance) -> dict[tuple[int, str], Token]:
    """Give the tokens that people see standing somewhere, by number and element."""
    seen = (token for token in instance.tokens() if token._state & LIVE and token.task_spec.visible)
    return {(token.id, token.task_spec.element): token for token in seen if not token.is_armed}


def _told(kind: TraceKind, token: Token) -> TraceEntry:
    return TraceEntry(kind, token.task_spec.element, token.name, token.task_spec.process)


class _Journey:
    """One instance on its way."""

    def __init__(self, crossing: Crossing, leaving: Instance) -> None:
        self._crossing = crossing
        self._leaving = leaving
        # Old scope (by number of its owner, 0 for the top) -> specification on the other side.
        self._specs: dict[int, Any] = {}
        # Tokens that are taken out: what watched and is gone, and what begins anew.
        self._dropped: list[Token] = []
        self._ended: list[Token] = []
        self._flows: dict[int, str] = {}

    # --- what there is to know ---------------------------------------------------------------------------------------

    def concerns(self) -> list[Concern]:
        """Look at every token, every level, and what lies ahead."""
        found: list[Concern] = []
        scopes = list(self._leaving.scopes())
        standing = {token.task_spec.element for token in self._leaving.tokens() if not token.is_armed}
        for element in self._crossing.anew:
            if element not in standing and self._crossing.old is self._crossing.new:
                found.append(Concern("source.unknown", element))
        for scope in scopes:
            found += self._scope(scope)
        for name, (old, new) in sorted(self._crossing.retyped.items()):
            if self._leaving.variables.document.get(name) is not None:
                found.append(Concern("variable.retyped", "", name, {"old": old, "new": new}))
        return list(dict.fromkeys(found))

    def _scope(self, scope: Any) -> Iterator[Concern]:
        spec, problem = self._spec_of(scope)
        if problem is not None:
            yield problem
        if spec is None:
            return
        self._specs[_key(scope)] = spec
        level, beyond = level_of(scope.spec), level_of(spec)
        live = []
        for token in sorted(scope.tasks.values(), key=lambda token: token.id):
            if not token.id or self._goes(token):
                continue
            if token.task_spec.element in self._crossing.anew and not token.is_armed:
                yield from self._begins_anew(token, spec, level, beyond)
                live.append(token)
                continue
            yield from self._token(token, spec, level, beyond)
            if not token.is_armed and not isinstance(token.task_spec, BoundarySplit):
                live.append(token)
        yield from self._ahead(scope, live, level, beyond)

    def _spec_of(self, scope: Any) -> tuple[Any, Concern | None]:
        """Give the specification that the inside of an activity goes on with; None when the activity does not go on."""
        if scope.owner is None:
            return self._crossing.new.plan.top, None
        owner = scope.owner
        if self._goes(owner):
            return None, None
        around = self._specs.get(_key(owner.workflow))
        spec = None if around is None else around.task_specs.get(self._name_beyond(owner))
        if not isinstance(spec, SubProcess | CallActivity) or type(spec) is not type(owner.task_spec):
            return None, None
        if isinstance(spec, CallActivity) and spec.key != owner.task_spec.key:
            facts = {"old": str(owner.task_spec.key), "new": str(spec.key)}
            return None, _concern("call.changed", owner.task_spec, facts)
        return self._crossing.new.plan.scopes[spec.key], None

    def _goes(self, token: Token) -> bool:
        """Tell whether the token is taken out, alone or with whatever holds it."""
        if token in self._dropped:
            return True
        here: Token | None = token
        while here is not None:
            if here in self._ended:
                return True
            held = here
            here = here.above if here.id and here.above.id else here.workflow.owner
            if here is not None and isinstance(here.task_spec, BoundarySplit) and not _belongs(held, here):
                # What a non-interrupting event began lives below the split, and on after it.
                here = here.above if here.above.id else here.workflow.owner
        return False

    def _token(self, token: Token, spec: Any, level: Level, beyond: Level) -> Iterator[Concern]:
        old = token.task_spec
        new = spec.task_specs.get(self._name_beyond(token))
        if new is None:
            yield from self._without_place(token, spec, beyond)
            return
        if type(new) is not type(old):
            if isinstance(old, Repeated) != isinstance(new, Repeated):
                yield _concern("repetition.changed", old)
            else:
                yield _concern("element.retyped", old, {"old": old.kind, "new": new.kind})
            return
        if old.element != new.element and not isinstance(old, BoundarySplit) and not token.is_armed:
            yield _concern("element.renamed", old, {"new": _name(new, unlike=old)})
        yield from self._details(token, old, new)
        if isinstance(old, Join) or (isinstance(old, CatchEvent) and token.is_armed):
            yield from self._arrived(token, old, new, level, beyond)
        if isinstance(old, EventGateway):
            here = {self._crossing.target(route.target.element) for route in old.routes}
            if here != {route.target.element for route in new.routes}:
                yield _concern("choice.changed", old)
        if not token.is_armed and not isinstance(old, BoundarySplit):
            yield from self._ways_around(token, new.element, level, beyond)
            yield from self._watchers(token, old, new, spec)

    def _without_place(self, token: Token, spec: Any, beyond: Level) -> Iterator[Concern]:
        old = token.task_spec
        if isinstance(old, BoundarySplit):
            # The last boundary event of its activity is gone, and nothing holds it any more.
            self._dropped.append(token)
            return
        if token.is_armed and isinstance(old, BoundaryEvent | EventSubprocessStart):
            self._dropped.append(token)
            host = old.attached_to or (old.handler.element if isinstance(old, EventSubprocessStart) else old.element)
            facts = {"event": old.bpmn_name or old.element}
            yield Concern(
                "boundary.removed", old.element, self._crossing.before.name(level_of(old._wf_spec), host), facts
            )
            return
        if token.is_armed and token.above.task_spec.offers_choices:
            yield _concern("choice.changed", token.above.task_spec)
            return
        target = self._crossing.target(old.element)
        if old.name.endswith("[child]") and target in spec.task_specs:
            yield _concern("repetition.changed", old)
            return
        elsewhere = any(
            each.id == target and (each.process, each.parent) != beyond for each in self._crossing.new.elements
        )
        yield _concern("element.moved" if elsewhere else "element.removed", old)

    def _details(self, token: Token, old: Node, new: Any) -> Iterator[Concern]:
        """Tell what an activity or event goes on with, though it is drawn otherwise."""
        if isinstance(old, Repeated) and old.repetition.kind != new.repetition.kind:
            yield _concern("repetition.changed", old)
        if isinstance(old, Catcher):
            if old.event.kind != new.event.kind:
                yield _concern("element.retyped", old, {"old": old.event.kind, "new": new.event.kind})
            elif old.event.name != new.event.name:
                yield _concern("event.renamed", old, {"old": old.event.name or "", "new": new.event.name or ""})
            elif old.event.kind == "timer" and (old.event.timer_form, _text(old.event.timer)) != (
                new.event.timer_form,
                _text(new.event.timer),
            ):
                yield _concern("timer.kept", old)
        if isinstance(old, UserTask):
            if old.model.form != new.model.form:
                yield _concern("form.replaced", old, {"new": new.model.form or "–"})
            if (old.model.due or "") != (new.model.due or ""):
                yield _concern("due.kept", old)

    def _arrived(self, token: Token, old: Node, new: Any, level: Level, beyond: Level) -> Iterator[Concern]:
        """See that the flow on which a token arrived still leads where it waits."""
        arrived = token.internal_data.get("flow")
        if arrived is None:
            return
        if isinstance(old, Join):
            here, there = set(old.incoming), set(new.incoming)
        else:
            gateway = token.above.task_spec
            beyond_gateway = self._specs[_key(token.workflow)].task_specs.get(self._name_beyond(token.above))
            if not isinstance(beyond_gateway, EventGateway):
                return
            here = {route.flow for route in gateway.routes}
            there = {route.flow for route in beyond_gateway.routes}
        names = {flow: self._flow_beyond(flow, there, level, beyond) for flow in here}
        if len(there) != len(here) or None in names.values():
            yield _concern("join.changed", old)
            return
        self._flows[token.id] = str(names[arrived])

    def _flow_beyond(self, flow_id: str, there: Collection[str], level: Level, beyond: Level) -> str | None:
        """Give the flow of the new definition that a flow of the old one goes on as: the same id, or the same ends."""
        if flow_id in there:
            return flow_id
        drawn = self._crossing.before.flow(flow_id, level[0])
        if drawn is None:
            return None
        ends = self._crossing.target(drawn.source), self._crossing.target(drawn.target)
        between = [flow.id for flow in self._crossing.after.flows_between(beyond, *ends) if flow.id in there]
        return between[0] if len(between) == 1 else None

    def _ways_around(self, token: Token, element: str, level: Level, beyond: Level) -> Iterator[Concern]:
        """Compare the parallel ways in which the token stands with those around its new place."""
        crossing, old = self._crossing, token.task_spec
        here, there = crossing.before, crossing.after
        before = {crossing.target(name): fork for name, fork in here.forks_around(level, old.element).items()}
        after = there.forks_around(beyond, element)
        for name in sorted(after.keys() - before.keys()):
            yield _concern("parallel.entered", old, {"gateway": there.name(beyond, name)})
        for name in sorted(before.keys() - after.keys()):
            yield _concern("parallel.left", old, {"gateway": here.name(level, before[name].element)})
        for name in sorted(before.keys() & after.keys()):
            joins = {crossing.target(join): count for join, count in here.joins_of(level, before[name]).items()}
            same_way = crossing.new is not crossing.old or _ways(before[name].ways, old.element) == _ways(
                after[name].ways, element
            )
            if (
                len(before[name].ways) != len(after[name].ways)
                or joins != there.joins_of(beyond, after[name])
                or not same_way
            ):
                yield _concern("parallel.changed", old, {"gateway": here.name(level, before[name].element)})

    def _watchers(self, token: Token, old: Node, new: Any, spec: Any) -> Iterator[Concern]:
        """Tell of events that are new on the border of a live activity, or over its scope."""
        for boundary in self._new_boundaries(old, new, spec):
            facts = {"event": boundary.bpmn_name or boundary.element}
            yield _concern("boundary.added" if boundary.event.kind == "timer" else "boundary.armed", old, facts)

    def _new_boundaries(self, old: Node, new: Any, spec: Any) -> list[BoundaryEvent]:
        if isinstance(old._wf_spec.task_specs.get(old.element), Repeated) and not isinstance(old, Repeated):
            return []
        split = old._wf_spec.task_specs.get(f"{old.element}.BoundaryEventSplit")
        known = {self._crossing.target(each.element) for each in split.boundaries} if split is not None else set()
        beyond = spec.task_specs.get(f"{new.element}.BoundaryEventSplit")
        return [each for each in beyond.boundaries if each.element not in known] if beyond is not None else []

    def _new_listeners(self, scope: Any, spec: Any) -> list[EventSubprocessStart]:
        known = {self._crossing.target(each.element) for each in scope.spec.listeners}
        return [each for each in spec.listeners if each.element not in known]

    def _begins_anew(self, token: Token, spec: Any, level: Level, beyond: Level) -> Iterator[Concern]:
        old = token.task_spec
        target = self._crossing.anew[old.element]
        self._ended.append(_topmost(token))
        if target not in self._crossing.after.level(beyond) or target not in spec.task_specs:
            yield _concern("target.unknown", old, {"new": target})
            return
        drawn = self._crossing.after.level(beyond)[target]
        name = drawn.name or target
        if drawn.kind in _NO_PLACE or spec.task_specs[target].by_event:
            yield _concern("target.unfit", old, {"new": name})
            return
        if isinstance(spec.task_specs[target], Join) and len(spec.task_specs[target].incoming) > 1:
            yield _concern("target.unfit", old, {"new": name})
            return
        yield _concern("token.anew", old, {"new": name})
        yield from self._ways_around(token, target, level, beyond)

    def _ahead(self, scope: Any, live: list[Token], level: Level, beyond: Level) -> Iterator[Concern]:
        """Compare what the tokens of a level had before them with what they have before them now."""
        crossing = self._crossing
        standing = {token.task_spec.element for token in live}
        landed = {crossing.landing(element) for element in standing}
        # Whoever names a place to begin anew knows what lies between.
        was = crossing.before.ahead(level, standing - set(crossing.anew))
        if not landed <= crossing.after.level(beyond).keys():
            # Where the case would stand is not settled yet.
            return
        will = crossing.after.ahead(beyond, landed)
        known = {crossing.target(name) for name in crossing.before.level(level)}
        for name in sorted(was - standing):
            there = crossing.after.level(beyond).get(crossing.target(name))
            lost = there is not None and there.id not in will and not there.kind.endswith(_SILENT)
            if there is not None and lost and crossing.old is not crossing.new:
                yield Concern("element.behind", name, there.name)
        for name, drawn in crossing.after.level(beyond).items():
            if name in known or name in will or drawn.kind.endswith(_SILENT):
                continue
            if crossing.after.reaches(beyond, name, landed):
                yield Concern("element.passed_by", name, drawn.name)
        for listener in self._new_listeners(scope, self._specs[_key(scope)]):
            handler = listener.handler
            facts = {"event": handler.bpmn_name or handler.element}
            around = crossing.new.name if scope.owner is None else scope.owner.task_spec.bpmn_name
            code = "boundary.added" if listener.event.kind == "timer" else "boundary.armed"
            yield Concern(code, listener.element, around or scope.spec.name, facts)
        if _variables_around(scope) is self._leaving:
            yield from self._unread(standing, will, beyond)

    def _unread(self, standing: set[str], will: set[str], beyond: Level) -> Iterator[Concern]:
        """Tell of variables that only the new edition reads and that nothing fills on the way to where it does."""
        crossing = self._crossing
        fresh = set(crossing.new.variables_read) - set(crossing.old.variables_read)
        if not fresh:
            return
        drawn = crossing.after.level(beyond)
        coming: list[Element] = []
        # What is inside a sub-process that runs is looked at when its own level is.
        goes_on = {crossing.target(each) for each in standing - set(crossing.anew)}
        for name in sorted(will):
            coming += [drawn[name]] if name in goes_on else crossing.after.inside(drawn[name])
        filled = {name for element in coming for name in element.writes}
        ahead = {element.id for element in coming}
        filled |= {name for name, writers in crossing.writers.items() if ahead & set(writers)}
        filled |= set(self._leaving.variables.document)
        for element in coming:
            for name in element.reads:
                if name in fresh and name not in filled and name not in element.inputs:
                    yield Concern("variable.missing", element.id, element.name, {"variable": name})

    # --- crossing ----------------------------------------------------------------------------------------------------

    def cross(
        self, state: State, concerns: list[Concern], clock: Clock, services: Mapping[str, Callable[..., Any]] | None
    ) -> Crossed:
        """Put the tokens onto the new definition and let run what can."""
        renamed = self._renamed()
        begins = [(token.workflow.owner, self._crossing.anew[token.task_spec.element]) for token in self._ended]
        hosts = self._hosts_to_watch()
        listeners = [
            (_key(scope), listener.name)
            for scope in self._leaving.scopes()
            if _key(scope) in self._specs
            for listener in self._new_listeners(scope, self._specs[_key(scope)])
        ]
        for token in self._dropped:
            token.remove()
        for token in self._ended:
            _end(token)
        arriving = codec.load(
            self._translated(), self._crossing.new.plan, state.variables, clock=clock, services=services or _Trial()
        )
        arriving.trace += [*self._leaving.trace, *renamed]
        placed = {token.id: token for token in arriving.tokens()}
        for number, added in hosts:
            _watch(placed[number], added)
        for key, name in listeners:
            scope = arriving if key == 0 else arriving.subprocesses[key]
            listener = scope.spec.task_specs[name]
            listener.arm(scope.task_tree._add_child(listener, TaskState.WAITING))
        ran, stopped = self._run(arriving, begins)
        told = (*concerns, *ran)
        state = State(codec.dump(arriving), arriving.variables.document)
        return Crossed(state, observe(arriving), told, bool(ran), stopped)

    def _run(self, arriving: Instance, begins: list[tuple[Token | None, str]]) -> tuple[list[Concern], bool]:
        """Begin anew where that was asked, run, and tell what ran by itself, and whether a service stopped a trial."""
        told = len(arriving.trace)
        # Between the end of its last token and its new beginning an instance is not over.
        arriving.ended = arriving.ended and not begins
        try:
            for owner, target in begins:
                scope = arriving if owner is None else arriving.subprocesses[owner.id]
                specs = scope.spec.task_specs
                door = specs.get(f"{target}.BoundaryEventSplit") or specs[target]
                door._update(scope.task_tree._add_child(door))
            arriving.run()
        except _Reached as reached:
            entered = {entry.element for entry in arriving.trace}
            calling = [each for each in self._crossing.new.elements if each.topic == reached.args[0]]
            return [Concern("step.follows", each.id, each.name) for each in calling if each.id in entered], True
        drawn = {element.id: element for element in self._crossing.new.elements}
        left = dict.fromkeys(entry.element for entry in arriving.trace[told:] if entry.kind == "left")
        follows = [name for name in left if not drawn[name].kind.endswith("Gateway")]
        return [Concern("step.follows", name, drawn[name].name) for name in follows], False

    def _renamed(self) -> list[TraceEntry]:
        """Tell of tokens that go on under another id, so that the path and the picture stay whole."""
        entries: list[TraceEntry] = []
        for token in self._leaving.tokens():
            spec = token.task_spec
            target = self._crossing.target(spec.element)
            if spec.visible and not token.is_armed and not self._goes(token) and target != spec.element:
                entries.append(TraceEntry("cancelled", spec.element, token.name, spec.process))
                entries.append(TraceEntry("entered", target, token.name, self._specs[_key(token.workflow)].process))
        return entries

    def _hosts_to_watch(self) -> list[tuple[int, list[str]]]:
        """Give the tokens on whose border new events begin to hold, with the names of those events."""
        found = []
        for token in self._leaving.tokens():
            spec = self._specs.get(_key(token.workflow))
            if spec is None or token.is_armed or self._goes(token) or isinstance(token.task_spec, BoundarySplit):
                continue
            new = spec.task_specs.get(self._name_beyond(token))
            added = self._new_boundaries(token.task_spec, new, spec) if new is not None else []
            if added:
                found.append((token.id, [each.name for each in added]))
        return found

    def _translated(self) -> bytes:
        """Write the tokens that go on, with the names of the other side; see the head of `codec`."""
        tokens = {token.id: token for token in self._leaving.tokens()}
        document = orjson.loads(codec.dump(self._leaving))
        for scope in document[4]:
            scope[1] = self._specs[scope[0]].name
            for record in scope[3]:
                record[3] = self._name_beyond(tokens[record[0]])
                if record[0] in self._flows:
                    record[4]["flow"] = self._flows[record[0]]
        return orjson.dumps(document)

    def _name_beyond(self, token: Token) -> str:
        spec = token.task_spec
        element = self._crossing.mapping.get(spec.element, spec.element)
        return element + str(spec.name)[len(spec.element) :]


class _Trial(dict[str, Callable[..., Any]]):
    """Services of a trial: whichever is asked for, the trial is over."""

    def get(self, topic: Any, default: Any = None) -> Any:
        def stop(inputs: Any) -> None:
            raise _Reached(topic)

        return stop


def _watch(host: Token, added: list[str]) -> None:
    """Let events on the border of a live activity begin to hold; without a split before it, one is put there."""
    specs = host.workflow.spec.task_specs
    split = host.above
    if not isinstance(split.task_spec, BoundarySplit) or split.task_spec.host is not host.task_spec:
        parent = host.above
        split = Token(
            host.workflow,
            specs[f"{host.task_spec.element}.BoundaryEventSplit"],
            parent,
            TaskState.COMPLETED,
            host.instance.next_number(),
        )
        parent._children.remove(host.id)
        host._parent = split.id
        split._children.append(host.id)
    for name in added:
        specs[name].arm(split._add_child(specs[name], TaskState.WAITING))


def _end(token: Token) -> None:
    """Take a visit to an element away, with everything inside and with what watches it."""
    if isinstance(token.task_spec, BoundarySplit):
        for child in token.children:
            if _belongs(child, token):
                child.cancel()
        token.remove()
    else:
        token.cancel()


def _belongs(child: Token, split: Token) -> bool:
    """Tell whether the token is the activity of the split, or watches it, rather than what such a watch began."""
    return child.task_spec is split.task_spec.host or (child.task_spec in split.task_spec.boundaries and child.is_armed)


def _topmost(token: Token) -> Token:
    """Give what holds all tokens of one visit to the element: its split, the owner of its instances, or itself."""
    here = token
    while here.above.id and here.above.task_spec.element == token.task_spec.element:
        here = here.above
    return here


def _variables_around(scope: Any) -> Any:
    """Give the scope whose variables are read here: the instance itself, or the called process around it."""
    while scope.owner is not None and scope.variables is None:
        scope = scope.owner.workflow
    return scope


def _ways(ways: Sequence[Collection[str]], element: str) -> list[int]:
    return [number for number, way in enumerate(ways) if element in way]


def _key(scope: Any) -> int:
    return 0 if scope.owner is None else int(scope.owner.id)


def _name(spec: Any, *, unlike: Any) -> str:
    """Give the element as people read it, by its id where that is all that differs."""
    return str(spec.bpmn_name if spec.bpmn_name and spec.bpmn_name != unlike.bpmn_name else spec.element)


def _text(timer: Any) -> str:
    return timer if isinstance(timer, str) else str(timer.text)


def _concern(code: str, spec: Any, facts: Mapping[str, str] | None = None) -> Concern:
    return Concern(code, spec.element, spec.bpmn_name or "", facts or {})
