"""Who is attached to a case, and the one door to their identities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflows.cases.models import Case, Party
from workflows.transaction import Actor, Tx


@dataclass(frozen=True)
class PartyView:
    """A party as the case page shows it: with the identity only for those who may know it."""

    id: UUID
    # "reporter", "subject" or "witness".
    role: str
    # Whether an identity is kept at all; a wholly unknown reporter left none.
    identified: bool
    # Field id -> value; None when it is hidden from the reader.
    identity: Mapping[str, Any] | None


@dataclass(frozen=True)
class Address:
    """Where notices to a party go; for the outbox alone."""

    party_id: UUID
    user_id: UUID | None
    email: str | None
    phone: str | None
    language: str


def add_party(
    tx: Tx,
    case: Case,
    role: str,
    identity: Mapping[str, Any],
    *,
    user_id: UUID | None = None,
    language: str = "id",
) -> Party:
    """Attach somebody to the case; journals `party.added` without the identity."""
    raise NotImplementedError


def parties_of(session: Session, actor: Actor, case: Case) -> Sequence[PartyView]:
    """Give the parties of a case that the actor may see, without any identity of a reporter."""
    raise NotImplementedError


def reveal(tx: Tx, case: Case) -> Sequence[PartyView]:
    """Give the parties with the identities that the actor may know; journals `identity.read` for each reporter's.

    Needs `party.identity` on the case: the right of that name, and for an anonymous reporter never in the name of the
    reported office. Raises NotAllowed.
    """
    raise NotImplementedError


def reporter_address(session: Session, case: Case) -> Address | None:
    """Give where notices to the reporter go. For the outbox alone; shown to nobody."""
    raise NotImplementedError
