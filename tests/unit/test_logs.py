"""Lines of JSON: fixed words, listed fields, and nothing that a library or an exception quotes."""

import json
import logging
from typing import Any

from workflows import logs


def line(name: str, message: str, *given: Any, error: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    caught = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord(name, logging.WARNING, __file__, 7, message, given, caught)
    vars(record).update(extra)
    written = logs.JsonLines().format(record)
    assert "\n" not in written
    read: dict[str, Any] = json.loads(written)
    return read


def test_a_line_of_ours_is_whole_and_says_only_listed_fields() -> None:
    told = line("workflows.worker", "job %s", "done", task="letters.print", ms=12, reporter="Siti")

    assert (told["message"], told["task"], told["ms"], told["level"]) == ("job done", "letters.print", 12, "warning")
    assert "reporter" not in told
    assert told["time"].endswith("+00:00")


def test_what_a_library_fills_in_is_left_out() -> None:
    assert line("urllib3.pool", "cannot reach %s", "Siti Aminah")["message"] == "cannot reach %s"
    assert line("urllib3.pool", "cannot reach Siti Aminah")["message"] == "test_logs:7"
    # The queue's own library hangs the whole job on its records, with its arguments.
    assert "job" not in line("procrastinate.worker", "failed", job={"task_kwargs": {"name": "Siti Aminah"}})


def test_an_exception_is_its_class_and_its_places() -> None:
    try:
        raise ValueError("Siti Aminah")
    except ValueError as error:
        told = line("amanah.web", "fault", error=error)

    assert told["error"] == "ValueError"
    assert "test_an_exception" in told["places"][0]
    assert "Siti" not in json.dumps(told)


def test_what_is_told_around_stands_in_every_line() -> None:
    with logs.telling(request="a" * 32):
        assert line("webapp.x", "one")["request"] == "a" * 32
        with logs.telling(job=5):
            assert line("webapp.x", "two").keys() >= {"request", "job"}
    assert "request" not in line("webapp.x", "three")


def test_only_json_changes_what_a_process_does(capsys: Any) -> None:
    root, ours = logging.getLogger(), logging.getLogger("amanah")
    gunicorn = logging.getLogger("gunicorn.error")
    before = (list(root.handlers), ours.level, list(gunicorn.handlers))
    logs.configure("text")
    assert (root.handlers, ours.level, gunicorn.handlers) == before

    levels = {name: logging.getLogger(name).level for name in ("amanah", "workflows", "webapp")}
    try:
        logs.configure("json")
        logs.configure("json")
        logging.getLogger("amanah.requests").info("answered", extra={"status": 200})
    finally:
        root.handlers, gunicorn.handlers = before[0], before[2]
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)

    (written,) = capsys.readouterr().err.splitlines()
    assert json.loads(written)["status"] == 200
