"""SIGKILL while a mail leaves, while a PDF is made, around a commit: a serial history, each effect once.

A real `amanah worker` dies again and again over the same queue; deaths at any statement are in `promises/`. What
remains is judged at the end: the journal is one chain, every timer fired once, every mail is one mail to whoever counts
by Message-ID, every document is printed, no job is left in dead hands, no case without a next thing.
"""

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from databases import REPOSITORY
from looking import row_counts
from ports import free_port
from situations.conftest import LiveOffice
from stories import REPORT, Story, person, posted
from workflows import jobs
from workflows.case_reports.models import CaseReport
from workflows.case_reports.operations import ask_report
from workflows.incidents.models import Incident
from workflows.intake import operations as intake
from workflows.journal.models import JournalEntry, JournalLink
from workflows.journal.verification import verify
from workflows.letters.models import Letter
from workflows.notices.models import Notice
from workflows.processes.models import Timer
from workflows.processes.queries import stuck_cases
from workflows.transaction import NOBODY, read_clock
from workflows.worker import ACTS_AT_ONCE

KILLED = -9
KILLS = 4


class Mailbox:
    """Keeps every mail that it was given whole."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.ids[str(message_from_bytes(content)["Message-ID"])] += 1
        return "250 OK"


class Nursery:
    """Workers that die where they are told."""

    def __init__(self, process: "subprocess.Popen[str]", live: LiveOffice) -> None:
        self._process, self._live = process, live

    def work(self, place: str = "never", number: int = 1) -> int:
        """Let one worker live and die, and give its exit status; whoever died before is found dead first."""
        with self._live.begin() as tx:
            tx.session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
            # What waits for its next try need not wait in a test.
            tx.session.execute(
                text(
                    "UPDATE procrastinate_jobs SET scheduled_at = now()"
                    " WHERE status = 'todo' AND attempts > 0 AND scheduled_at > now()"
                )
            )
            # A job that was in many dying hands is given up as the cause of their death; here it is chance alone.
            tx.session.execute(text("UPDATE procrastinate_jobs SET attempts = 1 WHERE attempts > 1"))
            jobs.defer(tx.session, "queue.rescue", timestamp=0)
        return self.order(f"{place} {number}")

    def order(self, line: str) -> int:
        """Give one order and wait for how it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mail server, and its port."""
    kept = Mailbox()
    port = free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


@pytest.fixture(scope="module")
def workers(live_copy: LiveOffice, mailbox: tuple[Mailbox, int]) -> Iterator[Nursery]:
    """A nursery on the committed office, warm."""
    environment = {
        **os.environ,
        **live_copy.environment,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mailbox[1]),
        "MAIL_FROM": "amanah@localhost",
        "PYTHONPATH": str(REPOSITORY / "tests"),
    }
    with subprocess.Popen(
        [sys.executable, str(REPOSITORY / "tests" / "dying_worker.py")],
        env=environment,
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Nursery(process, live_copy)
        process.stdin.close()


@pytest.fixture
def lonely(live: LiveOffice) -> LiveOffice:
    """The committed office, whose queue holds nothing of other tests."""
    with live.begin() as tx:
        tx.session.execute(text("DELETE FROM procrastinate_events"))
        tx.session.execute(text("DELETE FROM procrastinate_periodic_defers"))
        tx.session.execute(text("DELETE FROM procrastinate_jobs"))
    return live


def overdue_story(live: LiveOffice) -> Story:
    """A complaint whose first reminders and breach lie in the past, for the worker to find."""
    story = live.story(read_clock() - timedelta(days=9))
    story.file(name="Siti Aminah", email="siti@contoh.example", title=f"Lampu padam {uuid4().hex[:6]}")
    return story


def test_whatever_is_killed_and_whenever_each_effect_happens_once(
    lonely: LiveOffice, mailbox: tuple[Mailbox, int], workers: Nursery
) -> None:
    kept, _ = mailbox
    chance = random.Random(20260302)
    died: Counter[str] = Counter()

    def kill(place: str, number: int = 1) -> None:
        died[place] += workers.work(place, number) == KILLED

    stories = [overdue_story(lonely) for _ in range(2)]
    for place in ["send"] * 2 + [chance.choice(["before-commit", "after-commit"]) for _ in range(KILLS - 3)]:
        kill(place, 1 if place == "send" else chance.randint(1, 2))
    # Prints take long, so they come last and die once: otherwise every worker would begin with them anew.
    answered = lonely.story(read_clock() - timedelta(hours=1))
    answered.file(name="Siti Aminah", email="siti@contoh.example")
    answered.work_through()
    with lonely.begin(person_of(lonely, "penyelia"), now=read_clock()) as tx:
        # The shortest: what is tried is the death and not the drawing.
        report_id = ask_report(tx, answered.case_id, edition="ombudsman").id  # type: ignore[arg-type]
    kill("print")
    assert workers.work() == 0
    # A mail whose server was too slow for once waits for its next try; here it need not wait.
    with lonely.begin() as tx:
        tx.session.execute(
            text(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND task_name = 'notices.send'"
            )
        )
    assert workers.work() == 0

    assert {"print", "send"} < died.keys()
    assert died.total() >= KILLS - 1, died
    with lonely.look() as session:
        assert verify(session) is None
        assert [(each.subject, each.cause_code) for each in session.scalars(select(Incident))] == []
        left = session.execute(
            text(
                "SELECT task_name, status, attempts FROM procrastinate_jobs WHERE status IN ('doing', 'failed')"
                " OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
            )
        ).all()
        assert left == []
        assert stuck_cases(session) == []
        for story in (*stories, answered):
            _fired_once(session, story)
        ours = [story.case_id for story in (*stories, answered)]
        mails = session.scalars(select(Notice).where(Notice.channel == "email", Notice.case_id.in_(ours))).all()
        assert {mail.state for mail in mails} == {"sent"}
        # Copies may leave when a worker dies between sending and saying so, one for each act that it was at; they bear
        # the same id, so that whoever receives them sees one.
        copies = [kept.ids[f"<{mail.id}@localhost>"] for mail in mails]
        assert all(copies)
        assert sum(copies) - len(copies) <= ACTS_AT_ONCE * died.total()
        assert all(letter.checksum for letter in session.scalars(select(Letter).where(Letter.case_id.in_(ours))))
        assert session.get_one(CaseReport, report_id).state == "ready"
        printed = select(func.count()).where(
            JournalEntry.kind == "report.printed", JournalEntry.case_id == answered.case_id
        )
        assert session.scalar(printed) == 1
        per_notice = Counter(
            entry.facts["notice"]
            for entry in session.scalars(
                select(JournalEntry).where(JournalEntry.kind == "notice.sent", JournalEntry.case_id.in_(ours))
            )
        )
        assert set(per_notice.values()) == {1}
        unlinked = select(func.count()).where(~JournalEntry.id.in_(select(JournalLink.entry_id)))
        assert session.scalar(unlinked.select_from(JournalEntry)) is not None


def _fired_once(session: Session, story: Story) -> None:
    """Every timer that was due has fired, once and in order, and none that is due is left."""
    instance = story.instance(session)
    fired = [
        (entry.facts["element"], entry.facts["due_at"])
        for entry in session.scalars(
            select(JournalEntry)
            .where(JournalEntry.case_id == story.case_id, JournalEntry.kind == "timer.fired")
            .order_by(JournalEntry.sequence)
        )
    ]
    assert len(fired) == len(set(fired))
    left = select(Timer).where(Timer.instance_id == instance.id, Timer.due_at <= read_clock() - timedelta(minutes=1))
    assert session.scalars(left).all() == []


def person_of(live: LiveOffice, login: str):
    with live.look() as session:
        return person(session, login, read_clock())


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_filing_that_was_killed_is_filed_by_the_next_try_once(
    lonely: LiveOffice, workers: Nursery, place: str
) -> None:
    key = uuid4().hex
    with lonely.look() as session:
        before = row_counts(session)
    assert workers.order(f"file-{place} {key}") == KILLED

    with lonely.look() as session:
        assert (row_counts(session) == before) == (place == "before")
    with lonely.begin(NOBODY) as tx:
        slip = intake.submit_report(tx, "complaint", posted=posted(REPORT), key=key)
    assert slip.repeated == (place == "after")
    with lonely.look() as session:
        assert row_counts(session)["case_file"] == before.get("case_file", 0) + 1
        assert verify(session) is None
