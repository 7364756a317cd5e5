"""The tables of running processes: the run itself, what it waits for, the path it took, and the posts already heard."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import DDL, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.models import Case
from workflows.catalogue.models import ProcessVersion
from workflows.orm import Base, RowKey, UuidKey
from workflows.people.models import User


class ProcessInstance(Base):
    """One run of one published version for one case. Its row is the first lock of every step."""

    __tablename__ = "process_instance"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'ended', 'cancelled')", name="status_known"),
        # A message finds the one run of its case.
        Index("uq_process_instance_running_case", "case_id", unique=True, postgresql_where=text("status = 'running'")),
    )

    id: Mapped[UuidKey]
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessVersion.id), index=True)
    # The engine's saved state: live tokens only, in the engine's own versioned format.
    tokens: Mapped[bytes] = mapped_column(deferred=True)
    # Process variables as JSON: ids, classes, flags and dates; never what people wrote.
    variables: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    # Grows by one with every step. A form shown at an earlier one is stale when a step since then changed variables.
    revision: Mapped[int] = mapped_column(default=0)
    # Ids of the elements that hold a token now.
    tokens_at: Mapped[list[str]] = mapped_column(default=list)
    # Number of rows in `path_step`.
    path_length: Mapped[int] = mapped_column(default=0)
    # "running", "ended" or "cancelled".
    status: Mapped[str] = mapped_column(default="running")
    # Id of the end event that was reached.
    outcome: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Since when an operator keeps the run from moving; None while it may move.
    suspended_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        """Tell whether the run still waits for something."""
        return self.status == "running"


class Timer(Base):
    """An instant that a run waits for; the job that wakes the run then is deferred in the same transaction."""

    __tablename__ = "timer"
    __table_args__ = (Index(None, "due_at"),)

    id: Mapped[RowKey]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessInstance.id), index=True)
    # The engine's own id of the running timer.
    engine_timer: Mapped[str]
    element: Mapped[str]
    due_at: Mapped[datetime]
    # Id of the deferred job; the job finds out by itself whether anything is still due.
    job_id: Mapped[int | None] = mapped_column(BigInteger)


class AwaitedMessage(Base):
    """A message that a run would take now."""

    __tablename__ = "awaited_message"
    __table_args__ = (UniqueConstraint("instance_id", "name", "element"),)

    id: Mapped[RowKey]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessInstance.id))
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    name: Mapped[str]
    element: Mapped[str]


class PathStep(Base):
    """One element that the token entered, left, or was taken from; in order: the path, for pictures and plain words."""

    __tablename__ = "path_step"
    __table_args__ = (UniqueConstraint("instance_id", "sequence"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessInstance.id))
    # Place in the path, from 1.
    sequence: Mapped[int]
    element: Mapped[str]
    # A token came to the element, went on from it, or was taken away.
    event: Mapped[Literal["entered", "left", "cancelled"]] = mapped_column(String)
    at: Mapped[datetime]
    # Revision of the run after the act in which it happened.
    revision: Mapped[int]


class StepRecord(Base):
    """One step of a run: what moved it and which variables it changed, for whoever holds a form shown before it."""

    __tablename__ = "step_record"

    instance_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessInstance.id), primary_key=True)
    # Revision of the run after the step.
    revision: Mapped[int] = mapped_column(primary_key=True)
    # "start", "task", "message", "signal", "timer", "recount" when only dates moved; "move", "migration" and "undo" are
    # an operator's.
    kind: Mapped[str]
    # The completed task's element, the name of the message, the signal and the step that threw it; empty otherwise.
    what: Mapped[str]
    at: Mapped[datetime]
    # As in the journal; never the name of a reporter.
    actor_name: Mapped[str]
    # Names of the variables that it changed.
    changed: Mapped[list[str]]
    # Variable -> its JSON value after the step, for those that it changed; one that is missing was taken away. None for
    # steps of before these were kept.
    values: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    # SHA-256 over this row and the checksum of the step before it, by the database itself (`SEAL_STEPS`). None for
    # steps of before there were seals.
    checksum: Mapped[str | None]


# Each new step is sealed by the database, chained to the one before, which is weighed again: a step that was changed by
# whatever way stops the run instead of being built upon. The migration spells out the same statements.
SEAL_STEPS = (
    """
CREATE FUNCTION step_record_checksum(step step_record, previous text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws('|', coalesce(previous, ''), step.instance_id, step.revision, step.kind,
        step.what, extract(epoch FROM step.at), step.actor_name, step.changed, step.values), 'UTF8')), 'hex')
$$
""",
    """
CREATE FUNCTION step_record_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last step_record;
    before_last text;
