"""Verbs of the outbox: put a notice in, send what waits, mark bells as read.

A notice is written in the act that it tells about and leaves by a job deferred in the same transaction: it is sent if
and only if the act held. A bell is there with the commit and is never sent. Deadlines never depend on delivery.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from workflows import jobs, rows
from workflows.errors import NotFound
from workflows.journal.operations import record
from workflows.notices.models import Notice
from workflows.notices.senders import Message, Sender, Undeliverable
from workflows.notices.templates import LANGUAGES, NEUTRAL, NoticeTemplate
from workflows.people import queries as people
from workflows.people.models import User
from workflows.transaction import Tx


class Subject(Protocol):
    """What a notice needs to know of a case; `cases.models.Case` is one."""

    @property
    def id(self) -> UUID: ...
    @property
    def number(self) -> str: ...
    @property
    def confidential(self) -> bool: ...
    @property
    def handling_unit_id(self) -> UUID | None: ...


@dataclass(frozen=True)
class Reporter:
    """How the reporter of a case is reached: by the party row, which keeps the address, and by an account if any."""

    party_id: UUID
    user_id: UUID | None = None
    # "id" or "en".
    language: str = "id"


@dataclass(frozen=True)
class Recipient:
    """One person a notice is for. The address itself is looked up when the notice leaves."""

    user_id: UUID | None = None
    party_id: UUID | None = None
    language: str = "id"
    # Channels besides the bell that may be tried: "email", "whatsapp".
    channels: tuple[str, ...] = ("email",)


_NOTICES = rows.inserting(Notice)

# Gives the addresses of a party by channel: {"email": ..., "whatsapp": ...}. Handed in from above, where parties live.
PartyAddresses = Callable[[Session, UUID], Mapping[str, str]]


def recipients(
    tx: Tx,
    to: str,
    case: Subject,
    *,
    reporter: Reporter | None = None,
    assignee_id: UUID | None = None,
    eligible: Callable[[UUID], bool] | None = None,
) -> list[Recipient]:
    """Say who is meant by `to`: "reporter", "assignee", "unit" (its head), or the id of a role.

    Holders of a role are those in the unit that handles the case; where it has none, those anywhere. `eligible` tells
    by user id who may know of the case at all (the circle of a confidential one); the others hear nothing.
    """
    if to == "reporter":
        if reporter is None:
            return []
        return [Recipient(reporter.user_id, reporter.party_id, reporter.language, ("email", "whatsapp"))]
    found: Collection[User]
    if to == "assignee":
        found = [people.user(tx.session, assignee_id)] if assignee_id is not None else []
    elif to == "unit":
        head = people.head_of(tx.session, case.handling_unit_id, tx.now) if case.handling_unit_id else None
        found = [head] if head is not None else []
    else:
        found = (
            people.holders_of(tx.session, to, tx.now, unit_id=case.handling_unit_id) if case.handling_unit_id else []
        )
        found = found or people.holders_of(tx.session, to, tx.now)
    return [
        Recipient(user.id, None, user.language)
        for user in found
        if user.active and (eligible is None or eligible(user.id))
    ]


def notify(
    tx: Tx,
    template: NoticeTemplate,
    to: Sequence[Recipient],
    case: Subject | None = None,
    *,
    values: Mapping[str, Any] | None = None,
    values_en: Mapping[str, Any] | None = None,
    task_id: UUID | None = None,
) -> list[Notice]:
    """Put a notice into the outbox for each recipient and channel, and defer the jobs that send them.

    `values` fill the template (see `templates.VARIABLES`; dates may be dates), `values_en` replaces those that read
    differently in English. About a confidential case only NEUTRAL is said, whatever was asked for. `task_id` names the
    task that is announced, so that `silence` finds its bells. Journals `notice.queued`.
    """
    protected = case is not None and case.confidential
    chosen = NEUTRAL if protected else template
    context = {} if protected else _plain({**({"number": case.number} if case else {}), **(values or {})})
    context_en = {} if protected else {**context, **_plain(values_en or {})}
    filled = {language: chosen.fill(language, context if language == "id" else context_en) for language in LANGUAGES}
    notices: list[Notice] = []
    for recipient in to:
        for channel in _channels(recipient, chosen):
            texts: dict[str, Any] = {language: text.as_dict() for language, text in filled.items()}
            if channel == "whatsapp":
                parameters = chosen.fill_whatsapp(
                    recipient.language, context if recipient.language == "id" else context_en
                )
                texts["whatsapp"] = {"template": chosen.whatsapp, "parameters": parameters}
            notices.append(
                rows.make(
                    Notice,
                    id=uuid4(),
                    case_id=case.id if case is not None else None,
                    channel=channel,
                    task_id=task_id,
                    user_id=recipient.user_id,
                    party_id=recipient.party_id if channel != "bell" else None,
                    template=chosen.id,
                    context=context,
                    texts=texts,
                    language=recipient.language if recipient.language in LANGUAGES else "id",
                    state="sent" if channel == "bell" else "waiting",
                    created_at=tx.now,
                    sent_at=tx.now if channel == "bell" else None,
                )
            )
    _put(tx.session, notices)
    for notice in notices:
        record(
            tx,
            "notice.queued",
            case_id=notice.case_id,
            notice=notice.id,
            template=notice.template,
            channel=notice.channel,
        )
    return notices


def send(
    tx: Tx, notice_id: UUID, *, senders: Mapping[str, Sender], site: str, party_addresses: PartyAddresses
) -> Notice:
    """Send one waiting notice by its channel's sender; called by a job.

    A notice that was sent already is left alone, so that a repeated job does nothing. What can never be delivered
    (no address, channel off, address refused) is marked and not tried again; any other failure raises, and the job
    comes back later. `site` is the public address that the footer names.
    """
    notice, user_addresses = _locked(tx, notice_id)
    if notice.state != "waiting":
        return notice
    sender = senders.get(notice.channel)
    addresses = user_addresses if notice.party_id is None else party_addresses(tx.session, notice.party_id)
    address = addresses.get(notice.channel)
    if sender is None or not address:
        notice.state = "unsendable"
        notice.failure = "no_sender" if sender is None else "no_address"
        return notice
    notice.attempts += 1
    try:
        notice.provider_id = sender.send(_message(notice, address, site))
    except Undeliverable as error:
        _give_up(tx, notice, error.code)
        return notice
    notice.state, notice.sent_at, notice.failure = "sent", tx.now, None
    record(tx, "notice.sent", case_id=notice.case_id, notice=notice.id, channel=notice.channel)
    return notice


def note_failure(tx: Tx, notice_id: UUID, failure: str, *, final: bool) -> Notice:
    """Write down that sending failed, in a transaction of its own; with `final` the notice is given up."""
    notice, _ = _locked(tx, notice_id)
    notice.attempts += 1
    notice.failure = failure
    if final:
        _give_up(tx, notice, failure)
    return notice


def resend_failed(tx: Tx, channel: str) -> int:
    """Let every notice of the channel that was given up wait again, and tell how many there are."""
    statement = (
        update(Notice)
        .where(Notice.channel == channel, Notice.state == "failed")
        .values(state="waiting", attempts=0)
        .returning(Notice.id)
    )
    waiting = tx.session.scalars(statement).all()
    for notice_id in waiting:
        jobs.defer(tx.session, "notices.send", notice_id=notice_id)
    return len(waiting)


def mark_read(tx: Tx, notice_id: UUID) -> Notice:
    """Note that the actor has seen one of their own bells; NotFound for anybody else's."""
    notice = tx.session.scalars(
        select(Notice).where(Notice.id == notice_id, Notice.channel == "bell", Notice.user_id == tx.actor.user_id)
    ).one_or_none()
    if notice is None:
        raise NotFound("notice.unknown", notice=notice_id)
    notice.read_at = notice.read_at or tx.now
    return notice


