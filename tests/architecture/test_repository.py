"""Guards over the files of the repository: their text, and the top level that everybody finds his way by."""

import subprocess

import pytest

from databases import REPOSITORY
from text_files import complaints

TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".gitattributes",
    ".git-blame-ignore-revs",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "bench",
    "bpmn",
    "docker-compose.yml",
    "docs",
    "migrations",
    "pyproject.toml",
    "requirements-boot.txt",
    "requirements-dev.txt",
    "requirements.txt",
    "tests",
    "webapp",
    "workflows",
}


def tracked_files():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [name for name in listing.stdout.split("\0") if name and (REPOSITORY / name).is_file()]


@pytest.fixture(scope="module")
def files():
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a clone")
    return tracked_files()


def test_every_text_file_is_tidy(files):
    found = []
    for name in files:
        try:
            text = (REPOSITORY / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += complaints(name, text)

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.py", "x = 1 \n", "whitespace"),
        ("a.py", "x = 1", "last line"),
        ("a.py", "<<<<<<< ours\n", "merge"),
        ("a.yml", "a: [1\n", "cannot be read"),
        ("a.toml", "a =\n", "cannot be read"),
        ("a.form", "{\n", "cannot be read"),
        ("package-lock.json", '{"resolved": "https://host/x.tgz"}\n', "not the same everywhere"),
        ("requirements.txt", "--index-url https://host/simple\n", "not the same everywhere"),
    ],
)
def test_an_untidy_file_is_named(name, text, sentence):
    assert any(sentence in each for each in complaints(name, text))


def strange(files):
    """Give what lies at the top and is not in the handbook."""
    return {name.split("/")[0] for name in files} - TOP_LEVEL


def made_by_a_clone(files):
    """Give the files that building and running leave behind."""
    made = ("node_modules/", "/dist/", ".venv/", ".boot/", ".amanah/", "__pycache__/")
    return [name for name in files if any(part in f"/{name}" for part in made)]


def test_the_top_level_is_the_one_that_the_handbook_shows(files):
    assert strange(files) == set()


def test_nothing_is_committed_that_a_clone_makes_for_itself(files):
    assert made_by_a_clone(files) == []


def test_what_does_not_belong_into_the_repository_is_found():
    assert strange(["scratch/notes.md", "docs/operating.md"]) == {"scratch"}
    assert made_by_a_clone(["webapp/static/dist/site.css", "docs/dist.md"]) == ["webapp/static/dist/site.css"]
