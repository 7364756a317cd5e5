"""Writes what a step did to the rows: the run, its path, tasks, timers, messages and jobs, in one statement.

The engine's saved state alone says where a run stands. What inboxes, workers and pages read are projections of it, and
they are true only together. Therefore they are written together: one statement with a part for each kind of row
(PostgreSQL manual, "Data-Modifying Statements in WITH"), the same whatever the step did. A part that is given no rows
costs a few millionths of a second; a statement of its own would cost a hundred times that. All parts see the rows as
they were before, and foreign keys are checked at the end, so the order of the parts means nothing.

The rows travel as one JSON value and take their columns from the models: a new column needs no word here.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, TextClause, inspect, text
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from workflows import jobs
from workflows.errors import AmanahError
from workflows.orm import Base
from workflows.processes.models import AwaitedMessage, PathStep, ProcessInstance, StepRecord, Submission, Timer
from workflows.tasks.models import Task

# What a step may change about a run and about a task that ends.
_RUN = ("tokens", "variables", "revision", "tokens_at", "path_length", "status", "outcome", "ended_at")
_TASK = ("status", "assignee_id", "claimed_at", "completed_at", "completed_by_id")


@dataclass
class Changes:
    """What a step does to the rows of a run."""

    # Values that the run's row takes on, those of `_RUN`.
    run: dict[str, Any] = field(default_factory=dict)
    path: Sequence[PathStep] = ()
    # What moved the run; None when it was cancelled.
    step: StepRecord | None = None
    tasks_made: list[Task] = field(default_factory=list)
    # Tasks that were done or taken away, as they are now.
    tasks_ended: list[Task] = field(default_factory=list)
    # Each gets a job that wakes the run.
    timers_made: list[Timer] = field(default_factory=list)
    timers_gone: list[Timer] = field(default_factory=list)
    messages_made: list[AwaitedMessage] = field(default_factory=list)
    messages_gone: list[AwaitedMessage] = field(default_factory=list)
    # The answer to the form that was posted, if one was.
    answer: Submission | None = None


def write(session: Session, instance: ProcessInstance, changes: Changes) -> bool:
    """Write the changes, and let the session's rows say what was written; `instance` is one of them, or new.

    Tells whether the answer was kept: it is not when its key was used for another form meanwhile. Raises AmanahError
    (`process.outrun`) when the run is not at the revision before, which its lock should have prevented.
    """
    new = instance not in session
    for name, value in changes.run.items():
        setattr(instance, name, value)
    given = json.dumps(_rows(changes, instance, new), default=_plain)
    # Through the connection, so that the session does not write parts of it beforehand.
    moved, armed, answered, _ = session.connection().execute(_statement(new), {"given": given}).one()
    if not moved:
        raise AmanahError("process.outrun", instance=instance.id)
    for timer in changes.timers_made:
        timer.id, timer.job_id = armed[timer.engine_timer]
    for row in (*([instance] if new else ()), *changes.tasks_made, *changes.timers_made):
        make_transient_to_detached(row)
        session.add(row)
    for row, names in ((instance, _RUN), *((task, _TASK) for task in changes.tasks_ended)):
        for name in names:
            set_committed_value(row, name, getattr(row, name))
    for timer in changes.timers_gone:
        session.expunge(timer)
    return changes.answer is None or bool(answered)


def _rows(changes: Changes, instance: ProcessInstance, new: bool) -> dict[str, Any]:
    """Give the rows of each part as JSON has them."""
    wakes = [
        jobs.Errand("processes.wake", {"instance_id": instance.id}, at=timer.due_at) for timer in changes.timers_made
    ]
    return {
        "run": _values(instance, *(() if new else ("id", *_RUN))),
        "path": [_values(each) for each in changes.path],
        "step": [_values(changes.step)] if changes.step is not None else [],
        "tasks_made": [_values(task) for task in changes.tasks_made],
        "tasks_ended": [_values(task, "id", *_TASK) for task in changes.tasks_ended],
        "timers_made": [_values(timer) for timer in changes.timers_made],
        "timers_gone": [_values(timer, "instance_id", "engine_timer") for timer in changes.timers_gone],
        "messages_made": [_values(message) for message in changes.messages_made],
        "messages_gone": [_values(message) for message in changes.messages_gone],
        "jobs": [jobs.row_of(wake) for wake in wakes],
        "jobs_gone": [timer.job_id for timer in changes.timers_gone if timer.job_id is not None],
        "answer": [_values(changes.answer)] if changes.answer is not None else [],
    }


def _values(row: Base, *names: str) -> dict[str, Any]:
    """Give the columns of a row, all of them or those named, with the model's own value where none was given."""
    return {
        name: default(value) if value is None and default is not None else value
        for name, default in _columns(type(row))
        if not names or name in names
        for value in (getattr(row, name),)
    }


