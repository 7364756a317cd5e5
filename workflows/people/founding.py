"""The first administrator of an office that has nobody yet, and the one who is made when all others are locked out.

Asked for on the command line, by whoever may read the database's password anyway; the journal says that it was done.
Everybody else is added by administrators in the browser.
"""

from sqlalchemy import select

from workflows.errors import Conflict, NotFound
from workflows.journal.operations import record
from workflows.people import passwords, queries
from workflows.people.mandates import KEEPERS_RIGHT, grant_role, has_keeper
from workflows.people.models import Membership, Role, Unit, User
from workflows.people.operations import add_user
from workflows.people.sessions import end_sessions
from workflows.people.units import add_unit
from workflows.transaction import Tx


def install_administrator(
    tx: Tx, *, login: str, name: str, unit_code: str, unit_name: str, forced: bool = False
) -> tuple[User, str]:
    """Let somebody manage users, and give them with a password that is good for choosing another.

    A unit of that code is added when there is none. `forced` does it though somebody manages users already, also for
    somebody who has an account: that one gets a new password, loses the second factor and every open session. Journals
    `administrator.installed` beside what it consists of. Raises Conflict: `administrator.exists`, `user.deactivated`;
    NotFound (`role.none_keeps_users`) before the roles were loaded; InvalidAnswers as `add_user` does.
    """
    # The role's row is the queue at which two such commands wait for each other.
    role = tx.session.scalars(
        select(Role).where(Role.rights.contains([KEEPERS_RIGHT])).order_by(Role.place).limit(1).with_for_update()
    ).first()
    user = queries.user_by_login(tx.session, login)

    tx.require("user.manage")

    if role is None:
        raise NotFound("role.none_keeps_users")
    if has_keeper(tx) and not forced:
        raise Conflict("administrator.exists")
    if user is not None and not user.active:
        raise Conflict("user.deactivated")

    unit = queries.unit_by_code(tx.session, unit_code)
    if unit is None:
        unit = add_unit(tx, code=unit_code, name=unit_name, name_en=unit_name, kind="office")
    password = passwords.readable_password()
    if user is None:
        user = add_user(tx, login=login, name=name, password=password)
    else:
        user.password_hash, user.password_changed_at = passwords.hash_password(password), tx.now
        user.must_change_password = True
        user.totp_secret = user.totp_pending_secret = user.totp_paused_until = None
        user.totp_failures = 0
        end_sessions(tx, user.id)
    if not _holds(tx, user, role, unit):
        grant_role(tx, user.id, role.id, unit.id)

    record(tx, "administrator.installed", user=user.id, forced=forced)
    return user, password


def _holds(tx: Tx, user: User, role: Role, unit: Unit) -> bool:
    held = select(Membership.id).where(
        Membership.user_id == user.id,
        Membership.role_id == role.id,
        Membership.unit_id == unit.id,
        Membership.ends_at.is_(None),
    )
    return tx.session.scalar(held) is not None
