"""Signing in step by step, and how long it lasts."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from factories import NOW
from workflows.errors import Conflict, InvalidAnswers, NotAllowed
from workflows.journal.models import JournalEntry
from workflows.people import passwords
from workflows.people.enrolment import begin_enrolment, confirm_enrolment, remove_second_factor
from workflows.people.models import User, UserSession
from workflows.people.operations import deactivate
from workflows.people.second_factor import code_at
from workflows.people.sessions import close_session, end_sessions, open_session, touch_session
from workflows.people.sign_in import (
    SignIn,
    choose_password,
    enrolment_secret,
    finish_enrolment,
    give_code,
    sign_in,
)
from workflows.transaction import NOBODY, begin

PASSWORD = "tepung gomak lebah"
OTHER = "kopi pahit di stabat"
MINUTE = timedelta(minutes=1)


def entries(session: Session, kind: str) -> list[JournalEntry]:
    return list(session.scalars(select(JournalEntry).where(JournalEntry.kind == kind)))


def signed_in(office, login: str = "siti", password: str = PASSWORD, *, required: bool = False, now=NOW) -> SignIn:
    with office.begin_tx(NOBODY, now=now) as tx:
        return sign_in(tx, login, password, second_factor_required=required)


def enrolled(office, login: str = "siti") -> tuple[User, str]:
    """Add an officer whose second factor was enrolled a day ago."""
    user = office.user(login, role="office_head")
    before = NOW - timedelta(days=1)
    with office.begin_tx(office.actor(user.id), now=before) as tx:
        secret = begin_enrolment(tx, user.id)
        confirm_enrolment(tx, user.id, code_at(secret, before))
    return user, secret


def test_the_right_password_opens_a_session(session: Session, office) -> None:
    user = office.user("siti")

    found = signed_in(office, " SITI ")

    assert (found.step, found.user_id, found.wrong) == ("open", user.id, False)
    [row] = session.scalars(select(UserSession))
    assert found.token is not None
    assert found.token not in row.token_hash
    assert user.last_signed_in_at == NOW
    [entry] = entries(session, "user.signed_in")
    assert (entry.actor_id, entry.actor_name) == (user.id, "Siti")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("siti", "salah sama sekali"),
        ("hantu", PASSWORD),
        ("budi", PASSWORD),
        ("kosong", ""),
        ("", ""),
        ("siti\x00", PASSWORD),
    ],
)
def test_every_refusal_looks_the_same_and_is_journalled(session: Session, office, login: str, password: str) -> None:
    office.user("siti")
    gone = office.user("budi")
    office.user("kosong", password=None)
    with office.by_admin() as tx:
        deactivate(tx, gone.id)

    assert signed_in(office, login, password) == SignIn("password", wrong=True)

    assert len(entries(session, "user.sign_in_failed")) == 1
    assert session.scalars(select(UserSession)).all() == []


def test_the_journal_keeps_no_tried_login(session: Session, office) -> None:
    signed_in(office, "rahasia-saya", PASSWORD)

    [entry] = entries(session, "user.sign_in_failed")
    assert entry.facts == {"user": None}


def test_a_hash_of_an_old_cost_is_made_anew(office) -> None:
    user = office.user("siti")
    before = user.password_hash

    with passwords.costing(passwords.Cost(passes=2, memory=16, lanes=1)):
        assert signed_in(office).step == "open"

    assert user.password_hash != before


def test_with_a_second_factor_the_password_opens_nothing_yet(session: Session, office) -> None:
    enrolled(office)

    found = signed_in(office)

    assert found.step == "second_factor"
    assert entries(session, "user.signed_in") == []
    with office.begin_tx() as tx:
        assert touch_session(tx, found.token or "") is None


def test_the_code_opens_a_new_session_and_ends_the_step(office) -> None:
    _, secret = enrolled(office)
    step = signed_in(office)
    assert step.token is not None

    with office.begin_tx(NOBODY) as tx:
        found = give_code(tx, step.token, code_at(secret, NOW))

    assert found.step == "open"
    assert found.token not in (None, step.token)
    with office.begin_tx(NOBODY) as tx:
        assert touch_session(tx, found.token or "") is not None
        assert give_code(tx, step.token, code_at(secret, NOW + MINUTE)) == SignIn("password")


def test_a_code_is_good_for_one_sign_in(office) -> None:
    _, secret = enrolled(office)
    first, second = signed_in(office), signed_in(office)

    with office.begin_tx(NOBODY) as tx:
        assert give_code(tx, first.token or "", code_at(secret, NOW)).step == "open"
    with office.begin_tx(NOBODY) as tx:
        refused = give_code(tx, second.token or "", code_at(secret, NOW))

    assert (refused.step, refused.wrong, refused.token) == ("second_factor", True, second.token)


def test_too_many_wrong_codes_close_the_second_factor_for_a_while(session: Session, office) -> None:
    user, secret = enrolled(office)
    token = signed_in(office).token or ""

    for _ in range(10):
        with office.begin_tx(NOBODY) as tx:
            found = give_code(tx, token, "000000")
    assert found.paused_until == NOW + 15 * MINUTE

    with office.begin_tx(NOBODY, now=NOW + MINUTE) as tx:
        right = give_code(tx, token, code_at(secret, NOW + MINUTE))
    assert (right.step, right.wrong, right.paused_until) == ("second_factor", True, NOW + 15 * MINUTE)

    later = NOW + 15 * MINUTE
    again = signed_in(office, now=later)
    with office.begin_tx(NOBODY, now=later) as tx:
        assert give_code(tx, again.token or "", code_at(secret, later)).step == "open"
    assert len(entries(session, "user.sign_in_failed")) == 10
    assert user.totp_failures == 0


def test_a_step_that_is_left_alone_expires(office) -> None:
    _, secret = enrolled(office)
    token = signed_in(office).token or ""

    later = NOW + 11 * MINUTE
    with office.begin_tx(NOBODY, now=later) as tx:
        assert give_code(tx, token, code_at(secret, later)) == SignIn("password")


@pytest.mark.parametrize("token", ["", "x", "\x00"])
def test_a_guessed_token_leads_to_the_beginning(office, token: str) -> None:
    with office.begin_tx(NOBODY) as tx:
        assert give_code(tx, token, "123456") == SignIn("password")
        assert finish_enrolment(tx, token, "123456") == SignIn("password")
        assert enrolment_secret(tx, token) is None
        assert choose_password(tx, token, OTHER) == SignIn("password")
        assert touch_session(tx, token) is None
        close_session(tx, token)


def test_where_it_is_required_officers_enrol_before_they_work(session: Session, office) -> None:
    user = office.user("siti", role="office_head")
    step = signed_in(office, required=True)
    assert step.step == "enrolment"
    token = step.token or ""

    with office.begin_tx(NOBODY) as tx:
        secret = enrolment_secret(tx, token) or ""
        assert enrolment_secret(tx, token) == secret
    with office.begin_tx(NOBODY) as tx:
        assert finish_enrolment(tx, token, "000000") == SignIn("enrolment", token, user.id, wrong=True)
    with office.begin_tx(NOBODY) as tx:
        done = finish_enrolment(tx, token, code_at(secret, NOW))

    assert done.step == "open"
    assert user.has_second_factor
    assert len(entries(session, "user.second_factor_enrolled")) == 1
    assert signed_in(office, required=True).step == "second_factor"


@pytest.mark.parametrize("typed", ["199302112019032922", " 19930211 201903 2 922 "])
def test_a_civil_servant_may_sign_in_by_number(office, typed: str) -> None:
    office.user("rahma", employee_number="199302112019032922")

    assert signed_in(office, typed).step == "open"
    assert signed_in(office, "199302112019032923").step == "password"


def test_citizens_need_no_second_factor(office) -> None:
    office.user("warga", role="citizen")

    assert signed_in(office, "warga", required=True).step == "open"


def test_a_given_password_must_be_changed_before_anything_opens(session: Session, office) -> None:
    user = office.user("siti", must_change_password=True)
    step = signed_in(office)
    assert step.step == "new_password"
    token = step.token or ""

    with office.begin_tx(NOBODY) as tx, pytest.raises(InvalidAnswers) as refused:
        choose_password(tx, token, "pendek")
    assert refused.value.problems[0][1] == "password.too_short"
    with office.begin_tx(NOBODY) as tx, pytest.raises(InvalidAnswers) as refused:
        choose_password(tx, token, PASSWORD)
    assert refused.value.problems[0][1] == "password.unchanged"
    with office.begin_tx(NOBODY) as tx:
        done = choose_password(tx, token, OTHER)

    assert done.step == "open"
    assert not user.must_change_password
    assert signed_in(office, password=OTHER).step == "open"
    [entry] = entries(session, "user.password_changed")
    assert entry.actor_id == user.id


def test_one_enrols_for_oneself_only(office) -> None:
    user = office.user("siti")

    with office.by_admin() as tx, pytest.raises(NotAllowed):
        begin_enrolment(tx, user.id)
    with office.begin_tx(office.actor(user.id)) as tx, pytest.raises(Conflict, match="not_begun"):
        confirm_enrolment(tx, user.id, "123456")


def test_a_lost_phone_is_taken_off_by_an_administrator(session: Session, office) -> None:
    user, _ = enrolled(office)
    with office.begin_tx(office.actor(user.id)) as tx, pytest.raises(Conflict, match="enrolled"):
        begin_enrolment(tx, user.id)
    with office.begin_tx(office.actor(user.id)) as tx, pytest.raises(NotAllowed):
        remove_second_factor(tx, user.id)

    with office.by_admin() as tx:
        remove_second_factor(tx, user.id)

    assert signed_in(office).step == "open"
    assert len(entries(session, "user.second_factor_removed")) == 1
    with office.by_admin() as tx, pytest.raises(Conflict, match=r"second_factor\.none"):
        remove_second_factor(tx, user.id)


def test_a_session_lives_half_an_hour_after_its_last_use(office) -> None:
    token = signed_in_token(office)

    for minutes in (29, 58, 87):
        with office.begin_tx(NOBODY, now=NOW + minutes * MINUTE) as tx:
            assert touch_session(tx, token) is not None
    with office.begin_tx(NOBODY, now=NOW + (87 + 30) * MINUTE) as tx:
        assert touch_session(tx, token) is None


def test_a_session_ends_with_the_working_day_however_busy(office) -> None:
    token = signed_in_token(office)

    alive = 0
    for minutes in range(20, 20 * 60, 20):
        with office.begin_tx(NOBODY, now=NOW + minutes * MINUTE) as tx:
            alive += touch_session(tx, token) is not None
    assert alive * 20 < 12 * 60 <= (alive + 1) * 20


def test_reading_pages_writes_once_a_minute_at_most(office) -> None:
    token = signed_in_token(office)

    with office.begin_tx(NOBODY, now=NOW + timedelta(seconds=59)) as tx:
        found = touch_session(tx, token)
        assert found is not None
        assert not tx.session.is_modified(found)
    assert found.last_seen_at == NOW


def test_signing_out_ends_the_session_at_once(session: Session, office) -> None:
    token = signed_in_token(office)

    with office.begin_tx() as tx:
        close_session(tx, token)
        close_session(tx, token)

    with office.begin_tx() as tx:
        assert touch_session(tx, token) is None
    assert len(entries(session, "user.signed_out")) == 1


def test_all_sessions_end_together(office) -> None:
    token = signed_in_token(office)
    other = signed_in(office).token or ""
    user = office.session.scalars(select(User).where(User.login == "siti")).one()

    with office.begin_tx(office.actor(user.id)) as tx:
        assert end_sessions(tx, user.id) == 2
        assert end_sessions(tx, user.id) == 0

    with office.begin_tx() as tx:
        assert touch_session(tx, token) is touch_session(tx, other) is None


def test_a_deactivated_user_is_signed_out(office) -> None:
    token = signed_in_token(office)
    user = office.session.scalars(select(User).where(User.login == "siti")).one()

    with office.by_admin() as tx:
        deactivate(tx, user.id)

    with office.begin_tx() as tx:
        assert touch_session(tx, token) is None


def signed_in_token(office) -> str:
    office.user("siti")
    return signed_in(office).token or ""


@pytest.fixture
def a_racer(committed_database) -> Iterator[tuple[list[str], str]]:
    """An officer in a database with real commits: two sign-ins that wait for a code, and the secret."""
    with Session(committed_database.engine) as session:
        with begin(session, NOBODY, now=NOW) as tx:
            user = User(login="siti", name="Siti", added_at=NOW, password_hash=passwords.hash_password(PASSWORD))
            user.totp_secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            session.add(user)
            session.flush()
            tokens = [open_session(tx, user.id, stage="second_factor") for _ in range(2)]
        yield tokens, user.totp_secret


def test_of_two_browsers_with_one_code_one_gets_in(a_racer, committed_database) -> None:
    tokens, secret = a_racer
    code = code_at(secret, NOW)
    barrier = threading.Barrier(2)

    def give(token: str) -> str:
        with Session(committed_database.engine) as session, begin(session, NOBODY, now=NOW) as tx:
            barrier.wait()
            return give_code(tx, token, code).step

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(give, tokens)) == ["open", "second_factor"]
