"""Sending stored bytes: always as an attachment, in the type that was found in them, piece by piece."""

from flask import Response

from workflows.evidence.queries import Download


def send_download(download: Download) -> Response:
    """Stream a stored file to the reader."""
    response = Response(download.chunks, mimetype=download.content_type, direct_passthrough=True)
    response.content_length = download.size
    response.headers.set("Content-Disposition", "attachment", filename=download.name)
    # Whatever is in it must not run as part of our site, even when somebody opens it in place.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
