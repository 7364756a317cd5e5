"""Lists of cases and counts over them, a page at a time.

Which cases a reader may see comes in as a condition: `access.policy.visible_cases(session, actor)`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from workflows.cases import contents
from workflows.cases.models import Case
from workflows.cases.queries import HANDLER, CaseHeader, header_of, lines
from workflows.cases.search import matches
from workflows.feel.clock import office_zone

# Rows of a list are counted up to here, ten pages; beyond, a page says "more than". Whoever has more narrows the list.
COUNT_LIMIT = 250
# Most rows that a page of a list may hold.
MOST_PER_PAGE = 50


@dataclass(frozen=True)
class CaseFilters:
    """What a list of cases is narrowed to; empty means all."""

    case_type: str = ""
    stage: str = ""
    # Code of the handling unit.
    office: str = ""
    district: str = ""
    category: str = ""
    # "open", "closed" or empty.
    state: str = ""
    search: str = ""
    opened_from: date | None = None
    opened_to: date | None = None


@dataclass(frozen=True)
class CasePage:
    """One page of a list of cases."""

    rows: tuple[CaseHeader, ...]
    # Number of matching cases, counted up to COUNT_LIMIT; `more` says that there are more.
    total: int
    more: bool
    page: int
    per_page: int


def list_cases(
    session: Session,
    visible: ColumnElement[bool],
    filters: CaseFilters,
    *,
    page: int = 1,
    per_page: int = 25,
    zone: ZoneInfo | None = None,
) -> CasePage:
    """Give one page of the cases that `visible` holds for, newest first.

    `visible` is `access.policy.visible_cases(session, actor)`.
    """
    chosen = lines().where(visible, *_narrowed(filters, zone or office_zone()))
    per_page = max(1, min(per_page, MOST_PER_PAGE))
    page = max(1, page)
    total, more = bounded_count(session, chosen)
    rows = session.execute(
        chosen.order_by(Case.opened_at.desc(), Case.id).offset((page - 1) * per_page).limit(per_page)
    ).all()
    summaries = contents.summaries(session, visible, [row[0].id for row in rows])
    return CasePage(
        rows=tuple(header_of(row, summaries.get(row[0].id)) for row in rows),
        total=total,
        more=more,
        page=page,
        per_page=per_page,
    )


def bounded_count(session: Session, chosen: Select[*tuple[Any, ...]], *, limit: int = COUNT_LIMIT) -> tuple[int, bool]:
    """Count rows up to `limit`, and tell whether there are more: a page must not cost more in a large office."""
    some = chosen.with_only_columns(Case.id).order_by(None).limit(limit + 1).subquery()
    counted = session.scalar(select(func.count()).select_from(some)) or 0
    return min(counted, limit), counted > limit


def _narrowed(filters: CaseFilters, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Give the conditions that the filters mean."""
    equal = {
        Case.case_type: filters.case_type,
        Case.stage: filters.stage,
        Case.district: filters.district,
        Case.category: filters.category,
        HANDLER.code: filters.office,
    }
    conditions = [column == wanted for column, wanted in equal.items() if wanted]
    if filters.state:
        conditions.append(Case.closed_at.is_(None) if filters.state == "open" else Case.closed_at.is_not(None))
    if filters.search.strip():
        conditions.append(matches(filters.search))
    if filters.opened_from is not None:
        conditions.append(Case.opened_at >= datetime.combine(filters.opened_from, time.min, tzinfo=zone))
    if filters.opened_to is not None:
        after = datetime.combine(filters.opened_to + timedelta(days=1), time.min, tzinfo=zone)
        conditions.append(Case.opened_at < after)
    return conditions
