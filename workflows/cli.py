"""The command line `amanah`: one small function per command, which says what it does and leaves the work to others.

Exit status: 0 when it went well, 1 when the answer is no (findings, a busy port, a broken chain), 2 when the question
could not be understood or read. Commands import what they need when they run: `deadline` and `check` must answer
within a blink and without a database.
"""

import argparse
import ctypes
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.errors import AmanahError, BrokenDefinition, Finding
from workflows.language import Language, say, speaking
from workflows.settings import BadSetting, Settings

if TYPE_CHECKING:
    from workflows.installation import Installation
    from workflows.supervision import Company, Ended

REFUSED = 1
NOT_UNDERSTOOD = 2

# How long the web may take from its start to its first answer, on a slow machine with cold disks.
_WEB_START_SECONDS = 90

# What WeasyPrint loads from the machine; everything else comes with the packages.
_PRINTING_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    asked = _parser().parse_args(arguments)
    with speaking(_language(os.environ)):
        try:
            return int(asked.command(asked))
        except (BadSetting, _unavailable()) as error:
            _complain(str(error))
        except BrokenDefinition as error:
            _show_findings(error.findings)
        except AmanahError as error:
            _complain(str(error))
        except BrokenPipeError:
            # Whoever read our output has seen enough; the interpreter must not try to flush the rest.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except KeyboardInterrupt:
            return 130
        return REFUSED


def run(asked: argparse.Namespace) -> int:
    """Start everything on this machine: database, schema, case types, office, web and worker."""
    settings = Settings.from_env(os.environ)
    missing = missing_libraries()
    if missing:
        _complain(how_to_install(missing))
        return REFUSED
    port = _port(os.environ)
    if _is_busy(port):
        _complain(
            say(
                f"Port {port} sudah dipakai program lain. Hentikan program itu, atau pilih port lain: "
                f"PORT={port + 1} make run",
                f"Port {port} is in use by another program. Stop that one, or choose another port: "
                f"PORT={port + 1} make run",
            )
        )
        return REFUSED
    from workflows.installation import open_installation
    from workflows.supervision import Company

    began = time.monotonic()
    with Company() as company:
        with _step(say("menyalakan basis data", "starting the database")):
            opened = open_installation(settings)
            installation = opened.__enter__()
        try:
            if installation.notice:
                print(f"  {installation.notice}")
            _prepare(installation)
            if company.asked_to_stop:
                return 0
            return _serve(installation, company, port, began)
        finally:
            company.stop()
            opened.__exit__(None, None, None)
            print(say("Semua sudah berhenti.", "Everything has stopped."))


def migrate(asked: argparse.Namespace) -> int:
    """Bring the schema of the database up to date."""
    with _opened() as installation:
        _migrate(installation)
    return 0


def worker(asked: argparse.Namespace) -> int:
    """Do background work until somebody asks to stop; may run many times over."""
    from workflows import worker as background

    with _opened() as installation:
        background.run(installation.settings, installation.database_url)
    return 0


def check(asked: argparse.Namespace) -> int:
    """Say what would keep the files from running."""
    from workflows.catalogue import checks

    findings: list[Finding] = []
    for path in asked.paths:
        for folder in _case_types(path):
            try:
                findings += checks.check(folder, extra=_extra_checks())
            except BrokenDefinition as error:
                findings += error.findings
            except OSError as error:
                _complain(f"{error.filename or folder}: {error.strerror}")
                return NOT_UNDERSTOOD
    if asked.json:
        print(checks.as_json(findings))
    else:
        _show_findings(findings)
    return REFUSED if any(finding.severity == "error" for finding in findings) else 0


def rehearse(asked: argparse.Namespace) -> int:
    """Play the scenarios of a case type with a moved clock; nothing is stored or sent."""
    from workflows.catalogue import scenarios

    failed = False
    for folder in _case_types(asked.path):
        for result in scenarios.rehearse(folder, only=asked.only):
            failed = failed or not result.passed
            print(f"{'ok  ' if result.passed else 'FAIL'}  {result.file}  {result.title}")
            for disappointment in result.disappointments:
                print(f"      {result.file}:{disappointment.line}: {disappointment.message}")
    return REFUSED if failed else 0


