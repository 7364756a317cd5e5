"""Verbs on objects and givers: record what a report tells, amend an object or a giver, take a report's objects out of
the sums, say whether two givers are one person.

Sums follow by themselves: they are computed when they are asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from workflows.cases import contents, parties
from workflows.cases.models import Case
from workflows.catalogue.manifest import GIVER_FACTS, ItemFields
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.feel.values import from_json, plain, to_json
from workflows.fingerprints import key_id, under
from workflows.items.models import WORDS, Giver, GiverDenial, Item
from workflows.items.queries import givers_of
from workflows.items.questions import LONGEST_REASON
from workflows.items.telling import Told, ToldGiver, receiver_of, told, value_of
from workflows.journal.operations import record
from workflows.money import RUPIAH
from workflows.people.models import User
from workflows.transaction import SYSTEM, Tx

# The right to correct what was recorded and to say who is one person; not everybody who works on a case has it.
RIGHT = "item.amend"
# What an officer may correct of an object; the value follows. Of a giver: all that was told of them.
AMENDABLE = frozenset({
    "kind", "form", "event", "place", "estimated_by", "quantity", "amount", "currency", "rate", "rate_source",
    "rate_on", "received_on", "perishable", "flags", "counts", "giver_id", "description",
})  # fmt: skip
_OF_RATES = ("rate", "rate_source", "rate_on")
# Kinds of the contents that hold why.
AMENDMENT, MATCH = "item_amendment", "giver_match"


@dataclass(frozen=True)
class Recorded:
    """What was recorded."""

    count: int
    # Whole rupiah of all objects that have a value, and of the dearest one.
    value: int
    largest: int


@dataclass(frozen=True)
class Renewed:
    """What became of the fingerprints of a case under another key."""

    # Givers, and objects whose receiver's fingerprint was made anew.
    givers: int
    items: int
    # Those of them of whom too little is kept to make it anew.
    left: int
    # Those whose fingerprint the former key does not make of what is kept: they were told otherwise since.
    strange: int


def record_items(tx: Tx, case: Case, mapping: ItemFields, *, zone: ZoneInfo, counts: bool = True) -> Recorded:
    """Record the objects and givers that the newest list of the report tells of; journals `items.recorded`.

    Called again after a newer list came, that one takes the place of the former, whose objects stay as `replaced`;
    without a newer list nothing changes but that withdrawn objects count again, for whoever the reporter is known to be
    by now. `counts` is false for what was
    refused: it is kept, and enters no sum. No objects are recorded where no form has told of any.
    """
    writing = _newest_list(tx, case, mapping)
    standing = _items_of(tx, case)
    if writing is None:
        return _recorded(standing)
    answers = from_json(dict(writing.body))
    identity = from_json(dict(_receiver(tx, case, mapping)))
    if standing and all(item.recorded_at >= writing.at for item in standing):
        receiver = receiver_of(mapping, answers, identity)
        for item in standing:
            item.state = "recorded"
            if item.receiver != receiver:
                # The reporter has told since who they are, or told it otherwise.
                item.receiver, item.mark_key = receiver, key_id()
        return _recorded(standing)
    for item in standing:
        item.state = "replaced"

    found = told(mapping, answers, identity, otherwise_on=case.opened_at.astimezone(zone).date())
    items = _add(tx, case, found, counts=counts)
    return _recorded(items)


def amend_item(tx: Tx, item_id: UUID, changes: Mapping[str, Any], *, reason: str) -> Item:
    """Correct an object; journals `item.amended` with the names of the fields, and why and what stood there before are
    kept as a content.

    `changes` are FEEL values by column (`AMENDABLE`), and `description`; the rate goes with the foreign currency. Needs
    `item.amend`. Raises NotFound (`item.unknown`), Conflict (`item.not_recorded`) for an object that counts no more,
    InvalidAnswers without a reason, without a rate for another currency, or for a giver of another report.
    """
    item = tx.session.scalars(select(Item).where(Item.id == item_id).with_for_update()).one_or_none()
    case = tx.session.get(Case, item.case_id) if item is not None else None
    if item is None or case is None or not tx.may("case.read", case):
        raise NotFound("item.unknown")

    tx.require(RIGHT, case)

    if item.state != "recorded":
        raise Conflict("item.not_recorded")
    why = _reason(reason)
    unknown = set(changes) - AMENDABLE
    if unknown:
        raise ValueError(f"no columns of an object that may be amended: {', '.join(sorted(unknown))}")
    columns = {name: value for name, value in changes.items() if name != "description"}
    amount, currency = columns.get("amount", item.amount), columns.get("currency", item.currency) or RUPIAH
    if "currency" in columns:
        columns["currency"] = currency
    if currency == RUPIAH:
        columns |= dict.fromkeys(_OF_RATES)
    value = value_of(amount, currency, columns.get("rate", item.rate))
    if value is None and amount is not None:
        raise InvalidAnswers([("rate", "required", {})])
    giver = tx.session.get(Giver, columns.get("giver_id", item.giver_id))
    if giver is None or giver.case_id != case.id:
        raise InvalidAnswers([("giver_id", "unknown_option", {})])
    changed = [(name, getattr(item, name), new) for name, new in sorted(columns.items()) if getattr(item, name) != new]
    words = _words_of(tx, case, item.content_id, "items", item.id)
    if "description" in changes and words.get("description") != changes["description"]:
        changed.append(("description", words.get("description"), changes["description"]))
    if not changed:
        return item

    for name, new in columns.items():
        setattr(item, name, new)
    item.value, item.amended_at = value, tx.now
    if "description" in changes:
        body = {"items": {str(item.id): {**words, "description": changes["description"]}}}
        item.content_id = contents.put(tx, case, WORDS, to_json(body)).id

    content = contents.put(tx, case, AMENDMENT, _amendment(why, changed, object=item.ordinal, currency=item.currency))
    fields = sorted(name for name, _, _ in changed)
    record(tx, "item.amended", case_id=case.id, item=item.id, fields=fields, content=content.id)
    return item


def amend_giver(tx: Tx, giver_id: UUID, changes: Mapping[str, Any], *, reason: str) -> Giver:
    """Correct what is told of a giver; journals `giver.amended`, and keeps why and what stood there as a content.

    `changes` are FEEL values by fact (`GIVER_FACTS`). By what they are recognised is computed anew, so that the sums of
    a year follow; what officers confirmed of the giver stays. Needs `item.amend`. Raises NotFound (`giver.unknown`),
    InvalidAnswers without a reason or without a name.
    """
    giver = tx.session.scalars(select(Giver).where(Giver.id == giver_id).with_for_update()).one_or_none()
    case = tx.session.get(Case, giver.case_id) if giver is not None else None
    if giver is None or case is None or not tx.may("case.read", case):
        raise NotFound("giver.unknown")

    tx.require(RIGHT, case)

    why = _reason(reason)
    unknown = set(changes) - set(GIVER_FACTS)
    if unknown:
        raise ValueError(f"nothing that is told of a giver: {', '.join(sorted(unknown))}")
    before = _words_of(tx, case, giver.content_id, "givers", giver.id) | {"relation": giver.relation}
    after = {fact: value for fact, value in {**before, **changes}.items() if value not in (None, "")}
    if not after.get("name"):
        raise InvalidAnswers([("name", "required", {})])
    changed = [(fact, before.get(fact), after.get(fact)) for fact in GIVER_FACTS if before.get(fact) != after.get(fact)]
    if not changed:
        return giver

    relation = after.pop("relation", None)
    told_anew = ToldGiver(relation, after)
    giver.relation = relation
    giver.fingerprint, giver.name_mark, giver.mark_key = told_anew.fingerprint, told_anew.name_mark, key_id()
    giver.content_id = contents.put(tx, case, WORDS, to_json({"givers": {str(giver.id): after}})).id

    content = contents.put(tx, case, AMENDMENT, _amendment(why, changed, giver=str(giver.id)))
    fields = [fact for fact, _, _ in changed]
    record(tx, "giver.amended", case_id=case.id, giver=giver.id, fields=fields, content=content.id)
    return giver


def renew_marks(tx: Tx, case: Case, mapping: ItemFields, *, former: str | None = None) -> Renewed:
    """Make the fingerprints of the case anew that another key made; journals `items.remarked`.

    They are made of what is kept: names, numbers and birth dates in the contents, and the reporter's identity. What is
    no longer kept cannot be made anew, and stays. With the `former` key it is also seen whether that key made of the
    same words what was stored. Called again it changes nothing.
    """
    key = key_id()
    stale = Giver.mark_key.is_distinct_from(key)
    givers = tx.session.scalars(
        select(Giver).where(Giver.case_id == case.id, stale).order_by(Giver.id).with_for_update()
    ).all()
    items = tx.session.scalars(
        select(Item)
        .where(Item.case_id == case.id, Item.receiver.is_not(None), Item.mark_key.is_distinct_from(key))
        .order_by(Item.ordinal)
        .with_for_update()
    ).all()
    words = {view.id: ToldGiver(view.relation, view.words) for view in givers_of(tx.session, SYSTEM, case)}
    writing = _newest_list(tx, case, mapping)
    answers = from_json(dict(writing.body)) if writing is not None else {}
    identity = from_json(dict(_receiver(tx, case, mapping)))
    renewed, left, strange = 0, 0, 0
    for giver in givers:
        said = words[giver.id]
        strange += former is not None and _made_by(former, said) != (giver.fingerprint, giver.name_mark)
        if (giver.fingerprint and not said.fingerprint) or (giver.name_mark and not said.name_mark):
            left += 1
            continue
        giver.fingerprint, giver.name_mark, giver.mark_key = said.fingerprint, said.name_mark, key
        renewed += 1
    receiver, before = receiver_of(mapping, answers, identity), None
    if former is not None:
        with under(former):
            before = receiver_of(mapping, answers, identity)
    for item in items:
        strange += former is not None and item.receiver != before
        if receiver is None:
            left += 1
            continue
        item.receiver, item.mark_key = receiver, key
    if renewed or (items and receiver is not None):
        record(tx, "items.remarked", case_id=case.id, givers=renewed, items=len(items) if receiver else 0, key=key)
    return Renewed(renewed, len(items) if receiver else 0, left, strange)


def withdraw_items(tx: Tx, case: Case) -> int:
    """Take the objects of a report that was withdrawn out of every sum; journals `items.withdrawn`."""
    standing = [item for item in _items_of(tx, case) if item.state == "recorded"]
    for item in standing:
        item.state = "withdrawn"
    if standing:
        record(tx, "items.withdrawn", case_id=case.id, items=len(standing))
    return len(standing)


def confirm_giver(tx: Tx, giver_id: UUID, other_id: UUID, *, reason: str) -> None:
    """Say that two givers of one receiver are one person; journals `giver.confirmed`, the reason is a content.

    Needs `item.amend` on the giver's case and `case.read` on the other one's. Raises NotFound (`giver.unknown`),
    Conflict (`giver.unrelated`) when they gave to different receivers, (`giver.settled`) when they are one already,
    InvalidAnswers without a reason.
    """
    giver, other, case = _pair(tx, giver_id, other_id)

    tx.require(RIGHT, case)

    why = _reason(reason)
    mine, theirs = _leader(tx, giver), _leader(tx, other)
    if mine.id == theirs.id:
        raise Conflict("giver.settled")
    _forget_denials(tx, giver, other)

    mine.confirmed_as_id, mine.confirmed_at, mine.confirmed_by_id = theirs.id, tx.now, tx.actor.user_id

    content = contents.put(tx, case, MATCH, {"reason": why})
    record(tx, "giver.confirmed", case_id=case.id, giver=giver.id, other=other.id, content=content.id)


def deny_giver(tx: Tx, giver_id: UUID, other_id: UUID, *, reason: str) -> None:
    """Say that two givers of one name are two persons, also when they had been taken for one; journals `giver.denied`.

    Raises as `confirm_giver` does; Conflict (`giver.joined_elsewhere`) when they were joined by way of a third one.
    """
    giver, other, case = _pair(tx, giver_id, other_id)

    tx.require(RIGHT, case)

    why = _reason(reason)
    for one, two in ((giver, other), (other, giver)):
        if one.confirmed_as_id == two.id:
            one.confirmed_as_id = one.confirmed_at = one.confirmed_by_id = None
    if _leader(tx, giver).id == _leader(tx, other).id:
        raise Conflict("giver.joined_elsewhere")
    if _denial(tx, giver, other) is not None:
        return

    tx.session.add(GiverDenial(giver_id=giver.id, other_id=other.id, denied_at=tx.now, denied_by_id=tx.actor.user_id))

    content = contents.put(tx, case, MATCH, {"reason": why})
    record(tx, "giver.denied", case_id=case.id, giver=giver.id, other=other.id, content=content.id)


def _newest_list(tx: Tx, case: Case, mapping: ItemFields) -> contents.Writing | None:
    """Give the newest writing of the case that holds a list of objects with something in it."""
    written = contents.read(tx.session, SYSTEM, case)
    return next((each for each in reversed(written) if each.kind != WORDS and each.body.get(mapping.list)), None)


def _receiver(tx: Tx, case: Case, mapping: ItemFields) -> dict[str, Any]:
    """Give what is known of the reporter, who received; an account's own number where the form asks for none."""
    known = dict(parties.identity_of(tx.session, case.id))
    number = mapping.receiver.get("number")
    if number is not None and not known.get(number) and case.reporter_user_id is not None:
        known[number] = tx.session.scalar(select(User.employee_number).where(User.id == case.reporter_user_id))
    return known


