"""Verbs on a case that move no token: open, classify, refer, close, reopen, and who may see it.

They are called by the diagram's services and by other verbs, which have asked for the right; none is a screen's act.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from workflows import rows
from workflows.cases.models import Case, CaseCircle, CaseExclusion, Referral
from workflows.cases.numbering import next_number
from workflows.cases.search import index_words
from workflows.errors import Conflict
from workflows.feel.clock import office_zone
from workflows.journal.operations import record
from workflows.transaction import Tx

# Columns that a handler's answers may change; everything else on the row is set by its own verb.
CLASSIFYING = frozenset(
    {
        "classification",
        "category",
        "district",
        "village",
        "latitude",
        "longitude",
        "subject_unit_id",
        "event_on",
        "anonymous",
        "confidential",
    }
)


def open_case(
    tx: Tx,
    *,
    case_type: str,
    number_pattern: str,
    channel: str = "web",
    language: str = "id",
    anonymous: bool = False,
    confidential: bool = False,
    classification: str | None = None,
    category: str | None = None,
    district: str | None = None,
    village: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    subject_unit_id: UUID | None = None,
    event_on: date | None = None,
    reporter_user_id: UUID | None = None,
    handling_unit_id: UUID | None = None,
    title: str = "",
    text: str = "",
    zone: ZoneInfo | None = None,
) -> Case:
    """Open a case under the next number of its series, findable by the words given; journals `case.opened`."""
    case = Case(
        id=uuid4(),
        number=next_number(tx.session, number_pattern, tx.now, zone or office_zone()),
        case_type=case_type,
        opened_at=tx.now,
        channel=channel,
        language=language,
        anonymous=anonymous,
        confidential=confidential,
        classification=classification,
        category=category,
        district=district,
        village=village,
        latitude=latitude,
        longitude=longitude,
        subject_unit_id=subject_unit_id,
        event_on=event_on,
        reporter_user_id=reporter_user_id,
        handling_unit_id=handling_unit_id,
    )
    if title or text:
        index_words(case, title=title, text=text)
    tx.session.add(case)
    record(
        tx,
        "case.opened",
        case_id=case.id,
        number=case.number,
        case_type=case_type,
        channel=channel,
        anonymous=anonymous,
        confidential=confidential,
    )
    tx.session.flush()
    return case


def classify(tx: Tx, case: Case, fields: Mapping[str, Any]) -> None:
    """Change what `CLASSIFYING` names as a handler decided; journals `case.classified` for each change.

    A case that becomes confidential loses its searchable words at once.
    """
    unknown = fields.keys() - CLASSIFYING
    if unknown:
        raise ValueError(f"not for a handler to change: {sorted(unknown)}")
    if fields.get("confidential"):
        case.search = None
    for name in sorted(fields):
        old, new = getattr(case, name), fields[name]
        if old == new:
            continue
        setattr(case, name, new)
        # Coordinates are no codes; that they changed is all the journal needs to hold.
        told = name not in {"latitude", "longitude"}
        record(
            tx,
            "case.classified",
            case_id=case.id,
            field=name,
            old=old if told else None,
            new=new if told else None,
        )


def override_decision(tx: Tx, case: Case, *, decision: str, answer: str, chosen: str, content_id: UUID | None) -> None:
    """Note that an officer decided otherwise than a table; journals `decision.overridden` with both answers.

    `content_id` is the writing that holds the reason; the words themselves stay there.
    """
    record(
        tx,
        "decision.overridden",
        case_id=case.id,
        decision=decision,
        answer=answer,
        chosen=chosen,
        content=content_id,
    )


def set_stage(tx: Tx, case: Case, stage: str) -> None:
    """Say where the matter stands; journals `case.stage_set` when that is news."""
    if case.stage == stage:
        return
    case.stage = stage
    record(tx, "case.stage_set", case_id=case.id, stage=stage)


def refer(
    tx: Tx,
    case: Case,
    to_unit_id: UUID,
    *,
    content_id: UUID | None = None,
    kind: Literal["referral", "hand_over"] = "referral",
) -> Referral:
    """Route the matter to a unit, which handles it from now on; journals `case.referred` or `case.handed_over`."""
    referral = Referral(
        id=uuid4(),
        case_id=case.id,
        kind=kind,
        from_unit_id=case.handling_unit_id,
        to_unit_id=to_unit_id,
        content_id=content_id,
        at=tx.now,
        by_id=tx.actor.user_id,
    )
    tx.session.add(referral)
    case.handling_unit_id = to_unit_id
    if kind == "hand_over":
        record(tx, "case.handed_over", case_id=case.id, to_unit=to_unit_id)
    else:
        record(
            tx,
            "case.referred",
            case_id=case.id,
            referral=referral.id,
            from_unit=referral.from_unit_id,
            to_unit=to_unit_id,
        )
    return referral


def close_case(tx: Tx, case: Case, disposition: str) -> None:
    """Close the case with how it ended; journals `case.closed`. Raises Conflict (`case.closed`) when it is closed."""
    if not case.is_open:
        raise Conflict("case.closed", number=case.number)
    case.closed_at = tx.now
    case.disposition = disposition
    record(tx, "case.closed", case_id=case.id, disposition=disposition)


def reopen_case(tx: Tx, case: Case) -> None:
    """Open a closed case again; journals `case.reopened`. An open one stays as it is."""
    if case.is_open:
        return
    case.closed_at = None
    case.disposition = None
    record(tx, "case.reopened", case_id=case.id)


def admit(
    tx: Tx, case: Case, *, role: str | None = None, unit_id: UUID | None = None, user_id: UUID | None = None
) -> bool:
    """Let a role (everywhere or in one unit) or a person into the circle; journals `circle.assigned`.

    Tells whether that was news.
    """
    tx.session.flush()
    given = {"case_id": case.id, "role": role, "unit_id": unit_id, "user_id": user_id, "added_at": tx.now}
    if tx.session.execute(_ADMIT, given, execution_options=rows.READS_NOTHING_HELD).one_or_none() is None:
        return False
    record(tx, "circle.assigned", case_id=case.id, role=role, unit=unit_id, user=user_id)
    return True


def admit_newcomer(tx: Tx, case: Case, *, role: str, unit_id: UUID | None) -> None:
    """Let a role into the circle that the act has read not to be in it; written with the other rows of the act.

    Journals `circle.assigned`, also when somebody else lets it in at the same moment.
    """
    row = {"case_id": case.id, "role": role, "unit_id": unit_id, "added_at": tx.now}
    rows.hold(tx.session, _NEWCOMERS, [row])
    record(tx, "circle.assigned", case_id=case.id, role=role, unit=unit_id, user=None)


_NEWCOMERS = rows.Part("circle", (("admitted", f"{rows.insertion(CaseCircle, 'circle')} ON CONFLICT DO NOTHING"),))
# Whoever is in the circle already stays as they came.
_ADMIT = text(
    "INSERT INTO case_circle (case_id, role, unit_id, user_id, added_at)"
    " VALUES (:case_id, :role, :unit_id, :user_id, :added_at) ON CONFLICT DO NOTHING RETURNING id"
)


def exclude(tx: Tx, case: Case, reason: str, *, unit_id: UUID | None = None, user_id: UUID | None = None) -> bool:
    """Bar a unit or a person from the case for good; journals `exclusion.added`. Tells whether that was news."""
    tx.session.flush()
    added = tx.session.execute(
        insert(CaseExclusion)
        .values(case_id=case.id, unit_id=unit_id, user_id=user_id, reason=reason, added_at=tx.now)
        .on_conflict_do_nothing()
        .returning(CaseExclusion.id)
    ).first()
    if added is None:
        return False
    record(tx, "exclusion.added", case_id=case.id, unit=unit_id, user=user_id, reason=reason)
    return True
