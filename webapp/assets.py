"""The built files (`webapp/static/dist`): their hashed names, and how they are sent.

Texts were compressed when they were built; the best form that the browser accepts is sent as it lies on the disk. Since
a changed file has another name, browsers may keep each one for ever.
"""

import functools
import json
import mimetypes
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, send_from_directory, url_for

DIST = Path(__file__).parent / "static" / "dist"

blueprint = Blueprint("assets", __name__)


class AssetsMissing(Exception):
    """The front end has not been built; `python webapp/frontend/build_assets.py` does it."""


@functools.cache
def _manifest() -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AssetsMissing("run `python webapp/frontend/build_assets.py` first") from error
    return names


def asset_url(name: str) -> str:
    """Give the address of a built file by its plain name, for example `site.css`."""
    return url_for("assets.file", name=_manifest()[name])


@functools.cache
def picture(name: str) -> str:
    """Give the text of a built SVG, for places where it stands in the page itself."""
    return (DIST / _manifest()[name]).read_text(encoding="utf-8")


@functools.cache
def places() -> dict[str, Any]:
    """Give the regency's kecamatan with their villages, as built from the ministry's list."""
    document: dict[str, Any] = json.loads((DIST / "data" / "places.json").read_text(encoding="utf-8"))
    return document


@blueprint.get("/aset/<path:name>")
def file(name: str) -> Response:
    """Send a built file, to be kept for ever."""
    response = send_built(name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def send_built(name: str) -> Response:
    """Send a file of the build in the best form that the browser accepts."""
    if name not in _sendable():
        abort(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = send_from_directory(DIST, name, mimetype=kind)
    for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
        if request.accept_encodings[coding] and f"{name}{suffix}" in _sendable():
            response.close()
            response = send_from_directory(DIST, name + suffix, mimetype=kind)
            response.headers["Content-Encoding"] = coding
            break
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _sendable() -> frozenset[str]:
    """List what may be sent: never more than what the build put there."""
    # In development the build may run again under a running server; one listing of a small folder is cheap.
    if current_app.debug:
        return _listing.__wrapped__()
    return _listing()


@functools.cache
def _listing() -> frozenset[str]:
    return frozenset(path.relative_to(DIST).as_posix() for path in DIST.rglob("*") if path.is_file())
