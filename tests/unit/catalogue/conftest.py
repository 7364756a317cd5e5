"""A case type that a test may break, and the words of what is wrong with it."""

import shutil

import pytest

from databases import REPOSITORY


@pytest.fixture
def a_case_type(tmp_path):
    """A copy of a real case-type folder."""
    return shutil.copytree(REPOSITORY / "bpmn" / "complaint", tmp_path / "complaint")
