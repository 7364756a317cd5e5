"""Which browser belongs to whom: the session's token in a cookie of its own, everything else on the server."""

from flask import Request, current_app
from werkzeug.wrappers import Response

from webapp.actor import SESSION_COOKIE, SignedIn
from webapp.extensions import db
from webapp.transaction import now
from workflows.people import queries
from workflows.people.sessions import touch_session
from workflows.transaction import NOBODY, begin


def load(request: Request) -> SignedIn | None:
    """Give who is signed in on the browser that sent the request, for Flask-Login; notes that the session is used."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    # Not an act of the reader's: what becomes of it says nothing about what they posted.
    with begin(db.session(), NOBODY, now=now()) as tx:
        found = touch_session(tx, token)
        if found is None:
            return None
        user = queries.user(tx.session, found.user_id)
        actor = queries.actor_for(tx.session, user.id, now())
        rights = queries.rights_of(tx.session, actor.roles)
        return SignedIn(user_id=user.id, name=user.name, login=user.login, actor=actor, rights=rights)


def put(response: Response, token: str) -> Response:
    """Hand the browser the token of its session; it is gone when the browser is closed."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def drop(response: Response) -> Response:
    """Take the token out of the browser."""
    response.delete_cookie(SESSION_COOKIE)
    return response
