"""The metadata is whole: every module of tables is imported by `workflows.tables`; and no index repeats another."""

import subprocess
import sys

from sqlalchemy import Column, Index, Integer, MetaData, Table, UniqueConstraint

from databases import REPOSITORY
from workflows.tables import metadata


def forgotten_by(module):
    """Give the modules of tables that importing `module` leaves out."""
    program = f"import sys, {module}; print('\\n'.join(name for name in sys.modules if name.endswith('.models')))"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    written = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for path in (REPOSITORY / "workflows").glob("*/models.py")
    }

    return written - set(done.stdout.split())


def test_tables_imports_every_models_module():
    assert forgotten_by("workflows.tables") == set()


def test_a_module_that_forgets_tables_is_found():
    assert "workflows.cases.models" in forgotten_by("workflows.people.models")


def repeating(tables):
    """Name the indexes whose columns are the first of another one, which finds the same rows."""
    found = []
    for table in tables.tables.values():
        unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)] + [table.primary_key]
        whole = [index for index in table.indexes if index.dialect_options["postgresql"]["where"] is None]
        columns = {id(each): [column.name for column in each.columns] for each in [*unique, *whole]}
        found += [
            f"{table.name}: {', '.join(columns[id(index)])}"
            for index in whole
            for key, names in columns.items()
            if not index.unique and key != id(index) and names[: len(index.columns)] == columns[id(index)]
        ]
    return found


def test_no_index_repeats_another():
    assert repeating(metadata) == []


def test_an_index_that_repeats_another_is_found():
    tables = MetaData()
    both = Column("a", Integer), Column("b", Integer)
    Table("twice", tables, *both, UniqueConstraint("a", "b"), Index("first", "a"), Index("second", "b"))

    assert repeating(tables) == ["twice: a"]
