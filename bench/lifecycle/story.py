"""The story that the reference lifecycle is played with: twenty-one acts, about 6 KB of case data at the end.

One round of rework and one of more information. The same acts go to both spellings of the diagrams and to the token
game, so that their traces can be compared.
"""

import random
from dataclasses import dataclass
from typing import Any

_WORDS = [
    *("warga", "melapor", "jalan", "rusak", "sejak", "bulan", "lalu", "petugas", "dinas", "belum", "datang", "sudah"),
    *("dihubungi", "dua", "kali", "lampu", "gelap", "anak", "sekolah", "jatuh", "hujan", "lubang", "aspal", "janji"),
    *("surat", "camat", "foto", "lokasi", "bukti", "saksi", "biaya", "kontrak", "anggaran", "pekerjaan", "temuan"),
]


@dataclass(frozen=True)
class Act:
    """Somebody completes a task, or a message comes."""

    # Element of the task, or name of the message.
    name: str
    answers: dict[str, Any]
    is_message: bool = False


def story() -> tuple[Act, ...]:
    """Give the acts in order; always the same."""
    return (
        Act(
            "register",
            {
                "complaint": {
                    "number": "PGD-2026-00017",
                    "received": "2026-03-02T09:12:00+07:00",
                    "channel": "web",
                    "story": _prose(1400),
                    "reporter": {"name": "Warga", "phone": "0812-0000-0000", "address": ["Jalan Merdeka 1", "Kota"]},
                },
                "severity": 3,
                "vulnerable": False,
            },
        ),
        Act("check_remit", {"ours": True, "remit": {"checked_by": "u12", "notes": _prose(200)}}),
        Act("acknowledge", {"acknowledgement": {"sent": "2026-03-03", "letter": "L1", "by": "u12"}}),
        Act("assign", {"assignment": {"caseworker": "u44", "team": "Utara"}}),
        Act("plan", {"plan": {"steps": ["read", "ask", "visit"], "notes": _prose(200)}, "withdrawn": False}),
        Act("request", {"request": {"to": "dinas", "text": _prose(200), "due": "2026-03-20"}}),
        Act("information_received", {"reply": {"text": _prose(200), "number": 1}}, is_message=True),
        Act("analyse", {"analysis": {"text": _prose(500)}, "need_more": True}),
        Act("request", {"request": {"to": "camat", "text": _prose(200), "due": "2026-03-27"}}),
        Act("information_received", {"reply": {"text": _prose(200), "number": 2}}, is_message=True),
        Act("analyse", {"analysis": {"text": _prose(600)}, "need_more": False}),
        Act("record_findings", {"findings": {"upheld": True, "text": _prose(800)}}),
        Act("draft", {"decision": {"text": _prose(1500), "version": 1}}),
        Act("review", {"rework": True, "quality": {"comments": _prose(200), "score": 3}}),
        Act("draft", {"decision": {"text": _prose(1600), "version": 2}}),
        Act("review", {"rework": False, "quality": {"comments": _prose(200), "score": 4}}),
        Act("sign_off", {"approval": {"by": "u2", "at": "2026-04-01"}}),
        Act("offer", {"accepted": True, "offer": {"amount": 250000, "terms": _prose(200)}}),
        Act("pay", {"payment": {"reference": "P1", "at": "2026-04-10"}}),
        Act("notify", {"notice": {"sent": True}}),
        Act("close", {"closing": {"code": "upheld", "at": "2026-04-12"}}),
    )


def _prose(length: int) -> str:
    """Give that many characters of text, which no compression or sharing finds again."""
    dice = random.Random(length)
    text = ""
    while len(text) < length:
        text += dice.choice(_WORDS) + " "
    return text[:length]
