"""The files of one case type as a value: read from a folder, from single files or from a published edition.

Nothing here understands what is in the files. Reading is bounded, so that a wrong path cannot fill the memory.
"""

import errno
import hashlib
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

MANIFEST = "case-type.yml"
PROCESS = "process.bpmn"
SHARED = "shared/"

# Largest file, most files and most bytes of one case type. A real one is about 60 files and 300 kB; one that is
# larger than this is a mistake (a folder of photographs) or an attempt to fill the memory.
LARGEST_FILE = 4_000_000
MOST_FILES = 500
# Entries of a folder, with those that are no part of the case type.
MOST_ENTRIES = 20_000
MOST_BYTES = 16_000_000

# What of `bpmn/shared/` travels with an edition. Registers of law and of roles do not: they are effective-dated or
# belong to the office, and a running case follows today's.
_SHARED_SUFFIXES = (".bpmn", ".dmn", ".form")
_SHARED_FOLDERS = ("letters", "notices")
# Where shared files are looked for when a case type has no `shared` folder beside it, for example a copy that somebody
# checks elsewhere: those of this house.
_OUR_SHARED = Path(__file__).parents[2] / "bpmn" / "shared"
# Files that editors and operating systems leave behind.
_IGNORED_NAMES = frozenset({"README.md", "Thumbs.db"})
# What lies beside a case type and is no part of its editions: reports to try it with.
_IGNORED_FOLDERS = frozenset({"demonstration"})


@dataclass(frozen=True)
class Bundle:
    """Files of one case type by path; whatever came from `bpmn/shared/` has a path that begins with "shared/"."""

    files: Mapping[str, bytes]
    # True for a case-type folder, which has a manifest; False for single diagrams and tables.
    is_folder: bool = True
    # Where the register of deadlines and roles stand, if the files came from a disk.
    shared_folder: Path | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        return hash(self.checksum)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over paths and bytes, in the order of the paths."""
        digest = hashlib.sha256()
        for path in sorted(self.files):
            content = self.files[path]
            digest.update(f"{len(path.encode())}:{path}:{len(content)}:".encode())
            digest.update(content)
        return digest.hexdigest()

    def under(self, folder: str, suffix: str = "") -> Iterator[tuple[str, bytes]]:
        """Give the files of a folder, here and in `shared/`, that end with `suffix`, in the order of their paths."""
        for path in sorted(self.files):
            inside = path.removeprefix(SHARED)
            if inside.startswith(f"{folder}/") and path.endswith(suffix):
                yield path, self.files[path]

    def find(self, path: str) -> bytes | None:
        """Give the file at `path`, the case type's own before the shared one; None when there is neither."""
        own = self.files.get(path)
        return own if own is not None else self.files.get(SHARED + path)

    def letter_files(self, name: str) -> dict[str, bytes]:
        """Give the files of a letter by file name: its own folder's, and what all letters share.

        Empty when the letter has no folder. A file of its own takes the place of a shared one of that name.
        """
        own = self._inside(f"letters/{name}/") or self._inside(f"{SHARED}letters/{name}/")
        shared = {path: content for path, content in self._inside(f"{SHARED}letters/").items() if "/" not in path}
        return {**shared, **own} if own else {}

    def _inside(self, folder: str) -> dict[str, bytes]:
        return {path.removeprefix(folder): content for path, content in self.files.items() if path.startswith(folder)}

    def executable(self) -> dict[str, bytes]:
        """Give the diagrams and decision tables, which is what the engine parses.

        A file that somebody named by itself is one of them whatever its name ends with: `x.bpmn20.xml`, `X.BPMN`.
        """
        return {path: content for path, content in self.files.items() if not self.is_folder or _is_executable(path)}