def _add(tx: Tx, case: Case, found: Told, *, counts: bool) -> list[Item]:
    giver_ids = [uuid4() for _ in found.givers]
    item_ids = [uuid4() for _ in found.items]
    body = {
        "givers": {str(key): dict(giver.words) for key, giver in zip(giver_ids, found.givers, strict=True)},
        "items": {str(key): dict(item.words) for key, item in zip(item_ids, found.items, strict=True)},
    }
    content = contents.put(tx, case, WORDS, to_json(body))
    tx.session.add_all(
        Giver(
            id=key,
            case_id=case.id,
            content_id=content.id,
            relation=giver.relation,
            fingerprint=giver.fingerprint,
            name_mark=giver.name_mark,
            mark_key=key_id(),
        )
        for key, giver in zip(giver_ids, found.givers, strict=True)
    )
    last = tx.session.scalar(select(func.max(Item.ordinal)).where(Item.case_id == case.id)) or 0
    items = [
        Item(
            id=key,
            case_id=case.id,
            ordinal=last + place,
            giver_id=giver_ids[item.giver],
            receiver=found.receiver,
            mark_key=key_id(),
            content_id=content.id,
            counts=counts,
            state="recorded",
            recorded_at=tx.now,
            **item.columns,
        )
        for place, (key, item) in enumerate(zip(item_ids, found.items, strict=True), start=1)
    ]
    tx.session.flush()
    tx.session.add_all(items)
    tx.session.flush()
    record(tx, "items.recorded", case_id=case.id, items=len(items), givers=len(giver_ids), content=content.id)
    return items


