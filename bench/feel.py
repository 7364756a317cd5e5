"""How many FEEL expressions are evaluated and read in a second, and does the cost grow with their length?

    .venv/bin/python bench/feel.py [--json]

Takes about ten seconds. Every expression of the house's case types and some that are longer are read and evaluated;
medians over interleaved rounds. Python's own `eval` of the same condition stands beside it, which knows no decimals, no
nulls, no budget and no safety.

* compile_ratio: reading a text for the first time / compiling it again from the cache. At least 5.
* length_growth: cost per term of a condition of 64 terms / of 4 terms. At most 1.5: linear.
* eval_ratio: evaluating a compiled condition / Python's `eval` of compiled code. At most 60.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from arguments import parser_of

from workflows.catalogue.bundle import case_types, read_bundle
from workflows.catalogue.examining import examine
from workflows.feel import expressions
from workflows.feel.clock import Clock
from workflows.feel.reader import read_expression

CLOCK = Clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
ROUNDS = 7
CONTEXT = {
    "amount": 750_000, "office": "dinas", "urgent": True, "answered": None, "filed": "2026-03-02",
    "gifts": [{"value": value, "kind": kind} for value in range(10) for kind in ("a", "b")],
}  # fmt: skip
SAMPLES = {
    "condition": "amount > 500000 and urgent",
    "membership": 'office in ("dinas", "badan", "kantor")',
    "arithmetic": "amount * 0.15 + 2500 - amount / 3",
    "text": 'upper case(substring(office, 1, 2)) = "DI"',
    "dates": 'date(filed) + duration("P3D") > date("2026-03-04")',
    "filter": 'sum(gifts[kind = "a" and value > 4].value)',
    "quantifier": "some gift in gifts satisfies gift.value > 8",
    "choice": 'if answered = null then "waits" else "done"',
}
PROMISES = {
    "compile_ratio": ("at least", 5.0),
    "length_growth": ("at most", 1.5),
    "eval_ratio": ("at most", 60.0),
}


def main() -> int:
    """Measure, print and judge."""
    asked = parser_of(__doc__).parse_args()
    figures: dict[str, float] = {}
    for name, text in SAMPLES.items():
        compiled = expressions.compile(text)
        figures[f"{name}_per_second"] = per_second(lambda compiled=compiled: compiled.evaluate(CONTEXT, CLOCK))
    figures["compile_per_second"] = per_second(lambda: read_expression(SAMPLES["condition"], frozenset()))
    figures["cached_per_second"] = per_second(lambda: expressions.compile(SAMPLES["condition"]))
    figures["compile_ratio"] = figures["cached_per_second"] / figures["compile_per_second"]
    plain = compile("amount > 500000 and urgent", "condition", "eval")
    figures["python_eval_per_second"] = per_second(lambda: eval(plain, {}, CONTEXT))
    figures["eval_ratio"] = figures["python_eval_per_second"] / figures["condition_per_second"]
    figures["length_growth"] = cost_of_a_term(64) / cost_of_a_term(4)
    figures |= house()
    if asked.json:
        print(json.dumps({name: round(value, 4) for name, value in figures.items()}))
    else:
        show(figures)
    return 0 if all(kept(name, figures[name]) for name in PROMISES) else 1


def per_second(act: Callable[[], object]) -> float:
    """Tell how often the act is done in a second of CPU; median of the rounds, of which the first does not count."""
    times = []
    for _ in range(ROUNDS):
        count, began = 0, time.process_time()
        while (spent := time.process_time() - began) < 0.03:
            for _ in range(50):
                act()
            count += 50
        times.append(count / spent)
    return median(times[1:])


def cost_of_a_term(terms: int) -> float:
    """Tell the seconds for one term of a long condition, reading and evaluating together."""
    text = " and ".join(f"amount > {number}" for number in range(terms))
    return 1 / per_second(lambda: read_expression(text, frozenset())) / terms


def house() -> dict[str, float]:
    """Read every expression of the diagrams of the house once."""
    texts = [
        use.text
        for folder in case_types(Path(__file__).parents[1] / "bpmn")
        if (definition := examine(read_bundle(folder)).definition) is not None
        for use in definition.uses
    ]
    began = time.process_time()
    for text in texts:
        read_expression(text, frozenset())
    spent = time.process_time() - began
    return {"house_expressions": float(len(texts)), "house_compile_ms": spent * 1_000}


def kept(name: str, value: float) -> bool:
    """Tell whether a promise was kept."""
    way, bound = PROMISES[name]
    return value >= bound if way == "at least" else value <= bound


def show(figures: dict[str, float]) -> None:
    """Print a table for people."""
    print(f"{'figure':<28}{'value':>14}   promised")
    for name, value in figures.items():
        way, bound = PROMISES.get(name, ("", 0.0))
        promised = f"{way} {bound:g}{'' if kept(name, value) else '  MISSED'}" if way else ""
        print(f"{name:<28}{value:>14,.2f}   {promised}")


if __name__ == "__main__":
    sys.exit(main())
