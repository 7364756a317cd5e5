"""The web's door to an act: `with begin() as tx: verb(tx, ...)`, then redirect.

The commit itself, and the reading of the clock, stand in `workflows.transaction`; here they are joined to the request.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from flask import current_app, g

from webapp.actor import current_actor
from webapp.extensions import db
from workflows.transaction import Actor, Tx
from workflows.transaction import begin as begin_on

Clock = Callable[[], datetime]


def now() -> datetime:
    """Give the instant of this request; it is the same for all that the request does."""
    if "now" not in g:
        clock: Clock = current_app.extensions["amanah_clock"]
        g.now = clock()
    instant: datetime = g.now
    return instant


@contextmanager
def begin(actor: Actor | None = None) -> Iterator[Tx]:
    """Open an act in the name of who is acting; it commits when the block ends and rolls back when it raises.

    `fate()` tells afterwards, to whoever must answer for a fault, whether it was saved.
    """
    with begin_on(db.session(), actor or current_actor(), now=now()) as tx:
        g.acts = [*g.get("acts", ()), tx]
        yield tx


def fate() -> Literal["open", "asked", "saved"]:
    """Tell how far the acts of this request came: whether any was saved, or may have been; see `Tx.fate`."""
    fates = {tx.fate for tx in g.get("acts", ())}
    if "asked" in fates:
        return "asked"
    return "saved" if "saved" in fates else "open"
