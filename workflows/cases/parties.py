"""Who is attached to a case, and the one door to their identities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from workflows.cases.models import Case, Party
from workflows.journal.operations import record
from workflows.transaction import Actor, Tx, permits


@dataclass(frozen=True)
class PartyView:
    """A party as the case page shows it: with the identity only for those who may know it."""

    id: UUID
    # "reporter", "subject" or "witness".
    role: str
    # Field id -> value; None when it is hidden from the reader.
    identity: Mapping[str, Any] | None


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
    party = Party(id=uuid4(), case_id=case.id, role=role, identity=dict(identity), user_id=user_id, language=language)
    tx.session.add(party)
    record(tx, "party.added", case_id=case.id, party=party.id, role=role)
    return party


def parties_of(session: Session, actor: Actor, case: Case) -> Sequence[PartyView]:
    """Give the parties of a case that the actor may see, every identity hidden.

    Whether a reporter left an identity at all is hidden as well: a named and a nameless reporter look alike.
    """
    if not permits(session, actor, "case.read", case):
        return []
    found = session.scalars(select(Party).where(Party.case_id == case.id).order_by(Party.role, Party.id))
    return [PartyView(id=party.id, role=party.role, identity=None) for party in found]


def reveal(tx: Tx, case: Case) -> Sequence[PartyView]:
    """Give the parties with their identities; journals `identity.read` for each.

    Needs `party.identity` on the case: the right of that name, and for an anonymous reporter never in the name of the
    reported office. Raises NotAllowed.
    """
    tx.require("party.identity", case)
    found = tx.session.scalars(
        select(Party).where(Party.case_id == case.id).options(undefer(Party.identity)).order_by(Party.role, Party.id)
    ).all()
    for party in found:
        record(tx, "identity.read", case_id=case.id, party=party.id)
    return [PartyView(id=party.id, role=party.role, identity=party.identity) for party in found]


def complete_identity(tx: Tx, case: Case, identity: Mapping[str, Any]) -> Party:
    """Keep what the reporter tells of themselves later, beside what was told before; journals `party.completed`.

    A case whose reporter had told nothing yet gets one; that is journalled as `party.added`.
    """
    found = select(Party).where(Party.case_id == case.id, Party.role == "reporter").with_for_update()
    party = tx.session.scalars(found.options(undefer(Party.identity)).limit(1)).first()
    if party is None:
        return add_party(tx, case, "reporter", identity)
    party.identity = {**(party.identity or {}), **identity}
    record(tx, "party.completed", case_id=case.id, party=party.id)
    return party


def reporter_of(session: Session, case_id: UUID) -> Party | None:
    """Give the row of the reporter, its identity not loaded; None for a case that nobody reported."""
    return session.scalars(select(Party).where(Party.case_id == case_id, Party.role == "reporter").limit(1)).first()


def identity_of(session: Session, case_id: UUID) -> Mapping[str, Any]:
    """Give the identity that the reporter left; empty for none.

    For fingerprints, and for packages that somebody asked for who revealed it; shown to nobody.
    """
    query = select(Party.identity).where(Party.case_id == case_id, Party.role == "reporter").limit(1)
    return session.scalars(query).first() or {}


def addresses_of(session: Session, party_id: UUID) -> Mapping[str, str]:
    """Give where notices to a party go, by channel ("email", "whatsapp"). For the outbox alone; shown to nobody."""
    identity = session.scalars(select(Party.identity).where(Party.id == party_id)).first() or {}
    channels = {"email": identity.get("email"), "whatsapp": identity.get("phone")}
    return {channel: str(address) for channel, address in channels.items() if address}
