"""Reads of objects and givers: what a case page shows, what decisions are given, who may be the same person.

Words (descriptions, names) come from the content store and only for whoever may read the case; decisions get ids,
codes, flags, dates and amounts.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflows.cases import contents
from workflows.cases.models import Case
from workflows.feel.values import from_json
from workflows.items.accumulation import Counted, Known, Window, persons_of, prior_sums, sum_within
from workflows.items.models import WORDS, Giver, GiverDenial, Item
from workflows.transaction import Actor, permits


@dataclass(frozen=True)
class GiverView:
    """A giver as whoever may read the case sees them."""

    id: UUID
    case_id: UUID
    relation: str | None
    # What was written, by fact: name, number, birth_date, occupation, address.
    words: Mapping[str, Any]
    # Whether a number, or name and birth date, make the person known.
    is_known: bool
    confirmed_as_id: UUID | None

    @property
    def name(self) -> str:
        """The name; empty when none was given."""
        return str(self.words.get("name") or "")


@dataclass(frozen=True)
class ItemView:
    """An object as whoever may read the case sees it."""

    row: Item
    description: str
    giver: GiverView


@dataclass(frozen=True)
class Match:
    """Two givers who may be one person, or who are by an officer's word."""

    giver: GiverView
    other: GiverView
    # The number of the other one's case, and on which day they gave there last.
    other_case: str
    other_last_on: date | None
    # "suggested" or "confirmed".
    state: str


@dataclass(frozen=True)
class GiverSum:
    """What one person gave to the receiver of a case, as far as the reader may see."""

    # The givers of this case who are that person.
    giver_ids: tuple[UUID, ...]
    name: str
    relation: str | None
    # Rupiah within this case, by calendar year over all cases, and in the window that ends with the last object here.
    here: int
    by_year: Mapping[int, int]
    window_sum: int


def items_of(session: Session, actor: Actor, case: Case) -> Sequence[ItemView]:
    """Give the objects of the case that count or were withdrawn, in their order; nothing to whoever may not read it."""
    if not permits(session, actor, "case.read", case):
        return []
    words = _words(session, actor, case)
    givers = {view.id: view for view in givers_of(session, actor, case)}
    query = select(Item).where(Item.case_id == case.id, Item.state != "replaced").order_by(Item.ordinal)
    return [
        ItemView(item, str(words["items"].get(str(item.id), {}).get("description") or ""), givers[item.giver_id])
        for item in session.scalars(query)
    ]


def givers_of(session: Session, actor: Actor, case: Case) -> Sequence[GiverView]:
    """Give the givers of the case with what was written of them; nothing to whoever may not read it."""
    if not permits(session, actor, "case.read", case):
        return []
    words = _words(session, actor, case)["givers"]
    found = session.scalars(select(Giver).where(Giver.case_id == case.id).order_by(Giver.id))
    return [_view(giver, words.get(str(giver.id), {})) for giver in found]


def facts_of(session: Session, case: Case, window: Window) -> list[dict[str, Any]]:
    """Give the objects of the case as decisions take them: FEEL values, without a word that anybody wrote.

    `prior` is what the same person gave within the window before the object; `together` what they gave at the same
    event on the same day in this report, the object included.
    """
    query = (
        select(Item, Giver.relation)
        .join(Giver, Giver.id == Item.giver_id)
        .where(Item.case_id == case.id, Item.state == "recorded")
        .order_by(Item.ordinal)
    )
    rows = session.execute(query).all()
    prior = prior_sums(session, case.id, window)
    persons = persons_of(_known(session, [item.giver_id for item, _ in rows]))
    together: dict[Any, int] = defaultdict(int)
    for item, _ in rows:
        together[_occasion(item, persons)] += item.value or 0
    return [
        {
            "id": str(item.id),
            "giver": str(persons[item.giver_id]),
            "relation": relation,
            "kind": item.kind,
            "form": item.form,
            "event": item.event,
            "place": item.place,
            "quantity": item.quantity,
            "value": item.value,
            "received_on": item.received_on,
            "perishable": item.perishable,
            "counts": item.counts,
            "prior": prior.get(item.id, 0),
            "together": together[_occasion(item, persons)],
            "flags": dict(item.flags),
        }
        for item, relation in rows
    ]


