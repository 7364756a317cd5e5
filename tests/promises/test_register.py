"""The register of the promises is whole, and every test that it names exists."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_promise_names_tests_that_exist() -> None:
    rows = [line for line in (HERE / "README.md").read_text().splitlines() if line.startswith("| R")]
    assert [row.split("|")[1].strip() for row in rows] == [f"R{number}" for number in range(1, 18)]
    for row in rows:
        named = re.findall(r"`([\w./]+\.py)(?:::(\w+))?`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}" in (HERE / file).read_text(), f"{file}::{test}"