def publish(asked: argparse.Namespace) -> int:
    """Make the case type the edition on which new cases start."""
    with _opened() as installation:
        for folder in _case_types(asked.path):
            print(_publish(installation, folder))
    return 0


def deadline(asked: argparse.Namespace) -> int:
    """Say when a deadline of law ends, and how that was counted."""
    from workflows.deadlines import explaining, register

    settings = Settings.from_env(os.environ)
    rules = register.load(settings.definitions / "shared" / "deadlines.yml")
    try:
        answers = explaining.answer(asked.id, asked.start, asked.reading, rules, None, settings.zone)
    except AmanahError as error:
        _complain(explaining.refusal(error))
        return NOT_UNDERSTOOD
    for answer in answers:
        print(answer.iso_date)
        print(answer.sentence)
    return 0


def verify(asked: argparse.Namespace) -> int:
    """Check that nobody has changed the journal."""
    from workflows.journal import queries

    with _opened() as installation, installation.session() as session:
        broken = queries.verify(session)
    if broken is None:
        print(say("Jurnal utuh.", "The journal is whole."))
        return 0
    _complain(say(f"Jurnal putus: {broken}", f"The journal is broken: {broken}"))
    return REFUSED


def missing_libraries() -> list[str]:
    """Name the libraries of the machine that printing needs and that cannot be loaded; empty on other systems."""
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in _PRINTING_LIBRARIES if not _loads(name)]


def how_to_install(missing: Sequence[str]) -> str:
    """Say what to install for printing, in the words of this machine's package manager."""
    commands = {
        "/usr/bin/apt-get": "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1",
        "/usr/bin/dnf": "dnf install -y pango harfbuzz fontconfig",
        "/sbin/apk": "apk add pango harfbuzz-subset fontconfig",
        "/usr/bin/zypper": "zypper install -y libpango-1_0-0 libharfbuzz-subset0 fontconfig",
        "/usr/bin/pacman": "pacman -S --noconfirm pango",
    }
    command = next((line for program, line in commands.items() if Path(program).exists()), commands["/usr/bin/apt-get"])
    names = ", ".join(missing)
    return say(
        f"Laporan PDF dicetak dengan Pango, dan mesin ini belum memilikinya ({names}). Pasang dengan:\n  {command}",
        f"PDF reports are printed with Pango, which this machine lacks ({names}). Install it with:\n  {command}",
    )


def _prepare(installation: "Installation") -> None:
    """Bring schema, case types and office up to date; quick when they are."""
    with _step(say("memutakhirkan tabel", "bringing the tables up to date")):
        _migrate(installation)
    with _step(say("menerbitkan jenis perkara", "publishing the case types")):
        for folder in _case_types(installation.settings.definitions):
            _publish(installation, folder)


def _serve(installation: "Installation", company: "Company", port: int, began: float) -> int:
    """Start web and worker, tell the address, and stay until somebody asks to stop."""
    environment = installation.environment(os.environ)
    address = f"http://127.0.0.1:{port}"
    with _step(say("menyalakan web dan pekerja", "starting web and worker")):
        company.start("worker", [sys.executable, "-m", "workflows.cli", "worker"], environment)
        company.start("web", _web_command(port), environment)
        ready = company.wait_until(lambda: _answers(f"{address}/sehat"), seconds=_WEB_START_SECONDS)
    if ready:
        seconds = time.monotonic() - began
        print(say(f"Siap setelah {seconds:.0f} detik.", f"Ready after {seconds:.0f} seconds."))
        print(f"\n  {address}\n")
        print(say("Ctrl-C menghentikan semuanya.", "Ctrl-C stops everything."), flush=True)
    elif not company.asked_to_stop:
        _complain(say(f"{address} tidak menjawab.", f"{address} does not answer."))
        return REFUSED
    ended = company.watch()
    if ended.child is not None:
        _complain(_how_it_ended(ended))
        return REFUSED
    return 0


