"""Which browser belongs to whom: the session's token in a cookie of its own, everything else on the server."""

from flask import Request

from webapp.actor import SignedIn


def load(_request: Request) -> SignedIn | None:
    """Give who is signed in on the browser that sent the request, for Flask-Login."""
    return None