@cache
def _columns(model: type[Base]) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """Give the columns that we write, and what makes the default of each; numbers are the database's."""
    table = inspect(model).local_table
    numbered = table.autoincrement_column if isinstance(table, Table) else None
    return tuple((column.name, _default(column)) for column in table.columns if column is not numbered)


def _default(column: ColumnElement[Any]) -> Callable[[Any], Any] | None:
    made = column.default if isinstance(column, Column) else None
    if isinstance(made, CallableColumnDefault):
        return lambda _: made.arg(None)  # type: ignore[arg-type]
    if isinstance(made, ScalarElementColumnDefault):
        return lambda _: made.arg
    return None


def _plain(value: Any) -> str:
    """Write what JSON does not know as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return rf"\x{value.hex()}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is in no column of these rows")


@cache
def _statement(new: bool) -> TextClause:
    """Build the statement, for a run that is new or for one that moves on."""
    ended = f"({', '.join(_TASK)}) = ({', '.join(f'ended.{name}' for name in _TASK)})"
    moves = f"({', '.join(_RUN)}) = ({', '.join(f'now.{name}' for name in _RUN)})"
    run = (
        _insert(ProcessInstance, "jsonb_build_array(given.rows -> 'run')")
        if new
        else f"""
            UPDATE process_instance AS run SET {moves}
            FROM given, jsonb_populate_record(NULL::process_instance, given.rows -> 'run') AS now
            WHERE run.id = now.id AND run.revision = now.revision - 1"""  # noqa: S608
    )
    # Made of our own models' names alone.
    return text(f"""
        WITH given AS MATERIALIZED (SELECT CAST(:given AS jsonb) AS rows),
        run AS ({run} RETURNING 1),
        path AS ({_insert(PathStep, "given.rows -> 'path'")}),
        step AS ({_insert(StepRecord, "given.rows -> 'step'")}),
        ended AS MATERIALIZED (
            SELECT filled.* FROM given, jsonb_populate_recordset(NULL::task, given.rows -> 'tasks_ended') AS filled),
        tasks_ended AS (UPDATE task SET {ended} FROM ended WHERE task.id = ended.id),
        tasks_made AS ({_insert(Task, "given.rows -> 'tasks_made'")}),
        -- What whoever did a task had typed into it before; what others typed stays theirs.
        drafts AS (
            DELETE FROM task_draft USING ended
            WHERE task_draft.task_id = ended.id AND task_draft.user_id = ended.completed_by_id),
        -- Nobody is wanted there any more, as in notices.operations.silence.
        bells AS (
            UPDATE notice SET read_at = ended.completed_at FROM ended
            WHERE notice.task_id = ended.id AND notice.channel = 'bell' AND notice.read_at IS NULL),
        deferred AS MATERIALIZED ({jobs.deferring("(SELECT rows -> 'jobs' FROM given)")}),
        jobs_gone AS MATERIALIZED ({jobs.taking_back("(SELECT rows -> 'jobs_gone' FROM given)")}),
        armed AS (
            INSERT INTO timer (instance_id, engine_timer, element, due_at, job_id)
            SELECT filled.instance_id, filled.engine_timer, filled.element, filled.due_at, deferred.id
            FROM given, jsonb_array_elements(given.rows -> 'timers_made') WITH ORDINALITY AS made (value, place)
            JOIN deferred USING (place), jsonb_populate_record(NULL::timer, made.value) AS filled
            RETURNING engine_timer, id, job_id),
        timers_gone AS (
            DELETE FROM timer USING given, jsonb_populate_recordset(NULL::timer, given.rows -> 'timers_gone') AS gone
            WHERE timer.instance_id = gone.instance_id AND timer.engine_timer = gone.engine_timer),
        messages_made AS ({_insert(AwaitedMessage, "given.rows -> 'messages_made'")}),
        messages_gone AS (
            DELETE FROM awaited_message AS awaited
            USING given, jsonb_populate_recordset(NULL::awaited_message, given.rows -> 'messages_gone') AS gone
            WHERE (awaited.instance_id, awaited.name, awaited.element) = (gone.instance_id, gone.name, gone.element)),
        answer AS ({_insert(Submission, "given.rows -> 'answer'")} ON CONFLICT DO NOTHING RETURNING 1)
        SELECT
            (SELECT count(*) FROM run),
            (SELECT coalesce(jsonb_object_agg(engine_timer, jsonb_build_array(id, job_id)), '{{}}') FROM armed),
            (SELECT count(*) FROM answer),
            (SELECT count(*) FROM jobs_gone)
    """)  # noqa: S608


def _insert(model: type[Base], rows: str) -> str:
    """Write the part that inserts the rows of a JSON array."""
    table, names = model.__tablename__, [f'"{name}"' for name, _ in _columns(model)]
    filled = ", ".join(f"filled.{name}" for name in names)
    source = f"given, jsonb_populate_recordset(NULL::{table}, {rows}) AS filled"
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {filled} FROM {source}"  # noqa: S608
