"""One archive of many files whose bytes depend on nothing but the files: same files, same checksum."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

SUMS = "SHA256SUMS"
# Unix: an ordinary file that its owner may write and everybody may read.
_MODE = 0o100644 << 16
_UNIX = 3


class Archive:
    """A ZIP archive being written: entries in the order of their adding, all of one instant, then their checksums."""

    def __init__(self, target: IO[bytes], at: datetime) -> None:
        """Write to `target`; `at` is the local instant that every entry bears."""
        self._zip = zipfile.ZipFile(target, "w", allowZip64=True)
        self._at = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        # Name -> SHA-256 of the bytes, in the order of the entries.
        self.checksums: dict[str, str] = {}

    def add(self, name: str, chunks: Iterable[bytes], *, packed: bool = True) -> None:
        """Add a file piece by piece; pictures and recordings are not `packed` again."""
        entry = zipfile.ZipInfo(name, self._at)
        entry.create_system, entry.external_attr = _UNIX, _MODE
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        digest = hashlib.sha256()
        # The size is not known before the end, so room is left for one above 4 GB.
        with self._zip.open(entry, "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        self.checksums[name] = digest.hexdigest()

    def close(self) -> None:
        """Add the checksums of all files, as `sha256sum --check` reads them, and end the archive."""
        self.add(SUMS, self._sums())
        self._zip.close()

    def _sums(self) -> Iterator[bytes]:
        for name, checksum in list(self.checksums.items()):
            yield f"{checksum}  {name}\n".encode()
