"""The built files (`webapp/static/dist`): their hashed names, and how they are sent.

Texts were compressed when they were built; the best form that the browser accepts is sent as it lies on the disk. Since
a changed file has another name, browsers may keep each one for ever.
"""

import functools
import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

DIST = Path(__file__).parent / "static" / "dist"

# What browsers are told; what a machine's own list of types says is left out of it.
KINDS = {
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}

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
    sendable = _listing()
    if name not in sendable or name.rpartition(".")[2] not in KINDS:
        abort(404)
    coding, suffix = "", ""
    for offered, ending in (("br", ".br"), ("gzip", ".gz")):
        if request.accept_encodings[offered] and f"{name}{ending}" in sendable:
            coding, suffix = offered, ending
            break
    # The files are small and their names change with their content: each is read once.
    response = Response(_content(name + suffix), mimetype=KINDS[name.rpartition(".")[2]])
    response.headers["Vary"] = "Accept-Encoding"
    if coding:
        response.headers["Content-Encoding"] = coding
    return response


@functools.cache
def _content(name: str) -> bytes:
    return (DIST / name).read_bytes()


@functools.cache
def _listing() -> frozenset[str]:
    """List what may be sent: never more than what the build put there."""
    return frozenset(path.relative_to(DIST).as_posix() for path in DIST.rglob("*") if path.is_file())
