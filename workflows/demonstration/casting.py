"""Who does what in the demonstration, and what exactly they type and attach."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.demonstration.photographs import photograph
from workflows.demonstration.scripts import TODAY, Report, Step
from workflows.evidence.uploads import Upload
from workflows.forms.answers import numbered
from workflows.forms.schema import Component, Form
from workflows.people.queries import actor_for, holders_of, rights_of, user_by_login
from workflows.processes.operations import NO_CONFLICT, Posted
from workflows.tasks.models import Task
from workflows.transaction import NOBODY, Actor, permits

# The number of a row in the name of a field.
_ROW = re.compile(r"\[\d+\]")
# What a ticked box posts.
_TICKED = "true"
# The right by which one knows a superior.
_SUPERIOR = "task.assign"


@dataclass
class Cast:
    """Who may be sent on stage: everybody with the roles that they fill at one instant, asked for once each."""

    roles_at: datetime
    # Those who fill a role in a unit (None: anywhere), superiors last.
    _holders: dict[tuple[str, UUID | None], list[Actor]] = field(default_factory=dict)

    def reporter(self, session: Session, report: Report) -> Actor:
        """Give who files the report: the user it names, or somebody without an account."""
        user = user_by_login(session, report.by) if report.by else None
        return actor_for(session, user.id, self.roles_at) if user is not None else NOBODY

    def performer(self, session: Session, task: Task, report: Report) -> Actor | None:
        """Give who does the task: its holder, else somebody who may; None when there is nobody.

        Superiors, who could give the task to others, leave the daily work to those.
        """
        if task.assignee_id is not None:
            return actor_for(session, task.assignee_id, self.roles_at)
        barred = _performers_of(session, task)
        able = (
            actor
            for actor in self._in_turn(session, task, report)
            if actor.user_id not in barred and permits(session, actor, "task.work", task)
        )
        return next(able, None)

    def _in_turn(self, session: Session, task: Task, report: Report) -> Iterator[Actor]:
        """Give the holders of the task's role, beginning with another one for each report; superiors last."""
        asked = (task.role, task.unit_id)
        if asked not in self._holders:
            users = holders_of(session, task.role, self.roles_at, unit_id=task.unit_id)
            self._holders[asked] = [actor_for(session, user.id, self.roles_at) for user in users]
        superior = {actor: _SUPERIOR in rights_of(session, actor.roles) for actor in self._holders[asked]}
        daily = [actor for actor in self._holders[asked] if not superior[actor]]
        first = int(report.share(task.element) * len(daily))
        yield from (*daily[first:], *daily[:first])
        yield from (actor for actor in self._holders[asked] if superior[actor])


def posted_report(report: Report, form: Form, filed_on: date) -> Posted:
    """Give the report as a browser would post it; days are counted from the day of filing, rows of lists numbered."""
    dates = {component.name for component in form.fields if component.type == "datetime"}
    posted: dict[str, list[str]] = {}
    for name, value in numbered(report.fields):
        if name == "at":
            posted["latitude"], posted["longitude"] = ([str(degrees)] for degrees in value)
        elif _ROW.sub("[]", name) in dates and isinstance(value, int):
            posted[name] = [(filed_on + timedelta(days=value)).isoformat()]
        elif value is not False:
            posted[name] = [_TICKED if value is True else str(value)]
    return posted


def posted_step(step: Step, today: date, *, recusal: bool = False) -> Posted:
    """Give the answers of a step as a browser would post them, with the declaration that the diagram asks for."""
    posted: dict[str, list[str]] = {
        field: [answer.replace(TODAY, today.isoformat())] for field, answer in step.answers.items()
    }
    return {**posted, NO_CONFLICT: [_TICKED]} if recusal else posted


def pictures(label: str, form: Form | None) -> list[Upload]:
    """Draw the photograph of that label for the form's first field that takes files; nothing without either."""
    field: Component | None = next((each for each in form.fields if each.type == "filepicker"), None) if form else None
    if not label or field is None:
        return []
    name = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
    return [Upload(field.name, f"{name}.jpg", io.BytesIO(photograph(label)))]


def _performers_of(session: Session, task: Task) -> set[UUID | None]:
    """Give who did one of the steps whose performer may not do this one."""
    elements = [element.strip() for element in (task.four_eyes or "").split(",") if element.strip()]
    done = select(Task.completed_by_id).where(Task.instance_id == task.instance_id, Task.element.in_(elements))
    return set(session.scalars(done)) if elements else set()
