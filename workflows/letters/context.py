"""What a letter may know: primitives, composed once at its issue and frozen in its row.

The reporter's identity is not among them: a letter speaks to "Pelapor" and names the case number, so that a stray copy
gives nobody away. `EXAMPLE` shows every value; it fills previews and the check before publishing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from workflows.cases import contents, queries
from workflows.cases.models import Case
from workflows.catalogue.manifest import CaseType, LetterType
from workflows.feel.values import from_json
from workflows.people import queries as people
from workflows.transaction import SYSTEM, Tx

# Every value that a letter's template may use. `contents` holds, by form id, what was written in the case that the
# recipient may read, the latest of each form.
EXAMPLE: Mapping[str, Any] = {
    "office": "Pemerintah Kabupaten Langkat",
    "letter": {
        "number": "B/012/PGD/III/2026",
        "title": "Jawaban pengaduan",
        "title_en": "Answer to a complaint",
        "date": "2026-03-02",
        "recipient": "reporter",
        "document_id": "7K3M-9QXT-2HBV-W8RD",
        "address": "http://localhost/verifikasi/7K3M-9QXT-2HBV-W8RD",
    },
    "case": {
        "number": "PGD-2026-00012",
        "case_type": "Pengaduan masyarakat",
        "opened_on": "2026-02-23",
        "event_on": "2026-02-20",
        "title": "Lampu jalan padam",
        "text": "Lampu jalan di depan puskesmas padam sejak dua minggu.",
        "stage": "Dijawab",
        "disposition": "",
        "category": "05",
        "classification": "complaint",
        "subject_unit": "Dinas Perhubungan",
        "handling_unit": "Dinas Perhubungan",
    },
    "signer": {"name": "Drs. Contoh Pejabat, M.Si.", "position": "Inspektur", "employee_number": "197001011995031001"},
    "deadlines": [
        {"id": "P-01", "basis": "Aturan operasi SP4N-LAPOR!", "due_on": "2026-02-26", "state": "met", "explanation": ""}
    ],
    "referrals": [{"from_unit": "Diskominfo", "to_unit": "Dinas Perhubungan", "on": "2026-02-24"}],
    "contents": {},
    "values": {},
}


def compose(
    tx: Tx,
    case: Case,
    case_type: CaseType,
    letter: LetterType,
    *,
    number: str,
    document_id: str,
    office: str,
    site: str,
    zone: ZoneInfo,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give the context of one letter. `values` are what the diagram hands in besides."""
    session = tx.session
    header = queries.header(session, SYSTEM, case)
    stage = case_type.stages.get(case.stage)
    disposition = case_type.dispositions.get(case.disposition or "")
    today = tx.now.astimezone(zone).date()
    return {
        "office": office,
        "letter": {
            "number": number,
            "title": letter.title,
            "title_en": letter.title_en,
            "date": today.isoformat(),
            "recipient": letter.recipient,
            "document_id": document_id,
            "address": f"{site}/verifikasi/{document_id}",
        },
        "case": {
            "number": case.number,
            "case_type": case_type.title,
            "opened_on": case.opened_at.astimezone(zone).date().isoformat(),
            "event_on": case.event_on.isoformat() if case.event_on else "",
            "title": header.title,
            "text": header.text,
            "stage": stage.title if stage else "",
            "disposition": disposition.title if disposition else "",
            "category": case.category or "",
            "classification": case.classification or "",
            "subject_unit": header.subject_unit,
            "handling_unit": header.handling_unit,
        },
        "signer": _signer(tx, case),
        "deadlines": [
            {
                "id": deadline.deadline_id,
                "basis": deadline.basis,
                "due_on": deadline.lenient_on.isoformat(),
                "state": deadline.state,
                "explanation": deadline.explanation,
            }
            for deadline in queries.deadlines_of(session, SYSTEM, case, tx.now)
        ],
        "referrals": [
            {
                "from_unit": referral.from_unit,
                "to_unit": referral.to_unit,
                "on": referral.at.astimezone(zone).date().isoformat(),
            }
            for referral in queries.referrals_of(session, SYSTEM, case)
        ],
        "contents": _contents(session, case, letter, zone),
        "values": plain(dict(values or {}), zone),
    }


def plain(value: Any, zone: ZoneInfo) -> Any:
    """Turn any value of the house into texts, numbers, lists and dictionaries; instants become local ISO texts."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return (value.astimezone(zone) if value.tzinfo else value).isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): plain(inner, zone) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [plain(inner, zone) for inner in value]
    return str(value)


def _signer(tx: Tx, case: Case) -> dict[str, str]:
    """Who signs: the head of the unit that handles the case, otherwise the officer whose step issues the letter."""
    head = people.head_of(tx.session, case.handling_unit_id, tx.now) if case.handling_unit_id else None
    if head is None and tx.actor.user_id is not None:
        head = people.user(tx.session, tx.actor.user_id)
    if head is None:
        return {"name": "", "position": "", "employee_number": ""}
    return {"name": head.name, "position": head.position or "", "employee_number": head.employee_number or ""}


def _contents(session: Session, case: Case, letter: LetterType, zone: ZoneInfo) -> dict[str, Any]:
    """The latest writing of each form that the recipient may read: released ones for those outside the house."""
    inside = letter.recipient in {"unit", "office"}
    latest: dict[str, Any] = {}
    for writing in contents.read(session, SYSTEM, case):
        if inside or writing.audience in {"reporter", "public"} or writing.author_kind == "reporter":
            latest[writing.kind] = plain(from_json(dict(writing.body)), zone)
    return latest
