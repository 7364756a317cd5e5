"""Writes what a step did to the rows: the run, its path, tasks, timers, messages and jobs.

The engine's saved state alone says where a run stands. What inboxes, workers and pages read are projections of it, and
they are true only together. Therefore they are written together, in the one statement of the act (`workflows.rows`),
which also proves that nobody else has moved the run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_dirty

from workflows import jobs, rows
from workflows.errors import AmanahError, Conflict
from workflows.processes import sealing as sealing
from workflows.processes.models import (
    AwaitedMessage,
    DecisionRecord,
    PathStep,
    ProcessInstance,
    StepRecord,
    Submission,
    Timer,
)
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


def write(session: Session, instance: ProcessInstance, changes: Changes, *, at_once: bool) -> None:
    """Write the changes, and let the session's rows say what is written; `instance` is one of them, or new.

    Unless it is to be `at_once` they wait for the other rows of the act. Raises, then or when they are written,
    AmanahError (`process.outrun`) when the run is not at the revision before, which its lock should have prevented, and
    Conflict (`submission.bad_key`) when the key of the answer was used for another form meanwhile; and SealBroken
    (`process.seal_broken`), by way of `sealing`, when a step of the past is not what it was.
    """
    if rows.holds(session, _MOVED):
        # A second step of one act finds the rows of the first.
        rows.write_held(session)
    new = instance not in session
    rows.note(instance, **changes.run)
    if new:
        rows.hold(session, _BEGUN, [rows.values_of(instance)])
        rows.know(session, instance)
    else:
        rows.hold(session, _MOVED, [rows.values_of(instance, "id", *_RUN)], partial(_check_moved, instance))
    for part, made in (
        (_STEPS, [changes.step] if changes.step is not None else []),
        (_DECISIONS, changes.decisions),
        (_TASKS_MADE, changes.tasks_made),
        (_MESSAGES_MADE, changes.messages_made),
        (_MESSAGES_GONE, changes.messages_gone),
    ):
        if made:
            rows.hold(session, part, [rows.values_of(row) for row in made])
    if changes.path:
        rows.hold(session, _PATH, changes.path)
    if changes.tasks_ended:
        part = _TASK_ENDED if len(changes.tasks_ended) == 1 else _TASKS_ENDED
        rows.hold(session, part, [rows.values_of(task, "id", *_TASK) for task in changes.tasks_ended])
    if changes.answer is not None:
        rows.hold(session, _ANSWERS, [rows.values_of(changes.answer)], _check_kept)
    _write_timers(session, instance, changes)
    rows.know(session, *changes.tasks_made)
    for task in changes.tasks_ended:
        rows.note(task, **{name: getattr(task, name) for name in _TASK})
    if at_once:
        rows.write_held(session)
        # The act goes on: a savepoint that is rolled back makes the session forget what it knows to have changed.
        for row in (instance, *changes.tasks_ended):
            flag_dirty(row)


def _write_timers(session: Session, instance: ProcessInstance, changes: Changes) -> None:
    """Arm timers, each with a job that wakes the run, and take back those that are gone with their jobs."""
    if changes.timers_gone:
        rows.hold(session, _TIMERS_GONE, [rows.values_of(timer) for timer in changes.timers_gone])
        rows.hold(session, _JOBS_GONE, [timer.job_id for timer in changes.timers_gone if timer.job_id is not None])
        for timer in changes.timers_gone:
            session.expunge(timer)
    if changes.timers_made:
        wakes = [
            jobs.row_of(jobs.Errand("processes.wake", {"instance_id": instance.id}, at=timer.due_at))
            for timer in changes.timers_made
        ]
        before = rows.hold(session, rows.JOBS, wakes)
        armed = [
            {**rows.values_of(timer), "place": place} for place, timer in enumerate(changes.timers_made, before + 1)
        ]
        rows.hold(session, _TIMERS_MADE, armed, partial(_name_timers, session, changes.timers_made))


def _check_moved(instance: ProcessInstance, moved: int) -> None:
    if not moved:
        raise AmanahError("process.outrun", instance=instance.id)


def _check_kept(kept: int) -> None:
    if not kept:
        raise Conflict("submission.bad_key")


def _name_timers(session: Session, timers: Sequence[Timer], numbers: Mapping[str, tuple[int, int]]) -> None:
    """Let timers know their own number and that of their job."""
    for timer in timers:
        timer.id, timer.job_id = numbers[timer.engine_timer]
    rows.know(session, *timers)


def _set(names: Sequence[str], source: str) -> str:
    return f"({', '.join(names)}) = ({', '.join(f'{source}.{name}' for name in names)})"


def _found(column: str, source: str, name: str) -> str:
    """Have rows found by an index, where the plan would read the whole table: it takes every JSON array for long."""
    return f"{column} = ANY (ARRAY(SELECT {source}.{name} FROM {source}))"  # noqa: S608


def _ended(name: str, source: str, narrowed: Callable[[str], str]) -> rows.Part:
    """Give the part that writes tasks which ended; `narrowed` says how those of a column are found by its index."""
    return rows.Part(
        name,
        (
            ("ended", f"SELECT filled.* FROM {source} AS filled"),  # noqa: S608
            (
                "task_done",
                f"UPDATE task SET {_set(_TASK, 'ended')} FROM ended"  # noqa: S608
                f" WHERE task.id = ended.id{narrowed('task.id')}",
            ),
            # What whoever did a task had typed into it before; what others typed stays theirs.
            (
                "draft_gone",
                "DELETE FROM task_draft USING ended"  # noqa: S608
                " WHERE task_draft.task_id = ended.id AND task_draft.user_id = ended.completed_by_id"
                f"{narrowed('task_draft.task_id')}",
            ),
            # Nobody is wanted there any more, as in `notices.operations.silence`.
            (
                "bell_silenced",
                "UPDATE notice SET read_at = ended.completed_at FROM ended"  # noqa: S608
                " WHERE notice.task_id = ended.id AND notice.channel = 'bell' AND notice.read_at IS NULL"
                f"{narrowed('notice.task_id')}",
            ),
        ),
    )


# All of it is made of our own models' names alone. A `tells` is heard by whoever held the rows.
_BEGUN = rows.inserting(ProcessInstance)
_MOVED = rows.Part(
    "run",
    (
        (
            "run_moved",
            f"UPDATE process_instance AS run SET {_set(_RUN, 'now')}"  # noqa: S608
            f" FROM {rows.first(ProcessInstance, 'run')} AS now"
            " WHERE run.id = now.id AND run.revision = now.revision - 1 RETURNING 1",
        ),
    ),
    tells="(SELECT count(*) FROM run_moved)",
)
_PATH, _STEPS, _DECISIONS = rows.inserting(PathStep), rows.inserting(StepRecord), rows.inserting(DecisionRecord)
_TASKS_MADE, _MESSAGES_MADE = rows.inserting(Task), rows.inserting(AwaitedMessage)
# Nearly every act ends one task; of one row the plan knows that it is one.
_TASK_ENDED = _ended("task_ended", rows.first(Task, "task_ended"), lambda column: "")
_TASKS_ENDED = _ended(
    "tasks_ended", rows.filled(Task, "tasks_ended"), lambda column: f" AND {_found(column, 'ended', 'id')}"
)
_TIMERS_MADE = rows.Part(
    "timers_made",
    (
        (
            "armed",
            "INSERT INTO timer (instance_id, engine_timer, element, due_at, job_id)"  # noqa: S608
            " SELECT filled.instance_id, filled.engine_timer, filled.element, filled.due_at, deferred.id"
            f" FROM jsonb_array_elements({rows.given('timers_made')}) AS made (value)"
            " JOIN deferred ON deferred.place = (made.value ->> 'place')::bigint,"
            " jsonb_populate_record(NULL::timer, made.value) AS filled"
            " RETURNING engine_timer, id, job_id",
        ),
    ),
    tells="(SELECT jsonb_object_agg(engine_timer, jsonb_build_array(id, job_id)) FROM armed)",
)
_TIMERS_GONE = rows.Part(
    "timers_gone",
    (
        ("gone", f"SELECT filled.* FROM {rows.filled(Timer, 'timers_gone')} AS filled"),  # noqa: S608
        (
            "timer_gone",
            "DELETE FROM timer USING gone"  # noqa: S608
            " WHERE timer.instance_id = gone.instance_id AND timer.engine_timer = gone.engine_timer"
            f" AND {_found('timer.instance_id', 'gone', 'instance_id')}",
        ),
    ),
)
_JOBS_GONE = rows.Part(
    "jobs_gone",
    (("job_gone", jobs.taking_back(rows.given("jobs_gone"))),),
    tells="(SELECT count(*) FROM job_gone)",
)
_MESSAGES_GONE = rows.Part(
    "messages_gone",
    (
        ("heard", f"SELECT filled.* FROM {rows.filled(AwaitedMessage, 'messages_gone')} AS filled"),  # noqa: S608
        (
            "message_gone",
            "DELETE FROM awaited_message AS awaited USING heard"  # noqa: S608
            " WHERE awaited.instance_id = heard.instance_id"
            " AND (awaited.name, awaited.element) = (heard.name, heard.element)"
            f" AND {_found('awaited.instance_id', 'heard', 'instance_id')}",
        ),
    ),
)
_ANSWERS = rows.Part(
    "answers",
    (("answer_kept", f"{rows.insertion(Submission, 'answers')} ON CONFLICT DO NOTHING RETURNING 1"),),
    tells="(SELECT count(*) FROM answer_kept)",
)
