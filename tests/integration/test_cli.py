"""What the command line says and which status it gives, without starting anything."""

import re
import socket
import stat
import subprocess
import sys

import pytest
from sqlalchemy.orm import Session

from databases import REPOSITORY
from workflows import cli, machine, schema, transaction
from workflows.access import policy
from workflows.people import passwords
from workflows.people.roles import load_roles
from workflows.processes import office
from workflows.transaction import SYSTEM, begin


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch, tmp_path):
    """An English terminal in the repository, with a home of the test's own and no database named."""
    for name in ("LC_ALL", "DATABASE_URL", "AMANAH_ENV", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("AMANAH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AMANAH_DEFINITIONS", str(REPOSITORY / "bpmn"))


def test_a_deadline_is_answered_with_its_day_first(capsys):
    assert cli.main(["deadline", "P-01", "--from", "2026-03-02", "--strict"]) == 0

    day, sentence = capsys.readouterr().out.splitlines()
    assert day == "2026-03-05"
    assert sentence.startswith("P-01")


def test_without_a_reading_both_are_told_strict_first(capsys):
    cli.main(["deadline", "P-01", "--from", "2026-03-13"])

    strict, _, lenient, _ = capsys.readouterr().out.splitlines()
    assert strict < lenient


def test_a_deadline_with_parts_lists_them(capsys):
    assert cli.main(["deadline", "P-08", "--from", "2026-03-02", "--lenient"]) == 0

    told = capsys.readouterr().out
    assert all(part in told for part in ("P-08a", "P-08b", "P-08c"))


def test_an_unknown_deadline_is_not_understood(capsys):
    assert cli.main(["deadline", "P-99", "--from", "2026-03-02"]) == 2

    assert "P-99" in capsys.readouterr().err


def test_the_law_of_the_house_is_found_from_anywhere(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("AMANAH_DEFINITIONS")
    monkeypatch.chdir(tmp_path)

    assert cli.main(["deadline", "P-01", "--from", "2026-03-02", "--strict"]) == 0

    (tmp_path / "bpmn").mkdir()
    assert cli.main(["deadline", "P-01", "--from", "2026-03-02"]) == 1
    assert str(tmp_path / "bpmn" / "shared" / "deadlines.yml") in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["deadline", "P-01"], ["deadline", "P-01", "--from", "soon"], ["fly"], []])
def test_a_question_that_is_none_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)

    assert ended.value.code == 2


def test_what_is_no_date_is_told_with_an_example(capsys, monkeypatch):
    monkeypatch.setenv("LANG", "C.UTF-8")

    with pytest.raises(SystemExit):
        cli.main(["deadline", "P-01", "--from", "13-03-2026"])

    assert "'13-03-2026' bukan tanggal; tulislah misalnya 2026-03-02" in capsys.readouterr().err


def test_an_hour_is_meant_in_the_zone_of_the_office(capsys, monkeypatch):
    monkeypatch.setenv("LANG", "C.UTF-8")

    cli.main(["deadline", "P-12", "--from", "2026-03-13T10:15", "--lenient"])

    assert "13 Maret 2026 pukul 10.15 WIB" in capsys.readouterr().out


def test_the_language_follows_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("LANG", "C.UTF-8")

    cli.main(["deadline", "P-01", "--from", "2026-03-02", "--strict"])

    assert "hari kerja" in capsys.readouterr().out


def test_a_deadline_asks_for_no_database():
    """Whoever has only the sources and the register may ask; the driver is not even imported."""
    program = (
        "import sys; from workflows.cli import main; main(['deadline', 'P-01', '--from', '2026-03-02']); "
        "sys.exit('psycopg' in sys.modules or 'sqlalchemy' in sys.modules or 'flask' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True).returncode == 0


def test_a_busy_port_is_named_before_anything_starts(capsys, monkeypatch, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        assert cli.main(["run"]) == 1

    assert f"Port {port} is in use" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused(port, capsys, monkeypatch):
    monkeypatch.setenv("PORT", port)

    assert cli.main(["run"]) == 1
    assert "PORT" in capsys.readouterr().err


def test_missing_libraries_are_named_first_with_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr(machine, "PRINTING_LIBRARIES", ("libnobody-has-this.so.0",))
    monkeypatch.setenv("PORT", "not even a number")

    assert cli.main(["run"]) == 1

    said = capsys.readouterr().err
    assert "libnobody-has-this.so.0" in said
    assert "install" in said


def test_a_bad_setting_is_one_sentence(capsys, monkeypatch):
    monkeypatch.setenv("AMANAH_ENV", "holiday")

    assert cli.main(["migrate"]) == 1
    assert "AMANAH_ENV" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "rehearse", "publish"])
def test_a_path_that_cannot_be_read_ends_with_2(command, capsys):
    assert cli.main([command, "nowhere/at/all"]) == 2

    out, err = capsys.readouterr()
    assert "nowhere/at/all" in err
    assert "Traceback" not in out + err


def test_an_address_that_does_not_answer_is_not_healthy():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/sehat"
    assert cli.main(["healthy", address]) == 1


def test_a_database_without_tables_is_not_healthy_until_migrated(database_server, monkeypatch):
    with database_server.database(empty=True) as fresh:
        monkeypatch.setenv("DATABASE_URL", fresh.url)

        assert cli.main(["healthy"]) == 1
        assert cli.main(["migrate"]) == 0
        assert cli.main(["healthy"]) == 0


def test_an_untouched_journal_is_whole(committed_database, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", committed_database.url)

    assert cli.main(["verify"]) == 0
    assert "whole" in capsys.readouterr().out


def test_recounting_an_office_without_cases_moves_nothing(committed_database, capsys, monkeypatch):
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(office, "_opened", [])
    monkeypatch.setenv("DATABASE_URL", committed_database.url)

    assert cli.main(["recount"]) == 0
    assert capsys.readouterr().out == "0 cases counted anew; 0 dates moved.\n"


def test_the_key_of_a_trial_is_made_once_and_closed_to_others(database_server, monkeypatch, tmp_path):
    with database_server.database() as database:
        monkeypatch.setenv("DATABASE_URL", database.url)

        cli.main(["healthy"])
        key = (tmp_path / "home" / "secret_key").read_text()
        cli.main(["healthy"])

    file = tmp_path / "home" / "secret_key"
    assert file.read_text() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(key) > 40


def test_the_first_administrator_is_made_once(committed_database, capsys, monkeypatch):
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(office, "_opened", [])
    monkeypatch.setenv("DATABASE_URL", committed_database.url)
    asked = ["administrator", "kepala", "--name", "Rahmat Hidayat"]

    assert cli.main(asked) == 1
    assert "First run: amanah prepare" in capsys.readouterr().err
    # This database was made from the models and never numbered.
    monkeypatch.setattr(schema, "is_current", lambda connection: True)
    with passwords.costing(passwords.CHEAPEST), Session(committed_database.engine) as session:
        with begin(session, SYSTEM) as tx:
            policy.install()
            load_roles(tx, REPOSITORY / "bpmn" / "shared" / "roles.yml")
        assert cli.main(["administrator", "k p", "--name", "Rahmat"]) == 1
        assert "The login:" in capsys.readouterr().err
        assert cli.main(asked) == 0
        assert re.fullmatch(r"\w{4}(-\w{4}){3}\n", capsys.readouterr().out)
        assert cli.main(asked) == 1
        assert "--force" in capsys.readouterr().err
