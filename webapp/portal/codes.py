"""The reporter's code in the browser: a cookie of its own that opens the tracking pages and nothing else.

An officer's session and a reporter's never meet. The cookie is signed and short-lived, so that a forgotten browser
window on a shared telephone closes by itself. No code is ever written to a log or an address.
"""

from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

# Half an hour after the last use.
LIFETIME = 30 * 60
TRACKING = "amanah_lacak"
RECEIPT = "amanah_tanda_terima"
_PATHS = {TRACKING: "/lacak", RECEIPT: "/lapor"}


def remember(response: Response, cookie: str, code: str) -> Response:
    """Keep the code in the browser for half an hour from now."""
    response.set_cookie(
        cookie,
        _signer(cookie).dumps(code),
        max_age=LIFETIME,
        path=_PATHS[cookie],
        httponly=True,
        samesite="Strict" if cookie == TRACKING else "Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def recall(cookie: str) -> str | None:
    """Give the code that the browser holds, if it is ours and not too old."""
    value = request.cookies.get(cookie)
    if not value:
        return None
    try:
        code: Any = _signer(cookie).loads(value, max_age=LIFETIME)
    except BadSignature:
        return None
    return str(code)


def forget(response: Response, cookie: str) -> Response:
    """Take the code out of the browser."""
    response.delete_cookie(cookie, path=_PATHS[cookie])
    return response


def _signer(cookie: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=cookie)
