"""The reference lifecycle as an office would publish it: our diagrams with a manifest and a form for each act.

The forms are made from the story, so that it is written once. Flags and the severity are what the gateways and the
table need, and become variables; every word goes into the contents, as everywhere in this house.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from lifecycle.story import Act, story

from workflows.catalogue.bundle import Bundle

KEY = "lifecycle"
_FOLDER = Path(__file__).parent
_SHARED = _FOLDER.parents[1] / "bpmn" / "shared"
# Role of the demonstration office that works in each lane, and the sign-in that does.
ROLES = {
    "intake": "intake_officer",
    "casework": "inspector",
    "management": "regional_secretary",
    "quality": "intake_supervisor",
}


def edition() -> Bundle:
    """Make the files of the case type."""
    files = {path.name: path.read_bytes() for path in sorted((_FOLDER / "ours").iterdir())}
    files["process.bpmn"] = _without_words(files.pop("complaint.bpmn"))
    files["case-type.yml"] = yaml.safe_dump(_manifest(), sort_keys=False).encode()
    for act in (Act("report", {"title": "Tentang apa"}), *_once(story())):
        files[f"forms/{act.name}.form"] = json.dumps(_form(act)).encode()
    for name in ("refer", "record_withdrawal", "handle_objection", "review_overdue", "chase"):
        files[f"forms/{name}.form"] = json.dumps(_form(Act(name, {"note": ""}))).encode()
    return Bundle(files, shared_folder=_SHARED)


def posted(act: Act) -> dict[str, list[str]]:
    """Give the answers of an act as a browser posts them."""
    return {name: ["true" if value is True else str(value)] for name, value in leaves(act) if value is not False}


def leaves(act: Act) -> list[tuple[str, Any]]:
    """Give every single answer of an act by the name of its field."""
    return list(_leaves(act.answers, ""))


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}_{key}" if name else key)
    elif isinstance(value, list):
        yield name, ", ".join(value)
    else:
        yield name, value


def _once(acts: tuple[Act, ...]) -> list[Act]:
    return list({act.name: act for act in acts}.values())


def _form(act: Act) -> dict[str, Any]:
    kinds = {bool: "checkbox", int: "number", str: "textarea"}
    components = [
        {
            "id": f"Field_{name}",
            "key": name,
            "type": kinds[type(value)],
            "label": name,
            "properties": {"label_en": name},
        }
        for name, value in leaves(act)
    ]
    return {"schemaVersion": 19, "type": "default", "id": act.name, "components": components}


def _without_words(diagram: bytes) -> bytes:
    """Take out what the called processes hand back in words: it is in the contents already."""
    known = _variables()
    lines = diagram.decode().splitlines(keepends=True)
    handed_back = re.compile(r"\s*<camunda:out source=\"(\w+)\"")
    return "".join(line for line in lines if not (out := handed_back.match(line)) or out[1] in known).encode()


def _variables() -> dict[str, Any]:
    """Declare what the diagrams decide by: whatever the story says in one plain flag or number."""
    kinds = {bool: "boolean", int: "number"}
    handed_back_by = {"withdrawn": "investigate", "need_more": "investigate", "accepted": "remedy"}
    declared = {
        name: {"type": kinds[type(value)], "writers": [act.name, *filter(None, [handed_back_by.get(name)])]}
        for act in story()
        for name, value in act.answers.items()
        if type(value) in kinds
    }
    return declared | {
        "priority": {"type": "string", "writers": ["triage"]},
        "days": {"type": "number", "writers": ["triage"]},
        "overdue_level": {"type": "number", "writers": ["flag"]},
    }


def _manifest() -> dict[str, Any]:
    both = {"title": "Siklus acuan", "title_en": "Reference lifecycle"}
    return {
        "key": KEY,
        **both,
        "description": "Untuk pengukuran.",
        "description_en": "For benchmarks.",
        "reporters": "staff",
        "number": "LC-{year}-{sequence:05d}",
        "start_form": "report",
        "lanes": {lane: {"role": role} for lane, role in ROLES.items()},
        "public_stages": [{"id": "open", **both}],
        "stages": {"open": {**both, "public": "open"}},
        "dispositions": {"upheld": both},
        "reporter_messages": {"information_received": {**both, "form": "information_received"}},
        "retention": {"years": 1, "basis": "Untuk pengukuran"},
        "variables": _variables(),
    }