def matches_of(session: Session, actor: Actor, visible: ColumnElement[bool], case: Case) -> Sequence[Match]:
    """Give who among the givers may be, or is confirmed to be, somebody of another row; denied pairs are left out.

    The same receiver and the same normalised name make a suggestion, unless fingerprints settle it: equal ones are one
    person anyway, two different ones are two. `visible` is `access.policy.visible_cases(session, actor)`.
    """
    mine = list(givers_of(session, actor, case))
    rows = {row.id: row for row in session.scalars(select(Giver).where(Giver.case_id == case.id))}
    marks = {row.name_mark for row in rows.values() if row.name_mark}
    linked = {row.confirmed_as_id for row in rows.values() if row.confirmed_as_id}
    receivers = set(session.scalars(select(Item.receiver).where(Item.case_id == case.id, Item.receiver.is_not(None))))
    related = session.scalars(
        select(Giver)
        .join(Item, Item.giver_id == Giver.id)
        .join(Case, Case.id == Giver.case_id)
        .where(
            or_(Giver.name_mark.in_(marks), Giver.id.in_(linked), Giver.confirmed_as_id.in_(rows)),
            or_(Item.receiver.in_(receivers), Item.case_id == case.id),
            Item.state == "recorded",
            visible,
        )
        .distinct()
    ).all()
    denied = _denied(session, list(rows))
    everybody = {**rows, **{each.id: each for each in related}}
    persons = persons_of(Known(each.id, each.fingerprint, each.confirmed_as_id) for each in everybody.values())
    others = _others(session, actor, related)
    found = []
    for giver in mine:
        row = rows[giver.id]
        for other in sorted(related, key=lambda each: str(each.id)):
            state = _state(row, other, rows, denied)
            if state == "suggested" and persons[row.id] == persons[other.id]:
                # One person already, by way of a third row.
                continue
            if state is not None and other.id in others:
                view, number, last_on = others[other.id]
                found.append(Match(giver, view, number, last_on, state))
    return found


def sums_of(
    session: Session, actor: Actor, visible: ColumnElement[bool], case: Case, window: Window
) -> Sequence[GiverSum]:
    """Give per person what they gave to the receiver of the case, in this case and in all that the reader may see."""
    items = [item for item in items_of(session, actor, case) if item.row.state == "recorded"]
    if not items:
        return []
    receivers = {item.row.receiver for item in items if item.row.receiver}
    rows = session.execute(
        select(Item, Giver.fingerprint, Giver.confirmed_as_id)
        .join(Giver, Giver.id == Item.giver_id)
        .join(Case, Case.id == Item.case_id)
        .where(
            or_(Item.receiver.in_(receivers), Item.case_id == case.id),
            Item.state == "recorded",
            Item.counts,
            Case.duplicate_of_id.is_(None),
            visible,
        )
    ).all()
    known = {item.giver_id: Known(item.giver_id, mark, confirmed) for item, mark, confirmed in rows}
    for view in items:
        known.setdefault(view.giver.id, Known(view.giver.id, None, None))
    persons = persons_of(known.values())
    theirs: dict[UUID, list[Counted]] = defaultdict(list)
    for item, _, _ in rows:
        counted = Counted(item.id, item.giver_id, item.received_on, item.recorded_at, item.ordinal, item.value or 0)
        theirs[persons[item.giver_id]].append(counted)
    here: dict[UUID, list[ItemView]] = defaultdict(list)
    for view in items:
        here[persons[view.giver.id]].append(view)
    return [_sum(mine, theirs.get(person, []), window) for person, mine in here.items()]


