"""Random block models: the same process as BPMN for the engine and as a drawing for the oracle."""

import itertools
import random

from unit.engine.drawing import (
    boundary,
    call,
    catch,
    conditional,
    element,
    end,
    event,
    exclusive,
    extensions,
    file_of,
    inclusive,
    message,
    parallel,
    pool,
    repeated,
    roots,
    script,
    start,
    sub_process,
    throw,
    timer,
    user,
)
from unit.engine.token_game import Arrow, Box, Condition, Drawing

VARIABLES = ("a", "b", "c")
MESSAGES = ("news", "reply", "stop")
SIGNALS = ("alarm", "clear")


class Model:
    """One random process. Every loop has a person in it, and every join gets the tokens of its own fork.

    A `rich` one also has signals, conditions, escalations, terminate ends, standard loops, called processes, links, and
    flows that part at a task.
    """

    def __init__(self, seed: int, size: int = 12, *, rich: bool = False) -> None:
        self._random = random.Random(seed)
        self._rich = rich
        self._called: list[str] = []
        self._budget = size
        self._count = 0
        self.drawing = Drawing()
        self._xml: dict[str, list[str]] = {"": []}
        self._chain("", "start", "end")
        named = roots(messages=" ".join(MESSAGES), signals=" ".join(SIGNALS), errors="broken", escalations="raised")
        self.bpmn = file_of(pool(*self._xml[""]), *self._called, roots=named)

    # --- pieces -----------------------------------------------------------------------------------------------------

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    def _box(self, scope: str, name: str, kind: str, xml: str, **details: object) -> str:
        self.drawing.boxes[name] = Box(name, kind, scope, **details)  # type: ignore[arg-type]
        self._xml[scope].append(xml)
        return name

    def _flow(self, scope: str, source: str, target: str, feel: str = "", condition: Condition | None = None) -> None:
        default = feel == "default"
        self.drawing.arrows.append(Arrow(source, target, None if default else condition, default))
        inside = "" if not feel or default else f"<bpmn:conditionExpression>{feel}</bpmn:conditionExpression>"
        # No ids on half of the flows: the engine must give them some itself.
        identity = f"{source}_{target}" if default or self._random.random() < 0.5 else None
        self._xml[scope].append(element("sequenceFlow", identity, inside, sourceRef=source, targetRef=target))

    def _chain(self, scope: str, first: str, last: str) -> None:
        begin = self._box(scope, self._name(first), "start", "")
        self._xml[scope][-1] = start(begin)
        entry, exit_ = self._sequence(scope)
        finish = self._box(scope, self._name(last), "end", "")
        self._xml[scope][-1] = end(finish)
        self._flow(scope, begin, entry)
        self._flow(scope, exit_, finish)

    def _sequence(self, scope: str) -> tuple[str, str]:
        blocks = [self._block(scope) for _ in range(self._random.randint(1, 3))]
        for (_, left), (right, _) in itertools.pairwise(blocks):
            self._flow(scope, left, right)
        return blocks[0][0], blocks[-1][1]

    def _block(self, scope: str) -> tuple[str, str]:
        self._budget -= 1
        small = [self._user, self._user, self._count_up, self._catch, self._wait]
        large = [self._exclusive, self._parallel, self._inclusive, self._loop, self._sub, self._choice, self._watched]
        if self._rich:
            small += [self._signal, self._throw, self._condition_met, self._link, self._again]
            large += [self._parted, self._chosen, self._called_process, self._escalated, self._cut_short]
        return self._random.choice(small if self._budget <= 0 else small + 2 * large)(scope)

    def _user(self, scope: str) -> tuple[str, str]:
        name = self._name("task")
        times = self._random.choice([0, 0, 0, 0, 2, 3])
        one_by_one = self._random.random() < 0.5
        marker = repeated(one_by_one, number=str(times)) if times else ""
        self._box(scope, name, "user", user(name, marker), times=times, one_by_one=one_by_one)
        self._borders(scope, name)
        return name, name

    def _count_up(self, scope: str) -> tuple[str, str]:
        name = self._name("count")
        feel = f"if {name} = null then 1 else {name} + 1"
        self._box(scope, name, "count", script(name, feel, name))
        return name, name

    def _catch(self, scope: str) -> tuple[str, str]:
        name, about = self._name("catch"), self._random.choice(MESSAGES)
        self._box(scope, name, "message", catch(name, message(about)), about=about)
        return name, name

    def _wait(self, scope: str) -> tuple[str, str]:
        name, days = self._name("wait"), self._random.randint(1, 9)
        self._box(scope, name, "timer", catch(name, timer(f"P{days}D")), about=days)
        return name, name

    # --- what only rich models have ---------------------------------------------------------------------------------

    def _signal(self, scope: str) -> tuple[str, str]:
        name, about = self._name("hear"), self._random.choice(SIGNALS)
        self._box(scope, name, "signal", catch(name, event("signal", f"signal_{about}")), about=about)
        return name, name

    def _throw(self, scope: str) -> tuple[str, str]:
        name, about = self._name("tell"), self._random.choice(SIGNALS)
        self._box(scope, name, "throw", throw(name, event("signal", f"signal_{about}")), about=about)
        return name, name

    def _condition_met(self, scope: str) -> tuple[str, str]:
        name, (feel, holds) = self._name("until"), self._condition()
        self._box(scope, name, "condition", catch(name, conditional(feel)), about=holds)
        return name, name

    def _link(self, scope: str) -> tuple[str, str]:
        leap, land = self._name("leap"), self._name("land")
        definition = f'<bpmn:linkEventDefinition name="{land}"/>'
        self._box(scope, leap, "pass", throw(leap, definition))
        self._box(scope, land, "pass", catch(land, definition))
        self.drawing.arrows.append(Arrow(leap, land))
        return leap, land

    def _again(self, scope: str) -> tuple[str, str]:
        """A task that is repeated while a condition holds, three times at most."""
        name, (feel, holds) = self._name("task"), self._condition()
        inside = f"<bpmn:loopCondition>{feel}</bpmn:loopCondition>"
        marker = element("standardLoopCharacteristics", None, inside, loopMaximum="3", testBefore="false")
        self._box(scope, name, "user", user(name, marker), times=3, one_by_one=True, about=holds)
        return name, name

    def _parted(self, scope: str) -> tuple[str, str]:
        return self._ways(scope, "and", parallel, conditional=False)

    def _chosen(self, scope: str) -> tuple[str, str]:
        return self._ways(scope, "or", inclusive, conditional=True)

    def _ways(self, scope: str, kind: str, draw_gateway: object, *, conditional: bool) -> tuple[str, str]:
        """Several flows out of a task, without the gateway that they mean; the join is drawn."""
        split, join = self._name("task"), self._name(f"{kind}_join")
        blocks = [self._sequence(scope) for _ in range(3)]
        default = {"default": f"{split}_{blocks[-1][0]}"} if conditional else {}
        self._box(scope, split, "user", user(split, **default))
        self._box(scope, join, kind, draw_gateway(join))  # type: ignore[operator]
        for number, (entry, exit_) in enumerate(blocks):
            if not conditional:
                self._flow(scope, split, entry)
            elif number == len(blocks) - 1:
                self._flow(scope, split, entry, "default")
            else:
                # The first way is always taken in half of the models.
                always = number == 0 and self._random.random() < 0.5
                self._flow(scope, split, entry, *(() if always else self._condition()))
            self._flow(scope, exit_, join)
        return split, join

    def _called_process(self, scope: str) -> tuple[str, str]:
        name = self._name("call")
        process = f"process_{name}"
        entry = self._inside(scope, name)
        everything = extensions('<camunda:in variables="all"/><camunda:out variables="all"/>')
        self._box(scope, name, "sub", call(name, process, everything), entry=entry, called=True)
        self._called.append(pool(*self._xml[name], process=process))
        self._borders(scope, name)
        return name, name

    def _escalated(self, scope: str) -> tuple[str, str]:
        """A sub-process that raises something on its way; a boundary event hears it and may interrupt."""
        name, join, heard = self._name("sub"), self._name("merge"), self._name("heard")
        interrupting = self._random.random() < 0.5
        self._xml[name] = []
        begin, raised = self._name("begin"), self._name("raise")
        finish = self._name("end")
        self._box(name, begin, "start", start(begin))
        first, after = self._sequence(name), self._user(name)
        self._box(name, raised, "escalate", throw(raised, event("escalation", "escalation_raised")), about="raised")
        self._box(name, finish, "end", end(finish))
        for source, target in itertools.pairwise((begin, *first, raised, *after, finish)):
            if source != target and (source, target) not in (first, after):
                self._flow(name, source, target)
        if self._random.random() < 0.5:
            self._listener(name, "escalation")
        self._box(scope, name, "sub", sub_process(name, *self._xml[name]), entry=begin)
        hears = boundary(heard, name, event("escalation", "escalation_raised"), interrupting=interrupting)
        self._box(scope, heard, "escalation", hears, host=name, about="raised", interrupting=interrupting)
        reaction = self._plain_user(scope)
        self._flow(scope, heard, reaction[0])
        if interrupting:
            self._box(scope, join, "xor", exclusive(join))
            self._flow(scope, name, join)
            self._flow(scope, reaction[1], join)
            return name, join
        over = self._box(scope, self._name("end"), "end", "")
        self._xml[scope][-1] = end(over)
        self._flow(scope, reaction[1], over)
        return name, name

    def _cut_short(self, scope: str) -> tuple[str, str]:
        """A sub-process of two ways, of which one ends everything inside."""
        name = self._name("sub")
        self._xml[name] = []
        begin, split = self._name("begin"), self._name("and_split")
        self._box(name, begin, "start", start(begin))
        self._box(name, split, "and", parallel(split))
        self._flow(name, begin, split)
        for kind, inside in (("end", ()), ("terminate", ("<bpmn:terminateEventDefinition/>",))):
            entry, exit_ = self._sequence(name)
            finish = self._name(kind)
            self._box(name, finish, kind, end(finish, *inside))
            self._flow(name, split, entry)
            self._flow(name, exit_, finish)
        self._box(scope, name, "sub", sub_process(name, *self._xml[name]), entry=begin)
        return name, name

    # --- gateways ---------------------------------------------------------------------------------------------------

    def _condition(self) -> tuple[str, Condition]:
        name, value = self._random.choice(VARIABLES), self._random.randint(0, 2)
        return f"{name} = {value}", lambda variables: variables.get(name) == value

    def _fork(self, scope: str, kind: str, draw_gateway: object, conditional: bool) -> tuple[str, str]:
        split, join = self._name(f"{kind}_split"), self._name(f"{kind}_join")
        blocks = [self._sequence(scope) for _ in range(self._random.randint(2, 3))]
        default = {"default": f"{split}_{blocks[-1][0]}"} if conditional else {}
        self._box(scope, split, kind, draw_gateway(split, **default))  # type: ignore[operator]
        self._box(scope, join, kind, draw_gateway(join))  # type: ignore[operator]
        for number, (entry, exit_) in enumerate(blocks):
            if not conditional:
                self._flow(scope, split, entry)
            elif number == len(blocks) - 1:
                self._flow(scope, split, entry, "default")
            else:
                self._flow(scope, split, entry, *self._condition())
            self._flow(scope, exit_, join)
        return split, join

    def _exclusive(self, scope: str) -> tuple[str, str]:
        return self._fork(scope, "xor", exclusive, conditional=True)

    def _parallel(self, scope: str) -> tuple[str, str]:
        return self._fork(scope, "and", parallel, conditional=False)

    def _inclusive(self, scope: str) -> tuple[str, str]:
        return self._fork(scope, "or", inclusive, conditional=True)

    def _loop(self, scope: str) -> tuple[str, str]:
        back, again, person = self._name("merge"), self._name("again"), self._user(scope)
        entry, exit_ = self._sequence(scope)
        after = self._name("after")
        self._box(scope, back, "xor", exclusive(back))
        self._box(scope, again, "xor", exclusive(again, default=f"{again}_{after}"))
        self._box(scope, after, "task", element("task", after))
        self._flow(scope, back, person[0])
        self._flow(scope, person[1], entry)
        self._flow(scope, exit_, again)
        self._flow(scope, again, back, *self._condition())
        self._flow(scope, again, after, "default")
        return back, after

    def _choice(self, scope: str) -> tuple[str, str]:
        gateway, join = self._name("choice"), self._name("merge")
        self._box(scope, gateway, "choice", element("eventBasedGateway", gateway))
        self._box(scope, join, "xor", exclusive(join))
        for make in (self._catch, self._wait, self._wait)[: self._random.randint(2, 3)]:
            happened, _ = make(scope)
            entry, exit_ = self._sequence(scope)
            self._flow(scope, gateway, happened)
            self._flow(scope, happened, entry)
            self._flow(scope, exit_, join)
        return gateway, join

    # --- scopes -----------------------------------------------------------------------------------------------------

    def _inside(self, scope: str, name: str, last: str = "end") -> str:
        self._xml[name] = []
        self._chain(name, "begin", last)
        return next(box.name for box in self.drawing.boxes.values() if box.scope == name and box.kind == "start")

    def _sub(self, scope: str) -> tuple[str, str]:
        name = self._name("sub")
        entry = self._inside(scope, name)
        if self._random.random() < 0.3:
            self._listener(name)
        self._box(scope, name, "sub", "", entry=entry)
        self._xml[scope][-1] = sub_process(name, *self._xml[name])
        self._borders(scope, name)
        return name, name

    def _listener(self, scope: str, trigger: str = "") -> None:
        """An event sub-process; plain models know those that a message starts."""
        name, about, interrupting = self._name("handler"), self._random.choice(MESSAGES), self._random.random() < 0.5
        if not trigger:
            trigger = self._random.choice(["message", "signal", "timer", "condition"]) if self._rich else "message"
        # An error always ends what threw it.
        interrupting = interrupting or trigger == "error"
        entry = self._inside(scope, name)
        inside, awaited = self._trigger(trigger, about)
        marks = {"isInterrupting": "true" if interrupting else "false"}
        self._xml[name][0] = start(entry, inside, **marks)
        self._box(scope, name, "event sub", "", entry=entry, about=awaited, trigger=trigger, interrupting=interrupting)
        self._xml[scope][-1] = sub_process(name, *self._xml[name], triggeredByEvent="true")

    def _trigger(self, trigger: str, about: str) -> tuple[str, object]:
        """Give what starts an event sub-process, as XML and as the oracle knows it."""
        if trigger == "message":
            return message(about), about
        if trigger == "signal":
            name = self._random.choice(SIGNALS)
            return event("signal", f"signal_{name}"), name
        if trigger == "timer":
            days = self._random.randint(1, 9)
            return timer(f"P{days}D"), days
        if trigger == "condition":
            feel, holds = self._condition()
            return conditional(feel), holds
        code = {"error": "broken", "escalation": "raised"}[trigger]
        return event(trigger, f"{trigger}_{code}"), code

    def _watched(self, scope: str) -> tuple[str, str]:
        """A sub-process that may end in an error, which a boundary event catches."""
        name, join, caught = self._name("sub"), self._name("merge"), self._name("caught")
        self._xml[name] = []
        begin = self._box(name, self._name("begin"), "start", "")
        self._xml[name][-1] = start(begin)
        person, choose = self._user(name), self._name("check")
        fine, bad = self._name("end"), self._name("broken")
        self._box(name, choose, "xor", exclusive(choose, default=f"{choose}_{fine}"))
        self._box(name, fine, "end", end(fine))
        self._box(name, bad, "error", end(bad, event("error", "error_broken")), about="broken")
        self._flow(name, begin, person[0])
        self._flow(name, person[1], choose)
        self._flow(name, choose, bad, *self._condition())
        self._flow(name, choose, fine, "default")
        if self._rich and self._random.random() < 0.4:
            self._listener(name, "error")
        self._box(scope, name, "sub", sub_process(name, *self._xml[name]), entry=begin)
        self._box(
            scope, caught, "error", boundary(caught, name, event("error", "error_broken")), host=name, about="broken"
        )
        self._box(scope, join, "xor", exclusive(join))
        entry, exit_ = self._sequence(scope)
        self._flow(scope, name, join)
        self._flow(scope, caught, entry)
        self._flow(scope, exit_, join)
        return name, join

    def _borders(self, scope: str, host: str) -> None:
        """Hang boundary events on an activity; each leads to a small path of its own with its own end."""
        for _ in range(self._random.choice([0, 0, 1, 2])):
            name, interrupting = self._name("border"), self._random.random() < 0.3
            if self._rich and self._random.random() < 0.4:
                self._rich_border(scope, name, host, interrupting=interrupting)
            elif self._random.random() < 0.5:
                days = self._random.randint(1, 9)
                self._box(
                    scope,
                    name,
                    "timer",
                    boundary(name, host, timer(f"P{days}D"), interrupting=interrupting),
                    host=host,
                    interrupting=interrupting,
                    about=days,
                )
            else:
                about = self._random.choice(MESSAGES)
                self._box(
                    scope,
                    name,
                    "message",
                    boundary(name, host, message(about), interrupting=interrupting),
                    host=host,
                    interrupting=interrupting,
                    about=about,
                )
            target = self._count_up(scope) if self._random.random() < 0.6 else self._plain_user(scope)
            finish = self._name("end")
            self._box(scope, finish, "end", end(finish))
            self._flow(scope, name, target[0])
            self._flow(scope, target[1], finish)

    def _rich_border(self, scope: str, name: str, host: str, *, interrupting: bool) -> None:
        if self._random.random() < 0.5:
            kind, about = "signal", self._random.choice(SIGNALS)
            inside: str = event("signal", f"signal_{about}")
            watch: object = about
        else:
            kind, (feel, watch) = "condition", self._condition()
            inside = conditional(feel)
        xml = boundary(name, host, inside, interrupting=interrupting)
        self._box(scope, name, kind, xml, host=host, interrupting=interrupting, about=watch)

    def _plain_user(self, scope: str) -> tuple[str, str]:
        name = self._name("task")
        self._box(scope, name, "user", user(name))
        return name, name
