"""A case type to publish, and a law that lets the system do so."""

import shutil

import pytest

from databases import REPOSITORY
from workflows import transaction
from workflows.transaction import install_policy


@pytest.fixture(autouse=True)
def a_law(monkeypatch):
    """The system may do anything, nobody nothing."""
    monkeypatch.setattr(transaction, "_policies", [])
    install_policy(lambda session, actor, act, subject, seen=None: actor.kind == "system")


@pytest.fixture
def a_case_type(tmp_path):
    """A copy of a real case-type folder."""
    return shutil.copytree(REPOSITORY / "bpmn" / "complaint", tmp_path / "complaint")
