"""How files are received: streamed, and counted to the byte while they come.

A file above the limit is not kept, but reading goes on, so that everything else of the form arrives and nothing that
was typed is lost. `CountedFile.too_large` tells the view.
"""

import tempfile
from typing import IO, Any, cast

from flask import Request, current_app

from workflows.settings import Settings

# Up to here a file stays in memory, beyond it on the disk until the request ends.
IN_MEMORY = 512_000


class CountedFile:
    """The bytes of one posted file, up to a limit; what exceeds it is counted and dropped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: IO[bytes] = cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        # How many bytes were sent.
        self.size = 0

    @property
    def too_large(self) -> bool:
        """Tell whether more was sent than is kept."""
        return self.size > self._limit

    def write(self, piece: bytes) -> int:
        """Take the next piece."""
        self.size += len(piece)
        if self.too_large:
            # What is here already is of no use to anybody.
            self._kept.seek(0)
            self._kept.truncate(0)
        else:
            self._kept.write(piece)
        return len(piece)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept, name)

    def __iter__(self) -> Any:
        return iter(self._kept)


class BoundedRequest(Request):
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
