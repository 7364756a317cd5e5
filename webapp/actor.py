"""Who is acting in this request: a signed-in officer or citizen, the holder of a receipt, or nobody.

How a browser proves who it is belongs to `auth` and `portal`; here stands only what the rest of the pages ask.
"""

from dataclasses import dataclass
from uuid import UUID

from flask import g, has_request_context
from flask_login import current_user

from workflows.transaction import NOBODY, Actor

# The cookie that holds the token of a session, and nothing else.
SESSION_COOKIE = "amanah_sesi"


@dataclass(frozen=True)
class SignedIn:
    """Somebody whose browser holds an open session, with what they are and may do at this instant."""

    user_id: UUID
    # What the header greets.
    name: str
    login: str
    actor: Actor
    # Words of the role register, for example "task.assign".
    rights: frozenset[str]

    # What Flask-Login asks of whoever a browser turns out to be.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Give the id under which Flask-Login knows them."""
        return str(self.user_id)


def signed_in() -> SignedIn | None:
    """Give who is signed in, or None."""
    if not has_request_context() or not current_user.is_authenticated:
        return None
    user: SignedIn = current_user._get_current_object()
    return user


def current_actor() -> Actor:
    """Give the actor of this request. A receipt counts only on the pages of the portal, which set it."""
    reporter: Actor | None = g.get("reporter")
    if reporter is not None:
        return reporter
    user = signed_in()
    return user.actor if user else NOBODY


def has_right(right: str) -> bool:
    """Tell whether who is signed in has the right."""
    user = signed_in()
    return user is not None and right in user.rights
