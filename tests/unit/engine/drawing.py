"""Small words to draw BPMN in tests: each gives XML, `draw` makes a file of them, `Run` plays one instance.

draw(start(), user("ask"), end(), flows("start > ask > end"))
"""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from workflows import engine
from workflows.engine import BrokenDefinition, Definition, Finding, State, Step

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://example.test">\n'
)


def draw(*parts: str, process: str = "main", roots: str = "", executable: bool = True) -> bytes:
    """Make a file with one process; `roots` are messages, errors and the like beside it."""
    return _file(pool(*parts, process=process, executable=executable) + roots)


def pool(*parts: str, process: str = "main", executable: bool = True) -> str:
    """Make one process, for files with several."""
    body = "\n".join(parts)
    return f'<bpmn:process id="{process}" isExecutable="{str(executable).lower()}">\n{body}\n</bpmn:process>\n'


def _file(content: str) -> bytes:
    return (_HEAD + content + "</bpmn:definitions>").encode()


def file_of(*pools: str, roots: str = "") -> bytes:
    """Make a file of several processes."""
    return _file("".join(pools) + roots)


def element(tag: str, identity: str | None, *content: str, **attributes: str) -> str:
    """Make any element; `camunda_x` becomes `camunda:x`."""
    written = "" if identity is None else f' id="{identity}"'
    for name, value in attributes.items():
        written += f" {name.replace('camunda_', 'camunda:')}={quoteattr(value)}"
    return f"<bpmn:{tag}{written}>{''.join(content)}</bpmn:{tag}>"


def start(identity: str = "start", *content: str, **attributes: str) -> str:
    return element("startEvent", identity, *content, **attributes)


def end(identity: str = "end", *content: str) -> str:
    return element("endEvent", identity, *content)


def user(identity: str, *content: str, **attributes: str) -> str:
    return element("userTask", identity, *content, **attributes)


def script(identity: str, feel: str, result: str, *content: str) -> str:
    text = f"<bpmn:script>{escape(feel)}</bpmn:script>"
    return element("scriptTask", identity, text, *content, scriptFormat="feel", camunda_resultVariable=result)


def service(identity: str, topic: str, *content: str, **attributes: str) -> str:
    return element("serviceTask", identity, *content, camunda_topic=topic, **attributes)


def exclusive(identity: str, **attributes: str) -> str:
    return element("exclusiveGateway", identity, **attributes)


def parallel(identity: str, **attributes: str) -> str:
    return element("parallelGateway", identity, **attributes)


def inclusive(identity: str, **attributes: str) -> str:
    return element("inclusiveGateway", identity, **attributes)


def catch(identity: str, *content: str) -> str:
    return element("intermediateCatchEvent", identity, *content)


def throw(identity: str, *content: str) -> str:
    return element("intermediateThrowEvent", identity, *content)


def boundary(identity: str, host: str, *content: str, interrupting: bool = True) -> str:
    return element(
        "boundaryEvent", identity, *content, attachedToRef=host, cancelActivity="true" if interrupting else "false"
    )


def sub_process(identity: str, *content: str, **attributes: str) -> str:
    return element("subProcess", identity, *content, **attributes)


def call(identity: str, called: str, *content: str, **attributes: str) -> str:
    return element("callActivity", identity, *content, calledElement=called, **attributes)


