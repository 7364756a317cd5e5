"""Random graphs that are no blocks: whatever may be joined to whatever, joined at random.

Gateways merge without a split before them, branches are joined by the wrong gateway, loops lead into and out of
branches, boundary events come back to the main path, arms of an event gateway meet anywhere. Much of it is refused;
what is accepted must run as drawn.
"""

import random
from collections.abc import Callable

from unit.engine.drawing import (
    boundary,
    catch,
    conditional,
    draw,
    element,
    end,
    event,
    exclusive,
    inclusive,
    message,
    parallel,
    repeated,
    roots,
    script,
    start,
    sub_process,
    throw,
    timer,
    user,
)

VARIABLES = ("a", "b", "c")
MESSAGES = ("news", "reply")
SIGNALS = ("alarm", "clear")
TERMINATE = "<bpmn:terminateEventDefinition/>"


class Graph:
    """One random process; `bpmn` is its file."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = 0
        # How many sub-processes may still be drawn.
        self._subs = self._random.choice([0, 0, 1, 2, 3])
        # Some graphs are of gateways and tasks only, in some every kind of event stands.
        self._eventful = self._random.choice([0.0, 0.15, 0.35])
        self._gateways = self._random.choice([["xor"], ["xor", "and"], ["xor", "and", "or"], ["and", "or"]])
        body = self._scope(depth=0)
        named = roots(messages=" ".join(MESSAGES), signals=" ".join(SIGNALS), errors="broken", escalations="raised")
        self.bpmn = draw(*body, roots=named)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    # --- the graph --------------------------------------------------------------------------------------------------

    def _scope(self, depth: int, begin: Callable[[str], str] = start) -> list[str]:
        """Draw the content of a process or sub-process."""
        amount = self._random.randint(3, 9 if depth == 0 else 5)
        ways: dict[int, list[int]] = {number: [] for number in range(amount + 1)}
        for number in range(1, amount + 1):
            # Mostly onwards from one of the last, so that paths grow long; the start leads to one place mostly.
            first = max(0, number - self._random.randint(1, 4))
            ways[first if first or number == 1 else self._random.randint(1, number - 1)].append(number)
        for _ in range(self._random.randint(0, amount // 2 + 1)):
            ways[self._random.randint(1, amount)].append(self._random.randint(1, amount))
        incoming = [sum(targets.count(number) for targets in ways.values()) for number in range(amount + 1)]
        drawn: list[str] = []
        names = [self._name("start")]
        drawn.append(begin(names[0]))
        makers = []
        for number in range(1, amount + 1):
            kind = self._kind(len(ways[number]), incoming[number], depth)
            names.append(self._name(kind))
            makers.append((kind, number))
        self._flows(drawn, names[0], "start", [names[target] for target in ways[0]])
        for kind, number in makers:
            self._node(drawn, kind, names, number, ways[number], depth)
        if self._chance(self._eventful) and depth < 2:
            self._handler(drawn, depth)
        return drawn

    def _kind(self, out: int, into: int, depth: int) -> str:
        if out == 0:
            if depth and self._chance(0.2):
                return self._random.choice(["broken", "raised"])
            return self._random.choice(["end"] * 6 + ["stop", "shout", "user"])
        if (out > 1 and self._chance(0.7)) or (into > 1 and self._chance(0.5)):
            if out > 1 and self._chance(self._eventful):
                return "choice"
            return self._random.choice(self._gateways)
        if self._subs > 0 and depth < 2 and self._chance(0.4):
            self._subs -= 1
            return "sub"
        if self._chance(self._eventful):
            return self._random.choice(["news", "until", "wait", "hear", "tell", "count", "raise"])
        return self._random.choice(["user"] * 9 + ["pass"])

    def _node(self, drawn: list[str], kind: str, names: list[str], number: int, targets: list[int], depth: int) -> None:
        name, out = names[number], [names[target] for target in targets]
        marks = self._default(name, kind, out)
        feel = f"if {name} = null then 1 else {name} + 1"
        simple = {
            "end": lambda: end(name),
            "stop": lambda: end(name, TERMINATE),
            "shout": lambda: end(name, event("signal", f"signal_{self._random.choice(SIGNALS)}")),
            "broken": lambda: end(name, event("error", "error_broken")),
            "raised": lambda: end(name, event("escalation", "escalation_raised")),
            "pass": lambda: element("task", name, **marks),
            "count": lambda: script(name, feel, name),
            "news": lambda: catch(name, message(self._random.choice(MESSAGES))),
            "wait": lambda: catch(name, timer(f"P{self._random.randint(1, 9)}D")),
            "until": lambda: catch(name, conditional(self._condition())),
            "hear": lambda: catch(name, event("signal", f"signal_{self._random.choice(SIGNALS)}")),
            "tell": lambda: throw(name, event("signal", f"signal_{self._random.choice(SIGNALS)}")),
            "raise": lambda: throw(name, event("escalation", "escalation_raised")),
            "xor": lambda: exclusive(name, **marks),
            "or": lambda: inclusive(name, **marks),
            "and": lambda: parallel(name),
            "user": lambda: user(name, self._repetition(0.15), **marks),
        }
        if kind == "choice":
            drawn.append(element("eventBasedGateway", name))
            for target in out:
                arm = self._name("arm")
                awaited = self._random.choice(
                    [
                        message(self._random.choice(MESSAGES)),
                        timer(f"P{self._random.randint(1, 9)}D"),
                        event("signal", f"signal_{self._random.choice(SIGNALS)}"),
                        conditional(self._condition()),
                    ]
                )
                drawn.append(catch(arm, awaited))
                drawn.append(element("sequenceFlow", None, sourceRef=name, targetRef=arm))
                drawn.append(element("sequenceFlow", None, sourceRef=arm, targetRef=target))
            return
        if kind == "sub":
            drawn.append(sub_process(name, *self._scope(depth + 1), self._repetition(0.3), **marks))
        else:
            drawn.append(simple[kind]())
        self._flows(drawn, name, kind, out, default=bool(marks))
        if kind in ("user", "sub"):
            self._borders(drawn, name, kind, names[1:])

    def _default(self, name: str, kind: str, out: list[str]) -> dict[str, str]:
        """Decide whether one of several ways is the default; `_flows` draws them so."""
        chooses = kind in ("xor", "or") or (kind in ("user", "sub", "pass") and self._chance(0.4))
        if len(out) < 2 or not chooses or self._chance(0.07):
            return {}
        return {"default": f"{name}_{out[-1]}_{len(out) - 1}"}

    def _flows(self, drawn: list[str], name: str, kind: str, out: list[str], *, default: bool = False) -> None:
        for number, target in enumerate(out):
            last = number == len(out) - 1
            asks = len(out) > 1 and (kind in ("xor", "or") or default) and not (default and last)
            inside = f"<bpmn:conditionExpression>{self._condition()}</bpmn:conditionExpression>" if asks else ""
            drawn.append(element("sequenceFlow", f"{name}_{target}_{number}", inside, sourceRef=name, targetRef=target))

    def _condition(self) -> str:
        return f"{self._random.choice(VARIABLES)} = {self._random.randint(0, 2)}"

    def _repetition(self, share: float) -> str:
        if not self._chance(share):
            return ""
        return repeated(self._chance(0.5), number=str(self._random.randint(2, 3)))

    # --- what watches -----------------------------------------------------------------------------------------------

    def _watched(self, *, codes: bool) -> tuple[str, bool]:
        """Give an event that something watches for, and whether it must interrupt."""
        kind = self._random.choice(["message", "timer", "signal", "condition", *(["error", "escalation"] * codes)])
        if kind == "message":
            return message(self._random.choice(MESSAGES)), False
        if kind == "timer":
            return timer(f"P{self._random.randint(1, 9)}D"), False
        if kind == "signal":
            return event("signal", f"signal_{self._random.choice(SIGNALS)}"), False
        if kind == "condition":
            return conditional(self._condition()), False
        named = {"error": "error_broken", "escalation": "escalation_raised"}[kind] if self._chance(0.8) else None
        return event(kind, named), kind == "error"

    def _borders(self, drawn: list[str], host: str, kind: str, places: list[str]) -> None:
        """Hang events on an activity, which come back to the path anywhere."""
        for _ in range(self._random.choice([0, 0, 0, 1, 1, 2]) if self._chance(self._eventful * 2) else 0):
            name = self._name("border")
            inside, must = self._watched(codes=kind == "sub")
            drawn.append(boundary(name, host, inside, interrupting=must or self._chance(0.5)))
            target = self._random.choice(places)
            drawn.append(element("sequenceFlow", None, sourceRef=name, targetRef=target))

    def _handler(self, drawn: list[str], depth: int) -> None:
        """Draw an event sub-process with a graph of its own."""
        inside, must = self._watched(codes=True)
        marks = {"isInterrupting": "true" if must or self._chance(0.5) else "false"}
        body = self._scope(depth + 1, lambda name: start(name, inside, **marks))
        drawn.append(sub_process(self._name("handler"), *body, triggeredByEvent="true"))
