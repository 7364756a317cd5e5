"""The drill of the restore: a dump of the installation is read back into a server of its own, and proven there.

What was only dumped is no backup; what was restored and proven is one. Nothing of the installation is changed, and the
scratch server is gone afterwards.
"""

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from workflows import proof
from workflows.cases.models import Case
from workflows.embedded_postgres import EmbeddedPostgres, PostgresUnavailable, offered_binaries
from workflows.installation import Installation
from workflows.journal.models import JournalEntry
from workflows.journal.verification import Break
from workflows.processes.invariants import falsely_ended
from workflows.processes.queries import stuck_cases


@dataclass(frozen=True)
class Restored:
    """What was found in the restored copy."""

    # Bytes of the dump, and seconds for dumping, restoring and proving.
    size: int
    seconds: float
    cases: int
    entries: int
    # The first place that does not fit, as `amanah verify` tells it; None when everything is whole.
    broken: Break | None
    # Cases with no next thing, and cases that are ended and are not.
    stuck: int
    falsely_ended: int

    @property
    def whole(self) -> bool:
        """Whether the copy could take the place of the installation."""
        return self.broken is None and not self.falsely_ended


def rehearse_restore(installation: Installation) -> Restored:
    """Dump, restore and prove. Raises PostgresUnavailable when no `pg_dump` here can read the installation's server."""
    began = time.monotonic()
    with installation.session() as session:
        server = int(session.scalar(text("SHOW server_version_num")) or 0) // 10_000
    programs = _programs(server)
    with tempfile.TemporaryDirectory(prefix="amanah-drill-") as name:
        folder = Path(name)
        # The server runs as another user when we are root, and must be able to enter.
        folder.chmod(0o755)
        dump = folder / "amanah.dump"
        _run(programs / "pg_dump", "--format=custom", f"--file={dump}", f"--dbname={installation.database_url}")
        with EmbeddedPostgres(folder / "postgres", options={"fsync": "off"}) as scratch:
            scratch.ensure_database("restored")
            address = scratch.url("restored")
            _run(programs / "pg_restore", "--exit-on-error", "--no-owner", "--no-acl", f"--dbname={address}", str(dump))
            engine = create_engine(address)
            with Session(engine) as session:
                restored = Restored(
                    size=dump.stat().st_size,
                    cases=session.scalar(select(func.count()).select_from(Case)) or 0,
                    entries=session.scalar(select(func.count()).select_from(JournalEntry)) or 0,
                    broken=proof.verify(session),
                    stuck=len(stuck_cases(session)),
                    falsely_ended=len(falsely_ended(session)),
                    seconds=round(time.monotonic() - began, 1),
                )
            engine.dispose()
    return restored


def _programs(server: int) -> Path:
    """Find the folder of a `pg_dump` that is not older than the server, the nearest one first."""
    on_path = shutil.which("pg_dump")
    folders = [*offered_binaries(), *([Path(on_path).parent] if on_path else [])]
    fitting = []
    for folder in folders:
        if (folder / "pg_dump").exists() and (folder / "pg_restore").exists():
            told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
            version = told.split()[-1].split(".")[0] if told.split() else ""
            if version.isdecimal() and int(version) >= server:
                fitting.append((int(version), folder))
    if not fitting:
        raise PostgresUnavailable(f"No pg_dump of PostgreSQL {server} or newer was found; install its client programs.")
    return min(fitting)[1]


def _run(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PostgresUnavailable(f"{Path(str(command[0])).name}: {done.stderr.strip().splitlines()[-1:]}")
