"""What was given in a case and by whom, as the pages of a case and of its tasks show it.

Objects, what a decision table said of each, sums per giver, and who may be one person.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from webapp.formats import number as written_number
from webapp.formats import short_day
from webapp.languages import spoken
from workflows import money
from workflows.access.policy import visible_cases
from workflows.cases.models import Case
from workflows.catalogue.guiding import PublicCheck
from workflows.catalogue.manifest import CaseType
from workflows.catalogue.queries import form as form_of
from workflows.catalogue.queries import manifest, version
from workflows.feel.values import from_json
from workflows.forms.schema import Component, Form
from workflows.items import queries
from workflows.items.models import Item
from workflows.items.operations import RIGHT
from workflows.items.queries import GiverSum, ItemView, Match
from workflows.processes.models import DecisionRecord, ProcessInstance
from workflows.processes.queries import last_answers
from workflows.transaction import Actor, permits

# So many rows stand on the page at once; a wedding has three hundred.
PER_PAGE = 50
KIND, PAGE = "jenis", "objek"


@dataclass(frozen=True)
class Line:
    """One object in words."""

    id: UUID
    giver_id: UUID
    ordinal: int
    giver: str
    kind: str
    description: str
    # As it was told, and in rupiah with its rate where it was another currency.
    amount: str
    value: str
    received_on: date
    # "recorded" or "withdrawn".
    state: str
    counts: bool
    # Whether an officer corrected it; what a table had answered before is not told then.
    amended: bool
    # What the table that a case type explains to everybody answered for it last, and on what basis; empty before it
    # was asked.
    ruling: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Facet:
    """A kind of object by which the table can be narrowed."""

    label: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True)
class Given:
    """Everything about objects and givers."""

    lines: tuple[Line, ...]
    total: int
    # Rupiah of those of them that count.
    value: int
    facets: tuple[Facet, ...]
    # Addresses of the pages before and after this one; empty where there is none.
    before: str
    after: str
    sums: tuple[GiverSum, ...]
    # How many givers are left out of the sums.
    more_givers: int
    relations: Mapping[str, str]
    years: tuple[int, ...]
    matches: tuple[Match, ...]
    rolling: bool
    # Whether the reader may correct what was recorded.
    may_correct: bool


def given_in(session: Session, actor: Actor, case: Case, instance: ProcessInstance | None) -> Given | None:
    """Give what the pages show, in the words of the edition of a run of the case.

    None where its case type knows no objects, none was recorded, or the reader may not read the case.
    """
    edition = version(session, instance.version_id) if instance is not None else None
    case_type = manifest(session, edition) if edition is not None else None
    if instance is None or edition is None or case_type is None or case_type.items is None:
        return None
    items = queries.items_of(session, actor, case)
    if not items:
        return None
    visible = visible_cases(session, actor)
    words = _words(case_type, form_of(session, edition, case_type.start_form))
    ruled = _ruled(session, instance, case_type.public_check, items)
    # Of a confidential case nothing is put into addresses, which end up in histories and logs.
    wanted = "" if case.confidential else request.args.get(KIND, "")
    narrowed = [item for item in items if not wanted or item.row.kind == wanted]
    page = max(request.args.get(PAGE, 1, type=int), 1)
    shown = narrowed[(page - 1) * PER_PAGE : page * PER_PAGE]
    sums = sorted(queries.sums_of(session, actor, visible, case, case_type.items.window), key=lambda each: -each.here)
    return Given(
        lines=tuple(_line(item, words, ruled.get(item.row.id, ("", ""))) for item in shown),
        total=len(narrowed),
        value=sum(item.row.value or 0 for item in narrowed if item.row.state == "recorded" and item.row.counts),
        facets=() if case.confidential else _facets(items, words, wanted),
        before=_address(wanted, page - 1) if page > 1 else "",
        after=_address(wanted, page + 1) if page * PER_PAGE < len(narrowed) else "",
        sums=tuple(sums[:PER_PAGE]),
        more_givers=max(len(sums) - PER_PAGE, 0),
        relations=words.get("relation", {}),
        years=tuple(sorted({year for each in sums for year in each.by_year})),
        matches=tuple(queries.matches_of(session, actor, visible, case)),
        rolling=case_type.items.window == "rolling",
        may_correct=permits(session, actor, RIGHT, case),
    )


def _line(item: ItemView, words: Mapping[str, Mapping[str, str]], ruled: tuple[str, str]) -> Line:
    row = item.row
    amount = money.written(_plain(row.amount), row.currency) if row.amount is not None else ""
    value = money.written(row.value) if row.value is not None else ""
    rate = f"{value} ({_rate(row, words)})" if row.rate is not None else value
    several = row.quantity is not None and row.quantity != 1
    quantity = f" ({written_number(_plain(row.quantity))} ×)" if several and row.quantity is not None else ""
    return Line(
        id=row.id,
        giver_id=row.giver_id,
        ordinal=row.ordinal,
        giver=item.giver.name,
        kind=words.get("kind", {}).get(row.kind or "", row.kind or ""),
        description=item.description + quantity,
        amount=amount,
        value=rate,
        received_on=row.received_on,
        state=row.state,
        counts=row.counts,
        amended=row.amended_at is not None,
        ruling=ruled[0],
        basis=ruled[1],
    )


def _rate(row: Item, words: Mapping[str, Mapping[str, str]]) -> str:
    """Say by which rate, whose, and of which day."""
    source = words.get("rate_source", {}).get(row.rate_source or "", row.rate_source or "")
    on = short_day(row.rate_on) if row.rate_on is not None else ""
    rate = f"{row.currency} = {written_number(_plain(row.rate))}" if row.rate is not None else ""
    return ", ".join(filter(None, (rate, source, on)))


def _ruled(
    session: Session, instance: ProcessInstance, check: PublicCheck | None, items: Sequence[ItemView]
) -> dict[UUID, tuple[str, str]]:
    """Give what the table answered last for each object, in the words of the guided check, and its basis.

    A decision that is asked for every object keeps its answers in the order of the objects. Answers that are not as
    many as the objects, or that read other facts than these, are answers about something else.
    """
    if check is None:
        return {}
    recorded = [item.row for item in items if item.row.state == "recorded"]
    answers = last_answers(session, instance.id, check.decision)
    if len(answers) != len(recorded):
        return {}
    pairs = list(zip(recorded, answers, strict=True))
    # A correction takes its own row out, and no other.
    if not all(row.amended_at is not None or _is_about(record, row) for row, record in pairs):
        return {}
    found = {}
    for row, record in pairs:
        if not _is_about(record, row):
            continue
        answer = record.answer[0] if record.answer else {}
        ruling = check.rulings.get(str(answer.get(check.result)))
        if ruling is not None:
            shown = (str(answer[name]) for name in check.shows if answer.get(name))
            found[row.id] = (spoken(ruling), "; ".join(shown))
    return found


def _is_about(record: DecisionRecord, row: Item) -> bool:
    """Tell whether a decision read these facts of the object, as far as it names them alike, and since the last
    correction."""
    if row.amended_at is not None and row.amended_at > record.at:
        return False
    facts = {"kind": row.kind, "form": row.form, "received_on": row.received_on}
    read = from_json(record.inputs)
    return all(read[name] == value for name, value in facts.items() if name in read)


def _plain(number: Decimal) -> Decimal:
    """Give a number without the zeros that its column keeps."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _facets(items: Sequence[ItemView], words: Mapping[str, Mapping[str, str]], wanted: str) -> tuple[Facet, ...]:
    kinds = Counter(item.row.kind for item in items if item.row.kind)
    if len(kinds) < 2:
        return ()
    return tuple(
        Facet(words.get("kind", {}).get(kind, kind), count, _address("" if kind == wanted else kind, 1), kind == wanted)
        for kind, count in kinds.most_common()
    )


def _address(kind: str, page: int) -> str:
    query = {key: value for key, value in ((KIND, kind), (PAGE, page if page > 1 else "")) if value}
    return f"{request.path}?{urlencode(query)}#objek-pemberi" if query else f"{request.path}#objek-pemberi"


def _words(case_type: CaseType, form: Form) -> dict[str, dict[str, str]]:
    """Give the words for the codes of choices, by fact."""
    items = case_type.items
    if items is None:
        return {}
    facts = {**items.fields, **items.givers.fields}
    fields: dict[str, Component] = {each.key: each for each in form.fields}
    return {
        fact: {option.value: option.label() for option in fields[name].options}
        for fact, name in facts.items()
        if name in fields
    }
