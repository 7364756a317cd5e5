"""The case types as the public meets them: which take reports, and what happens when nobody acts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext, to_user_timezone

from webapp.actor import signed_in
from webapp.extensions import db
from webapp.languages import spoken
from workflows.calendar.queries import current_calendar
from workflows.catalogue import queries as catalogue
from workflows.catalogue import seasons
from workflows.catalogue.manifest import CaseType, Season
from workflows.catalogue.models import ProcessVersion
from workflows.deadlines.rules import Rule
from workflows.errors import NotFound
from workflows.forms.schema import Form
from workflows.processes.office import current_office


@dataclass(frozen=True)
class Offer:
    """A case type that takes reports, in the edition on which a new report starts."""

    version: ProcessVersion
    case_type: CaseType
    form: Form


@dataclass(frozen=True)
class Rung:
    """A step of the ladder, as the home page tells it."""

    # For example "3 hari kerja".
    span: str
    # Who is told, and since when the days are counted.
    title: str
    trigger: str


def offer(key: str) -> Offer:
    """Give the case type that is reported at this address; raise NotFound."""
    session = db.session()
    version = catalogue.newest_version(session, key)
    case_type = catalogue.manifest(session, version)
    return Offer(version, case_type, catalogue.form(session, version, case_type.start_form))


def offers() -> list[CaseType]:
    """Give the case types that this reader may report, in the order in which they were published."""
    session = db.session()
    versions = (catalogue.newest_version(session, record.key) for record in catalogue.case_types(session))
    found = [catalogue.manifest(session, version) for version in versions]
    return [case_type for case_type in found if case_type.reporters != "staff" or signed_in()]


def season(case_type: CaseType, now: datetime) -> Season | None:
    """Give the season of the case type that runs today."""
    if not case_type.seasons:
        return None
    return seasons.running(case_type, current_calendar(db.session()), to_user_timezone(now).date())


def ladder(case_type: CaseType, now: datetime) -> Sequence[Rung]:
    """Give the steps of the ladder as they stand today; a step whose rule is not in force is left out."""
    rules = current_office().register
    today = to_user_timezone(now).date()
    rungs = []
    for rung in case_type.ladder:
        try:
            rule = rules.rule(rung.deadline, today)
        except NotFound:
            continue
        rungs.append(Rung(_span(rule), spoken(rung), spoken(rule, "trigger")))
    return rungs


def _span(rule: Rule) -> str:
    if rule.unit == "working_days":
        return ngettext("%(num)s hari kerja", "%(num)s hari kerja", rule.length)
    if rule.unit == "calendar_days":
        return ngettext("%(num)s hari", "%(num)s hari", rule.length)
    return gettext("%(hours)s jam", hours=rule.length)
