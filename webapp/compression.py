"""Sends pages compressed to browsers that accept it; built files come compressed from the disk already."""

import gzip
import io
import secrets

from flask import Flask, Response, request

# Below this a compressed page is hardly smaller.
WORTH_IT = 700
COMPRESSED = frozenset({"text/html", "application/json", "image/svg+xml"})


def init_compression(app: Flask) -> None:
    """Compress what is worth it, after everything else has had its say."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if (
        response.direct_passthrough
        or response.is_streamed
        or response.content_encoding
        or response.mimetype not in COMPRESSED
        or not request.accept_encodings["gzip"]
        or response.status_code in {204, 304}
    ):
        return response
    body = response.get_data()
    if len(body) < WORTH_IT:
        return response
    packed = io.BytesIO()
    # A file name of chance length in the header hides how well a page packs, which would otherwise tell an eavesdropper
    # about secrets in it (BREACH).
    padding = "x" * (1 + secrets.randbelow(32))
    with gzip.GzipFile(padding, "wb", compresslevel=6, fileobj=packed, mtime=0) as file:
        file.write(body)
    response.set_data(packed.getvalue())
    response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response
