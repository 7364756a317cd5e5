"""One act, one transaction: who acts, at what instant, and the only commit of the house.

A verb takes `tx` as its first argument, reads `tx.now` instead of a clock and never commits. `begin` opens the block
that commits when it ends well. What may be done is asked with `tx.require`; the law itself is in `access`, which hands
its policy in at the start of the program.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.errors import NotAllowed

ActorKind = Literal["user", "reporter", "system", "nobody"]


@dataclass(frozen=True)
class Mandate:
    """A role that somebody fills in a unit."""

    # Identifier of the role, for example "intake_officer".
    role: str
    # The unit in which the role is filled.
    unit_id: UUID
    # What the role grants, as it was read together with the mandate; None when only the role is known.
    rights: frozenset[str] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Actor:
    """Who performs an act: a signed-in user, a reporter who holds a receipt, the system, or nobody."""

    kind: ActorKind
    # The user who acts; None unless `kind` is "user".
    user_id: UUID | None = None
    # What the journal calls the actor. Never the name of a reporter.
    name: str = ""
    # Roles with their units, own ones and those held as a deputy.
    mandates: frozenset[Mandate] = frozenset()
    # The case that a reporter's receipt opens.
    case_id: UUID | None = None

    def has_role(self, role: str) -> bool:
        """Tell whether the actor fills the role in any unit."""
        return any(mandate.role == role for mandate in self.mandates)

    @property
    def roles(self) -> frozenset[str]:
        """The roles that the actor fills, wherever."""
        return frozenset(mandate.role for mandate in self.mandates)


SYSTEM = Actor(kind="system", name="sistem")
NOBODY = Actor(kind="nobody")


class Policy(Protocol):
    """Answers whether an actor may do an act on a subject. Its one implementation is in `access`.

    `seen` is whether the actor sees the case, where the caller has asked the law of lists in the statement that read
    the subject; with None the policy asks by itself.
    """

    def __call__(self, session: Session, actor: Actor, act: str, subject: Any, *, seen: bool | None = None) -> bool: ...


_policies: list[Policy] = []


def install_policy(policy: Policy) -> None:
    """Make `policy` the law of every transaction from now on. Called once, by `access`."""
    _policies[:] = [policy]


def permits(session: Session, actor: Actor, act: str, subject: Any = None, *, seen: bool | None = None) -> bool:
    """Tell whether the law lets `actor` do `act` on `subject`; reads ask here. Without a policy nothing is allowed.

    `seen` is as in `Policy`.
    """
    return bool(_policies) and _policies[0](session, actor, act, subject, seen=seen)


@dataclass
class Tx:
    """One act: its session, its actor, its one instant, and what follows once it has been committed."""

    session: Session
    actor: Actor
    # The instant of the act, UTC; every row that the act writes bears it.
    now: datetime
    # Called after the commit has held, in order; never after a rollback.
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    # "open" until the commit is asked for, then "asked" until the database has answered, then "saved". An act that
    # failed while "asked" may have been saved or not: the answer was lost.
    fate: Literal["open", "asked", "saved"] = "open"

    def may(self, act: str, subject: Any = None, *, seen: bool | None = None) -> bool:
        """Tell whether the actor may do `act` on `subject`; `seen` is as in `Policy`."""
        return permits(self.session, self.actor, act, subject, seen=seen)

    def require(self, act: str, subject: Any = None, *, seen: bool | None = None) -> None:
        """Raise NotAllowed unless the actor may do `act` on `subject`; `seen` is as in `Policy`."""
        if not self.may(act, subject, seen=seen):
            raise NotAllowed("act.not_allowed", act=act)

    def acting_as(self, actor: Actor) -> "Tx":
        """The same act, continued in another name: what the diagram does after a person's step is the system's."""
        return Tx(self.session, actor, self.now, self.after_commit)


def read_clock() -> datetime:
    """Read the clock, in UTC. The only place that does."""
    return datetime.now(UTC)  # noqa: TID251 (the one home of the clock)


@contextmanager
def begin(session: Session, actor: Actor, *, now: datetime | None = None) -> Iterator[Tx]:
    """Open an act; commit when the block ends, roll back when it raises.

    `now` moves the clock, for tests, rehearsals and demonstrations.
    """
    tx = Tx(session, actor, now or read_clock())
    try:
        yield tx
        tx.fate = "asked"
        session.commit()
        tx.fate = "saved"
    except BaseException:
        session.rollback()
        raise
    for follow_up in tx.after_commit:
        follow_up()
