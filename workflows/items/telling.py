"""What the forms of a report tell of objects and givers, parted: columns for the tables, words for the content store.

Pure: a report's answers and the manifest's `items` go in, what is to be recorded comes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.catalogue.manifest import GIVER_WORDS, ITEM_CODES, ITEM_WORDS, ItemFields
from workflows.fingerprints import fingerprint
from workflows.money import RUPIAH, in_rupiah

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class ToldGiver:
    """A giver as one report tells of them."""

    relation: str | None
    # Fact -> what was written; for the content store alone.
    words: Mapping[str, Any]

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint of the number, or of name and birth date; None when neither is told."""
        return fingerprint_of(self.words)

    @property
    def name_mark(self) -> str | None:
        """The fingerprint of the name alone; None without a name."""
        return _marked("name", self.words.get("name"))


@dataclass(frozen=True)
class ToldItem:
    """An object as one report tells of it."""

    # Number of its giver among the givers of the report, from 0.
    giver: int
    # Column of `Item` -> value.
    columns: Mapping[str, Any]
    words: Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """Everything that one report tells of objects and givers."""

    givers: tuple[ToldGiver, ...] = ()
    items: tuple[ToldItem, ...] = ()
    receiver: str | None = None


@dataclass
class _Givers:
    """The givers of a report, each once however often they are named."""

    told: list[ToldGiver] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    def place(self, giver: ToldGiver, row: int | None = None) -> int:
        """Give the number of the giver, entering them when they are new.

        The same as before is who has the same fingerprint, stands in the same row of a list of givers, or is described
        alike by more than a name. A name alone makes nobody the same; that an officer confirms.
        """
        same: Any = object()
        if giver.fingerprint is not None:
            same = giver.fingerprint
        elif row is not None:
            same = row
        elif len(giver.words) > 1:
            same = (giver.relation, *sorted((fact, str(value).casefold()) for fact, value in giver.words.items()))
        if same not in self.places:
            self.places[same] = len(self.told)
            self.told.append(giver)
        return self.places[same]


def told(mapping: ItemFields, answers: Answers, identity: Answers, *, otherwise_on: date) -> Told:
    """Part the answers of a report (FEEL values); `identity` is what it says of the reporter, who is the receiver.

    `otherwise_on` stands for the day of receipt where the form left it open.
    """
    rows = _rows(answers, mapping.list)
    givers = _Givers()
    stand_apart = mapping.givers.list != mapping.list
    told_apart = _rows(answers, mapping.givers.list) if stand_apart else []
    apart = [givers.place(_giver(mapping, row, answers), place) for place, row in enumerate(told_apart)]
    items = []
    for row in rows:
        linked = apart[_linked(mapping, row, len(apart))] if apart else None
        items.append(
            ToldItem(
                giver=givers.place(_giver(mapping, row, answers)) if linked is None else linked,
                columns=item_columns(mapping, row, answers, otherwise_on=otherwise_on),
                words=_words(ITEM_WORDS, mapping.fields, row, answers),
            )
        )
    return Told(tuple(givers.told), tuple(items), receiver_of(mapping, answers, identity))


def receiver_of(mapping: ItemFields, answers: Answers, identity: Answers) -> str | None:
    """Give the fingerprint of whoever received; None when the report tells too little of them."""
    return fingerprint_of({fact: identity.get(name, answers.get(name)) for fact, name in mapping.receiver.items()})


def item_columns(mapping: ItemFields, row: Answers, around: Answers, *, otherwise_on: date) -> dict[str, Any]:
    """Give the columns of an object that a row fills; the value in rupiah is computed here and nowhere else."""
    facts = {fact: _fact(name, row, around) for fact, name in mapping.fields.items()}
    amount = facts.get("amount")
    currency = str(facts.get("currency") or RUPIAH)
    rate = facts.get("rate") if currency != RUPIAH else None
    return {
        **{code: _text(facts.get(code)) for code in ITEM_CODES if code != "rate_source"},
        "quantity": facts.get("quantity"),
        "amount": amount,
        "currency": currency,
        "rate": rate,
        "rate_source": _text(facts.get("rate_source")) if rate is not None else None,
        "rate_on": facts.get("rate_on") if rate is not None else None,
        "value": value_of(amount, currency, rate),
        "received_on": facts.get("received_on") or otherwise_on,
        "perishable": facts.get("perishable") is True,
        "flags": {name: _flag(_fact(name, row, around)) for name in mapping.flags},
    }


def value_of(amount: Decimal | int | None, currency: str, rate: Decimal | int | None) -> int | None:
    """Give whole rupiah, rounded half up; None while the amount, or the rate of another currency, is not known."""
    if amount is None or (currency != RUPIAH and rate is None):
        return None
    return in_rupiah(amount, 1 if currency == RUPIAH or rate is None else rate)


def fingerprint_of(facts: Answers) -> str | None:
    """Give the fingerprint of somebody's number, or else of name and birth date; None when they say too little."""
    number = _marked("number", facts.get("number"))
    if number is not None:
        return number
    name, born_on = facts.get("name"), facts.get("birth_date")
    return _marked("person", name, born_on) if name and born_on else None


def _marked(kind: Any, *parts: Any) -> str | None:
    try:
        return fingerprint(kind, *parts) if all(parts) else None
    except ValueError:
        # "tidak ada", a dash: somebody filled the field in without saying anything.
        return None


def _giver(mapping: ItemFields, row: Answers, around: Answers) -> ToldGiver:
    fields = mapping.givers.fields
    relation = _fact(fields["relation"], row, around) if "relation" in fields else None
    return ToldGiver(_text(relation), _words(GIVER_WORDS, fields, row, around))


def _linked(mapping: ItemFields, row: Answers, count: int) -> int:
    """Give the number of the giver's row that an object names, from 0; the first where it names none that is there."""
    named = str(row.get(mapping.givers.link) or "") if mapping.givers.link else ""
    return int(named) - 1 if named.isdecimal() and 0 < int(named) <= count else 0


def _words(wanted: tuple[str, ...], fields: Mapping[str, str], row: Answers, around: Answers) -> dict[str, Any]:
    found = {fact: _fact(fields[fact], row, around) for fact in wanted if fact in fields}
    return {fact: value for fact, value in found.items() if value not in (None, "")}


def _fact(name: str, row: Answers, around: Answers) -> Any:
    return row[name] if row.get(name) not in (None, "") else around.get(name)


def _flag(value: Any) -> Any:
    return value if isinstance(value, bool | str) else None


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _rows(answers: Answers, path: str) -> list[Answers]:
    rows = answers.get(path)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
