"""Screens of the public: choose, report, receipt, track, verify."""

from flask import Blueprint, render_template

blueprint = Blueprint("portal", __name__)


@blueprint.get("/")
def index() -> str:
    """Show what can be done here."""
    return render_template("portal/index.html")


@blueprint.get("/lacak")
def track() -> str:
    """Ask for the code of a receipt."""
    return render_template("portal/index.html")


@blueprint.get("/kredit")
def credits() -> str:
    """Say whose data and software this stands on."""
    return render_template("portal/index.html")
