"""What stands between an empty machine and a site that answers: preparing an installation, and serving it.

Preparing is quick when there is nothing to do, so it is done at every start. `amanah run` and `amanah prepare` call
it; what a single verb does is told in the verb.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from workflows import schema
from workflows.access import policy
from workflows.activities.checks import register_reads
from workflows.calendar.operations import seed_years
from workflows.catalogue import operations as catalogue
from workflows.catalogue.apart import check_apart
from workflows.catalogue.bundle import case_types
from workflows.catalogue.checks import Check, known_services
from workflows.catalogue.models import ProcessVersion
from workflows.catalogue.scenarios import scenarios_pass
from workflows.demonstration.operations import Loaded, insist_on_a_trial, load_reports
from workflows.embedded_postgres import EmbeddedPostgres, PostgresUnavailable
from workflows.errors import SealBroken
from workflows.installation import Installation, open_installation
from workflows.language import say
from workflows.letters.checks import letters_fill
from workflows.letters.seals import ensure_trial_seal, seal_of
from workflows.machine import answers
from workflows.people.demonstration import load_office
from workflows.people.roles import load_roles
from workflows.processes.office import open_office
from workflows.processes.sealing import tell_of_broken_seal
from workflows.processes.services import inputs_by_service
from workflows.recapitulations.checks import recapitulation_counts
from workflows.settings import Settings
from workflows.supervision import Company, Ended
from workflows.transaction import SYSTEM, Tx, begin, read_clock

# How long the web may take from its start to its first answer, on a slow machine with cold disks.
_WEB_START_SECONDS = 90

# How often a step that takes a minute says how far it is.
_PROGRESS_TOLD = 10

# Seconds between two starts of a database that dies again and again; whoever ran longer died of something else.
_SHORTEST_PAUSE, _LONGEST_PAUSE, _LONG_LIFE = 1.0, 30.0, 60.0

# How long web and worker are waited for when there is no database in which they could finish anything, in seconds.
_PATIENCE_WITHOUT_DATABASE = 3.0

# Where the process that checks a case type finds `extra_checks`.
EXTRA_CHECKS = f"{__name__}:extra_checks"

_GUNICORN_SETTINGS = Path(__file__).resolve().parent.parent / "webapp" / "deploy" / "gunicorn_settings.py"


@contextmanager
def acting(installation: Installation) -> Iterator[Tx]:
    """Open an act of the system; it stands under the same law as everybody's.

    A broken seal is told as an incident beside it and raised (SealBroken).
    """
    policy.install()
    open_office(installation.settings)
    try:
        with installation.session() as session, begin(session, SYSTEM) as tx:
            yield tx
    except SealBroken as broken:
        with installation.session() as session, begin(session, SYSTEM) as tx:
            tell_of_broken_seal(tx, broken)
        raise


def run(settings: Settings, environment: Mapping[str, str], *, port: int) -> bool:
    """Start everything on this machine and stay until somebody asks to stop; tell whether it ended as asked."""
    began = time.monotonic()
    with Company() as company, ExitStack() as house:
        with _step(say("menyalakan basis data", "starting the database")):
            installation = house.enter_context(open_installation(settings))
        house.callback(_tell, say("Semua sudah berhenti.", "Everything has stopped."))
        house.callback(lambda: company.stop(_patience(installation)))
        if installation.notice:
            _tell(f"  {installation.notice}")
        prepare(installation)
        passwords: dict[str, str] = {}
        if not settings.in_production:
            with _step(say("memuat kantor contoh", "loading the demonstration office")):
                passwords = furnish(installation)
        if not company.asked_to_stop:
            with _step(say("menyalakan web dan pekerja", "starting web and worker")):
                address = _serve(installation, company, environment, port)
        if company.look() is None:
            _tell_sign_ins(installation, passwords)
            _tell(_readiness(address, time.monotonic() - began))
        ended = company.watch(DatabaseKeeper(installation.server).look)
        if ended.child is not None:
            _tell(_how_it_ended(ended))
        return ended.child is None


class DatabaseKeeper:
    """Starts the embedded database again when it has died: at once, and after growing pauses when that does not last.

    Web and worker need no new start: they say that the database is away, and go on when it is back.
    """

    def __init__(self, server: EmbeddedPostgres | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep `server`, if there is one of ours; `clock` gives seconds."""
        self._server = server
        self._clock = clock
        self._pause = _SHORTEST_PAUSE
        self._started: float | None = None

    def look(self) -> None:
        """Start the database if it has died and its pause is over; a start that fails is told and tried again."""
        if self._server is None or not self._server.has_died:
            return
        lived = None if self._started is None else self._clock() - self._started
        if lived is not None and lived < self._pause:
            return
        again = lived is not None and lived < _LONG_LIFE
        self._pause = min(2 * self._pause, _LONGEST_PAUSE) if again else _SHORTEST_PAUSE
        # Whole lines, unlike the steps of a start: web and worker may say something in between.
        _tell(say("Basis data berhenti sendiri; dinyalakan lagi.", "The database ended by itself; starting it again."))
        try:
            self._server.revive()
        except PostgresUnavailable as error:
            _tell(str(error))
            _tell(say(f"Dicoba lagi dalam {self._pause:.0f} detik.", f"Next try in {self._pause:.0f} s."))
        else:
            _tell(say("Basis data jalan lagi.", "The database runs again."))
        self._started = self._clock()


