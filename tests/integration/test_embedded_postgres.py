"""The embedded PostgreSQL: private, shared by processes, back after a kill, and honest where it cannot live."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from workflows import embedded_postgres
from workflows.embedded_postgres import EmbeddedPostgres, PostgresUnavailable
from workflows.language import speaking

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")


@pytest.fixture(scope="module")
def storage():
    """A short folder that every user may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def clone(storage):
    """The folder of a clone in which a server has been before: later starts need no initdb."""
    folder = storage / "clone" / ".amanah" / "postgres"
    with EmbeddedPostgres(folder) as server:
        server.ensure_database("amanah")
    return folder


def answer(server, question):
    with psycopg.connect(server.url()) as connection:
        return connection.execute(question).fetchone()[0]


def postmaster(server):
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def runs(server):
    return (server.folder / "data" / "postmaster.pid").exists()


def test_the_server_listens_only_inside_its_closed_folder(clone):
    with EmbeddedPostgres(clone) as server:
        assert answer(server, "SHOW listen_addresses") == ""

    assert stat.S_IMODE(clone.stat().st_mode) == 0o700
    assert stat.S_IMODE((clone / "s").stat().st_mode) == 0o700


def test_the_server_never_runs_as_root(clone):
    with EmbeddedPostgres(clone) as server:
        owner = (server.folder / "data" / "postmaster.pid").stat().st_uid

    assert owner != 0


def test_text_sorts_by_code_point_on_every_machine(clone):
    with EmbeddedPostgres(clone) as server:
        assert answer(server, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'B', 'a', 'Z']) x") == "BZab"


def test_data_outlive_a_stop(clone):
    with EmbeddedPostgres(clone) as server, psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (what text)")

    with EmbeddedPostgres(clone) as server:
        assert answer(server, "SELECT to_regclass('kept') IS NOT NULL")


def test_an_existing_database_is_not_created_again(clone):
    with EmbeddedPostgres(clone) as server:
        assert server.ensure_database("amanah") is False


def test_the_last_one_out_stops_the_server(clone):
    first, second = EmbeddedPostgres(clone), EmbeddedPostgres(clone)
    first.start()
    second.start()

    first.stop()
    assert answer(second, "SELECT 1") == 1

    second.stop()
    assert not runs(second)


def test_a_killed_server_starts_again(clone):
    with EmbeddedPostgres(clone) as server:
        os.kill(postmaster(server), signal.SIGKILL)

    with EmbeddedPostgres(clone) as server:
        assert answer(server, "SELECT 1") == 1


def test_a_server_that_dies_in_use_is_noticed_and_brought_back(clone):
    with EmbeddedPostgres(clone) as server:
        assert not server.has_died
        os.kill(postmaster(server), signal.SIGKILL)
        until = time.monotonic() + 120
        while not server.has_died and time.monotonic() < until:
            os.sched_yield()

        assert server.has_died
        server.revive()

        assert not server.has_died
        assert answer(server, "SELECT 1") == 1
    assert not runs(server)
    assert not server.has_died


def test_a_killed_user_does_not_keep_the_server_alive(clone):
    program = (
        "import sys; from pathlib import Path; from workflows.embedded_postgres import EmbeddedPostgres; "
        "EmbeddedPostgres(Path(sys.argv[1])).start(); print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(clone)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as user:
        assert user.stdout.readline() == b"up\n"
        user.kill()

    with EmbeddedPostgres(clone) as server:
        assert runs(server)
    assert not runs(server)


def test_a_folder_too_deep_for_a_socket_moves_to_temporary_storage(storage, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(storage))

    wanted = storage / "deep" / ("x" * 80) / "langkat" / ".amanah" / "postgres"
    server = EmbeddedPostgres(wanted)

    assert server.folder.parent == storage
    assert "langkat" in server.folder.name
    assert str(server.folder) in server.notice
    assert "terlalu panjang" in server.notice
    with speaking("en"):
        assert "too long" in EmbeddedPostgres(wanted).notice


def test_two_clones_of_one_name_have_two_folders(storage, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(storage))
    deep = storage / ("x" * 80)

    one = EmbeddedPostgres(deep / "a" / "langkat" / ".amanah" / "postgres")
    other = EmbeddedPostgres(deep / "b" / "langkat" / ".amanah" / "postgres")

    assert one.folder != other.folder


@only_root
def test_a_clone_that_the_servers_user_cannot_enter_keeps_its_data_elsewhere(storage, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(storage))
    closed = storage / "closed"
    closed.mkdir(mode=0o700)

    wanted = closed / "clone" / ".amanah" / "postgres"
    server = EmbeddedPostgres(wanted)

    assert server.folder.parent == storage
    assert f"tidak dapat masuk ke {closed}" in server.notice
    with speaking("en"):
        assert f"cannot enter {closed}" in EmbeddedPostgres(wanted).notice


@only_root
def test_a_folder_that_somebody_else_laid_is_refused(storage):
    strange = storage / "strange"
    strange.mkdir()
    (strange / "s").mkdir()
    os.chown(strange, 1, 1)

    with pytest.raises(PostgresUnavailable, match="bukan milik"):
        EmbeddedPostgres(strange).start()


def test_data_of_a_version_that_is_not_here_are_left_alone(storage):
    folder = storage / "old"
    with EmbeddedPostgres(folder):
        pass
    version = folder / "data" / "PG_VERSION"
    version.write_text("9\n")

    with pytest.raises(PostgresUnavailable, match="PostgreSQL 9"):
        EmbeddedPostgres(folder).start()
    assert version.read_text() == "9\n"


def test_what_the_server_says_of_a_bad_option_reaches_the_reader(storage):
    with pytest.raises(PostgresUnavailable, match="shared_buffers"):
        EmbeddedPostgres(storage / "bad", options={"shared_buffers": "much"}).start()


@only_root
def test_programs_that_the_servers_user_cannot_reach_are_copied_to_where_it_can(storage, monkeypatch):
    programs = next(iter(embedded_postgres.offered_binaries()))
    package = programs.parent.parent
    closed = storage / "roots_own"
    closed.mkdir(mode=0o700)
    for name in (package.name, f"{package.name}.libs"):
        (closed / name).symlink_to(package.with_name(name))
    unreachable = closed / package.name / programs.parent.name / "bin"
    monkeypatch.setattr(embedded_postgres, "offered_binaries", lambda: iter([unreachable]))

    with EmbeddedPostgres(storage / "copied") as server:
        server.ensure_database("amanah")
        assert answer(server, "SELECT 1") == 1

    assert (storage / "copied" / "programs" / "complete").exists()
