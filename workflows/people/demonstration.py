"""Loads the demonstration office from its file, through the verbs that administrators use. Never for a real office."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from workflows import plain_yaml
from workflows.people import queries
from workflows.people.mandates import grant_role
from workflows.people.operations import add_user
from workflows.people.passwords import readable_password
from workflows.people.roles import load_roles
from workflows.people.units import add_unit, name_head
from workflows.transaction import Tx

# The register of roles lies beside the folder of the demonstration.
_ROLES = Path("..") / "roles.yml"
# The office has stood for a while: cases of the demonstration are worked in the past, by whoever filled a role then.
_STANDING = timedelta(days=400)


def load_office(tx: Tx, path: Path) -> dict[str, str]:
    """Add the units and users of the file that are not there yet; give the passwords of the new users by login.

    A second call adds nothing and gives nothing: passwords are known only when they are made. Whoever was there keeps
    the password and the roles that somebody may have changed since.
    """
    tx.require("user.manage")

    tx = replace(tx, now=tx.now - _STANDING)
    load_roles(tx, path.parent / _ROLES)
    office: dict[str, Any] = plain_yaml.load(path.read_bytes())

    new_units = [entry for entry in office["units"] if _add_unit(tx, entry)]
    made: dict[str, str] = {}
    for entry in office["users"]:
        if queries.user_by_login(tx.session, entry["login"]) is None:
            made[entry["login"]] = _add_user(tx, entry)
    for entry in new_units:
        head = queries.user_by_login(tx.session, entry["head"]) if "head" in entry else None
        if head is not None and head.active:
            name_head(tx, _unit_id(tx, entry["code"]), head.id)
    return made


def _add_unit(tx: Tx, entry: dict[str, Any]) -> bool:
    if queries.unit_by_code(tx.session, entry["code"]) is not None:
        return False
    add_unit(
        tx,
        code=entry["code"],
        name=entry["name"],
        name_en=entry["name_en"],
        kind=entry["kind"],
        parent_id=_unit_id(tx, entry["parent"]) if "parent" in entry else None,
        reportable=entry.get("reportable", False),
    )
    return True


def _add_user(tx: Tx, entry: dict[str, Any]) -> str:
    """Add a user with the roles of the file and give the password. It need not be changed: it is shown on purpose."""
    password = readable_password()
    user = add_user(
        tx,
        login=entry["login"],
        name=entry["name"],
        password=password,
        employee_number=entry.get("employee_number"),
        position=entry.get("position"),
        email=entry.get("email"),
        must_change_password=False,
    )
    for code, roles in entry.get("roles", {}).items():
        for role in roles:
            grant_role(tx, user.id, role, _unit_id(tx, code))
    return password


def _unit_id(tx: Tx, code: str) -> UUID:
    unit = queries.unit_by_code(tx.session, code)
    if unit is None:
        raise KeyError(f"the office has no unit {code}")
    return unit.id
