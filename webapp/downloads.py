"""Sending stored bytes: always as an attachment, in the type that was found in them, piece by piece."""

from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context
from sqlalchemy.orm import Session

from webapp.extensions import db
from workflows.evidence.queries import Download

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_download(download: Download) -> Response:
    """Stream a stored file to the reader; the session that reads it stays open until the last piece."""
    pieces = stream_with_context(_closing(download.chunks, db.session()))
    response = Response(pieces, mimetype=download.content_type, direct_passthrough=True)
    response.content_length = download.size
    response.headers.set("Content-Disposition", "attachment", filename=download.name)
    # Whatever is in it must not run as part of our site, even when somebody opens it in place.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def send_document(printed: bytes, name: str) -> Response:
    """Send a PDF that is held whole; a number with slashes becomes a name that every disk takes."""
    return send_download(Download(name.replace("/", "-"), "application/pdf", len(printed), iter((printed,))))


def send_spreadsheet(content: bytes, name: str) -> Response:
    """Send an .xlsx that is held whole."""
    return send_download(Download(name, SPREADSHEET, len(content), iter((content,))))


def _closing(chunks: Iterable[bytes], session: Session) -> Iterator[bytes]:
    """Give the pieces, and the session's connection back with the last one or when the reader leaves.

    The request has let go of its session by then; reading on takes a connection anew, which nobody else would return.
    """
    try:
        yield from chunks
    finally:
        session.close()
