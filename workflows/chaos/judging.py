"""What remained, judged: the database compared with the step log and with what the receiver of the mails took.

*Lost* is what was told to be done and is not there, or was due and never happened. *Doubled* is what happened more than
once. *Half* is a case whose rows do not agree with each other, or that stands still.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.chaos.steplog import FILE, REPLY, Line, key_of, script_of
from workflows.incidents.models import Incident
from workflows.journal.models import JournalEntry
from workflows.journal.verification import verify
from workflows.notices.models import Notice
from workflows.processes.invariants import falsely_ended
from workflows.processes.models import EarlyMessage, PathStep, ProcessInstance, StepRecord, Timer
from workflows.processes.queries import stuck_cases
from workflows.processes.submissions import was_heard


@dataclass
class Findings:
    """What is not as it was promised; each says where."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)


def judge(session: Session, log: Sequence[Line], taken: Counter[str], *, cases: int, seed: int) -> Findings:
    """Compare everything that is kept with everything that was told."""
    findings = Findings()
    filed = {line.number: UUID(line.case_id) for line in log if line.act == FILE and line.word == "told"}
    findings.lost += _acts(session, log, cases, seed)
    for number, case_id in sorted(filed.items()):
        _judge_case(session, findings, number, case_id, seed)
    findings.doubled += _repeats(session, taken)
    findings.lost += _mails(session, taken)
    findings.half += _halves(session)
    filings = session.scalar(select(func.count()).select_from(Case)) or 0
    if filings > len({line.number for line in log if line.act == FILE}):
        findings.doubled.append(f"{filings} cases for {cases} scripts")
    return findings


def _acts(session: Session, log: Sequence[Line], cases: int, seed: int) -> Iterator[str]:
    told = {(line.number, line.act) for line in log if line.word == "told"}
    for number in range(cases):
        for act in script_of(number, seed):
            if (number, act) not in told:
                yield f"{number} {act}: never told to be done"
            elif not was_heard(session, key_of(number, act, seed)):
                yield f"{number} {act}: told to be done, and not there"


def _judge_case(session: Session, findings: Findings, number: int, case_id: UUID, seed: int) -> None:
    run = session.scalars(select(ProcessInstance).where(ProcessInstance.case_id == case_id)).one_or_none()
    if run is None:
        findings.lost.append(f"{number}: its process")
        return
    steps = session.scalars(
        select(StepRecord).where(StepRecord.instance_id == run.id).order_by(StepRecord.revision)
    ).all()
    # What was told must be what happened, in the same order; timers fire in between, and a message may wait.
    expected = Counter(act for act in script_of(number, seed) if act not in (FILE, REPLY))
    happened = Counter(step.what for step in steps if step.kind == "task")
    findings.lost += [f"{number}: {act}" for act in (expected - happened).elements()]
    findings.doubled += [f"{number}: {act}" for act in (happened - expected).elements()]
    order = [step.what for step in steps if step.kind == "task"]
    if order != [act for act in script_of(number, seed) if act in happened and act != REPLY] and not (
        (expected - happened) or (happened - expected)
    ):
        findings.half.append(f"{number}: its steps came in another order than they were told")
    replies = sum(step.kind == "message" for step in steps)
    if replies != 1:
        (findings.lost if replies == 0 else findings.doubled).append(f"{number}: {replies} replies were taken")
    if (run.status, run.outcome) != ("ended", "resolved"):
        findings.lost.append(f"{number}: its end")
    path = session.scalar(select(func.count()).where(PathStep.instance_id == run.id))
    if [step.revision for step in steps] != list(range(1, run.revision + 1)) or path != run.path_length:
        findings.half.append(f"{number}: its steps and its path do not add up")


def _repeats(session: Session, taken: Counter[str]) -> Iterator[str]:
    """Facts of the journal that may stand there once, and mails under one name that are two messages."""
    once = {"task.completed": "task", "notice.sent": "notice", "task.created": "task", "process.ended": "instance"}
    for kind, fact in once.items():
        named = JournalEntry.facts[fact].astext
        repeated = select(named).where(JournalEntry.kind == kind).group_by(named).having(func.count() > 1)
        yield from (f"{kind} of {name}" for name in session.scalars(repeated))
    timer = (
        JournalEntry.facts["instance"].astext,
        JournalEntry.facts["element"].astext,
        JournalEntry.facts["due_at"].astext,
    )
    fired = select(*timer).where(JournalEntry.kind == "timer.fired").group_by(*timer).having(func.count() > 1)
    yield from (f"timer {element} of {instance}" for instance, element, _ in session.execute(fired))
    known = {f"<{notice_id}@localhost>" for notice_id in session.scalars(select(Notice.id))}
    yield from (f"a mail that no notice stands for: {name}" for name in taken if name not in known)


def _mails(session: Session, taken: Counter[str]) -> Iterator[str]:
    for notice in session.scalars(select(Notice).where(Notice.channel == "email")):
        # An officer of the rehearsal has no address; a reporter has one.
        if notice.state == "unsendable" and notice.party_id is None:
            continue
        if notice.state != "sent" or not taken[f"<{notice.id}@localhost>"]:
            yield f"mail {notice.id}, which is {notice.state}"
    late = session.scalars(select(Timer).where(Timer.due_at <= func.now())).all()
    yield from (f"timer {timer.element} of {timer.instance_id} never fired" for timer in late)
    kept = session.scalars(select(EarlyMessage).where(EarlyMessage.state != "delivered")).all()
    yield from (f"message {message.name} of {message.instance_id} is {message.state}" for message in kept)


def _halves(session: Session) -> Iterator[str]:
    broken = verify(session)
    if broken is not None:
        yield f"the journal: {broken.problem} at entry {broken.entry_id}"
    yield from (f"case {each.case_id} stands still" for each in stuck_cases(session))
    yield from (f"case {each.case_id} is ended and is not" for each in falsely_ended(session))
    for incident in session.scalars(select(Incident)):
        yield f"incident {incident.subject}: {incident.cause_class} {incident.cause_code}"
    left = text(
        "SELECT task_name, status FROM procrastinate_jobs WHERE status IN ('doing', 'failed')"
        " OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now() - interval '1 minute')"
    )
    yield from (f"job {name} is left {status}" for name, status in session.execute(left))
