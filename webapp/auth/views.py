"""Signing in and out."""

from flask import Blueprint, render_template

from webapp.guards import signed_in_only

blueprint = Blueprint("auth", __name__)


@blueprint.get("/masuk")
def sign_in() -> str:
    """Ask who is there."""
    return render_template("portal/index.html")


@blueprint.post("/keluar")
@signed_in_only
def sign_out() -> str:
    """Close the session."""
    return ""
