"""The outbox: one row per destination, nothing about confidential cases, and a job that sends what the act wrote."""

import contextlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from case_factories import create_actor, create_case, create_unit, create_user
from factories import NOW
from workflows.cases.models import Party
from workflows.errors import NotFound
from workflows.journal.queries import entries_of
from workflows.language import speaking
from workflows.notices import queries
from workflows.notices.models import Notice
from workflows.notices.operations import (
    Recipient,
    Reporter,
    mark_all_read,
    mark_read,
    note_failure,
    notify,
    recipients,
    resend_failed,
    send,
)
from workflows.notices.senders import Message, NullSender, SendingFailed, Undeliverable
from workflows.notices.templates import read
from workflows.transaction import Tx

BeginTx = Callable[..., AbstractContextManager[Tx]]

TEMPLATE = read(
    b"""
id: stage_changed
subject: Perkembangan {{ number }}
subject_en: News about {{ number }}
text: "{{ number }}: {{ stage }}"
text_en: "{{ number }}: {{ stage }}"
bell: "Kasus {{ number }} {{ stage }}"
bell_en: "Case {{ number }} {{ stage }}"
whatsapp: amanah_perkembangan
whatsapp_parameters: ["{{ number }}"]
""",
    "x.yml",
)
SITE = "http://localhost"


def no_addresses(session: Session, party_id: UUID) -> Mapping[str, str]:
    return {}