def _items_of(tx: Tx, case: Case) -> list[Item]:
    """Give the objects of the newest list, locked; those of earlier lists are `replaced`."""
    query = select(Item).where(Item.case_id == case.id, Item.state != "replaced").order_by(Item.ordinal)
    return list(tx.session.scalars(query.with_for_update()))


def _recorded(items: list[Item]) -> Recorded:
    values = [item.value or 0 for item in items if item.state == "recorded"]
    return Recorded(len(values), sum(values), max(values, default=0))


def _made_by(key: str, giver: ToldGiver) -> tuple[str | None, str | None]:
    with under(key):
        return giver.fingerprint, giver.name_mark


def _words_of(tx: Tx, case: Case, content_id: UUID, part: str, key: UUID) -> dict[str, Any]:
    """Give what was written of an object ("items") or a giver ("givers") in its content."""
    writing = contents.by_id(tx.session, tx.actor, case, content_id)
    body = from_json(dict(writing.body)) if writing is not None else {}
    return dict(body.get(part, {}).get(str(key), {}))


def _amendment(why: str, changed: Sequence[tuple[str, Any, Any]], **about: Any) -> dict[str, Any]:
    """Give what is kept of a correction: why, of what, and every fact as it was and as it is; flags one by one."""
    facts: list[tuple[str, Any, Any]] = []
    for name, old, new in changed:
        if name != "flags":
            facts.append((name, old, new))
            continue
        of_old, of_new = dict(old or {}), dict(new or {})
        facts += [
            (flag, of_old.get(flag), of_new.get(flag))
            for flag in sorted({*of_old, *of_new})
            if of_old.get(flag) != of_new.get(flag)
        ]
    rows = [{"fact": name, "old": _kept(old), "new": _kept(new)} for name, old, new in facts]
    body: dict[str, Any] = to_json({**about, "reason": why, "changes": rows})
    return body


