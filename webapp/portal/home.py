"""Arriving: the home page, posters, credits, and the answer to "are you well?"."""

from flask import jsonify, redirect, render_template, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from webapp.assets import send_built
from webapp.extensions import db
from webapp.portal.offers import ladder, offers, season
from webapp.transaction import now
from workflows import schema


def index() -> str:
    """Show what can be done here, what happens then, and what cannot be protected."""
    found = offers()
    running = [(case_type, season(case_type, now())) for case_type in found]
    return render_template(
        "portal/index.html",
        offers=found,
        ladder=ladder(found[0], now()) if found else (),
        seasons=[(case_type, each) for case_type, each in running if each is not None],
    )


def poster(code: str) -> Response:
    """Lead from a printed poster to the form; a poster for one office carries the office's code after a hyphen.

    A poster hangs for years and must never lead nowhere: a code that is not known any more leads to the first form.
    """
    found = offers()
    if not found:
        return redirect(url_for("portal.index"), code=303)
    kind, _, office = code.partition("-")
    chosen = next((case_type for case_type in found if case_type.key == kind.lower()), found[0])
    return redirect(url_for("portal.report", case_type=chosen.key, instansi=office or None), code=303)


def places() -> Response:
    """Hand out the list of places, as its licence asks."""
    return send_built("data/places.json")


def credits() -> str:
    """Say whose data and software this stands on."""
    return render_template("portal/credits.html")


def health() -> tuple[Response, int]:
    """Tell a supervisor whether requests can be served: the database answers, and its tables are those of this code."""
    try:
        current = schema.is_current(db.session.connection())
    except SQLAlchemyError:
        return jsonify(status="database"), 503
    return (jsonify(status="ok"), 200) if current else (jsonify(status="migrations"), 503)