def read_bundle(path: Path, *, shared: Path | None = None) -> Bundle:
    """Read a case-type folder with what it shares, or a folder or file of loose `.bpmn` and `.dmn` files.

    `shared` is used when there is no folder of that name beside the case type; without it, the one of this house.
    Raise OSError when the path cannot be read, and BrokenDefinition when there is nothing to check or too much.
    """
    if not is_a_folder(path):
        return files_of({path: read_file(path)})
    root = path.resolve(strict=True)
    is_folder = (root / MANIFEST).is_file()
    files = dict(_read_tree(root, path.name)) if is_folder else dict(_loose_files(root))
    shared_folder = root.parent / "shared"
    if not shared_folder.is_dir():
        shared_folder = shared or _OUR_SHARED
    if is_folder and shared_folder.is_dir():
        for name, content in _read_tree(shared_folder, "shared"):
            if name.endswith(_SHARED_SUFFIXES) or name.split("/")[0] in _SHARED_FOLDERS:
                files[SHARED + name] = content
    if not files:
        raise BrokenDefinition(
            [
                Finding(
                    code="bundle.empty",
                    file=path.name,
                    message=say(
                        "Tidak ada case-type.yml, .bpmn, atau .dmn di sini.",
                        "There is no case-type.yml, .bpmn or .dmn here.",
                    ),
                    fix=say("Tunjuk folder jenis kasus.", "Name the folder of a case type."),
                )
            ]
        )
    return Bundle(files, is_folder=is_folder, shared_folder=shared_folder if shared_folder.is_dir() else None)


def files_of(contents: Mapping[Path, bytes]) -> Bundle:
    """Make a bundle of single files; two of one name in different folders are called by their whole paths."""
    names = Counter(path.name for path in contents)
    called = {path: path.name if names[path.name] == 1 else path.as_posix() for path in contents}
    return Bundle({_writable(called[path]): content for path, content in contents.items()}, is_folder=False)


def read_file(file: Path) -> bytes:
    """Read one file; raise OSError when it cannot be read, and BrokenDefinition when it is too large."""
    with file.open("rb") as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise BrokenDefinition([_too_large(file.name)])
    return content


def is_a_folder(path: Path) -> bool:
    """Tell a folder from a file; raise OSError for what is neither or cannot be asked, before anybody waits for it."""
    kind = path.stat().st_mode
    if not stat.S_ISDIR(kind) and not stat.S_ISREG(kind):
        # Pipes and devices: reading one may never end.
        raise OSError(errno.EINVAL, say("bukan berkas dan bukan folder", "neither a file nor a folder"), str(path))
    return stat.S_ISDIR(kind)


def case_types(path: Path) -> list[Path]:
    """Give the case-type folders that a path means: its own, or those inside it; whatever else it is, itself.

    Raise OSError when the path cannot be read.
    """
    if is_a_folder(path) and not (path / MANIFEST).exists():
        return sorted(manifest.parent for manifest in path.glob(f"*/{MANIFEST}")) or [path]
    return [path]


def _loose_files(root: Path) -> Iterator[tuple[str, bytes]]:
    for name, content in _read_tree(root, root.name):
        if _is_executable(name):
            yield name, content


def _is_executable(path: str) -> bool:
    return path.lower().endswith((".bpmn", ".dmn"))


def _read_tree(root: Path, called: str) -> Iterator[tuple[str, bytes]]:
    count = total = 0
    # Whoever points at a whole disk is told before all of it has been walked.
    entries = list(islice(root.rglob("*"), MOST_ENTRIES + 1))
    if len(entries) > MOST_ENTRIES:
        raise BrokenDefinition([_too_large(called)])
    for file in sorted(entries):
        inside = file.relative_to(root)
        if any(part.startswith(".") for part in inside.parts) or file.name in _IGNORED_NAMES or not file.is_file():
            continue
        if inside.parts[0] in _IGNORED_FOLDERS:
            continue
        content = read_file(file)
        count, total = count + 1, total + len(content)
        if count > MOST_FILES or total > MOST_BYTES:
            raise BrokenDefinition([_too_large(called)])
        yield _writable(inside.as_posix()), content


def _writable(name: str) -> str:
    """Give the name without what nobody can read: bytes that are no letters, and what moves a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _too_large(name: str) -> Finding:
    return Finding(
        code="bundle.too_large",
        file=name,
        message=say(
            f"Terlalu besar: paling banyak {MOST_FILES} berkas dan {MOST_BYTES // 1_000_000} MB, "
            f"satu berkas {LARGEST_FILE // 1_000_000} MB.",
            f"Too large: at most {MOST_FILES} files and {MOST_BYTES // 1_000_000} MB, "
            f"one file {LARGEST_FILE // 1_000_000} MB.",
        ),
        fix=say("Keluarkan berkas yang bukan bagian jenis kasus.", "Take out what is no part of the case type."),
    )