def _web_command(port: int) -> list[str]:
    """Give the command of the web server. It keeps no list of who asked for what: reporters must be able to hide."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--threads",
        "4",
        "--no-control-socket",
        "--log-level",
        "warning",
        "webapp.app:create_app()",
    ]


def _how_it_ended(ended: "Ended") -> str:
    return say(
        f"{ended.child} berhenti sendiri dengan status {ended.status}; pesannya ada di atas.",
        f"{ended.child} ended by itself with status {ended.status}; its message is above.",
    )


def _migrate(installation: "Installation") -> None:
    from workflows import schema

    with installation.engine.connect() as connection:
        schema.migrate(connection)


def _publish(installation: "Installation", folder: Path) -> str:
    from workflows.catalogue import operations
    from workflows.transaction import SYSTEM, begin

    with installation.session() as session, begin(session, SYSTEM) as tx:
        edition = operations.publish(tx, folder, extra=_extra_checks())
        return say(f"{edition.case_type}: versi {edition.number}", f"{edition.case_type}: version {edition.number}")


def _extra_checks() -> list[Callable[..., list[Finding]]]:
    """Give the checks that need floors above the catalogue."""
    return []


def _case_types(path: Path) -> list[Path]:
    """Give the case-type folders that a path means: its own, or those inside it; whatever else it is, itself."""
    if path.is_dir() and not (path / "case-type.yml").exists():
        return sorted(folder.parent for folder in path.glob("*/case-type.yml")) or [path]
    return [path]


@contextmanager
def _opened() -> "Iterator[Installation]":
    from workflows.installation import open_installation

    with open_installation(Settings.from_env(os.environ)) as installation:
        yield installation


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took once it is."""
    began = time.monotonic()
    print(f"  {title} ... ", end="", flush=True)
    try:
        yield
    except BaseException:
        print()
        raise
    print(say(f"{time.monotonic() - began:.1f} detik", f"{time.monotonic() - began:.1f} s"))


def _show_findings(findings: Sequence[Finding]) -> None:
    words = {"error": say("galat", "error"), "warning": say("perhatian", "warning"), "note": say("catatan", "note")}
    for finding in findings:
        place = f"{finding.file}:{finding.line}" + (f" ({finding.element})" if finding.element else "")
        print(f"{place}: {words[finding.severity]} {finding.code}: {finding.message}")
        if finding.fix:
            print(f"    {finding.fix}")
    if not any(finding.severity == "error" for finding in findings):
        print(say("Diterima.", "Accepted."))


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _unavailable() -> type[Exception]:
    """Give the error of a database that cannot be had; imported late, for it brings the driver with it."""
    from workflows.embedded_postgres import PostgresUnavailable

    return PostgresUnavailable


def _language(env: "os._Environ[str] | dict[str, str]") -> Language:
    """Tell the language of the terminal: Indonesian unless the locale is an English one."""
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "en" if locale.startswith("en") else "id"


def _port(env: "os._Environ[str] | dict[str, str]") -> int:
    text = env.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadSetting("PORT must be a number from 1 to 65535")
    return int(text)


def _is_busy(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the web server itself does: a port that only lingers after a stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:  # noqa: S310 (our own address)
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _instant(text: str) -> date:
    """Read a day, or an instant with its offset for deadlines in hours."""
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="amanah", description="Case system of a regency's integrity office.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sentence = (command.__doc__ or "").splitlines()[0]
        added = commands.add_parser(command.__name__, help=sentence, description=sentence)
        added.set_defaults(command=command)
        return added

    add(run)
    add(migrate)
    add(worker)
    checking = add(check)
    checking.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="case-type folders, bundles or files")
    checking.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    rehearsing = add(rehearse)
    rehearsing.add_argument("path", type=Path, metavar="PATH", help="a case-type folder")
    rehearsing.add_argument("--only", metavar="NAME", help="one scenario, by its file name without ending")
    add(publish).add_argument("path", type=Path, metavar="PATH", help="a case-type folder")
    counting = add(deadline)
    counting.add_argument("id", metavar="ID", help="for example P-01; P-08 lists its parts")
    counting.add_argument("--from", dest="start", type=_instant, required=True, metavar="DATE", help="2026-03-02")
    readings = counting.add_mutually_exclusive_group()
    for reading, meaning in (("strict", "cuti bersama are working days"), ("lenient", "cuti bersama are skipped")):
        readings.add_argument(
            f"--{reading}", dest="reading", action="store_const", const=reading, help=meaning, default=None
        )
    add(verify)
    return parser


if __name__ == "__main__":
    sys.exit(main())
