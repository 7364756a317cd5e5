"""Two offices for benchmarks: the demonstration as it is, and one with a hundred thousand cases grown from it.

Both stand on one embedded server in a temporary folder. The large office is a copy of the small one to which cases of
the demonstration were added again and again, in SQL: with new ids and numbers, other units, districts, days and
words, but with the real saved state of the process, so that every verb works on them. Only their journals do not
verify, and only the beginning of it is there for cases that were closed long ago.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, Table, Uuid

from workflows import launch
from workflows.embedded_postgres import EmbeddedPostgres
from workflows.installation import Installation
from workflows.settings import Settings
from workflows.tables import metadata

REPOSITORY = Path(__file__).parent.parent

# How the numbers of grown cases begin.
GROWN = "LMA-"

# What the large office has more than the small one.
OPEN_CASES, CLOSED_CASES = 20_000, 80_000

# As much memory as a small server of an office gives its database.
_OPTIONS = {"shared_buffers": "512MB", "effective_cache_size": "1GB", "max_wal_size": "4GB"}

# Tables whose rows belong to one case; the second list follows the process instead.
_OF_CASE = (
    "case_file", "party", "content", "referral", "case_deadline", "escalation", "case_circle", "receipt", "notice",
    "process_instance", "awaited_message", "task", "journal_entry", "journal_head",
)  # fmt: skip
_OF_INSTANCE = ("timer", "path_step", "step_record")
# Traces are only read on the page of their own case. Closed cases and most of the open ones keep the beginning of the
# journal and of the path; so many open ones keep everything.
_WHOLE = 4_000
_BEGINNING = 6
_NOT_OF_CLOSED = frozenset({"notice", "path_step", "step_record", "awaited_message", "timer"})

_WORDS = ["jalan", "jembatan", "lampu", "drainase", "sampah", "puskesmas", "sekolah", "ambulans", "pasar", "irigasi"]
_FAULTS = ["rusak", "padam", "tersumbat", "terlambat", "tertunda", "ambruk", "berlubang", "bocor", "tutup", "hilang"]
_PLACES = [
    "Stabat",
    "Binjai",
    "Hinai",
    "Wampu",
    "Gebang",
    "Babalan",
    "Besitang",
    "Bahorok",
    "Selesai",
    "Kuala",
    "Sirapit",
]


@dataclass(frozen=True)
class Offices:
    """The two offices of a benchmark, each an installation whose database runs."""

    small: Installation
    large: Installation
    # Passwords of the people of both, by login.
    passwords: Mapping[str, str]
    # Rows of the larger tables of the large office.
    rows: Mapping[str, int]


@contextmanager
def two_offices() -> Iterator[Offices]:
    """Build both offices and take everything away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="amanah-bench-"))
    # The server runs as another user when we are root, and must be able to enter.
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "postgres", options=_OPTIONS)
    try:
        with server:
            server.ensure_database("small")
            small = _installation(server, "small", folder)
            launch.load_demonstration(small)
            passwords = launch.furnish(small)
            small.engine.dispose()
            with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE large TEMPLATE small")
            large = _installation(server, "large", folder)
            rows = grow(server.url("large"))
            with psycopg.connect(server.url("small"), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
            try:
                yield Offices(small, large, passwords, rows)
            finally:
                small.engine.dispose()
                large.engine.dispose()
    finally:
        shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def grow(address: str) -> dict[str, int]:
    """Add the cases of the large office to the demonstration at `address`; give the rows of its larger tables."""
    with psycopg.connect(address, autocommit=True) as connection:
        # Rows are copies of rows that hold, so neither foreign keys nor the queue's triggers need to look at each.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        first = 1
        for state, number, whole in (
            ("open", _WHOLE, True),
            ("open", OPEN_CASES - _WHOLE, False),
            ("closed", CLOSED_CASES, False),
        ):
            for case_id, share in _share_out(connection, state, number):
                clone(connection, case_id, first, first + share - 1, open_case=state == "open", whole=whole)
                first += share
        give_jobs(connection)
        connection.execute("VACUUM ANALYZE")
        counted = connection.execute(
            "SELECT relname, n_live_tup FROM pg_stat_user_tables WHERE n_live_tup > 10000 ORDER BY 2 DESC"
        )
        return dict(counted.fetchall())


def _share_out(connection: psycopg.Connection, state: str, number: int) -> list[tuple[str, int]]:
    """Choose the cases of the demonstration that are grown, and how often each."""
    if state == "open":
        # One open task each, not late for long; most wait for intake or for an office to follow up.
        chosen = connection.execute(
            "SELECT min(c.id::text) FROM case_file c JOIN task t ON t.case_id = c.id AND t.status = 'open'"
            " WHERE c.closed_at IS NULL AND NOT c.confidential GROUP BY t.element, t.due_at > now() ORDER BY 1"
        )
    else:
        chosen = connection.execute(
            "SELECT min(id::text) FROM case_file WHERE closed_at IS NOT NULL GROUP BY disposition, confidential"
            " ORDER BY 1"
        )
    cases = [case_id for (case_id,) in chosen]
    shares = [number // len(cases) + (place < number % len(cases)) for place in range(len(cases))]
    return list(zip(cases, shares, strict=True))


def clone(
    connection: psycopg.Connection,
    case_id: str,
    first: int,
    last: int,
    *,
    open_case: bool,
    whole: bool,
    shift: bool = True,
) -> None:
    """Copy everything of a case, once for each number from `first` to `last`; `shift` spreads the copies over days."""
    unit, role = connection.execute(
        "SELECT c.handling_unit_id, coalesce(min(t.role), 'office_liaison') FROM case_file c LEFT JOIN task t"
        " ON t.case_id = c.id AND t.status = 'open' AND t.unit_id IS NOT NULL WHERE c.id = %s GROUP BY 1",
        [case_id],
    ).fetchone() or (None, "")
    units = connection.execute(
        "SELECT array_agg(DISTINCT unit_id ORDER BY unit_id) FROM membership WHERE role_id = %s", [role]
    ).fetchone()
    known = {
        "case": case_id,
        "first": first,
        "last": last,
        "unit": unit,
        "units": units[0] if units and units[0] else [unit],
        "days": 4 if open_case else 1_000,
        "shift": shift,
        "words": _WORDS,
        "faults": _FAULTS,
        "places": _PLACES,
    }
    for name in (*_OF_CASE, *_OF_INSTANCE):
        if not open_case and name in _NOT_OF_CLOSED:
            continue
        table = metadata.tables[name]
        columns = [column for column in table.columns if not _is_counted(column)]
        own = (
            "r.instance_id IN (SELECT id FROM process_instance WHERE case_id = %(case)s)"
            if name in _OF_INSTANCE
            else f"r.{'id' if name == 'case_file' else 'case_id'} = %(case)s"
        )
        if name in ("journal_entry", "path_step") and not whole:
            own += f" AND r.sequence <= {_BEGINNING}"
        statement = (
            f"INSERT INTO {name} ({', '.join(_quoted(column) for column in columns)})"
            f" SELECT {', '.join(_copied(table, column) for column in columns)}"
            f" FROM {name} r CROSS JOIN generate_series(%(first)s::int, %(last)s::int) n WHERE {own}"
        )
        connection.execute(statement, known)


def _copied(table: Table, column: Column) -> str:
    """Give the SQL of a column of the copy with the number `n` of the row `r`."""
    value = f"r.{_quoted(column)}"
    special = {
        ("case_file", "number"): f"'{GROWN}' || lpad(n::text, 7, '0')",
        ("case_file", "search"): (
            "CASE WHEN r.search IS NULL THEN NULL ELSE setweight(to_tsvector('indonesian', " + _TITLE + "), 'A')"
            " || r.search END"
        ),
        ("case_file", "district"): "left(r.district, 6) || lpad((1 + n %% 23)::text, 2, '0')",
        ("case_file", "latitude"): "r.latitude + (n %% 997) / 2000.0",
        ("case_file", "longitude"): "r.longitude + (n %% 991) / 2000.0",
        ("content", "body"): (
            "CASE WHEN r.kind = 'summary' AND r.body->>'title' <> '' THEN r.body || jsonb_build_object('title', "
            + _TITLE + ") ELSE r.body END"
        ),
        ("receipt", "lookup"): "sha256(convert_to('receipt ' || n, 'UTF8'))",
        ("escalation", "case_deadline_id"): "NULL",
        ("timer", "job_id"): "NULL",
        # A copy is no step that was sealed.
        ("step_record", "checksum"): "NULL",
        # Every tenth waiting task is held by who holds tasks in the demonstration; the others by nobody.
        ("task", "assignee_id"): (
            "CASE WHEN r.status <> 'open' THEN r.assignee_id WHEN n %% 10 = 0 AND r.role = 'intake_officer'"
            " THEN (SELECT id FROM app_user WHERE login = 'petugas') END"
        ),
        ("task", "claimed_at"): "CASE WHEN r.status <> 'open' THEN r.claimed_at END",
    }.get((table.name, column.name))  # fmt: skip
    if special is not None:
        return special
    if _belongs_to_case(table, column):
        return f"md5({value}::text || ':' || n)::uuid"
    if any(key.column.table.name == "unit" for key in column.foreign_keys):
        return (
            f"CASE WHEN {value} = %(unit)s THEN (%(units)s::uuid[])[1 + n %% cardinality(%(units)s::uuid[])]"
            f" ELSE {value} END"
        )
    if isinstance(column.type, DateTime) or getattr(column.type, "impl", None).__class__ is DateTime:
        spread = "(n %% %(days)s) * interval '1 day' + (n %% 509) * interval '1 minute'"
        return f"{value} - CASE WHEN %(shift)s THEN {spread} ELSE interval '0' END"
    return value


_TITLE = (
    "initcap((%(words)s::text[])[1 + n %% cardinality(%(words)s::text[])]) || ' ' ||"
    " (%(faults)s::text[])[1 + n / 7 %% cardinality(%(faults)s::text[])] || ' di ' ||"
    " (%(places)s::text[])[1 + n / 3 %% cardinality(%(places)s::text[])] || ' nomor ' || n"
)


def _belongs_to_case(table: Table, column: Column) -> bool:
    """Tell whether the column holds an id that is another one in each copy."""
    if not isinstance(column.type, Uuid):
        return False
    if column.primary_key or (column.name == "case_id" and table.name.startswith("journal_")):
        return True
    return any(key.column.table.name in (*_OF_CASE, *_OF_INSTANCE) for key in column.foreign_keys)


def _is_counted(column: Column) -> bool:
    """Tell whether the database counts the column up by itself."""
    if isinstance(column.server_default, Identity) or column.identity is not None:
        return True
    alone = len(column.table.primary_key.columns) == 1
    return column.primary_key and alone and isinstance(column.type, (Integer, BigInteger))


def _quoted(column: Column) -> str:
    return f'"{column.name}"'


def give_jobs(connection: psycopg.Connection) -> None:
    """Give every timer that was copied the job that would wake its process."""
    connection.execute(
        "WITH armed AS (UPDATE timer SET job_id = nextval(pg_get_serial_sequence('procrastinate_jobs', 'id'))"
        " WHERE job_id IS NULL RETURNING job_id, instance_id, due_at)"
        " INSERT INTO procrastinate_jobs (id, queue_name, task_name, args, status, scheduled_at, priority)"
        " SELECT job_id, 'timers', 'processes.wake', jsonb_build_object('instance_id', instance_id), 'todo', due_at, -1"
        " FROM armed"
    )


def _installation(server: EmbeddedPostgres, name: str, folder: Path) -> Installation:
    settings = Settings.from_env(
        {
            "AMANAH_HOME": str(folder / "home"),
            "AMANAH_DEFINITIONS": str(REPOSITORY / "bpmn"),
            "DATABASE_URL": server.url(name),
            "SECRET_KEY": "a key for benchmarks only",
            "FINGERPRINT_KEY": "fingerprints of benchmarks only",
            "PUBLIC_URL": "http://localhost",
        }
    )
    (folder / "home").mkdir(exist_ok=True)
    return Installation(settings, server.url(name), notice=None)