def deferred(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT args->>'notice_id' FROM procrastinate_jobs ORDER BY id")))


def create_reporter(tx: Tx, case_id: UUID, **identity: str) -> Reporter:
    party = Party(id=uuid4(), case_id=case_id, role="reporter", identity=identity, language="id")
    tx.session.add(party)
    tx.session.flush()
    return Reporter(party.id)


def test_notice_is_a_bell_at_once_and_a_mail_by_a_job(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        user = create_user(tx)
        case = create_case(tx)
        bell, mail = notify(tx, TEMPLATE, [Recipient(user.id)], case, values={"stage": "Dijawab"})

    assert (bell.channel, bell.state) == ("bell", "sent")
    assert (mail.channel, mail.state) == ("email", "waiting")
    assert deferred(session) == [str(mail.id)]
    assert [entry.kind for entry in entries_of(session, case.id)][-2:] == ["notice.queued", "notice.queued"]


def test_job_goes_with_the_act_that_fails(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        user, case = create_user(tx), create_case(tx)
    with contextlib.suppress(ZeroDivisionError), begin_tx() as tx:
        notify(tx, TEMPLATE, [Recipient(user.id)], case, values={"stage": ""})
        raise ZeroDivisionError

    assert deferred(session) == []
    assert session.scalars(select(Notice)).all() == []


def test_about_a_confidential_case_nothing_is_said_but_that_something_changed(
    begin_tx: BeginTx, session: Session
) -> None:
    sender = NullSender()
    with begin_tx() as tx:
        case = create_case(tx, confidential=True)
        user = create_user(tx)
        user.email = "petugas@localhost"
        notices = notify(tx, TEMPLATE, [Recipient(user.id)], case, values={"stage": "Diperiksa"})
        for notice in notices:
            send(tx, notice.id, senders={"email": sender}, site=SITE, party_addresses=no_addresses)

    stored = str(session.execute(text("SELECT to_jsonb(notice) - 'case_id' FROM notice")).all())
    assert case.number not in stored
    assert "Diperiksa" not in stored
    (message,) = sender.messages
    assert case.number not in message.subject + message.text
    assert "Silakan masuk" in message.text


def test_reporter_is_reached_by_the_address_that_the_party_keeps(begin_tx: BeginTx, session: Session) -> None:
    sender = NullSender()
    with begin_tx() as tx:
        case = create_case(tx)
        reporter = create_reporter(tx, case.id)
        mail, _ = notify(
            tx, TEMPLATE, recipients(tx, "reporter", case, reporter=reporter), case, values={"stage": "Dijawab"}
        )
        send(
            tx,
            mail.id,
            senders={"email": sender},
            site=SITE,
            party_addresses=lambda _, party_id: {"email": f"{party_id}@localhost"},
        )

    (message,) = sender.messages
    assert message.to == f"{reporter.party_id}@localhost"
    assert f"{SITE}/lacak" in message.text
    assert mail.state == "sent"
    assert "@localhost" not in str(session.execute(text("SELECT to_jsonb(notice) FROM notice")).all())


def test_second_run_of_the_job_sends_nothing(begin_tx: BeginTx) -> None:
    sender = NullSender()
    with begin_tx() as tx:
        user = create_user(tx)
        user.email = "petugas@localhost"
        mail = notify(tx, TEMPLATE, [Recipient(user.id)], create_case(tx), values={"stage": ""})[1]
    for _ in range(2):
        with begin_tx() as tx:
            send(tx, mail.id, senders={"email": sender}, site=SITE, party_addresses=no_addresses)

    assert len(sender.messages) == 1


@pytest.mark.parametrize(("senders", "failure"), [({}, "no_sender"), ({"email": NullSender()}, "no_address")])
def test_notice_without_a_way_or_an_address_is_marked_and_left(
    begin_tx: BeginTx, senders: dict[str, NullSender], failure: str
) -> None:
    with begin_tx() as tx:
        mail = notify(tx, TEMPLATE, [Recipient(create_user(tx).id)], create_case(tx), values={"stage": ""})[1]
        send(tx, mail.id, senders=senders, site=SITE, party_addresses=no_addresses)

    assert (mail.state, mail.failure) == ("unsendable", failure)


def test_refused_address_is_given_up_at_once(begin_tx: BeginTx) -> None:
    class Refusing:
        def send(self, message: Message) -> str:
            raise Undeliverable("smtp.550")

    with begin_tx() as tx:
        user = create_user(tx)
        user.email = "salah@localhost"
        mail = notify(tx, TEMPLATE, [Recipient(user.id)], create_case(tx), values={"stage": ""})[1]
        send(tx, mail.id, senders={"email": Refusing()}, site=SITE, party_addresses=no_addresses)

    assert (mail.state, mail.failure, mail.attempts) == ("failed", "smtp.550", 1)


def test_failure_of_the_provider_raises_so_that_the_job_comes_back(begin_tx: BeginTx, session: Session) -> None:
    class Down:
        def send(self, message: Message) -> str:
            raise SendingFailed("smtp.421")

    with begin_tx() as tx:
        user = create_user(tx)
        user.email = "petugas@localhost"
        mail = notify(tx, TEMPLATE, [Recipient(user.id)], create_case(tx), values={"stage": ""})[1]
    with pytest.raises(SendingFailed), begin_tx() as tx:
        send(tx, mail.id, senders={"email": Down()}, site=SITE, party_addresses=no_addresses)
    with begin_tx() as tx:
        note_failure(tx, mail.id, "SendingFailed", final=False)

    session.refresh(mail)
    assert (mail.state, mail.attempts, mail.failure) == ("waiting", 1, "SendingFailed")


def test_notices_that_were_given_up_wait_again_when_the_channel_is_mended(begin_tx: BeginTx, session: Session) -> None:
    with begin_tx() as tx:
        mail = notify(tx, TEMPLATE, [Recipient(create_user(tx).id)], create_case(tx), values={"stage": ""})[1]
        note_failure(tx, mail.id, "SendingFailed", final=True)
    with begin_tx() as tx:
        assert resend_failed(tx, "whatsapp") == 0
        assert resend_failed(tx, "email") == 1

    session.refresh(mail)
    assert mail.state == "waiting"
    assert deferred(session).count(str(mail.id)) == 2


class TestRecipients:
    def test_role_means_its_holders_in_the_handling_unit(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            here, there = create_unit(tx), create_unit(tx)
            mine, other = create_user(tx, ("office_head", here)), create_user(tx, ("office_head", there))
            case = create_case(tx, handling_unit_id=here.id)

            assert [found.user_id for found in recipients(tx, "office_head", case)] == [mine.id]
            assert other.id != mine.id

    def test_role_that_exists_once_is_found_wherever_it_is(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            here, there = create_unit(tx), create_unit(tx)
            secretary = create_user(tx, ("regional_secretary", there))
            case = create_case(tx, handling_unit_id=here.id)

            assert [found.user_id for found in recipients(tx, "regional_secretary", case)] == [secretary.id]

    def test_those_who_may_not_know_hear_nothing(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            unit = create_unit(tx)
            create_user(tx, ("office_head", unit))
            case = create_case(tx, handling_unit_id=unit.id)

            assert recipients(tx, "office_head", case, eligible=lambda user_id: False) == []

    def test_nobody_is_meant_by_an_anonymous_reporter_or_a_free_task(self, begin_tx: BeginTx) -> None:
        with begin_tx() as tx:
            case = create_case(tx)

            assert recipients(tx, "reporter", case) == []
            assert recipients(tx, "assignee", case) == []
            assert recipients(tx, "unit", case) == []


class TestBells:
    def test_bells_are_counted_and_read_by_their_owner_alone(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            owner, other = create_actor(tx), create_actor(tx)
            bell = notify(tx, TEMPLATE, [Recipient(owner.user_id)], create_case(tx), values={"stage": "Baru"})[0]

        assert (queries.unread_count(session, owner), queries.unread_count(session, other)) == (1, 0)
        with pytest.raises(NotFound), begin_tx(other) as tx:
            mark_read(tx, bell.id)
        with begin_tx(owner) as tx:
            mark_read(tx, bell.id)
        assert queries.unread_count(session, owner) == 0
        assert queries.bells(session, owner).bells[0].is_read

    def test_bell_speaks_the_language_of_the_page(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            owner, case = create_actor(tx), create_case(tx)
            notify(
                tx,
                TEMPLATE,
                [Recipient(owner.user_id)],
                case,
                values={"stage": "Dijawab"},
                values_en={"stage": "Answered"},
            )

        assert queries.bells(session, owner).bells[0].text == f"Kasus {case.number} Dijawab"
        with speaking("en"):
            assert queries.bells(session, owner).bells[0].text == f"Case {case.number} Answered"

    def test_all_bells_until_the_page_was_drawn_are_read_at_once(self, begin_tx: BeginTx, session: Session) -> None:
        with begin_tx() as tx:
            owner = create_actor(tx)
            for _ in range(3):
                notify(tx, TEMPLATE, [Recipient(owner.user_id)], create_case(tx), values={"stage": ""})
        with begin_tx(owner) as tx:
            mark_all_read(tx, until=NOW)

        assert queries.unread_count(session, owner) == 0