def _patience(installation: Installation) -> float | None:
    """Give the seconds in which web and worker must finish; None for what is usual."""
    died = installation.server is not None and installation.server.has_died
    return _PATIENCE_WITHOUT_DATABASE if died else None


def serve_web(installation: Installation, environment: Mapping[str, str], *, port: int) -> bool:
    """Serve the site alone until somebody asks to stop; tell whether it ended as asked."""
    inner = {"WEB_BIND": f"127.0.0.1:{port}", **installation.environment(environment)}
    with Company() as company:
        company.start("web", _web_command(), inner)
        ended = company.watch()
    if ended.child is not None:
        _tell(_how_it_ended(ended))
    return ended.child is None


def prepare(installation: Installation) -> None:
    """Bring tables, registers and case types up to date, telling each step and its time."""
    with _step(say("memutakhirkan tabel", "bringing the tables up to date")):
        migrate(installation)
    with _step(say("memutakhirkan peran dan kalender", "bringing roles and calendar up to date")):
        load_registers(installation)
    with _step(say("menerbitkan jenis perkara", "publishing the case types")):
        for folder in case_types(installation.settings.definitions):
            publish(installation, folder)
    if seal_of(installation.settings).kind == "none" and installation.settings.in_production:
        _tell(
            say(
                "  Tanpa SEAL_FILE: surat dan laporan dicetak tanpa segel elektronik (docs/operating.md).",
                "  No SEAL_FILE: letters and reports are printed without an electronic seal (docs/operating.md).",
            )
        )


def migrate(installation: Installation) -> None:
    """Bring the tables up to date."""
    with installation.engine.connect() as connection:
        schema.migrate(connection)


def load_registers(installation: Installation) -> None:
    """Load the roles, and the days off of the years around this one as far as the table lacks them."""
    with acting(installation) as tx:
        load_roles(tx, installation.settings.definitions / "shared" / "roles.yml")
        this_year = tx.now.astimezone(installation.settings.zone).year
        seed_years(tx, range(this_year - 1, this_year + 3))


def publish(installation: Installation, folder: Path) -> ProcessVersion:
    """Make the case type of the folder the edition on which new cases start."""
    with acting(installation) as tx:
        return catalogue.publish(tx, folder, gate=lambda bundle: check_apart(bundle, extra=EXTRA_CHECKS))


