"""Guards over the Python sources: one commit, one clock, no business of one case type, a word at each door.

Each guard is a small function over a syntax tree, and each has an example that it must catch.
"""

import ast
import re
from pathlib import Path

import pytest
import yaml

from databases import REPOSITORY
from sources import nodes, sources

HOME_OF_COMMIT_AND_CLOCK = "workflows/transaction.py"
# Commits what has written nothing where a rollback was asked for, which is the same and costs less.
ENDS_WHAT_ONLY_READ = "workflows/connections.py"


def commits(tree: ast.Module) -> list[int]:
    """Give the lines that commit a session or a connection."""
    return [
        node.lineno
        for node in nodes(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]


def clock_reads(tree: ast.Module) -> list[int]:
    """Give the lines that ask what time it is."""
    readings = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now", "time.time"}
    return [
        node.lineno
        for node in nodes(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func) in readings
    ]


def case_type_words(tree: ast.Module, keys: set[str]) -> list[int]:
    """Give the lines in which a name or a text of the code is, or holds as a word, the key of a case type."""
    pattern = re.compile(rf"(?:^|[^a-z])(?:{'|'.join(map(re.escape, sorted(keys)))})s?(?:$|[^a-z])", re.IGNORECASE)
    documentation = {
        id(node.body[0].value)
        for node in nodes(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = []
    for node in nodes(tree):
        words = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            words = node.value
        elif isinstance(node, ast.Name):
            words = node.id
        elif isinstance(node, ast.Attribute):
            words = node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            words = node.name
        if pattern.search(words):
            found.append(node.lineno)
    return found


def environment_reads(tree: ast.Module) -> list[int]:
    """Give the lines that read the environment of the process."""
    return [
        node.lineno
        for node in nodes(tree)
        # To write every part of a tree as text would take seconds.
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and ast.unparse(node) in {"os.environ", "os.getenv"}
    ]


def broad_catches(tree: ast.Module) -> list[int]:
    """Give the lines that catch whatever happens."""
    return [
        node.lineno
        for node in nodes(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        # What is caught only to put things in order and is raised again is not swallowed.
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    ]


def is_silent(tree: ast.Module) -> bool:
    """Tell whether a module with something in it does not say what lives there."""
    return bool(tree.body) and ast.get_docstring(tree) is None


def programs(folder: Path) -> list[Path]:
    """Give the Python that lies in a folder."""
    return sorted(folder.rglob("*.py*"))


def case_type_keys() -> set[str]:
    folders = (REPOSITORY / "bpmn").glob("*/case-type.yml")
    return {yaml.safe_load(path.read_text(encoding="utf-8"))["key"] for path in folders} | {
        "complaint",
        "gratification",
        "whistleblowing",
    }


def found_by(guard, *packages: str, **named) -> list[str]:
    return [f"{name}:{line}" for name, tree in sources(*packages) for line in guard(tree, **named)]


def test_the_only_commit_is_written_in_transaction():
    found = found_by(commits, "workflows", "webapp")

    assert sorted(place.split(":")[0] for place in found) == [ENDS_WHAT_ONLY_READ, HOME_OF_COMMIT_AND_CLOCK]


def test_the_only_clock_is_read_in_transaction():
    found = found_by(clock_reads, "workflows", "webapp")

    assert [place.split(":")[0] for place in found] == [HOME_OF_COMMIT_AND_CLOCK]


def test_no_case_type_is_known_to_python():
    assert found_by(case_type_words, "workflows", "webapp", keys=case_type_keys()) == []


def test_bpmn_holds_data_only():
    assert programs(REPOSITORY / "bpmn") == []


def test_the_environment_is_read_where_programs_start():
    found = {place.split(":")[0] for place in found_by(environment_reads, "workflows", "webapp")}

    building = {"webapp/frontend/build_assets.py", "webapp/frontend/hatch_assets.py"}
    commands = {"workflows/cli.py", "workflows/commands/starting.py", "workflows/commands/telling.py"}
    starting = {"webapp/app.py", "webapp/deploy/gunicorn_settings.py"}
    # Gives a program that it starts the few variables that are no secret.
    handing_on = {"workflows/catalogue/apart.py"}
    assert found <= building | commands | starting | handing_on


# Where a fault of any kind must not pass: the web's last handler, around a job, around a service's call, and where a
# file of unknown origin is tried.
LAST_RESORTS: frozenset[str] = frozenset(
    {
        "webapp/errors.py",
        "workflows/background/performing.py",
        "workflows/catalogue/confined.py",
        "workflows/engine/trial.py",
    }
)


def test_only_the_last_resorts_catch_everything():
    found = {place.split(":")[0] for place in found_by(broad_catches, "workflows", "webapp")}

    assert found <= LAST_RESORTS


@pytest.mark.parametrize("package", ["workflows", "webapp", "tests", "migrations", "bench"])
def test_every_module_opens_with_what_lives_there(package):
    silent = [name for name, tree in sources(package) if is_silent(tree) and not name.endswith("/__init__.py")]

    assert silent == []


def test_package_files_are_empty():
    allowed = {"workflows/engine/__init__.py"}
    full = [name for name, tree in sources("workflows", "webapp") if name.endswith("__init__.py") and tree.body]

    assert set(full) <= allowed


@pytest.mark.parametrize(
    ("guard", "example"),
    [
        (commits, "session.commit()"),
        (clock_reads, "opened = datetime.now(UTC)"),
        (clock_reads, "today = date.today()"),
        (environment_reads, "x = os.environ['X']"),
        (environment_reads, "x = os.getenv('X')"),
        (broad_catches, "try:\n    act()\nexcept Exception:\n    pass"),
        (broad_catches, "try:\n    act()\nexcept:\n    log()"),
        (is_silent, "import os"),
    ],
)
def test_each_guard_catches_its_example(guard, example):
    assert guard(ast.parse(example))


@pytest.mark.parametrize(
    "example",
    [
        "if case.case_type == 'complaint': pass",
        "url = '/lapor/complaint'",
        "def refer_complaint(): pass",
        "COMPLAINTS = 1",
        "tx.complaint",
    ],
)
def test_the_guard_of_case_types_catches_each_way_of_naming_one(example):
    assert case_type_words(ast.parse(example), {"complaint"})


def test_the_guard_of_case_types_leaves_sentences_about_the_code_alone():
    assert case_type_words(ast.parse('"""A complaint is one kind of case."""'), {"complaint"}) == []


def test_the_guard_of_data_finds_a_program_in_any_folder(tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "trick.pyc").touch()

    assert [file.name for file in programs(tmp_path)] == ["trick.pyc"]


def test_a_catch_that_raises_again_is_no_swallowing():
    assert broad_catches(ast.parse("try:\n    act()\nexcept BaseException:\n    undo()\n    raise")) == []
