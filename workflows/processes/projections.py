"""Writes what a step did to the rows: the run, its path, tasks, timers, messages and jobs, in one statement.

The engine's saved state alone says where a run stands. What inboxes, workers and pages read are projections of it, and
they are true only together. Therefore they are written together: one statement with a part for each kind of row
(PostgreSQL manual, "Data-Modifying Statements in WITH"). All parts see the rows as they were before, and foreign keys
are checked at the end, so the order of the parts means nothing. The rows travel as one JSON value (`workflows.rows`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from workflows import jobs
from workflows.errors import AmanahError
from workflows.processes.models import (
    AwaitedMessage,
    DecisionRecord,
    PathStep,
    ProcessInstance,
    StepRecord,
    Submission,
    Timer,
)
from workflows.rows import GIVEN, insertion, know, note, values_of, write_rows
from workflows.tasks.models import Task

# What a step may change about a run and about a task that ends.
_RUN = ("tokens", "variables", "revision", "tokens_at", "path_length", "status", "outcome", "ended_at")
_TASK = ("status", "assignee_id", "claimed_at", "completed_at", "completed_by_id")


@dataclass
class Changes:
    """What a step does to the rows of a run."""

    # Values that the run's row takes on, those of `_RUN`.
    run: dict[str, Any] = field(default_factory=dict)
    # Rows of the path.
    path: Sequence[Mapping[str, Any]] = ()
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
    # The decisions that the step asked for.
    decisions: Sequence[DecisionRecord] = ()
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
    given = {name: rows for name, rows in _rows(changes, instance).items() if rows}
    given["run"] = [values_of(instance, *(() if new else ("id", *_RUN)))]
    wrote = write_rows(session, _statement(frozenset(given), new), given).one()
    if not wrote.run:
        raise AmanahError("process.outrun", instance=instance.id)
    for timer in changes.timers_made:
        timer.id, timer.job_id = wrote.armed[timer.engine_timer]
    know(session, *([instance] if new else ()), *changes.tasks_made, *changes.timers_made)
    for row, names in ((instance, _RUN), *((task, _TASK) for task in changes.tasks_ended)):
        note(row, **{name: getattr(row, name) for name in names})
    for timer in changes.timers_gone:
        session.expunge(timer)
    return changes.answer is None or bool(wrote.answer)


def _rows(changes: Changes, instance: ProcessInstance) -> dict[str, list[Any]]:
    """Give the rows of each part of the statement."""
    wakes = [
        jobs.Errand("processes.wake", {"instance_id": instance.id}, at=timer.due_at) for timer in changes.timers_made
    ]
    return {
        "path": list(changes.path),
        "step": [values_of(changes.step)] if changes.step is not None else [],
        "tasks_made": [values_of(task) for task in changes.tasks_made],
        "tasks_ended": [values_of(task, "id", *_TASK) for task in changes.tasks_ended],
        "timers_made": [values_of(timer) for timer in changes.timers_made],
        "jobs": [jobs.row_of(wake) for wake in wakes],
        "timers_gone": [values_of(timer, "instance_id", "engine_timer") for timer in changes.timers_gone],
        "jobs_gone": [timer.job_id for timer in changes.timers_gone if timer.job_id is not None],
        "messages_made": [values_of(message) for message in changes.messages_made],
        "messages_gone": [values_of(message) for message in changes.messages_gone],
        "decisions": [values_of(each) for each in changes.decisions],
        "answer": [values_of(changes.answer)] if changes.answer is not None else [],
    }


@cache
def _statement(given: frozenset[str], new: bool) -> str:
    """Build the statement of the parts for which rows are given, for a run that is new or for one that moves on."""
    moves = f"({', '.join(_RUN)}) = ({', '.join(f'now.{name}' for name in _RUN)})"
    ends = f"({', '.join(_TASK)}) = ({', '.join(f'ended.{name}' for name in _TASK)})"
    # Made of our own models' names alone.
    moved = f"""
        UPDATE process_instance AS run SET {moves}
        FROM given, jsonb_populate_recordset(NULL::process_instance, given.rows -> 'run') AS now
        WHERE run.id = now.id AND run.revision = now.revision - 1"""  # noqa: S608
    parts = {
        "run": [("run", (insertion(ProcessInstance, "given.rows -> 'run'") if new else moved) + " RETURNING 1")],
        "path": [("path", insertion(PathStep, "given.rows -> 'path'"))],
        "step": [("step", insertion(StepRecord, "given.rows -> 'step'"))],
        "tasks_made": [("tasks_made", insertion(Task, "given.rows -> 'tasks_made'"))],
        "tasks_ended": [("ended", _ENDED), ("tasks", _TASKS.format(ends=ends)), ("drafts", _DRAFTS), ("bells", _BELLS)],
        "jobs": [("deferred", jobs.deferring("(SELECT rows -> 'jobs' FROM given)"))],
        "timers_made": [("armed", _ARMED)],
        "timers_gone": [("timers_gone", _TIMERS_GONE)],
        "jobs_gone": [("jobs_gone", jobs.taking_back("(SELECT rows -> 'jobs_gone' FROM given)"))],
        "messages_made": [("messages_made", insertion(AwaitedMessage, "given.rows -> 'messages_made'"))],
        "messages_gone": [("messages_gone", _MESSAGES_GONE)],
        "decisions": [("decisions", insertion(DecisionRecord, "given.rows -> 'decisions'"))],
        "answer": [("answer", insertion(Submission, "given.rows -> 'answer'") + " ON CONFLICT DO NOTHING RETURNING 1")],
    }
    written = ", ".join(f"{name} AS ({part})" for kind in parts if kind in given for name, part in parts[kind])
    told = {
        "run": "SELECT count(*) FROM run",
        "timers_made": "SELECT jsonb_object_agg(engine_timer, jsonb_build_array(id, job_id)) FROM armed",
        "jobs_gone": "SELECT count(*) FROM jobs_gone",
        "answer": "SELECT count(*) FROM answer",
    }
    names = {"timers_made": "armed"}
    wrote = ", ".join(f"({tells}) AS {names.get(kind, kind)}" for kind, tells in told.items() if kind in given)
    return f"WITH {GIVEN}, {written} SELECT {wrote}"


_ENDED = "SELECT filled.* FROM given, jsonb_populate_recordset(NULL::task, given.rows -> 'tasks_ended') AS filled"
_TASKS = "UPDATE task SET {ends} FROM ended WHERE task.id = ended.id"
# What whoever did a task had typed into it before; what others typed stays theirs.
_DRAFTS = """
    DELETE FROM task_draft USING ended
    WHERE task_draft.task_id = ended.id AND task_draft.user_id = ended.completed_by_id"""
# Nobody is wanted there any more, as in `notices.operations.silence`.
_BELLS = """
    UPDATE notice SET read_at = ended.completed_at FROM ended
    WHERE notice.task_id = ended.id AND notice.channel = 'bell' AND notice.read_at IS NULL"""
# Each timer with the job of its place.
_ARMED = """
    INSERT INTO timer (instance_id, engine_timer, element, due_at, job_id)
    SELECT filled.instance_id, filled.engine_timer, filled.element, filled.due_at, deferred.id
    FROM given, jsonb_array_elements(given.rows -> 'timers_made') WITH ORDINALITY AS made (value, place)
    JOIN deferred USING (place), jsonb_populate_record(NULL::timer, made.value) AS filled
    RETURNING engine_timer, id, job_id"""
_TIMERS_GONE = """
    DELETE FROM timer USING given, jsonb_populate_recordset(NULL::timer, given.rows -> 'timers_gone') AS gone
    WHERE timer.instance_id = gone.instance_id AND timer.engine_timer = gone.engine_timer"""
_MESSAGES_GONE = """
    DELETE FROM awaited_message AS awaited
    USING given, jsonb_populate_recordset(NULL::awaited_message, given.rows -> 'messages_gone') AS gone
    WHERE (awaited.instance_id, awaited.name, awaited.element) = (gone.instance_id, gone.name, gone.element)"""
