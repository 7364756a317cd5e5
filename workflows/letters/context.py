"""What a letter may know: primitives, composed once at its issue and frozen in its row.

The reporter's identity is not among them: a letter speaks to "Pelapor" and names the case number, so that a stray copy
gives nobody away. `EXAMPLE` shows every value; it fills previews and the check before publishing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases import contents, queries
from workflows.cases.models import Case
from workflows.catalogue.manifest import CaseType, LetterType
from workflows.deadlines.register import Register, load
from workflows.feel.values import from_json
from workflows.journal.queries import entries_of
from workflows.people import queries as people
from workflows.people.models import Unit
from workflows.settings import Settings
from workflows.transaction import SYSTEM, Actor, Tx

# Recipients within the office; whoever else a letter goes to learns what the reporter may.
_WITHIN = frozenset({"unit", "office"})

# Every value that a letter's template may use. `contents` holds, by form id, what was written in the case that the
# recipient may read, the latest of each form; a form or field that is not there counts as empty.
EXAMPLE: Mapping[str, Any] = {
    "office": "Pemerintah Kabupaten Langkat",
    # The unit that speaks and whose head signs: the one that handles the case. Address and contact may be empty.
    "house": {
        "unit": "Dinas Komunikasi dan Informatika",
        "address": "Jalan Contoh Nomor 1, Stabat",
        "contact": "pengaduan@example.go.id",
        "place": "Stabat",
    },
    "letter": {
        "number": "700/0042/III/2026",
        "title": "Surat jawaban",
        "title_en": "Answer",
        "date": "2026-03-02",
        "recipient": "reporter",
        # "en" where the recipient chose English: the letter stays Indonesian and says in English what it is about.
        "language": "id",
        "document_id": "7K3M-9QXT-2HBV-W8RD",
        # Where the letter is verified; `qr` is the same as a picture, drawn when the letter is printed.
        "address": "http://localhost/verifikasi/7K3M-9QXT-2HBV-W8RD",
    },
    "qr": "",
    "case": {
        "number": "PGD-2026-00042",
        "case_type": "Contoh",
        "opened_on": "2026-02-23",
        "event_on": "2026-02-20",
        "title": "Lampu jalan padam",
        "text": "Lampu jalan di depan puskesmas padam sejak dua minggu.",
        "stage": "Dijawab",
        "disposition": "Selesai ditindaklanjuti",
        "disposition_en": "Resolved",
        "category": "05",
        "classification": "service",
        "subject_unit": "Dinas Perhubungan",
        # The unit that handles the case; empty while there is none.
        "handling_unit": "Dinas Perhubungan",
    },
    "signer": {"name": "Contoh Pejabat", "position": "Kepala Dinas", "employee_number": "197001011995031001"},
    # `strict_on` counts joint leave as working days. `met_on` is empty for one that was not met; `state` is "running",
    # "met", "late" or "breached".
    "deadlines": [
        {
            "id": "P-01",
            "title": "Verifikasi dan penerusan pengaduan",
            "basis": "Aturan operasional SP4N-LAPOR!",
            "due_on": "2026-02-26",
            "strict_on": "2026-02-26",
            "met_on": "2026-02-24",
            "state": "met",
            "explanation": "3 hari kerja sejak 23 Februari 2026.",
        }
    ],
    # Only in letters within the office, as `stage`'s and the path's inner names are: others read the public stages.
    "referrals": [{"from_unit": "Diskominfo", "to_unit": "Dinas Perhubungan", "on": "2026-02-24"}],
    # The stages that the case went through.
    "path": [{"on": "2026-02-23", "text": "Menunggu verifikasi"}],
    "contents": {},
    # What the diagram hands in besides.
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
    settings: Settings,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give the context of one letter. `values` are what the diagram hands in besides."""
    session, zone = tx.session, settings.zone
    reader = _reader(letter, case)
    header = queries.header(session, reader, case)
    disposition = case_type.dispositions.get(case.disposition or "")
    house = people.unit(session, case.handling_unit_id) if case.handling_unit_id else _house_unit(session)
    register = _register(settings.definitions / "shared" / "deadlines.yml")
    return {
        "office": settings.office_name,
        "house": {
            "unit": house.name if house else "",
            "address": settings.office_address,
            "contact": settings.office_contact,
            "place": settings.office_place,
        },
        "letter": {
            "number": number,
            "title": letter.title,
            "title_en": letter.title_en,
            "date": tx.now.astimezone(zone).date().isoformat(),
            "recipient": letter.recipient,
            "language": _language(letter, case),
            "document_id": document_id,
            "address": f"{settings.public_url}/verifikasi/{document_id}",
        },
        "qr": "",
        "case": {
            "number": case.number,
            "case_type": case_type.title,
            "opened_on": _local_day(case.opened_at, zone),
            "event_on": case.event_on.isoformat() if case.event_on else "",
            "title": header.title,
            "text": header.text,
            "stage": _stage_title(case_type, case.stage, reader),
            "disposition": disposition.title if disposition else "",
            "disposition_en": disposition.title_en if disposition else "",
            "category": case.category or "",
            "classification": case.classification or "",
            "subject_unit": header.subject_unit,
            "handling_unit": header.handling_unit,
        },
        "signer": _signer(tx, house),
        "deadlines": [
            {
                "id": deadline.deadline_id,
                "title": register.rule(deadline.deadline_id, deadline.trigger_at.astimezone(zone).date()).title,
                "basis": deadline.basis,
                "due_on": deadline.lenient_on.isoformat(),
                "strict_on": deadline.strict_on.isoformat(),
                "met_on": _local_day(deadline.met_at, zone),
                "state": deadline.state,
                "explanation": deadline.explanation,
            }
            for deadline in queries.deadlines_of(session, reader, case, tx.now)
        ],
        "referrals": [
            {"from_unit": referral.from_unit, "to_unit": referral.to_unit, "on": _local_day(referral.at, zone)}
            for referral in queries.referrals_of(session, reader, case)
        ],
        "path": _path(session, case_type, case, reader, zone),
        "contents": _contents(session, case, reader, zone),
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


def _house_unit(session: Session) -> Unit | None:
    """The unit that speaks while none handles the case: the one for information."""
    return session.scalars(select(Unit).where(Unit.kind == "information", Unit.active).order_by(Unit.code)).first()


def _language(letter: LetterType, case: Case) -> str:
    """What the recipient reads: the language in which the reporter filed; every office reads Indonesian."""
    return case.language if letter.recipient == "reporter" else "id"


def _signer(tx: Tx, house: Unit | None) -> dict[str, str]:
    """Who signs: whoever leads the unit that speaks; nobody while the seat is vacant."""
    head = people.head_of(tx.session, house.id, tx.now) if house is not None else None
    if head is None:
        return {"name": "", "position": "", "employee_number": ""}
    return {"name": head.name, "position": head.position or "", "employee_number": head.employee_number or ""}


def _local_day(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat() if at is not None else ""


@lru_cache(maxsize=4)
def _register(path: Path) -> Register:
    return load(path)


def _reader(letter: LetterType, case: Case) -> Actor:
    """Who reads along: within the office the house itself; outside it nobody learns more than the reporter may."""
    return SYSTEM if letter.recipient in _WITHIN else Actor(kind="reporter", case_id=case.id)


def _stage_title(case_type: CaseType, stage: str, reader: Actor) -> str:
    """What the stage is called: by its own name within the office, by that of its public stage outside."""
    if reader is SYSTEM:
        return case_type.stages[stage].title if stage in case_type.stages else ""
    public = case_type.public_stage_of(stage)
    return public.title if public is not None else ""


def _path(session: Session, case_type: CaseType, case: Case, reader: Actor, zone: ZoneInfo) -> list[dict[str, str]]:
    """The stages that the case went through; those that read alike for the reader count as one."""
    path: list[dict[str, str]] = []
    for entry in entries_of(session, case.id):
        if entry.kind != "case.stage_set":
            continue
        text = _stage_title(case_type, str(entry.facts["stage"]), reader)
        if text and (not path or path[-1]["text"] != text):
            path.append({"on": _local_day(entry.at, zone), "text": text})
    return path


def _contents(session: Session, case: Case, reader: Actor, zone: ZoneInfo) -> dict[str, Any]:
    """The latest writing of each form that the reader may read."""
    return {
        writing.kind: plain(from_json(dict(writing.body)), zone) for writing in contents.read(session, reader, case)
    }
