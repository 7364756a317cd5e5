"""Sending stored bytes: always as an attachment, in the type that was found in them, piece by piece."""

from flask import Response, stream_with_context

from workflows.evidence.queries import Download

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_download(download: Download) -> Response:
    """Stream a stored file to the reader; the session that reads it stays open until the last piece."""
    response = Response(stream_with_context(download.chunks), mimetype=download.content_type, direct_passthrough=True)
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
