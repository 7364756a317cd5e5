"""Every revision goes up and down with rows in its tables, and the newest one equals the models."""

import ast
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy.exc import DBAPIError, IntegrityError

from databases import REPOSITORY, build_schema
from rows import Rows
from schemas import schema_of
from workflows import schema
from workflows.jobs import SLEEPERS_INDEX

SCRIPTS = list(ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())[::-1]
NAMES = [script.revision for script in SCRIPTS]
TESTERS: dict[str, Callable[[Rows], None]] = {}


def fills(revision: str) -> Callable[[Callable[[Rows], None]], Callable[[Rows], None]]:
    """Name the function that fills the tables of a revision and tries what they promise."""

    def keep(function: Callable[[Rows], None]) -> Callable[[Rows], None]:
        TESTERS[revision] = function
        return function

    return keep


@pytest.fixture(scope="module")
def migrated(database_server):
    """A database that moves between revisions."""
    with database_server.database(empty=True) as database:
        yield database


def stand_at(database, revision):
    """Bring the database to the revision from wherever it stands."""
    with database.engine.connect() as connection:
        now = schema.current_revision(connection)
        if NAMES.index(revision) < (NAMES.index(now) if now else -1):
            schema.migrate_down(connection, revision)
        else:
            schema.migrate(connection, revision)


def look_at(database, **named):
    with database.engine.connect() as connection:
        return schema_of(connection, **named)


@fills("0001")
def jobs(rows):
    rows.add("procrastinate_jobs", task_name="notices.send", queue_name="acts", args={"notice_id": "1"})
    assert rows.count("procrastinate_events") == 1


@fills("0002")
def people(rows):
    rows.add("unit", kind="office")
    officer = rows.add("app_user", login="petugas", language="id")
    deputy = rows.add("app_user", login="wakil", language="id")
    rows.add("membership", user_id=officer["id"])
    rows.add("deputy", principal_id=officer["id"], deputy_id=deputy["id"], kind="plh")
    rows.add("user_session", stage="open")
    refuses(rows, "app_user", login="Petugas", language="id")
    refuses(rows, "deputy", principal_id=officer["id"], deputy_id=officer["id"], kind="plh")


@fills("0003")
def calendar(rows):
    rows.add("calendar_year", year=2026)
    rows.add("calendar_day", kind="holiday")


@fills("0004")
def journal(rows):
    entry = rows.add("journal_entry", kind="case.opened", facts={"number": "PGD-2026-00001"})
    rows.add("journal_link", entry_id=entry["id"])
    for statement in ("UPDATE journal_entry SET kind = 'x'", "DELETE FROM journal_link", "TRUNCATE journal_link"):
        refuses_to_run(rows, statement)


@fills("0005")
def catalogue(rows):
    version = rows.add("process_versions", state="open")
    rows.add("process_files", path="process.bpmn")
    refuses(rows, "process_versions", case_type=version["case_type"], number=2, state="open")


@fills("0006")
def cases(rows):
    case = rows.add("case_file", confidential=True)
    other = rows.add("case_file", number="PGD-2026-00002")
    rows.add("party")
    rows.add("content", audience="internal")
    rows.add("referral")
    rows.add("case_deadline", case_id=case["id"])
    rows.add("deadline_reminder")
    rows.add("escalation")
    rows.add("case_circle", case_id=case["id"], role="inspector")
    rows.add("case_exclusion", case_id=case["id"], unit_id=rows.add("unit", kind="office")["id"])
    rows.add("duplicate_suggestion", case_id=case["id"], other_id=other["id"])
    refuses(rows, "case_file", confidential=True, search="kata")


@fills("0007")
def evidence(rows):
    rows.add("stored_file", checksum="0" * 64)
    rows.add("stored_chunk")
    rows.add("evidence", origin="reporter", audience="internal")
    refuses(rows, "stored_file", checksum="no checksum")


@fills("0008")
def processes(rows):
    instance = rows.add("process_instance", status="running")
    rows.add("timer")
    rows.add("awaited_message")
    rows.add("path_step")
    rows.add("step_record")
    rows.add("submission")
    refuses(rows, "process_instance", status="running", case_id=instance["case_id"])


@fills("0009")
def tasks(rows):
    rows.add("task", status="open")
    rows.add("task_draft")
    rows.add("saved_view")
    refuses(rows, "task", status="claimed")


