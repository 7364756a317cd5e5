"""The one read of an act: locks the run, then its open tasks, and gives all that the act will ask for.

The order of the locks is that of the parts: `run` is locked before `open_task` can read from it. Whoever had to wait
for the lock has read everything else as it was before the wait (PostgreSQL manual, "Read Committed Isolation Level").
That shows in the revision: as it is now in the locked row, as it was in the others. Then, and only then, the read is
repeated, now that nobody else can move the run.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.dialects.postgresql import psycopg

from workflows import rows
from workflows.access.policy import Standing, standing_of, visible_to
from workflows.cases.models import Case
from workflows.catalogue.models import ProcessVersion
from workflows.journal.holding import know_head
from workflows.processes.models import AwaitedMessage, ProcessInstance, Timer
from workflows.processes.waiting import Read, Waiting
from workflows.tasks.models import Task
from workflows.transaction import Tx

# What names the run: its own id, a task of it, or the case of which it is the running one.
By = Literal["instance", "task", "case"]

_DIALECT = psycopg.dialect()  # type: ignore[no-untyped-call]
_WANTED: dict[By, str] = {
    "instance": "id = %(named)s",
    "task": "id = (SELECT instance_id FROM task WHERE id = %(named)s)",
    "case": "case_id = %(named)s AND status = 'running'",
}
_READ = """
    WITH run AS (
        SELECT * FROM process_instance WHERE {wanted} FOR UPDATE),
    open_task AS (
        SELECT task.* FROM run JOIN task ON task.instance_id = run.id
        -- By the index of the run. Those of all open tasks, for inboxes, know `=` alone and are short only at first.
        WHERE task.status LIKE 'open' ORDER BY task.created_at, task.id FOR UPDATE OF task)
    SELECT json_build_object(
        'instance', to_json(run),
        'revision_seen', (SELECT seen.revision FROM process_instance AS seen WHERE seen.id = run.id),
        'version', to_json(process_versions),
        'case', ({case}),
        'tasks', (SELECT json_agg(to_json(open_task)) FROM open_task),
        'timers', (SELECT json_agg(to_json(timer)) FROM timer WHERE timer.instance_id = run.id),
        'messages', (SELECT json_agg(json_build_array(awaited.name, awaited.element)) FROM awaited_message AS awaited
            WHERE awaited.instance_id = run.id),
        'kept', EXISTS (SELECT FROM early_message AS kept WHERE kept.instance_id = run.id AND kept.state = 'kept'),
        'circle', (SELECT json_agg(json_build_array(circle.role, circle.unit_id)) FROM case_circle AS circle
            WHERE circle.case_id = run.case_id AND circle.role IS NOT NULL),
        'bars_somebody', EXISTS (SELECT FROM case_exclusion AS barred WHERE barred.case_id = run.case_id),
        'head', (SELECT json_build_array(head.sequence, head.hash) FROM journal_head AS head
            WHERE head.case_id = run.case_id),
        'answered', (SELECT json_build_array(first.fingerprint, first.result) FROM submission AS first
            WHERE first.key = %(post)s))::text
    FROM run JOIN process_versions ON process_versions.id = run.version_id
"""
# The case, without the words for searching: they are long, and an act never asks for them. Whether the actor sees it is
# asked of the row that was found for both.
_ASKED = ",".join(column.name for column in Case.__table__.columns if column.name != "search")
_CASE: ColumnElement[Any] = literal_column(f"(SELECT to_json(asked) FROM (SELECT {_ASKED}) AS asked)")  # noqa: S608


def lock_run(tx: Tx, by: By, named: UUID, *, post: str = "") -> Read | None:
    """Lock the run and its open tasks and read what the act stands on; None when there is no such run.

    `post` is the name under which the answer to the act's form is kept, if there is one.
    """
    session = tx.session
    # The session does not see this statement; what it has not written yet comes before it.
    session.flush()
    rows.write_held(session)
    statement, law = _locking_read(by, standing_of(session, tx.actor))
    asked = {**law, "named": named, "post": post}
    while True:
        found = rows.ask(session.connection(), statement, asked)
        if found is None:
            return None
        if found["instance"]["revision"] == found["revision_seen"]:
            return _read(tx, found)


@lru_cache(maxsize=256)
def _locking_read(by: By, standing: Standing) -> tuple[str, dict[str, Any]]:
    """Write the statement for all who stand like that, with the parameters of their law."""
    case = select(func.json_build_array(_CASE, visible_to(standing))).where(Case.id == literal_column("run.case_id"))
    written = case.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return _READ.format(wanted=_WANTED[by], case=written), dict(written.params)


def _read(tx: Tx, found: Mapping[str, Any]) -> Read:
    """Make the session's rows of what was read."""
    session = tx.session
    instance = rows.read(session, ProcessInstance, found["instance"])
    values, visible = found["case"]
    case = rows.read(session, Case, values)
    version = rows.read(session, ProcessVersion, found["version"])
    if found["head"] is not None:
        know_head(session, case.id, *found["head"])
    waiting = Waiting()
    if instance.is_running:
        waiting = Waiting(
            tasks=[rows.read(session, Task, task) for task in found["tasks"] or ()],
            timers=[rows.read(session, Timer, timer) for timer in found["timers"] or ()],
            messages=[
                AwaitedMessage(instance_id=instance.id, case_id=case.id, name=name, element=element)
                for name, element in found["messages"] or ()
            ],
            has_kept=found["kept"],
            circle={(role, UUID(unit) if unit else None) for role, unit in found["circle"] or ()},
            knows_circle=True,
            bars_somebody=found["bars_somebody"],
        )
    return Read(instance, version, case, waiting, visible, found["answered"])