def extra_checks() -> Sequence[Check]:
    """Give the checks of case types that need floors above the catalogue, and the one that takes longest."""
    return [
        letters_fill, register_reads, recapitulation_counts, known_services(inputs_by_service()), scenarios_pass,
    ]  # fmt: skip


def load_demonstration(installation: Installation) -> Loaded:
    """File the demonstration reports and work through them; raise DemonstrationRefused where real cases live."""
    insist_on_a_trial(installation.settings)
    prepare(installation)
    with _step(say("memuat kantor contoh", "loading the demonstration office")):
        furnish(installation)
    with _step(say("memasukkan laporan peragaan", "filing the demonstration reports")):
        return load_reports(installation.engine, installation.settings, now=read_clock(), progress=_tell_progress)


def _tell_progress(done: int, total: int) -> None:
    """Say now and then how far a long step is."""
    if done % -(-total // _PROGRESS_TOLD) == 0 and done < total:
        sys.stdout.write(f"{100 * done // total}% ")
        sys.stdout.flush()


def furnish(installation: Installation) -> dict[str, str]:
    """Load the demonstration office and give its passwords by login, those made now and those kept from before."""
    file = demonstration_passwords(installation.settings)
    with acting(installation) as tx:
        ensure_trial_seal(installation.settings, tx.now)
        made = load_office(tx, installation.settings.definitions / "shared" / "demonstration" / "office.yml")
        passwords: dict[str, str] = (json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}) | made
        if made:
            # Before the commit: a password that nobody wrote down would be lost, one too many is overwritten later.
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as kept:
                json.dump(passwords, kept, indent=2)
            file.chmod(0o600)
    return passwords


def demonstration_passwords(settings: Settings) -> Path:
    """Give the file that keeps the passwords of the demonstration office, as {login: password}."""
    return settings.home / "demo.json"


def _serve(installation: Installation, company: Company, environment: Mapping[str, str], port: int) -> str:
    """Start web and worker and give the address once it answers, or once there is no hope."""
    inner = installation.environment(environment)
    address = f"http://127.0.0.1:{port}"
    # What is run is this same Python: a console script of another installation may come first on PATH.
    company.start("worker", [sys.executable, "-m", "workflows.cli", "worker"], inner)
    company.start("web", _web_command(), {**inner, "WEB_BIND": f"127.0.0.1:{port}"})
    company.wait_until(lambda: answers(f"{address}/sehat"), seconds=_WEB_START_SECONDS)
    return address


def _web_command() -> list[str]:
    return [sys.executable, "-m", "gunicorn", "--config", str(_GUNICORN_SETTINGS), "webapp.app:create_app()"]


def _tell_sign_ins(installation: Installation, passwords: Mapping[str, str]) -> None:
    if installation.settings.in_production:
        return
    file = demonstration_passwords(installation.settings)
    if not passwords:
        _tell(say(f"Kata sandi akun contoh tidak ada lagi di {file}.", f"The passwords are no longer in {file}."))
        return
    _tell(say(f"\nAkun contoh (juga di {file}):", f"\nDemonstration accounts (also in {file}):"))
    for login, password in passwords.items():
        _tell(f"  {login:<16}{password}")


def _readiness(address: str, seconds: float) -> str:
    return say(
        f"\nSiap setelah {seconds:.0f} detik:  {address}\nCtrl-C menghentikan semuanya.",
        f"\nReady after {seconds:.0f} seconds:  {address}\nCtrl-C stops everything.",
    )


def _how_it_ended(ended: Ended) -> str:
    return say(
        f"Bagian {ended.child} berhenti sendiri dengan status {ended.status}; pesannya ada di atas.",
        f"The {ended.child} ended by itself with status {ended.status}; its message is above.",
    )


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took once it is."""
    began = time.monotonic()
    sys.stdout.write(f"  {title} ... ")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        _tell("")
        raise
    _tell(say(f"{time.monotonic() - began:.1f} detik", f"{time.monotonic() - began:.1f} s"))


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
