"""What was given in a case and by whom, as a chapter of its report.

The internal edition tells what `items` holds, as far as whoever asked for the report may read it. The reporter's tells
what the reporter wrote and nothing that the office found out: no giver whom an officer recognised, no amended value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from workflows import money
from workflows.case_reports.writings import format_day
from workflows.cases import contents
from workflows.cases.models import Case
from workflows.catalogue.manifest import ItemFields
from workflows.feel.values import from_json
from workflows.forms.components import Form
from workflows.items import queries
from workflows.items.telling import told
from workflows.language import Language
from workflows.transaction import Actor

_MONEY = ("amount", "currency", "rate", "rate_source", "rate_on")


@dataclass(frozen=True)
class _Object:
    """One object, from whichever source."""

    giver: str
    relation: str | None
    # Who the giver is within the case, whatever the name.
    giver_key: object
    kind: str | None
    description: str
    quantity: Decimal | int | None
    received_on: date
    value: int | None
    # Columns of the object: what was told in another currency, and by which rate it was counted.
    money: Mapping[str, Any]
    # "recorded", "withdrawn" or "refused"; only what is recorded is summed up.
    state: str


def objects_recorded(session: Session, reader: Actor, case: Case) -> list[_Object]:
    """Give the objects of the case as the reader may see them; none to whoever may not read the case."""
    return [
        _Object(
            giver=item.giver.name,
            relation=item.giver.relation,
            giver_key=item.giver.id,
            kind=item.row.kind,
            description=item.description,
            quantity=item.row.quantity,
            received_on=item.row.received_on,
            value=item.row.value,
            money={name: getattr(item.row, name) for name in _MONEY},
            state=item.row.state if item.row.counts else "refused",
        )
        for item in queries.items_of(session, reader, case)
    ]


def objects_written(
    session: Session, reporter: Actor, case: Case, mapping: ItemFields, *, opened_on: date
) -> list[_Object]:
    """Give the objects of the newest list that the reporter wrote, in their own words."""
    own = [each for each in contents.read(session, reporter, case) if each.author_kind == "reporter"]
    newest = next((each for each in reversed(own) if each.body.get(mapping.list)), None)
    if newest is None:
        return []
    found = told(mapping, from_json(dict(newest.body)), {}, otherwise_on=opened_on)
    return [
        _Object(
            giver=str(found.givers[item.giver].words.get("name") or ""),
            relation=found.givers[item.giver].relation,
            giver_key=item.giver,
            kind=item.columns["kind"],
            description=str(item.words.get("description") or ""),
            quantity=item.columns["quantity"],
            received_on=item.columns["received_on"],
            value=item.columns["value"],
            money={name: item.columns[name] for name in _MONEY},
            state="recorded",
        )
        for item in found.items
    ]


def chapter(
    objects: Sequence[_Object], mapping: ItemFields, form: Form | None, language: Language
) -> Mapping[str, Any] | None:
    """Give the chapter as plain texts and numbers; None where there is nothing to tell."""
    if not objects:
        return None
    kinds, relations, sources = (
        _labels(form, name, language)
        for name in (
            mapping.fields.get("kind"), mapping.givers.fields.get("relation"), mapping.fields.get("rate_source")
        )
    )  # fmt: skip
    summed = [each for each in objects if each.state == "recorded"]
    return {
        "lines": [
            {
                "ordinal": ordinal,
                "description": " ".join(
                    filter(None, (_described(each, language), _exchanged(each, sources, language)))
                ),
                "kind": kinds.get(each.kind or "", each.kind or ""),
                "giver": each.giver,
                "received_on": each.received_on.isoformat(),
                "value": _rupiah(each.value, language),
                "state": each.state,
            }
            for ordinal, each in enumerate(objects, start=1)
        ],
        "count": len(summed),
        "total": _rupiah(sum(each.value or 0 for each in summed), language),
        "givers": [
            {
                "name": theirs[0].giver,
                "relation": relations.get(theirs[0].relation or "", theirs[0].relation or ""),
                "count": len(theirs),
                "total": _rupiah(sum(each.value or 0 for each in theirs), language),
            }
            for theirs in _by_giver(summed)
        ],
    }


def _by_giver(objects: Iterable[_Object]) -> list[list[_Object]]:
    """Give the objects of each giver, who gave most first."""
    found: dict[object, list[_Object]] = {}
    for each in objects:
        found.setdefault(each.giver_key, []).append(each)
    return sorted(found.values(), key=lambda theirs: -sum(each.value or 0 for each in theirs))


def _described(each: _Object, language: Language) -> str:
    if each.quantity is None or each.quantity == 1:
        return each.description
    # Columns keep more places than anybody wrote.
    return f"{each.description} ({format_decimal(each.quantity, locale=language)} ×)"


def _exchanged(each: _Object, sources: Mapping[str, str], language: Language) -> str:
    """Give what was told in another currency, with the rate, whose it is and of which day; empty for rupiah."""
    told = each.money
    if told["rate"] is None or told["amount"] is None:
        return ""
    rate = f"1 {told['currency']} = {money.written(told['rate'], language=language)}"
    source = sources.get(told["rate_source"] or "", told["rate_source"] or "")
    on = format_day(told["rate_on"], language) if told["rate_on"] else ""
    amount = money.written(told["amount"], told["currency"], language=language)
    return f"({'; '.join([amount, ', '.join(filter(None, (rate, source, on)))])})"


def _rupiah(value: int | None, language: Language) -> str:
    return money.written(value, language=language) if value is not None else ""


def _labels(form: Form | None, name: str | None, language: Language) -> dict[str, str]:
    """Give the words for the codes that a field of the start form offers."""
    fields = [field for field in form.fields if field.key == name] if form is not None and name else []
    return {option.value: option.label(language) for field in fields for option in field.options}