def mark_all_read(tx: Tx, *, until: datetime) -> None:
    """Note that the actor has seen every own bell up to the instant at which the page was drawn."""
    tx.session.execute(
        update(Notice)
        .where(
            Notice.channel == "bell",
            Notice.user_id == tx.actor.user_id,
            Notice.read_at.is_(None),
            Notice.created_at <= until,
        )
        .values(read_at=tx.now)
    )


def silence(tx: Tx, task_ids: Collection[UUID], *, but_for: UUID | None = None) -> None:
    """Mark the bells that announce tasks as read, except those of `but_for`: nobody else is wanted there any more."""
    if not task_ids:
        return
    announced = update(Notice).where(Notice.channel == "bell", Notice.read_at.is_(None), Notice.task_id.in_(task_ids))
    if but_for is not None:
        announced = announced.where(Notice.user_id != but_for)
    tx.session.execute(announced.values(read_at=tx.now))


def _put(session: Session, notices: Sequence[Notice]) -> None:
    """Have the notices written with the act, and the jobs of those that leave the house."""
    sends = [jobs.Errand("notices.send", {"notice_id": each.id}) for each in notices if each.channel != "bell"]
    if notices:
        rows.hold(session, _NOTICES, [rows.values_of(each) for each in notices])
        rows.know(session, *notices)
    if sends:
        rows.hold(session, rows.JOBS, [jobs.row_of(send) for send in sends])


def _give_up(tx: Tx, notice: Notice, failure: str) -> None:
    notice.state, notice.failure = "failed", failure
    record(tx, "notice.failed", case_id=notice.case_id, notice=notice.id, channel=notice.channel)


def _channels(recipient: Recipient, template: NoticeTemplate) -> list[str]:
    channels = ["bell"] if recipient.user_id is not None else []
    for channel in recipient.channels:
        if channel != "whatsapp" or template.whatsapp is not None:
            channels.append(channel)
    return channels


_FOOTERS = {
    # Reporters follow their case with the receipt code, officers sign in.
    ("id", True): "Ikuti laporan Anda dengan kode tanda terima: {site}/lacak",
    ("en", True): "Follow your report with the code on your receipt: {site}/lacak",
    ("id", False): "Masuk: {site}/masuk",
    ("en", False): "Sign in: {site}/masuk",
}


def _message(notice: Notice, address: str, site: str) -> Message:
    words = notice.texts[notice.language]
    footer = _FOOTERS[notice.language, notice.party_id is not None].format(site=site)
    whatsapp = notice.texts.get("whatsapp", {})
    return Message(
        id=notice.id,
        to=address,
        subject=words["subject"],
        text=f"{words['text']}\n\n{footer}\n",
        language=notice.language,
        written_at=notice.created_at,
        template=whatsapp.get("template"),
        parameters=tuple(whatsapp.get("parameters", ())),
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON keeps them, so that what is stored is what was filled in."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _locked(tx: Tx, notice_id: UUID) -> tuple[Notice, Mapping[str, str | None]]:
    """Lock the notice; with it comes the address for each channel of the active user, if it is for one."""
    reader = and_(User.id == Notice.user_id, User.active)
    found = tx.session.execute(
        select(Notice, User.email, User.phone)
        .outerjoin(User, reader)
        .where(Notice.id == notice_id)
        .with_for_update(of=Notice)
    ).one_or_none()
    if found is None:
        raise NotFound("notice.unknown", notice=notice_id)
    notice, email, phone = found
    return notice, {"email": email, "whatsapp": phone}
