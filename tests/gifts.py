"""Reports that tell of gifts, for tests of objects and givers."""

import json
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from case_factories import SAMPLE, create_case
from factories import NOW
from workflows.cases import contents, parties
from workflows.cases.models import Case
from workflows.catalogue.manifest import GiverFields, ItemFields
from workflows.feel.values import to_json
from workflows.transaction import Tx

# What a civil servant answers on the form of the gift desk: a draft, and the whole report.
DRAFT = {
    "report_kind": "receipt", "draft": "true", "title": "Jam tangan dari kakak", "event": "birthday",
    "received_on": (NOW - timedelta(days=3)).date().isoformat(), "privacy_read": "true",
}  # fmt: skip
FULL = {name: text for name, text in DRAFT.items() if name != "draft"} | {
    "received_at": "Rumah", "givers[0].giver_name": "Kakak Kandung", "givers[0].giver_relation": "family",
    "objects[0].description": "Jam tangan", "objects[0].giver": "1", "objects[0].kind": "a",
    "objects[0].object_class": "5", "objects[0].form": "goods", "objects[0].quantity": "1",
    "objects[0].amount": "2.500.000", "objects[0].currency": "IDR", "objects[0].valued_by": "estimate",
    "objects[0].place": "reporter", "chronology": "Kakak memberi jam tangan pada hari ulang tahun saya.",
    "name": "Siti Rekaan", "identity_number": "1205015102930001", "position": "Guru", "home_address": "Stabat",
    "phone": "0800 000 0000", "truthful": "true",
}  # fmt: skip

JAKARTA = ZoneInfo("Asia/Jakarta")
NIP = "198001012005011001"
MAPPING = ItemFields(
    list="objects",
    window="rolling",
    receiver=MappingProxyType({"number": "nip"}),
    fields=MappingProxyType(
        {name: name for name in ("kind", "description", "amount", "currency", "rate", "rate_source", "rate_on",
                                 "received_on", "event", "perishable", "quantity")}
    ),
    flags=("conflict",),
    givers=GiverFields("objects", None, MappingProxyType({"name": "giver", "number": "nik", "relation": "relation"})),
)  # fmt: skip


def tell(
    tx: Tx, *rows: Mapping[str, Any], nip: str = NIP, case: Case | None = None, form: str = "report", **around: Any
) -> Case:
    """File a report (or complete it) whose list tells of these objects."""
    if case is None:
        case = create_case(tx)
        parties.add_party(tx, case, "reporter", {"nip": nip})
    contents.put(tx, case, form, to_json({"objects": list(rows), **around}))
    return case


def gift_files() -> dict[str, bytes]:
    """Give the files by which the case type "sample" tells of gifts: lists in report, task and message."""
    manifest = (SAMPLE / "case-type.yml").read_text(encoding="utf-8")
    manifest = manifest.replace("identity: [name, email]", "identity: [name, nip]") + ITEMS
    check = json.loads((SAMPLE / "forms" / "check.form").read_bytes())
    check["components"].append(NOTES)
    reply = json.loads((SAMPLE / "forms" / "reply.form").read_bytes())
    reply["components"].append({**NOTES, "properties": {"row": "Temuan", "import": "spreadsheet"}})
    return {
        "case-type.yml": manifest.encode(),
        "forms/report.form": json.dumps({"type": "default", "id": "report", "components": REPORT}).encode(),
        "forms/check.form": json.dumps(check).encode(),
        "forms/reply.form": json.dumps(reply).encode(),
    }


ITEMS = """
items:
  list: objects
  receiver: {number: nip}
  fields:
    {kind: kind, description: description, amount: amount, currency: currency, rate: rate, received_on: received_on}
  flags: [conflict]
  givers: {list: objects, name: giver, number: nik}
"""
NOTES = {
    "type": "dynamiclist", "id": "notes", "path": "notes", "label": "Temuan", "properties": {"row": "Temuan"},
    "components": [
        {"type": "textfield", "id": "what", "key": "what", "label": "Apa", "validate": {"required": True}},
        {"type": "filepicker", "id": "photo", "key": "photo", "label": "Foto"},
    ],
}  # fmt: skip
REPORT: list[dict[str, Any]] = [
    {"type": "textfield", "id": "title", "key": "title", "label": "Judul", "validate": {"required": True}},
    {"type": "textarea", "id": "story", "key": "story", "label": "Uraian"},
    {"type": "textfield", "id": "name", "key": "name", "label": "Nama"},
    {"type": "textfield", "id": "nip", "key": "nip", "label": "NIP"},
    {
        "type": "dynamiclist", "id": "objects", "path": "objects", "label": "Objek",
        "properties": {"row": "Objek", "row_en": "Object", "label_en": "Objects", "max_rows": "400", "min_rows": "1",
                       "import": "spreadsheet"},
        "components": [
            {"type": "textfield", "id": "giver", "key": "giver", "label": "Nama pemberi",
             "validate": {"required": True}},
            {"type": "textfield", "id": "nik", "key": "nik", "label": "NIK pemberi"},
            {"type": "select", "id": "kind", "key": "kind", "label": "Jenis",
             "values": [{"value": "l", "label": "Hadiah pesta"}, {"value": "o", "label": "Rekan kerja"}]},
            {"type": "textfield", "id": "description", "key": "description", "label": "Uraian objek"},
            {"type": "number", "id": "amount", "key": "amount", "label": "Nilai", "validate": {"required": True},
             "properties": {"money": "currency"}},
            {"type": "select", "id": "currency", "key": "currency", "label": "Mata uang", "valuesKey": "currencies",
             "defaultValue": "IDR"},
            {"type": "number", "id": "rate", "key": "rate", "label": "Kurs", "validate": {"required": True},
             "conditional": {"hide": '=currency = null or currency = "IDR"'}},
            {"type": "datetime", "id": "received_on", "key": "received_on", "label": "Tanggal terima",
             "validate": {"required": True}},
            {"type": "checkbox", "id": "conflict", "key": "conflict", "label": "Ada benturan kepentingan"},
            {"type": "filepicker", "id": "photo", "key": "photo", "label": "Foto"},
        ],
    },
]  # fmt: skip
