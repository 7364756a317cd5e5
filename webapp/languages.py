"""Which language a page speaks: Indonesian, unless the reader chose English.

The choice comes by a link (`?bahasa=en`) and is kept in a cookie, so that it works without scripts. The domain's own
sentences follow it for the length of the request.
"""

from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request

from workflows.language import Language, speaking

COOKIE = "amanah_bahasa"
PARAMETER = "bahasa"
ONE_YEAR = 365 * 24 * 3600


def chosen_language() -> Language:
    """Tell the language of this request."""
    choice = request.args.get(PARAMETER) or request.cookies.get(COOKIE)
    return "en" if choice == "en" else "id"


def address_in(language: Language) -> str:
    """Give the address of the present page in the other language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
    return f"{request.path}?{urlencode([*kept, (PARAMETER, language)])}"


def init_languages(app: Flask) -> None:
    """Let the domain speak the reader's language during each request, and remember a choice."""
    app.before_request(_enter)
    app.teardown_request(_leave)
    app.after_request(_remember)


def _enter() -> None:
    g.language = ExitStack()
    g.language.enter_context(speaking(chosen_language()))


def _leave(_error: BaseException | None) -> None:
    stack = g.pop("language", None)
    if stack is not None:
        stack.close()


def _remember(response: Response) -> Response:
    if request.args.get(PARAMETER) in {"id", "en"}:
        response.set_cookie(
            COOKIE,
            chosen_language(),
            max_age=ONE_YEAR,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response


def spoken(value: Any, name: str = "title") -> str:
    """Give a text of data that carries both languages: `title` and `title_en`."""
    text: str = getattr(value, f"{name}_en" if chosen_language() == "en" else name)
    return text