@fills("0010")
def letters(rows):
    rows.add("letter_series")
    rows.add("letter", state="issued", recipient="reporter")
    rows.add("case_report", edition="internal", variant="archival", state="queued", progress=0)


@fills("0011")
def notices_and_incidents(rows):
    user = rows.add("app_user", login="penerima", language="id")
    rows.add("notice", channel="bell", state="waiting", user_id=user["id"])
    incident = rows.add("incident", state="open")
    refuses(rows, "incident", state="open", subject=incident["subject"])


@fills("0012")
def receipts(rows):
    receipt = rows.add("receipt")
    refuses(rows, "receipt", lookup=receipt["lookup"])


@fills("0013")
def request_counters(rows):
    counter = rows.add("request_counter")
    refuses(rows, "request_counter", key=counter["key"])


@fills("0014")
def salt_of_contents(rows):
    assert rows.add("content", audience="internal", salt="0a1b")["salt"] == "0a1b"


@fills("0015")
def suspension_and_migration(rows):
    assert rows.add("process_instance", status="ended")["suspended_at"] is None
    rows.add("migration_result", state="migrated", tokens=b"[]", revision=1)
    refuses(rows, "migration_result", state="migrated")
    refuses(rows, "migration_result", state="refused", tokens=b"[]", revision=1)


@fills("0016")
def bells_of_tasks_and_seals(rows):
    assert rows.add("notice", user_id=rows.add("app_user")["id"])["task_id"] is None
    for table in ("letter", "case_report"):
        assert rows.add(table)["seal"] is None
        refuses(rows, table, seal="wax")


@fills("0017")
def items_and_givers(rows):
    giver = rows.add("giver")
    refuses(rows, "giver", id=giver["id"], confirmed_as_id=giver["id"])
    rows.add("giver_denial", giver_id=giver["id"], other_id=rows.add("giver")["id"])
    rows.add("item", state="recorded", currency="IDR", value=1)
    rows.add("item", ordinal=2, state="recorded", currency="USD", rate=16250, value=1)
    refuses(rows, "item", ordinal=3, state="recorded", currency="USD", value=1)
    refuses(rows, "item", ordinal=3, state="recorded", currency="IDR", value=-1)
    refuses(rows, "item", ordinal=3, state="lost", currency="IDR")


@fills("0018")
def promises(rows):
    assert rows.add("step_record", kind="task")["checksum"] is None
    rows.add("early_message", state="kept")
    rows.add("watchdog_run", cases=7)
    refuses(rows, "early_message", state="lost")


@fills("0019")
def activities_and_recapitulations(rows):
    rows.add("activity", hours=2, participants=30)
    refuses(rows, "activity", participants=-1)
    refuses(rows, "activity", struck_because="salah")
    made = rows.add("recapitulation", edition="public", state="queued")
    refuses(rows, "recapitulation", edition="public", state="queued", document_id=made["document_id"])
    refuses(rows, "recapitulation", edition="secret", state="queued")


@fills("0020")
def custody(rows):
    kept = rows.add("custody")
    rows.add("custody_move")
    refuses(rows, "custody", case_id=kept["case_id"])
    refuses(rows, "custody", case_id=rows.add("case_file")["id"], released_to="state")


@fills("0022")
def seal_of_steps(rows):
    run = rows.add("process_instance", status="ended")["id"]
    first = rows.add("step_record", instance_id=run, revision=1, kind="start")
    assert len(rows.add("step_record", instance_id=run, revision=2, kind="task")["checksum"]) == 64
    assert first["checksum"] is not None


@fills("0023")
def packages(rows):
    made = rows.add("package", state="queued", progress=0)
    refuses(rows, "package", state="ready", progress=100, letter_id=made["letter_id"])
    refuses(rows, "package", state="queued", progress=101, letter_id=made["letter_id"])


@fills("0021")
def decisions_taken(rows):
    kept = rows.add("decision_record", rules='["r1"]', inputs="{}", answer="[]")
    refuses(rows, "decision_record", **{name: kept[name] for name in ("instance_id", "revision", "place")})


@fills("0024")
def language_of_reports(rows):
    rows.add("party", role="reporter", language="en")
    assert rows.add("case_file", language="en")["language"] == "en"


@fills("0025")
def reminders_of_recapitulations(rows):
    told = rows.add("recapitulation_reminder", share=1)
    same = {name: told[name] for name in ("case_type", "period", "to_role")}
    refuses(rows, "recapitulation_reminder", share=1, **same)
    refuses(rows, "recapitulation_reminder", share=2)


