"""Every name of ours that a person may meet has its words, and no word is kept for a name that is gone."""

import ast
import re

import pytest
import yaml
from sqlalchemy import CheckConstraint

from databases import REPOSITORY
from sources import nodes, sources
from webapp.labels import ERRORS, LABELS
from workflows.journal.kinds import KINDS
from workflows.tables import metadata

# What a person who acts is told. NotFound and NotAllowed have one page for all, which must not tell them apart; a bare
# AmanahError is a fault of a definition and becomes an incident.
REFUSALS = {"Conflict"}

# Group of words -> the column whose values they name.
NAMED_COLUMNS = {
    "task.status": ("task", "status"),
    "instance.status": ("process_instance", "status"),
    "letter.status": ("letter", "state"),
    "notice.status": ("notice", "state"),
    "audience": ("content", "audience"),
}


def refusal_codes(tree: ast.Module) -> set[str]:
    """Give the codes of the errors that the code raises."""
    return {
        node.args[0].value
        for node in nodes(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in REFUSALS
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def allowed_values(table: str, column: str) -> set[str]:
    """Give the values that the table's check constraint allows in the column."""
    for constraint in metadata.tables[table].constraints:
        if isinstance(constraint, CheckConstraint):
            listed = re.fullmatch(rf"{column} IN \((.*)\)", str(constraint.sqltext), re.IGNORECASE)
            if listed:
                return set(re.findall(r"'([^']*)'", listed[1]))
    raise LookupError(f"no check constraint lists the values of {table}.{column}")


def test_every_journal_kind_has_its_words_and_no_words_are_left_over():
    assert sorted(set(KINDS) - set(LABELS["journal"])) == [], "kinds without words"
    assert sorted(set(LABELS["journal"]) - set(KINDS)) == [], "words without a kind"


def test_every_refusal_that_reaches_a_person_has_its_sentence():
    raised = set()
    for _, tree in sources("workflows", "webapp"):
        raised |= refusal_codes(tree)

    assert sorted(raised - set(ERRORS)) == [], "give these codes a sentence in webapp/labels.py"


@pytest.mark.parametrize("group", NAMED_COLUMNS)
def test_every_value_of_a_column_has_its_words_and_no_words_are_left_over(group):
    values = allowed_values(*NAMED_COLUMNS[group])

    assert sorted(values - set(LABELS[group])) == [], "values without words"
    assert sorted(set(LABELS[group]) - values) == [], "words without a value"


def test_the_guard_sees_each_way_of_refusing():
    tree = ast.parse("raise Conflict('task.taken', by=1)\nrefuse(Conflict('case.odd')) if odd else None")

    assert refusal_codes(tree) == {"task.taken", "case.odd"}


def test_the_guard_reads_the_values_that_a_table_allows_and_stops_where_none_are_listed():
    assert allowed_values("unit", "kind") >= {"office", "district"}
    with pytest.raises(LookupError):
        allowed_values("unit", "name")


def untitled(roles):
    """Give the roles that lack words in one of the two languages."""
    return [role["id"] for role in roles if not (role["title"] and role["title_en"])]


def test_every_role_has_its_titles():
    roles = yaml.safe_load((REPOSITORY / "bpmn/shared/roles.yml").read_text(encoding="utf-8"))["roles"]

    assert untitled(roles) == []
    assert untitled([{"id": "x", "title": "Y", "title_en": ""}]) == ["x"]
