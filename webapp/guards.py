"""Who may open which page. What nobody has declared is closed.

A view declares its right above its name (`@requires("work")`), or that being signed in is enough
(`@signed_in_only`), or its endpoint stands in the one short list of pages that are open to everybody. An application
with an undeclared route does not start. Which *case* one may see is not settled here but in `workflows.access`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from webapp.actor import SESSION_COOKIE, signed_in
from webapp.transaction import begin
from workflows.errors import AmanahError, NotAllowed
from workflows.people.queries import actor_for
from workflows.people.sessions import owner_of_lapsed
from workflows.transaction import NOBODY

View = TypeVar("View", bound=Callable[..., Any])

# Open to everybody, signed in or not.
PUBLIC = frozenset(
    {
        "assets.file",
        "auth.choose_password",
        "auth.enrol",
        "auth.finish_enrolment",
        "auth.give_code",
        "auth.give_new_password",
        "auth.give_password",
        "auth.second_factor",
        "auth.sign_in",
        # Asks for its own token, or for this machine.
        "metrics.show",
        "portal.add_information",
        "portal.answer",
        "portal.ask_print",
        "portal.begin",
        "portal.close",
        "portal.credits",
        "portal.file",
        "portal.health",
        "portal.index",
        "portal.letter",
        "portal.message_template",
        "portal.open_with_code",
        "portal.places",
        "portal.poster",
        "portal.printed",
        "portal.put_receipt_away",
        "portal.receipt",
        "portal.report",
        "portal.report_checked",
        "portal.send_message",
        "portal.start",
        "portal.submit",
        "portal.template",
        "portal.track",
        "portal.upload",
        "portal.verify",
    }
)

_RIGHT = "amanah_right"
_KEEPER = "amanah_keeper"
# Marks a view for which being signed in is enough.
_ANY = ""


class UndeclaredRoute(Exception):
    """A route neither declares a right nor stands in the list of public ones."""


def requires(right: str) -> Callable[[View], View]:
    """Open the view to those who have the right; to anybody else it looks as if it did not exist."""

    def declare(view: View) -> View:
        setattr(view, _RIGHT, right)
        return view

    return declare


def signed_in_only(view: View) -> View:
    """Open the view to whoever is signed in."""
    setattr(view, _RIGHT, _ANY)
    return view


def keeps_answers(keep: Callable[..., object]) -> Callable[[View], View]:
    """Let `keep(tx, posted=…, **the view's arguments)` store what was posted when the session had lapsed meanwhile.

    It acts in the name of the session's owner, who finds it after signing in again.
    """

    def declare(view: View) -> View:
        setattr(view, _KEEPER, keep)
        return view

    return declare


def required_right(app: Flask, endpoint: str) -> str | None:
    """Give the right that an endpoint declares; an empty one means signed in, None means nothing is declared."""
    right: str | None = getattr(app.view_functions[endpoint], _RIGHT, None)
    return right


def init_guards(app: Flask) -> None:
    """Let every request pass the guard."""
    app.before_request(_guard)


def check_every_route(app: Flask) -> None:
    """Raise UndeclaredRoute if a route is neither guarded nor public, or both."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    for endpoint in sorted(endpoints):
        if (endpoint in PUBLIC) == (required_right(app, endpoint) is not None):
            raise UndeclaredRoute(endpoint)


def _guard() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC:
        return None
    user = signed_in()
    if user is None:
        _keep_answers(endpoint)
        return redirect(url_for("auth.sign_in", lanjut=_place_to_return_to()), code=303)
    right = required_right(current_app, endpoint)
    if right is None or (right != _ANY and right not in user.rights):
        raise NotAllowed("page.not_allowed", right=right)
    return None


def _keep_answers(endpoint: str) -> None:
    keep = getattr(current_app.view_functions[endpoint], _KEEPER, None)
    token = request.cookies.get(SESSION_COOKIE)
    if request.method != "POST" or keep is None or not token:
        return
    try:
        validate_csrf(request.form.get("csrf_token"))
        with begin(NOBODY) as tx:
            owner = owner_of_lapsed(tx, token)
            actor = actor_for(tx.session, owner, tx.now) if owner else NOBODY
        with begin(actor) as tx:
            keep(tx, posted=request.form.to_dict(flat=False), **(request.view_args or {}))
    except (ValidationError, AmanahError):
        # The form is not ours, or the person may not even keep a draft there: then there is nothing to keep.
        return


def _place_to_return_to() -> str:
    """Give the page that should open after signing in: this one, or the nearest one above the form that was posted."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    pages = current_app.create_url_adapter(request)
    place = request.path
    while place and pages is not None:
        try:
            pages.match(place, method="GET")
            return place
        except HTTPException:
            place = place.rpartition("/")[0]
    return "/"