def timer(text: str, form: str = "Duration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:time{form}>{escape(text)}</bpmn:time{form}></bpmn:timerEventDefinition>"


def event(kind: str, reference: str | None = None, **attributes: str) -> str:
    """Make an event definition of a kind that refers to a root element of `roots`."""
    if reference is not None:
        attributes[f"{kind}Ref"] = reference
    return element(f"{kind}EventDefinition", None, **attributes)


def conditional(feel: str) -> str:
    return element("conditionalEventDefinition", None, f"<bpmn:condition>{escape(feel)}</bpmn:condition>")


def message(name: str) -> str:
    return event("message", f"message_{name}")


def roots(*, messages: str = "", signals: str = "", errors: str = "", escalations: str = "") -> str:
    """Declare messages, signals, errors and escalations by their names or codes, separated by spaces."""
    made = [f'<bpmn:message id="message_{name}" name="{name}"/>' for name in messages.split()]
    made += [f'<bpmn:signal id="signal_{name}" name="{name}"/>' for name in signals.split()]
    made += [f'<bpmn:error id="error_{code}" errorCode="{code}"/>' for code in errors.split()]
    made += [f'<bpmn:escalation id="escalation_{code}" escalationCode="{code}"/>' for code in escalations.split()]
    return "".join(made)


def extensions(*content: str) -> str:
    return f"<bpmn:extensionElements>{''.join(content)}</bpmn:extensionElements>"


def parameters(inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None) -> str:
    """Make camunda:inputOutput with FEEL texts."""
    lines = [
        f'<camunda:{direction}Parameter name="{name}">{escape(text)}</camunda:{direction}Parameter>'
        for direction, entries in (("input", inputs), ("output", outputs))
        for name, text in (entries or {}).items()
    ]
    return extensions(f"<camunda:inputOutput>{''.join(lines)}</camunda:inputOutput>")


def repeated(sequential: bool = False, completion: str | None = None, number: str | None = None, **marks: str) -> str:
    """Make a multi-instance marker; `collection` and `elementVariable` as keywords."""
    content = "" if number is None else f"<bpmn:loopCardinality>{escape(number)}</bpmn:loopCardinality>"
    if completion is not None:
        content += f"<bpmn:completionCondition>{escape(completion)}</bpmn:completionCondition>"
    return element(
        "multiInstanceLoopCharacteristics",
        None,
        content,
        isSequential=str(sequential).lower(),
        **{f"camunda_{name}": value for name, value in marks.items()},
    )


def flows(*paths: str) -> str:
    """Draw flows: `"a > b > c"`, or `"a > b if x = 1"` with a condition. The id is `a_b`."""
    made = []
    for path in paths:
        route, _, condition = path.partition(" if ")
        stops = [stop.strip() for stop in route.split(">")]
        for source, target in itertools.pairwise(stops):
            inside = (
                f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition)}'
                "</bpmn:conditionExpression>"
                if condition
                else ""
            )
            made.append(element("sequenceFlow", f"{source}_{target}", inside, sourceRef=source, targetRef=target))
    return "\n".join(made)


def findings_of(content: bytes) -> list[Finding]:
    """Give everything that the gate tells about a file, also about one that runs."""
    try:
        return list(engine.parse({"main.bpmn": content}).findings)
    except BrokenDefinition as broken:
        return broken.findings


class Run:
    """Plays one instance: keeps the state, the last step and the clock."""

    def __init__(
        self,
        definition: Definition | bytes,
        variables: Mapping[str, Any] | None = None,
        *,
        now: datetime = NOW,
        services: Mapping[str, Any] | None = None,
        trigger: Any = None,
    ) -> None:
        self.definition = engine.parse({"main.bpmn": definition}) if isinstance(definition, bytes) else definition
        self.now = now
        self.services = services or {}
        self.state: State
        self.step: Step
        self._take(engine.start(self.definition, variables, now=now, services=self.services, trigger=trigger))

    def _take(self, result: tuple[State, Step]) -> "Run":
        self.state, self.step = result
        return self

    def complete(self, name: str, **answers: Any) -> "Run":
        """Complete the oldest waiting task of this element."""
        task = next(task for task in self.step.tasks if task.element == name)
        return self._take(
            engine.complete(self.definition, self.state, task.id, answers, now=self.now, services=self.services)
        )

    def wait(self, **span: float) -> "Run":
        """Let time pass and wake the instance."""
        self.now += timedelta(**span)
        return self._take(engine.wake(self.definition, self.state, now=self.now, services=self.services))

    def deliver(self, name: str, kind: Any = "message", **payload: Any) -> "Run":
        """Deliver a message or signal."""
        return self._take(
            engine.deliver(self.definition, self.state, name, payload, now=self.now, services=self.services, kind=kind)
        )

    @property
    def tasks(self) -> list[str]:
        """Elements of the waiting tasks, in alphabetical order."""
        return sorted(task.element for task in self.step.tasks)

    @property
    def went(self) -> list[str]:
        """The trace of the last call, as `+element` (entered), `-element` (left) and `x element` (cancelled)."""
        marks = {"entered": "+", "left": "-", "cancelled": "x"}
        return [marks[entry.kind] + entry.element for entry in self.step.trace]

    @property
    def variables(self) -> dict[str, Any]:
        return self.state.variables
