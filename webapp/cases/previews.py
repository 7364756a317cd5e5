"""Letters of a case before they are issued: a page of its own that runs nothing and asks for nothing."""

import base64
import hashlib
import re

from flask import Response, make_response

from webapp.actor import current_actor
from webapp.extensions import db
from webapp.guards import requires
from webapp.transaction import begin
from workflows.cases.queries import case_by_number
from workflows.catalogue.queries import letter_files, manifest, version
from workflows.errors import NotFound
from workflows.letters.preview import preview
from workflows.processes.office import current_office
from workflows.processes.queries import instances_of


@requires("work")
def letter_preview(number: str, name: str) -> Response:
    """Show what a letter of the case would say if it were issued now."""
    found = case_by_number(db.session(), current_actor(), number)
    runs = instances_of(db.session(), found.id)
    if not runs:
        raise NotFound("letter.unknown", letter=name)
    edition = version(db.session(), runs[-1].version_id)
    with begin() as tx:
        html = preview(
            tx,
            case_by_number(tx.session, tx.actor, number),
            manifest(tx.session, edition),
            name,
            letter_files(tx.session, edition, name),
            settings=current_office().settings,
        )
    response = make_response(html)
    response.headers["Content-Security-Policy"] = _policy(html)
    return response


def _policy(html: str) -> str:
    """Allow the styles that stand in the page and nothing else; pictures are drawn into it."""
    digests = [
        base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        for style in re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    ]
    styles = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return f"default-src 'none'; style-src {styles}; img-src data:; frame-ancestors 'none'; sandbox"