def _kept(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else plain(value) if isinstance(value, Decimal) else value


def _pair(tx: Tx, giver_id: UUID, other_id: UUID) -> tuple[Giver, Giver, Case]:
    """Find two givers that the actor may see and who gave to one receiver."""
    locked = select(Giver).where(Giver.id.in_((giver_id, other_id))).order_by(Giver.id).with_for_update()
    found = {giver.id: giver for giver in tx.session.scalars(locked)}
    cases = [tx.session.get_one(Case, each.case_id) for each in found.values()]
    if len(found) < 2 or not all(tx.may("case.read", case) for case in cases):
        raise NotFound("giver.unknown")
    receivers = [
        set(tx.session.scalars(select(Item.receiver).where(Item.giver_id == key, Item.receiver.is_not(None))))
        for key in (giver_id, other_id)
    ]
    same_case = found[giver_id].case_id == found[other_id].case_id
    if not same_case and not receivers[0] & receivers[1]:
        raise Conflict("giver.unrelated")
    return found[giver_id], found[other_id], tx.session.get_one(Case, found[giver_id].case_id)


def _leader(tx: Tx, giver: Giver) -> Giver:
    """Follow what was confirmed to its end."""
    while giver.confirmed_as_id is not None:
        giver = tx.session.get_one(Giver, giver.confirmed_as_id)
    return giver


def _denial(tx: Tx, giver: Giver, other: Giver) -> GiverDenial | None:
    pairs = ((giver.id, other.id), (other.id, giver.id))
    for one, two in pairs:
        found = tx.session.scalars(
            select(GiverDenial).where(GiverDenial.giver_id == one, GiverDenial.other_id == two)
        ).first()
        if found is not None:
            return found
    return None


def _forget_denials(tx: Tx, giver: Giver, other: Giver) -> None:
    denial = _denial(tx, giver, other)
    if denial is not None:
        tx.session.delete(denial)


def _reason(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise InvalidAnswers([("reason", "required", {})])
    if len(words) > LONGEST_REASON:
        raise InvalidAnswers([("reason", "too_long", {"maximum": LONGEST_REASON, "length": len(words)})])
    return words