@fills("0026")
def trials_of_migrations(rows):
    trial = rows.add("migration_batch", trial=True)
    rows.add("migration_result", batch_id=trial["id"], state="possible")
    rows.add("migration_result", batch_id=rows.add("migration_batch", trial=False)["id"], state="refused")
    refuses(rows, "migration_result", state="hoped")


@fills("0027")
def sleepers_of_the_queue(rows):
    wake = {"task_name": "processes.wake", "queue_name": "timers", "args": {}}
    rows.add("procrastinate_jobs", priority=-1, scheduled_at="2026-07-01T00:00:00Z", **wake)


@fills("0028")
def keys_of_fingerprints(rows):
    assert rows.add("giver", mark_key="0" * 12)["mark_key"] == "0" * 12
    assert rows.add("item", state="recorded", currency="IDR")["mark_key"] is None


@fills("0029")
def owners_are_told(rows):
    assert rows.add("incident")["told_at"] is None


@fills("0030")
def no_index_repeats_another(rows):
    entry = rows.add("journal_entry", case_id=uuid4(), sequence=1)
    refuses(rows, "journal_entry", case_id=entry["case_id"], sequence=1)


def refuses(rows, table, **values):
    """Expect the database to refuse the row, and go on as if it had not been tried."""
    with pytest.raises(IntegrityError), rows.trying():
        rows.add(table, **values)


def refuses_to_run(rows, statement):
    """Expect the database to refuse the statement."""
    with pytest.raises(DBAPIError), rows.trying() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("revision", NAMES)
def test_a_revision_goes_up_and_down_with_rows(migrated, revision):
    position = NAMES.index(revision)
    earlier = NAMES[position - 1] if position else "base"
    if position:
        stand_at(migrated, earlier)
    before = look_at(migrated)

    stand_at(migrated, revision)
    with migrated.engine.begin() as connection:
        TESTERS[revision](Rows(connection))
    after = look_at(migrated)

    with migrated.engine.connect() as connection:
        schema.migrate_down(connection, earlier)
    assert look_at(migrated) == before

    stand_at(migrated, revision)
    assert look_at(migrated) == after


def test_every_revision_has_its_tester():
    assert set(TESTERS) == set(NAMES)


def test_the_newest_revision_equals_the_models(migrated, database_server):
    stand_at(migrated, NAMES[-1])
    with database_server.database(empty=True) as built:
        build_schema(built.engine)
        wanted = look_at(built)
    found = look_at(migrated)

    assert sorted(wanted - found) == [], "in the models but in no revision"
    assert sorted(found - wanted) == [], "in a revision but in no model"


def test_the_queue_is_the_one_that_the_installed_package_speaks_to(migrated, database_server):
    """After an upgrade of procrastinate, write a revision that runs the SQL files that came with it."""
    stand_at(migrated, NAMES[-1])
    with database_server.database(empty=True) as fresh:
        with fresh.engine.begin() as connection:
            connection.connection.driver_connection.execute(SchemaManager.get_schema())
            connection.exec_driver_sql(SLEEPERS_INDEX)
        wanted = look_at(fresh, only="procrastinate")

    assert look_at(migrated, only="procrastinate") == wanted


def test_revisions_are_numbered_without_gaps_and_named_for_what_they_change():
    assert [f"{number:04}" for number in range(1, len(NAMES) + 1)] == NAMES
    for script in SCRIPTS:
        assert re.fullmatch(rf"{script.revision}_[a-z_]+\.py", script.path.rsplit("/", 1)[-1])


def test_a_revision_imports_nothing_of_ours():
    """An old revision must run as it did, whatever the models look like by then."""
    imported = set()
    for path in (REPOSITORY / "migrations" / "versions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])

    assert imported <= {"alembic", "importlib", "sqlalchemy"}


def test_migrating_twice_changes_nothing(migrated):
    stand_at(migrated, NAMES[-1])
    before = look_at(migrated)

    with migrated.engine.connect() as connection:
        schema.migrate(connection)
        assert schema.is_current(connection)

    assert look_at(migrated) == before


def test_a_database_without_tables_is_not_current(database_server):
    with database_server.database(empty=True) as fresh, fresh.engine.connect() as connection:
        assert schema.current_revision(connection) is None
        assert not schema.is_current(connection)
