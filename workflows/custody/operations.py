"""Verbs on entrusted objects: take them, hand them over, release them."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from workflows.cases.models import Case, Content
from workflows.cases.numbering import next_number
from workflows.catalogue.manifest import CustodyFields
from workflows.custody.models import Custody, CustodyMove
from workflows.errors import Conflict, InvalidAnswers, NotFound
from workflows.journal.operations import record
from workflows.people.models import User
from workflows.transaction import Tx

# The right that opens the register.
RIGHT = "custody.keep"
# Longest name of a place and longest reason, in characters.
LONGEST = 300

# (field, code of the problem, facts), as forms tell it.
Problem = tuple[str, str, dict[str, Any]]


def take(tx: Tx, case: Case, mapping: CustodyFields, *, zone: ZoneInfo) -> Custody:
    """Enter the objects of the case into the register, as the newest answers of the mapped form tell.

    Called by the diagram after the custodian's task. Objects that are kept already stay under their slip. Journals
    `custody.taken`. Raises NotFound (`custody.untold`) when nobody answered that form.
    """
    kept = _kept(tx, case)
    if kept is not None:
        return kept
    told = tx.session.execute(
        select(Content.id, Content.author_id, Content.body)
        .where(Content.case_id == case.id, Content.kind == mapping.form)
        .order_by(Content.ordinal.desc())
        .limit(1)
    ).first()
    if told is None:
        raise NotFound("custody.untold", form=mapping.form)
    content_id, keeper_id, body = told
    custody = Custody(
        case_id=case.id,
        slip_number=next_number(tx.session, mapping.number, tx.now, zone),
        taken_at=tx.now,
        taken_by_id=keeper_id,
        keeper_id=keeper_id,
        place=str(body.get(mapping.place) or ""),
        condition=str(body.get(mapping.condition) or ""),
        content_id=content_id,
    )
    tx.session.add(custody)
    tx.session.flush()
    record(tx, "custody.taken", case_id=case.id, custody=custody.id, slip=custody.slip_number)
    return custody


def hand_over(
    tx: Tx, custody_id: UUID, mapping: CustodyFields, *, keeper_id: UUID | None, place: str, condition: str, reason: str
) -> Custody:
    """Give entrusted objects to another keeper or put them somewhere else. Journals `custody.handed_over`.

    Raises NotFound (`custody.unknown`), NotAllowed, Conflict (`custody.released`), and InvalidAnswers for an unknown
    keeper or condition, and for a missing place or reason.
    """
    custody = _in_hand(tx, custody_id)
    problems: list[Problem] = [*_wrong_text("place", place), *_wrong_text("reason", reason)]
    keeper = tx.session.get(User, keeper_id) if keeper_id is not None else None
    if keeper is None or not keeper.active:
        problems.append(("keeper", "unknown_option", {}))
    if condition not in mapping.conditions:
        problems.append(("condition", "unknown_option", {}))
    if problems or keeper is None:
        raise InvalidAnswers(problems)
    _note_move(tx, custody, keeper_id=keeper.id, place=place, condition=condition, reason=reason)
    custody.keeper_id, custody.place, custody.condition = keeper.id, place.strip(), condition
    record(tx, "custody.handed_over", case_id=custody.case_id, custody=custody.id, to=keeper.id)
    return custody


def release(tx: Tx, case: Case, mapping: CustodyFields, *, to: str, released_by_id: UUID | None) -> Custody | None:
    """Write down that the objects left the office; nothing happens where none are kept. Journals `custody.released`.

    Called by the diagram. Raises NotFound (`custody.unknown_receiver`) for a code that the case type does not name.
    """
    if to not in mapping.released_to:
        raise NotFound("custody.unknown_receiver", to=to)
    custody = _kept(tx, case)
    if custody is None:
        return None
    custody.released_at, custody.released_by_id, custody.released_to = tx.now, released_by_id, to
    record(tx, "custody.released", case_id=case.id, custody=custody.id, to=to)
    return custody


def give_out(tx: Tx, custody_id: UUID, mapping: CustodyFields, *, to: str, reason: str) -> Custody:
    """Let entrusted objects of a closed case leave the office; the last line of their way tells to whom and why.

    While the case runs its diagram releases them. What ends another way, such as a report that need not be made or
    that was withdrawn, leaves its objects to the keeper. Journals `custody.released`. Raises NotFound
    (`custody.unknown`), NotAllowed, Conflict (`custody.released`, `custody.case_open`), and InvalidAnswers for an
    unknown receiver and for a missing reason.
    """
    custody = _in_hand(tx, custody_id)
    case = tx.session.get_one(Case, custody.case_id)
    if case.is_open:
        raise Conflict("custody.case_open", slip=custody.slip_number)
    problems: list[Problem] = _wrong_text("reason", reason)
    receiver = mapping.released_to.get(to)
    if receiver is None:
        problems.append(("to", "unknown_option", {}))
    if problems or receiver is None:
        raise InvalidAnswers(problems)
    _note_move(tx, custody, keeper_id=None, place=receiver.title, condition=custody.condition, reason=reason)
    release(tx, case, mapping, to=to, released_by_id=tx.actor.user_id)
    return custody


def _in_hand(tx: Tx, custody_id: UUID) -> Custody:
    """Lock a deposit that its keeper may act on; NotFound, NotAllowed, or Conflict (`custody.released`)."""
    tx.require(RIGHT)
    custody = tx.session.get(Custody, custody_id, with_for_update=True)
    if custody is None:
        raise NotFound("custody.unknown", custody=custody_id)
    if not custody.is_kept:
        raise Conflict("custody.released", slip=custody.slip_number)
    return custody


def _note_move(tx: Tx, custody: Custody, *, keeper_id: UUID | None, place: str, condition: str, reason: str) -> None:
    """Write the next line of the deposit's way; called before the deposit itself is changed."""
    tx.session.add(
        CustodyMove(
            custody_id=custody.id,
            moved_at=tx.now,
            moved_by_id=tx.actor.user_id,
            from_keeper_id=custody.keeper_id,
            to_keeper_id=keeper_id,
            from_place=custody.place,
            to_place=place.strip(),
            condition=condition,
            reason=reason.strip(),
        )
    )


def _kept(tx: Tx, case: Case) -> Custody | None:
    kept = select(Custody).where(Custody.case_id == case.id, Custody.released_at.is_(None)).with_for_update()
    return tx.session.scalars(kept).one_or_none()


def _wrong_text(field: str, text: str) -> list[Problem]:
    if not text.strip():
        return [(field, "required", {})]
    if len(text) > LONGEST:
        return [(field, "too_long", {"maximum": LONGEST, "length": len(text)})]
    return [(field, "not_text", {})] if "\x00" in text else []
