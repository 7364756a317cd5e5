"""The register of roles: reads `bpmn/shared/roles.yml` and brings the table of roles in line with it."""

from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from workflows import plain_yaml
from workflows.errors import BrokenDefinition, Finding
from workflows.journal.operations import record
from workflows.language import say
from workflows.people.models import Role
from workflows.people.queries import RIGHTS_KNOWN
from workflows.transaction import Tx

_KEYS = {"id", "title", "title_en", "rights"}


def load_roles(tx: Tx, path: Path) -> list[str]:
    """Add the roles of the file and correct those that differ; give the ids of what was added or corrected.

    Journals `role.defined` for each. A role that the file no longer names stays, since memberships refer to it, but
    loses its rights. Raises BrokenDefinition with every finding.
    """
    tx.require("user.manage")

    listed = read_roles(path)

    touched = []
    for place, entry in enumerate(listed):
        role = tx.session.get(Role, entry["id"])
        if role is None:
            role = Role(id=entry["id"], title="", title_en="", rights=[], place=-1)
            tx.session.add(role)
        wanted = {"title": entry["title"], "title_en": entry["title_en"], "rights": entry["rights"], "place": place}
        if any(getattr(role, field) != value for field, value in wanted.items()):
            for field, value in wanted.items():
                setattr(role, field, value)
            touched.append(role.id)
    named = {entry["id"] for entry in listed}
    for role in tx.session.scalars(select(Role).where(Role.id.not_in(named))):
        if role.rights:
            role.rights = []
            touched.append(role.id)
    tx.session.flush()
    tx.session.info.pop(RIGHTS_KNOWN, None)

    for role_id in touched:
        record(tx, "role.defined", role=role_id)
    return touched


def read_roles(path: Path) -> list[dict[str, Any]]:
    """Read the file into entries with id, title, title_en and rights; raise BrokenDefinition with every finding."""
    try:
        document = plain_yaml.load(path.read_bytes())
    except (OSError, yaml.YAMLError, ValueError) as error:
        said = say("Berkas peran tidak terbaca", "The file of roles cannot be read")
        raise BrokenDefinition([Finding("roles.unreadable", said, file=path.name)]) from error
    entries = document.get("roles") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        said = say("Berkas tidak memuat daftar `roles`", "The file has no list `roles`")
        raise BrokenDefinition([Finding("roles.empty", said, file=path.name)])
    findings = []
    seen: set[str] = set()
    for entry in entries:
        if not _is_whole(entry):
            said = say(
                "Setiap peran memerlukan `id`, `title`, `title_en` dan daftar `rights`",
                "Every role needs `id`, `title`, `title_en` and a list `rights`",
            )
            name = entry.get("id") if isinstance(entry, dict) else None
            findings.append(Finding("roles.entry", said, file=path.name, element=str(name) if name else None))
        elif entry["id"] in seen:
            said = say(f"Peran {entry['id']} tertulis dua kali", f"The role {entry['id']} stands there twice")
            findings.append(Finding("roles.twice", said, file=path.name, element=entry["id"]))
        else:
            seen.add(entry["id"])
    if findings:
        raise BrokenDefinition(findings)
    return entries


def _is_whole(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == _KEYS
        and all(isinstance(entry[key], str) and entry[key].strip() for key in ("id", "title", "title_en"))
        and isinstance(entry["rights"], list)
        and all(isinstance(right, str) for right in entry["rights"])
    )
