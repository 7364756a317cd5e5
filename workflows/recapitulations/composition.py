"""From facts to figures: tables and indicators of a plan, evaluated once and kept as they were.

Pure. `public` makes of the full figures those that may be shown to anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from workflows.errors import AmanahError
from workflows.feel.budget import Budget
from workflows.feel.clock import Clock
from workflows.feel.errors import FeelError
from workflows.feel.expressions import Expression
from workflows.recapitulations.facts import Context, Facts
from workflows.recapitulations.periods import Period
from workflows.recapitulations.plan import Indicator, Plan, Table, Words

# Key of the row for things of which nothing is told.
UNTOLD = ""
# What an indicator speaks of when it speaks of cases, behind which people stand.
_OF_CASES = frozenset({"cases", "open_cases", "closed_cases", "items"})
# What one figure of a period may cost: some thousands of cases with their objects, looked through a few times.
_STEPS, _SIZE = 20_000_000, 20_000_000


def compose(plan: Plan, facts: Facts, period: Period, clock: Clock) -> dict[str, Any]:
    """Evaluate the plan; raises AmanahError (`recapitulation.cannot_count`) that names table or indicator."""
    facts = _counted(plan, facts, clock)
    return {
        "title": plan.title.plain(),
        "recipients": [recipient.plain() for recipient in plan.recipients],
        "period": {"name": period.name, "first": period.first.isoformat(), "last": period.last.isoformat()},
        "smallest": None,
        "cases": len(facts.cases),
        "tables": [_table(table, facts, clock) for table in plan.tables],
        "indicators": [_indicator(indicator, facts, period, clock) for indicator in plan.indicators],
    }


def public(figures: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Give what may go public: small counts withheld, and so much more that nobody can work them out from a total.

    Where one row of a table is withheld, the smallest of the others is withheld too: the total minus what is shown
    would tell it otherwise. A withheld row tells none of its sums, nor do the totals beside it. A small count among
    the sums is withheld like any other. Activities are the office's own, and are told. Indicators are left out
    unless the plan calls them public, and tell nothing where a handful of cases could be read off them.
    """
    shown = {indicator.id: indicator for indicator in plan.indicators if indicator.public}
    return {
        **figures,
        "smallest": plan.smallest,
        "cases": figures["cases"] if not 0 < figures["cases"] < plan.smallest else None,
        "tables": [
            _withheld(table, plan.smallest) if told.over in _OF_CASES else table
            for table, told in zip(figures["tables"], plan.tables, strict=True)
        ],
        "indicators": [
            told
            if _gives_nobody_away(shown[told["id"]], told["value"], figures["cases"], plan.smallest)
            else {**told, "value": None}
            for told in figures["indicators"]
            if told["id"] in shown
        ],
    }


def _counted(plan: Plan, facts: Facts, clock: Clock) -> Facts:
    """Leave out the cases of which the plan does not speak at all, and their objects."""
    if plan.only is None:
        return facts
    only, budget = plan.only, Budget(_STEPS, _SIZE)

    def those(cases: Sequence[Context]) -> list[Context]:
        return [each for each in cases if _value(only, each, clock, budget, "only") is True]

    return replace(
        facts,
        cases=those(facts.cases),
        open_cases=those(facts.open_cases),
        closed_cases=those(facts.closed_cases),
        items=[item for item in facts.items if _value(only, item["case"], clock, budget, "only") is True],
    )


def _gives_nobody_away(indicator: Indicator, value: int | str | None, cases: int, smallest: int) -> bool:
    """Tell whether no small number of cases can be worked out from an indicator and the number of all cases."""
    if value is None or not _OF_CASES & set(indicator.value.names):
        return True
    if 0 < cases < smallest:
        return False
    number = Decimal(value)
    if indicator.unit == "count":
        return not 0 < number < smallest
    if indicator.unit == "percent":
        # Of whatever part of the cases it is a share, there are no more than this many.
        share = number * cases / 100
        return share in (0, cases) or smallest <= share <= cases - smallest
    return True


def _table(table: Table, facts: Facts, clock: Clock) -> dict[str, Any]:
    budget = Budget(_STEPS, _SIZE)
    things: Sequence[Context] = {"cases": facts.cases, "items": facts.items, "activities": facts.activities}[table.over]
    nothing = [Decimal(0)] * len(table.sums)
    counts: dict[str, int] = {}
    sums: dict[str, list[Decimal]] = {}
    for thing in things:
        if table.only is not None and _value(table.only, thing, clock, budget, table.id) is not True:
            continue
        key = _value(table.by, thing, clock, budget, table.id)
        row = UNTOLD if key is None else str(key)
        counts[row] = counts.get(row, 0) + 1
        added = [_number(_value(each.of, thing, clock, budget, table.id)) or Decimal(0) for each in table.sums]
        sums[row] = [before + more for before, more in zip(sums.get(row, nothing), added, strict=True)]
    words = {code: Words(name, name) for code, name in facts.offices.items()} if table.of_offices else table.words
    keys = [*(key for key in words if key in counts or not table.of_offices), *sorted(counts.keys() - words.keys())]
    return {
        "id": table.id,
        "title": table.title.plain(),
        "columns": [{"id": each.id, "title": each.title.plain(), "unit": each.unit} for each in table.sums],
        "rows": [
            {
                "key": key,
                "title": words[key].plain() if key in words else {"id": key, "en": key},
                "count": counts.get(key, 0),
                "sums": [_plain(number) for number in sums.get(key, nothing)],
            }
            for key in keys
        ],
        "total": {
            "count": sum(counts.values()),
            "sums": [_plain(sum((row[at] for row in sums.values()), Decimal(0))) for at in range(len(table.sums))],
        },
    }


def _indicator(indicator: Indicator, facts: Facts, period: Period, clock: Clock) -> dict[str, Any]:
    value = _value(indicator.value, facts.of_period(period), clock, Budget(_STEPS, _SIZE), indicator.id)
    return {
        "id": indicator.id,
        "title": indicator.title.plain(),
        "unit": indicator.unit,
        "value": _plain(_number(value)),
    }


def _withheld(table: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    rows = [dict(row) for row in table["rows"]]
    hidden = {at for at, row in enumerate(rows) if 0 < row["count"] < smallest}
    others = sorted((row["count"], at) for at, row in enumerate(rows) if at not in hidden and row["count"])
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    for at in hidden:
        rows[at] |= {"count": None, "sums": [None] * len(table["columns"])}
    total = dict(table["total"])
    if hidden:
        total["sums"] = [None] * len(table["columns"])
    for at, column in enumerate(table["columns"]):
        if column["unit"] == "count" and any(_is_small(row["sums"][at], smallest) for row in [*rows, total]):
            # Of a column that counts something else no number is told: what is left would tell what is missing.
            for row in [*rows, total]:
                row["sums"] = [None if place == at else told for place, told in enumerate(row["sums"])]
    if 0 < total["count"] < smallest or (hidden and not others):
        total["count"] = None
    return {**table, "rows": rows, "total": total}


def _is_small(told: int | str | None, smallest: int) -> bool:
    return told is not None and 0 < Decimal(told) < smallest


def _value(expression: Expression, context: Mapping[str, Any], clock: Clock, budget: Budget, name: str) -> Any:
    try:
        return expression.evaluate(context, clock, budget=budget)
    except FeelError as error:
        raise AmanahError("recapitulation.cannot_count", figure=name, problem=str(error)) from error


def _number(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def _plain(number: Decimal | None) -> int | str | None:
    """Write a number as JSON keeps it: whole ones as integers, others as text, so that no digit is lost."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else format(number.normalize(), "f")
