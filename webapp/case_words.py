"""Words that case types and registers bring themselves: titles of types, stages, dispositions,
roles, deadlines, units and places.

Templates ask for them by id. An id that the newest edition no longer knows stays visible as it is, since an old case
may still bear it. Words of the application itself are in `labels`.
"""

import functools
from datetime import datetime

from flask import Flask, g

from webapp import assets
from webapp.extensions import db
from workflows.calendar.queries import current_calendar
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.queries import case_types, manifest, newest_version
from workflows.deadlines.counting import due
from workflows.errors import NotFound
from workflows.intake.operations import title_of
from workflows.language import say
from workflows.people.queries import all_roles, unit_by_code
from workflows.processes.office import current_office


def init_case_words(app: Flask) -> None:
    """Offer the words to every template."""
    app.jinja_env.globals.update(
        case_type_title=case_type_title,
        deadline_title=deadline_title,
        disposition_title=disposition_title,
        place=place,
        place_name=place_name,
        role_title=role_title,
        stage_title=stage_title,
    )


def all_case_types() -> list[tuple[str, str]]:
    """Give the kinds of case that can be opened: (key, title) pairs."""
    return [(record.key, say(record.title, record.title_en)) for record in case_types(db.session())]


def all_stages() -> list[tuple[str, str]]:
    """Give the stages of all kinds of case: (id, title) pairs, each id once.

    Two kinds may name one id differently; the title then tells both.
    """
    titles: dict[str, dict[str, None]] = {}
    for known in map(_case_type, (key for key, _ in all_case_types())):
        for stage in known.stages.values() if known else ():
            titles.setdefault(stage.id, {})[say(stage.title, stage.title_en)] = None
    return [(stage, " / ".join(told)) for stage, told in titles.items()]


def all_districts() -> list[tuple[str, str]]:
    """Give the kecamatan of the regency by name: (code, name) pairs."""
    return sorted(((each["code"], each["name"]) for each in assets.places()["districts"]), key=lambda pair: pair[1])


def case_type_title(key: str) -> str:
    """Give the title of a kind of case."""
    case_type = _case_type(key)
    return say(case_type.title, case_type.title_en) if case_type else key


def stage_title(case_type_key: str, stage: str) -> str:
    """Give the title of a stage."""
    case_type = _case_type(case_type_key)
    known = case_type.stages.get(stage) if case_type else None
    return say(known.title, known.title_en) if known else stage


def disposition_title(case_type_key: str, disposition: str | None) -> str:
    """Give the words for how a case ended; nothing while it runs."""
    if disposition is None:
        return ""
    case_type = _case_type(case_type_key)
    known = case_type.dispositions.get(disposition) if case_type else None
    return say(known.title, known.title_en) if known else disposition


def deadline_title(deadline_id: str, at: datetime) -> str:
    """Give what a deadline is called in the register as it stood then; nothing for one that it forgot."""
    title = title_of(current_office(), deadline_id, at)
    return "" if title == deadline_id else title


def end_of_deadline(deadline_id: str, since: datetime) -> datetime | None:
    """Give the instant at which a deadline that counts from `since` is over; None where no rule was in force then."""
    office, session = current_office(), db.session()
    try:
        rule = office.register.rule(deadline_id, since.astimezone(office.zone).date())
    except NotFound:
        return None
    return due(rule, since, current_calendar(session), office.zone, reading="lenient").due_at


def place_name(code: str | None) -> str:
    """Give the name of a kecamatan or village of the regency by its code; nothing for no code."""
    return _places().get(code, code) if code else ""


def place(district: str | None, village: str | None) -> str:
    """Give village and kecamatan by their codes, as one writes them; nothing when neither is known."""
    return ", ".join(name for name in (place_name(village), place_name(district)) if name)


def unit_name(code: str | None) -> str:
    """Give the name of a unit by its code; nothing for no code."""
    if not code:
        return ""
    known: dict[str, str] = g.setdefault("unit_names", {})
    if code not in known:
        unit = unit_by_code(db.session(), code)
        known[code] = say(unit.name, unit.name_en) if unit else code
    return known[code]


def role_title(role_id: str) -> str:
    """Give the title of a role; the reporter, whom reminders reach too, holds no office."""
    if role_id == "reporter":
        return say("Pelapor", "Reporter")
    if "roles" not in g:
        g.roles = {role.id: role for role in all_roles(db.session())}
    role = g.roles.get(role_id)
    return say(role.title, role.title_en) if role else role_id


def _case_type(key: str) -> CaseType | None:
    known: dict[str, CaseType | None] = g.setdefault("case_types", {})
    if key not in known:
        try:
            known[key] = manifest(db.session(), newest_version(db.session(), key))
        except NotFound:
            known[key] = None
    return known[key]


@functools.cache
def _places() -> dict[str, str]:
    districts = assets.places()["districts"]
    return {place["code"]: place["name"] for district in districts for place in (district, *district["villages"])}
