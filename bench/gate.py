"""Does checking a diagram take time in proportion to its size, up to the largest that is accepted?

    .venv/bin/python bench/gate.py [--json]

Takes about half a minute. Chains, trees of choices, blocks of parallel branches and nested sub-processes of growing
size are read and checked with all that `engine.parse` asks, then tried with sample data. CPU time; the quicker of two.

* growth_*: cost per element at the largest size / at a quarter of it. At most 2.
* largest_seconds: the dearest of the largest ones, check and trial run together. At most 5.
* apart_seconds: a small file through `amanah check`'s own process, begun from nothing. At most 3.
"""

import itertools
import json
import sys
import time
from collections.abc import Callable

from arguments import parser_of

from workflows.catalogue.apart import check_apart
from workflows.catalogue.bundle import Bundle
from workflows.engine import parse
from workflows.engine.trial import try_out

SIZES = (625, 1_250, 2_500, 5_000)
ROUNDS = 2
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' id="d" targetNamespace="x"><process id="p" isExecutable="true"><startEvent id="s"/>'
)
TAIL = "</process></definitions>"
PROMISES = {
    "growth_chain": 2.0,
    "growth_choices": 2.0,
    "growth_blocks": 2.0,
    "growth_nested": 2.0,
    "largest_seconds": 5.0,
    "apart_seconds": 3.0,
}


def main() -> int:
    """Measure, print and judge."""
    asked = parser_of(__doc__).parse_args()
    figures: dict[str, float] = {}
    largest = 0.0
    for name, drawn in SHAPES.items():
        costs = {}
        for size in SIZES:
            content = drawn(size)
            spent, tried = cost(content)
            costs[size] = spent / size
            figures[f"{name}_{size}_ms"] = spent * 1_000
            figures[f"{name}_{size}_trial_ms"] = tried * 1_000
            largest = max(largest, spent + tried)
        figures[f"growth_{name}"] = costs[SIZES[-1]] / costs[SIZES[1]]
    figures["largest_seconds"] = largest
    began = time.perf_counter()
    check_apart(Bundle({"p.bpmn": chain(20)}, is_folder=False))
    figures["apart_seconds"] = time.perf_counter() - began
    if asked.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
    else:
        show(figures)
    return 0 if all(figures[name] <= bound for name, bound in PROMISES.items()) else 1


def cost(content: bytes) -> tuple[float, float]:
    """Tell the CPU seconds of reading and checking, and of the trial run."""
    checked, tried = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        definition = parse({"p.bpmn": content})
        between = time.process_time()
        try_out(definition)
        checked.append(between - began)
        tried.append(time.process_time() - between)
    return min(checked), min(tried)


# --- shapes of so many elements -----------------------------------------------------------------------------------


def flow(source: str, target: str, condition: str = "") -> str:
    """Draw one flow."""
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def chain(size: int) -> bytes:
    """Tasks in a row."""
    names = ["s", *(f"t{number}" for number in range(size - 2)), "e"]
    tasks = "".join(f'<userTask id="{name}" name="Tugas {name}"/>' for name in names[1:-1])
    flows = "".join(flow(one, other) for one, other in itertools.pairwise(names))
    return f'{HEAD}{tasks}<endEvent id="e"/>{flows}{TAIL}'.encode()


def choices(size: int) -> bytes:
    """Gateways in a row, each with a way past a task."""
    parts, here = [], "s"
    for number in range((size - 2) // 3):
        gate, task, merge = f"g{number}", f"t{number}", f"m{number}"
        parts += [
            f'<exclusiveGateway id="{gate}" default="{gate}_{merge}"/><userTask id="{task}"/>',
            f'<exclusiveGateway id="{merge}"/>',
            flow(here, gate), flow(gate, task, f"amount &gt; {number}"), flow(gate, merge), flow(task, merge),
        ]  # fmt: skip
        here = merge
    return f'{HEAD}{"".join(parts)}<endEvent id="e"/>{flow(here, "e")}{TAIL}'.encode()


def blocks(size: int) -> bytes:
    """Parallel blocks of twenty-five branches in a row, each branch writing a variable of its own."""
    parts, here = [], "s"
    for number in range((size - 2) // 27):
        fork, join = f"f{number}", f"j{number}"
        parts += [f'<parallelGateway id="{fork}"/><parallelGateway id="{join}"/>', flow(here, fork)]
        for branch in range(25):
            task = f"t{number}_{branch}"
            parts += [
                f'<scriptTask id="{task}" scriptFormat="feel" camunda:resultVariable="v{branch}"><script>1</script>'
                f"</scriptTask>{flow(fork, task)}{flow(task, join)}"
            ]
        here = join
    return f'{HEAD}{"".join(parts)}<endEvent id="e"/>{flow(here, "e")}{TAIL}'.encode()


def nested(size: int) -> bytes:
    """Sub-processes in a row, each with a task, a timer on its border and an event sub-process."""
    parts, here = [], "s"
    for number in range((size - 2) // 8):
        sub, late = f"p{number}", f"b{number}"
        parts.append(
            f'<subProcess id="{sub}"><startEvent id="{sub}s"/><userTask id="{sub}t"/><endEvent id="{sub}e"/>'
            f"{flow(sub + 's', sub + 't')}{flow(sub + 't', sub + 'e')}"
            f'<subProcess id="{sub}h" triggeredByEvent="true"><startEvent id="{sub}hs" isInterrupting="false">'
            f"<timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition></startEvent>"
            f'<endEvent id="{sub}he"/>{flow(sub + "hs", sub + "he")}</subProcess></subProcess>'
            f'<boundaryEvent id="{late}" attachedToRef="{sub}" cancelActivity="false"><timerEventDefinition>'
            f"<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>"
            f"{flow(late, 'told')}{flow(here, sub)}"
        )
        here = sub
    return f'{HEAD}{"".join(parts)}<endEvent id="told"/><endEvent id="e"/>{flow(here, "e")}{TAIL}'.encode()


SHAPES: dict[str, Callable[[int], bytes]] = {"chain": chain, "choices": choices, "blocks": blocks, "nested": nested}


def show(figures: dict[str, float]) -> None:
    """Print a table for people."""
    print(f"{'figure':<28}{'value':>12}   promised")
    for name, value in figures.items():
        bound = PROMISES.get(name)
        promised = "" if bound is None else f"at most {bound:g}{'' if value <= bound else '  MISSED'}"
        print(f"{name:<28}{value:>12,.2f}   {promised}")


if __name__ == "__main__":
    sys.exit(main())
