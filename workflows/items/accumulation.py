"""What somebody had received from the same giver within the year before an object came.

The law counts a year "from the same giver" without saying which year (Perkom 2/2019 as amended by Perkom 1/2026,
Ps 2(3) letters n and o): the window is configuration of the case type. Rolling: the twelve months that end with the day
itself, so that what came on the same day a year ago no longer counts. Calendar: from 1 January of the day's own year.

Objects count in the order of their receipt: by day, then by when they were filed, then as they stand in the report. So
the objects of one report, and those of reports filed together, count each other. Withdrawn, replaced and refused
objects count nowhere, nor do those of a report that repeats another one; an object without a value counts nothing yet.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.items.models import Giver, Item

Window = Literal["rolling", "calendar"]


@dataclass(frozen=True)
class Counted:
    """An object as the sums see it."""

    item_id: UUID
    giver_id: UUID
    received_on: date
    filed_at: datetime
    ordinal: int
    # Whole rupiah; 0 for an object without a value.
    value: int
    # Whether it enters the sums of others; every object has a sum of its own before it.
    counts: bool = True

    @property
    def place(self) -> tuple[date, datetime, int, str]:
        """Its place in the order of receipt."""
        return (self.received_on, self.filed_at, self.ordinal, str(self.item_id))


@dataclass(frozen=True)
class Known:
    """What is known about who a giver is."""

    giver_id: UUID
    fingerprint: str | None
    confirmed_as_id: UUID | None


def prior_sums(session: Session, case_id: UUID, window: Window) -> Mapping[UUID, int]:
    """Give for each object of the case, by its id, what came before it from the same giver; one read for all."""
    receivers = set(session.scalars(select(Item.receiver).where(Item.case_id == case_id)))
    found: dict[UUID, int] = {}
    for receiver in receivers:
        rows, givers = _read(session, receiver, case_id)
        found.update(sums_before(rows, persons_of(givers), window))
    own = set(session.scalars(select(Item.id).where(Item.case_id == case_id)))
    return {item_id: rupiah for item_id, rupiah in found.items() if item_id in own}


def sums_before(rows: Iterable[Counted], persons: Mapping[UUID, UUID], window: Window) -> dict[UUID, int]:
    """Give by object what the same person had given before it within the window; `persons` is by giver."""
    by_person: dict[UUID, list[Counted]] = defaultdict(list)
    for row in rows:
        by_person[persons[row.giver_id]].append(row)
    found: dict[UUID, int] = {}
    for given in by_person.values():
        given.sort(key=lambda row: row.place)
        days = [row.received_on for row in given]
        totals = [0, *accumulate(row.value if row.counts else 0 for row in given)]
        for place, row in enumerate(given):
            found[row.item_id] = totals[place] - totals[bisect_left(days, first_day(row.received_on, window))]
    return found


def sum_within(rows: Collection[Counted], on: date, window: Window) -> int:
    """Give what these objects sum up to in the window that ends with the day `on`, that day included."""
    given = sorted((row for row in rows if row.counts), key=lambda row: row.received_on)
    days = [row.received_on for row in given]
    return sum(row.value for row in given[bisect_left(days, first_day(on, window)) : bisect_right(days, on)])


def first_day(on: date, window: Window) -> date:
    """Give the first day that counts for an object of the day `on`.

    A rolling year begins on the day after the same day of the year before: what came on 10 March 2025 counts up to
    9 March 2026. 29 February is followed by 1 March of the year before, since that year has no 29th.
    """
    if window == "calendar":
        return date(on.year, 1, 1)
    leap_day = (on.month, on.day) == (2, 29)
    year_before = date(on.year - 1, 2, 28) if leap_day else on.replace(year=on.year - 1)
    return date.fromordinal(year_before.toordinal() + 1)


def persons_of(givers: Iterable[Known]) -> dict[UUID, UUID]:
    """Tell which givers are one person: by an equal fingerprint, or because an officer confirmed it.

    Gives by giver the id that stands for the person. What was confirmed goes on from one to the next.
    """
    known = {giver.giver_id: giver for giver in givers}
    leader = {giver_id: giver_id for giver_id in known}

    def lead(giver_id: UUID) -> UUID:
        while leader[giver_id] != giver_id:
            leader[giver_id] = leader[leader[giver_id]]
            giver_id = leader[giver_id]
        return giver_id

    first_with: dict[str, UUID] = {}
    for giver in known.values():
        if giver.fingerprint is not None:
            leader[lead(giver.giver_id)] = lead(first_with.setdefault(giver.fingerprint, giver.giver_id))
        if giver.confirmed_as_id in known:
            leader[lead(giver.giver_id)] = lead(giver.confirmed_as_id)
    return {giver_id: lead(giver_id) for giver_id in known}


def _read(session: Session, receiver: str | None, case_id: UUID | None) -> tuple[list[Counted], list[Known]]:
    """Read everything of one receiver; without one, of one case, whose objects are all that is known to be theirs."""
    theirs = Item.receiver == receiver if receiver is not None else Item.receiver.is_(None) & (Item.case_id == case_id)
    found = session.execute(
        select(Item, Giver.fingerprint, Giver.confirmed_as_id, Case.duplicate_of_id, Case.opened_at)
        .join(Giver, Giver.id == Item.giver_id)
        .join(Case, Case.id == Item.case_id)
        .where(theirs, or_(Item.state == "recorded", Item.case_id == case_id))
    ).all()
    rows = [
        Counted(
            item_id=item.id,
            giver_id=item.giver_id,
            received_on=item.received_on,
            filed_at=filed_at,
            ordinal=item.ordinal,
            value=item.value or 0,
            counts=item.counts and item.state == "recorded" and repeats is None,
        )
        for item, _, _, repeats, filed_at in found
    ]
    givers = {item.giver_id: Known(item.giver_id, mark, confirmed) for item, mark, confirmed, _, _ in found}
    return rows, list(givers.values())