BEGIN
    SELECT * INTO last FROM step_record
    WHERE instance_id = NEW.instance_id AND revision < NEW.revision ORDER BY revision DESC LIMIT 1;
    SELECT checksum INTO before_last FROM step_record
    WHERE instance_id = NEW.instance_id AND revision < last.revision ORDER BY revision DESC LIMIT 1;
    IF last.checksum <> step_record_checksum(last, before_last) THEN
        RAISE EXCEPTION 'step % of run % is not what it was', last.revision, NEW.instance_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.checksum := step_record_checksum(NEW, last.checksum);
    RETURN NEW;
END $$
""",
    "CREATE TRIGGER step_record_sealed BEFORE INSERT ON step_record FOR EACH ROW EXECUTE FUNCTION step_record_seal()",
)
for _statement in SEAL_STEPS:
    event.listen(
        Base.metadata.tables[StepRecord.__tablename__],
        "after_create",
        DDL(_statement.replace("%", "%%")),  # type: ignore[no-untyped-call]
    )


class DecisionRecord(Base):
    """A decision that a run asked for: what it read, and which rules of which edition of the table answered."""

    __tablename__ = "decision_record"

    instance_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessInstance.id), primary_key=True)
    # Revision of the run after the step that asked, and the place among the decisions of that step, from 0.
    revision: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    # The business rule task.
    element: Mapped[str]
    # Id of the decision in its file, and SHA-256 of that file.
    decision: Mapped[str] = mapped_column(index=True)
    checksum: Mapped[str]
    # The day whose law answered; None where the table is not dated, or the day was not known.
    effective_on: Mapped[date | None]
    # Ids of the rules that fired, in the order of the answer.
    rules: Mapped[list[str]]
    # What it read, by name, and the rows that it answered, in the JSON form of variables.
    inputs: Mapped[dict[str, Any]]
    answer: Mapped[list[Any]]
    at: Mapped[datetime]


class EarlyMessage(Base):
    """A message that came before the diagram waited for it; delivered once when it does, or told when it expires."""

    __tablename__ = "early_message"
    __table_args__ = (
        CheckConstraint("state IN ('kept', 'delivered', 'expired')", name="state_known"),
        Index(None, "instance_id", postgresql_where=text("state = 'kept'")),
    )

    id: Mapped[UuidKey]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessInstance.id))
    name: Mapped[str]
    # What it brings to the process, in JSON form; its words are with the case's contents.
    variables: Mapped[dict[str, Any]]
    # As in the journal; never the name of a reporter.
    actor_name: Mapped[str]
    received_at: Mapped[datetime]
    # Kept until then, as the case type says.
    expires_at: Mapped[datetime]
    # "kept", "delivered" or "expired".
    state: Mapped[str] = mapped_column(default="kept")
    ended_at: Mapped[datetime | None]


class Submission(Base):
    """A form that was already heard: its key, and what was answered. A repeated key gets the same answer."""

    __tablename__ = "submission"

    # SHA-256 of the idempotency key that the shown form carried.
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    # SHA-256 of who sent what to where, so that a key cannot fetch somebody else's answer.
    fingerprint: Mapped[str]
    # Ids that rebuild the first answer; never contents.
    result: Mapped[dict[str, Any]]


class MigrationBatch(Base):
    """Running cases that were moved together from one edition to another, or tried; which is settled at the start."""

    __tablename__ = "migration_batch"

    id: Mapped[UuidKey]
    from_version_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessVersion.id))
    to_version_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessVersion.id))
    # Element of the old diagram -> element of the new one, where a token goes on under another id.
    mapping: Mapped[dict[str, Any]]
    # Element of the old diagram -> element of the new one at which a token begins anew.
    anew: Mapped[dict[str, Any]]
    # Codes of the risks that whoever began it has taken.
    accepted: Mapped[list[str]]
    # Why; names no person and quotes no case. Empty for a trial.
    reason: Mapped[str]
    # Whether the cases are only tried on copies.
    trial: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    # None when it was begun from the command line.
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))


class MigrationResult(Base):
    """What became of one case of a batch, and what stood before, so that it can be taken back."""

    __tablename__ = "migration_result"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'migrated', 'refused', 'passed', 'undone', 'possible')", name="state_known"
        ),
        CheckConstraint("(state = 'migrated') = (tokens IS NOT NULL AND revision IS NOT NULL)", name="way_back"),
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey(MigrationBatch.id), primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessInstance.id), primary_key=True, index=True)
    # "waiting" for its turn; "migrated"; "refused", it would not have been safe; "passed", it was over or had moved
    # on by itself before its turn came; "undone"; in a trial "possible" when it would be moved.
    state: Mapped[str] = mapped_column(default="waiting")
    # What was found about this case, each `{code, element, severity, ...}`.
    findings: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime | None]
    # Of the run after it was moved; another one means that somebody has acted since.
    revision: Mapped[int | None]
    # The engine's state before it was moved; only while it can be taken back.
    tokens: Mapped[bytes | None] = mapped_column(deferred=True)
    # Ids of the tasks that moving took away.
    cancelled: Mapped[list[str]] = mapped_column(default=list)
