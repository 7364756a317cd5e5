"""How files are received: streamed, and never more of one than is needed to see that it is too large.

Reading goes on beyond that, so that everything else of the form arrives and nothing that was typed is lost.
"""

import tempfile
from collections.abc import Iterable
from typing import IO, Any, BinaryIO, cast

from flask import Flask, current_app, g
from werkzeug.datastructures import FileStorage, MultiDict

from webapp.requests import CleanRequest
from workflows.evidence.uploads import Upload
from workflows.settings import Settings

# Up to here a file stays in memory, beyond it on the disk until the request ends.
IN_MEMORY = 512_000


def init_uploads(app: Flask) -> None:
    """Receive files in counted streams, and close what was opened for a request when it ends."""
    app.request_class = BoundedRequest
    app.teardown_request(_close_streams)


def temporary_stream() -> BinaryIO:
    """Give an empty stream that lives as long as the request."""
    stream = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 (closed with the request)
    g.setdefault("streams", []).append(stream)
    return stream


def _close_streams(_error: BaseException | None) -> None:
    for stream in g.pop("streams", ()):
        stream.close()


class CountedFile:
    """The bytes of one posted file, up to one byte more than the limit: then it is seen to be too large."""

    def __init__(self, limit: int) -> None:
        self._room = limit + 1
        self._kept = temporary_stream()

    def write(self, piece: bytes) -> int:
        """Take the next piece, or as much of it as there is room for."""
        taken = piece[: self._room]
        self._room -= len(taken)
        self._kept.write(taken)
        return len(piece)

    def seekable(self) -> bool:
        """Tell that the bytes can be read again."""
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept, name)

    def __iter__(self) -> Any:
        return iter(self._kept)


class BoundedRequest(CleanRequest):
    """A request that keeps no more of a file than the largest one that is allowed."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        settings: Settings = current_app.extensions["amanah_settings"]
        return cast(IO[bytes], CountedFile(max(settings.picture_limit, settings.document_limit)))


def received(posted: "MultiDict[str, FileStorage]") -> list[Upload]:
    """Give the files of a posted form as the verbs take them; those of empty choosers are left out."""
    sent: Iterable[tuple[str, FileStorage]] = posted.items(multi=True)
    return [Upload(field, each.filename, cast(BinaryIO, each.stream)) for field, each in sent if each.filename]
