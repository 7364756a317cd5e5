"""The scratch office in which processes are killed: an empty database, one unit, one officer, one drawn process.

It refuses every database that is not its own: killing and forcing belong nowhere near real cases.
"""

from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from workflows import launch
from workflows.access import policy
from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.operations import publish
from workflows.installation import Installation
from workflows.people import passwords
from workflows.people.models import Membership, Role, Unit, User
from workflows.processes.office import open_office
from workflows.settings import BadSetting, Settings

CASE_TYPE = "chaos"
OFFICER = "petugas"
# Opens nothing but a database that is gone with the rehearsal.
PASSWORD = "tiga gajah menyeberang"  # noqa: S105
_DRAWING = Path(__file__).parent / "drawing"
_ROLE = "intake_officer"


def insist_on_scratch(settings: Settings) -> None:
    """Refuse an installation that may hold real cases; raises BadSetting."""
    if settings.in_production:
        raise BadSetting("chaos never runs where AMANAH_ENV is production")
    if settings.database_url:
        raise BadSetting("chaos makes a database of its own; run it without DATABASE_URL")


def insist_on_empty(database_url: str) -> None:
    """Refuse a database in which anything was ever filed; raises BadSetting."""
    with psycopg.connect(database_url) as connection:
        for table in ("case_file", "app_user", "journal_entry"):
            rows = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))
            if connection.execute(rows).fetchone():
                raise BadSetting("chaos works on an empty database only; this one holds somebody's rows")


def furnish(installation: Installation) -> None:
    """Open the scratch office; its tables are there already."""
    insist_on_empty(installation.database_url)
    with launch.acting(installation) as tx:
        unit = Unit(id=uuid4(), code="UJI", name="Unit uji", name_en="Trial unit", kind="information")
        role = Role(id=_ROLE, title="Petugas", title_en="Officer", rights=["work", "case.read_all"])
        with passwords.costing(passwords.CHEAPEST):
            known = passwords.hash_password(PASSWORD)
        officer = User(id=uuid4(), login=OFFICER, name="Petugas uji", added_at=tx.now, password_hash=known)
        tx.session.add_all([unit, role, officer])
        tx.session.flush()
        tx.session.add(Membership(user_id=officer.id, unit_id=unit.id, role_id=role.id, begins_at=tx.now))
        tx.session.flush()
        publish(tx, drawing())


def drawing() -> Bundle:
    """Give the process on which everything is tried: tasks side by side, timers, mails, a message that comes early."""
    return read_bundle(_DRAWING)


def enter(settings: Settings) -> None:
    """Make the law and the office of the installation those of this process."""
    policy.install()
    open_office(settings)