def _sum(mine: Sequence[ItemView], theirs: Sequence[Counted], window: Window) -> GiverSum:
    by_year: dict[int, int] = defaultdict(int)
    for each in theirs:
        by_year[each.received_on.year] += each.value
    names = sorted({view.giver.name for view in mine if view.giver.name}, key=len)
    return GiverSum(
        giver_ids=tuple(dict.fromkeys(view.giver.id for view in mine)),
        name=names[-1] if names else "",
        relation=next((view.giver.relation for view in mine if view.giver.relation), None),
        here=sum(view.row.value or 0 for view in mine if view.row.counts),
        by_year=dict(sorted(by_year.items())),
        window_sum=sum_within(theirs, max(view.row.received_on for view in mine), window),
    )


def _words(session: Session, actor: Actor, case: Case) -> dict[str, dict[str, Any]]:
    """Give what was written of objects and givers, by id; what was amended last stands."""
    found: dict[str, dict[str, Any]] = {"items": {}, "givers": {}}
    for writing in contents.read(session, actor, case, kinds=(WORDS,)):
        body = from_json(dict(writing.body))
        for part, known in found.items():
            known.update(body.get(part, {}))
    return found


def _view(giver: Giver, words: Mapping[str, Any]) -> GiverView:
    return GiverView(
        id=giver.id,
        case_id=giver.case_id,
        relation=giver.relation,
        words=words,
        is_known=giver.fingerprint is not None,
        confirmed_as_id=giver.confirmed_as_id,
    )


def _others(session: Session, actor: Actor, related: Sequence[Giver]) -> dict[UUID, tuple[GiverView, str, date | None]]:
    """Give the givers of other cases as the reader may see them, with the case's number and the last day."""
    cases = {each.id: each for each in session.scalars(select(Case).where(Case.id.in_({g.case_id for g in related})))}
    words = {case_id: _words(session, actor, case)["givers"] for case_id, case in cases.items()}
    days: dict[UUID, date] = {}
    for giver_id, day in session.execute(
        select(Item.giver_id, Item.received_on).where(Item.giver_id.in_([giver.id for giver in related]))
    ):
        days[giver_id] = max(day, days.get(giver_id, day))
    return {
        giver.id: (
            _view(giver, words[giver.case_id].get(str(giver.id), {})),
            cases[giver.case_id].number,
            days.get(giver.id),
        )
        for giver in related
    }


def _state(row: Giver, other: Giver, mine: Mapping[UUID, Giver], denied: Collection[frozenset[UUID]]) -> str | None:
    """Tell how two givers stand to each other: "confirmed", "suggested", or None."""
    if row.id == other.id:
        return None
    if row.confirmed_as_id == other.id or other.confirmed_as_id == row.id:
        # Of two givers of this very case the pair is told once, by the one that points.
        return "confirmed" if other.id not in mine or row.confirmed_as_id == other.id else None
    if other.id in mine and str(other.id) < str(row.id):
        return None
    settled = row.fingerprint is not None and other.fingerprint is not None
    if settled or row.name_mark is None or row.name_mark != other.name_mark or frozenset((row.id, other.id)) in denied:
        return None
    return "suggested"


def _denied(session: Session, giver_ids: Sequence[UUID]) -> set[frozenset[UUID]]:
    pairs = session.scalars(
        select(GiverDenial).where(or_(GiverDenial.giver_id.in_(giver_ids), GiverDenial.other_id.in_(giver_ids)))
    )
    return {frozenset((pair.giver_id, pair.other_id)) for pair in pairs}


def _known(session: Session, giver_ids: Collection[UUID]) -> list[Known]:
    rows = session.execute(
        select(Giver.id, Giver.fingerprint, Giver.confirmed_as_id).where(Giver.id.in_(set(giver_ids)))
    )
    return [Known(giver_id, mark, confirmed) for giver_id, mark, confirmed in rows]


def _occasion(item: Item, persons: Mapping[UUID, UUID]) -> tuple[UUID, str | None, date]:
    return (persons[item.giver_id], item.event, item.received_on)
