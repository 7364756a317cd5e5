"""The guided check: one question after another, then what the table of the published edition answers and why.

Nothing is kept: what was answered travels in the page itself, from one question to the next. Every step looks at all
answers anew, so a question that an earlier answer makes needless is never asked, and no order of posts can skip one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import make_response, render_template, request
from flask_babel import format_decimal, to_user_timezone
from werkzeug.wrappers import Response

from webapp import form_fields
from webapp.extensions import db
from webapp.fields import Field
from webapp.formats import day
from webapp.kept_files import DomainProblem
from webapp.portal import reporting
from webapp.portal.offers import Offer, offer, offers
from webapp.transaction import now
from workflows.calendar.queries import current_calendar
from workflows.catalogue import guiding
from workflows.catalogue import queries as catalogue
from workflows.catalogue.guiding import Answered, PublicCheck
from workflows.deadlines import explaining
from workflows.deadlines.rules import Rule
from workflows.errors import InvalidAnswers, NotFound
from workflows.feel.values import read_date
from workflows.forms import answers
from workflows.forms.schema import Form
from workflows.processes.office import current_office

# Names of ours among what is posted; no field of a form begins with an underscore.
ANSWERED, BACK = "_answered", "_back"
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Offered:
    """A guided check with the case type that offers it."""

    offer: Offer
    check: PublicCheck
    form: Form


@dataclass(frozen=True)
class Told:
    """A question that was answered, with the answer in words."""

    name: str
    question: str
    answer: str
    # What was posted, to be carried on.
    values: Sequence[str]


@dataclass(frozen=True)
class Due:
    """A deadline that follows, in both readings."""

    rule: Rule
    # (last day, how it was counted) with joint leave as working days, and without.
    strict: tuple[date, str]
    lenient: tuple[date, str]
    passed: bool


@dataclass(frozen=True)
class _State:
    """Where the questions stand."""

    told: tuple[Told, ...]
    # The question to ask now; None when all are answered.
    asked: Field | None
    # How many questions the form has at most.
    most: int
    # Whether the answer that was just given has to be mended.
    refused: bool


def start() -> str:
    """Show the checks that are offered; the only one begins at once."""
    found = [case_type for case_type in offers() if case_type.public_check is not None]
    if len(found) == 1:
        return _question(_offered(found[0].key), {})
    return render_template("portal/checks.html", case_types=found)


def begin(case_type: str) -> str:
    """Ask the first question."""
    return _question(_offered(case_type), {})


def answer(case_type: str) -> Response:
    """Take an answer and ask the next question, or tell what follows."""
    offered = _offered(case_type)
    typed: Typed = dict(request.form.lists())
    state = _state(offered.form, typed)
    if state.asked is not None:
        return make_response(_question(offered, typed), 422 if state.refused else 200)
    return make_response(_result(offered, typed, state))


def report_checked(case_type: str) -> str | Response:
    """Show the form of the report with what the check knows already."""
    offered = _offered(case_type)
    kept = _only_answered(offered.form, dict(request.form.lists()))
    try:
        values = _values(offered.form, kept)
    except InvalidAnswers:
        # Nothing that the check would show; the form of the report asks again.
        values = {}
    return reporting.begin_with(offered.offer, guiding.prefilled(offered.check, values))


def _offered(case_type: str) -> Offered:
    found = offer(case_type)
    check = found.case_type.public_check
    if check is None:
        raise NotFound("case_type.no_check", case_type=case_type)
    return Offered(found, check, catalogue.form(db.session(), found.version, check.form))


def _state(form: Form, typed: Typed) -> _State:
    """Find the first question that is seen and has no fit answer."""
    kept = _only_answered(form, typed)
    problems = [problem for problem in _problems(form, kept) if problem[0] in kept]
    # Whoever goes back to a question finds there what was answered.
    drawn, _ = form_fields.draw(form, posted={**typed, **kept}, problems=problems)
    seen = {field.name: field for field in form_fields.flatten(drawn) if not field.hidden}
    told: list[Told] = []
    for component in form.fields:
        field = seen.get(component.name)
        if field is None:
            continue
        if field.name not in kept or field.error:
            return _State(tuple(told), field, len(form.fields), bool(field.error))
        told.append(Told(field.name, field.label, _in_words(field), kept[field.name]))
    return _State(tuple(told), None, len(form.fields), False)


def _only_answered(form: Form, typed: Typed) -> dict[str, Sequence[str]]:
    """Give what was posted for the questions that were asked, up to the one that somebody wants to change."""
    asked = set(typed.get(ANSWERED, ()))
    back = next(iter(typed.get(BACK, ())), None)
    kept: dict[str, Sequence[str]] = {}
    for component in form.fields:
        if component.name == back:
            break
        if component.name in asked:
            kept[component.name] = typed.get(component.name, ())
    return kept


def _problems(form: Form, kept: Typed) -> Sequence[DomainProblem]:
    try:
        answers.read(form, kept, clock=form_fields.clock())
    except InvalidAnswers as error:
        return error.problems
    return ()


def _values(form: Form, kept: Typed) -> Mapping[str, object]:
    return answers.read(form, kept, clock=form_fields.clock()).values


def _in_words(field: Field) -> str:
    if field.options:
        return ", ".join(option.label for option in field.options if option.chosen)
    text = str(field.value)
    if field.kind == "date":
        # Browsers post days as 2026-01-31; what somebody typed in words is shown as it is.
        return day(read_date(text)) or text
    if field.kind == "number" and text.isdecimal():
        text = format_decimal(text)
    return f"{field.prefix} {text} {field.suffix}".strip() if text else ""


def _question(offered: Offered, typed: Typed) -> str:
    state = _state(offered.form, typed)
    problems = [(state.asked.id, state.asked.error)] if state.asked is not None and state.refused else []
    return render_template("portal/check.html", offered=offered, state=state, problems=problems)


def _result(offered: Offered, typed: Typed, state: _State) -> str:
    values = _values(offered.form, _only_answered(offered.form, typed))
    bundle = catalogue.bundle(db.session(), offered.offer.version)
    answered = guiding.look_up(bundle, offered.check, values, now=now())
    return render_template(
        "portal/checked.html", offered=offered, state=state, answered=answered, due=_due(offered.check, answered)
    )


def _due(check: PublicCheck, answered: Answered) -> Sequence[Due]:
    """Count the deadlines that follow; one that is not in force on that day is left out."""
    if not answered.ruling.duty or answered.effective_on is None:
        return ()
    office = current_office()
    # The office's own calendar begins last year; older days are counted by the packaged one.
    calendar = current_calendar(db.session()) if answered.effective_on.year >= now().year - 1 else None
    today = to_user_timezone(now()).date()
    found = []
    for deadline in check.deadlines:
        try:
            rule = office.register.rule(deadline, answered.effective_on)
            strict, lenient = (
                (date.fromisoformat(each.iso_date), each.sentence)
                for each in explaining.answer(
                    deadline, answered.effective_on, None, office.register, calendar, office.zone
                )
            )
        except NotFound:
            continue
        found.append(Due(rule, strict, lenient, lenient[0] < today))
    return found
