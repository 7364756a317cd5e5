"""R1 and R6: processes die at any statement, around any commit and by the clock; nothing is lost, doubled or half done.

The small form of `amanah chaos`; the one with a thousand cases is part of `make prove`.
"""

from collections import Counter, deque
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from databases import TestDatabase
from workflows import transaction
from workflows.chaos import office as scratch
from workflows.chaos import rehearsal
from workflows.chaos.dying import PLACES
from workflows.chaos.judging import judge
from workflows.chaos.rehearsal import rehearse, rehearse_on_scratch
from workflows.chaos.steplog import Line, StepLog
from workflows.installation import Installation
from workflows.processes import office
from workflows.settings import BadSetting, Settings

CASES, SEED, KILLS = 5, 20260302, 20


@pytest.fixture
def installation(settings: Settings, committed_database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An empty database with its tables; its law and its office are those of this test alone."""
    monkeypatch.setattr(transaction, "_policies", [])
    monkeypatch.setattr(office, "_opened", [])
    return Installation(replace(settings, database_url=None), committed_database.url, None)


def test_whatever_dies_and_wherever_nothing_is_lost_doubled_or_half_done(
    installation: Installation, tmp_path: Path
) -> None:
    verdict = rehearse(installation, tmp_path, cases=CASES, seed=SEED, kills=KILLS)

    assert (vars(verdict.findings), verdict.kept) == ({"lost": [], "doubled": [], "half": []}, True), (
        tmp_path / "errors.log"
    ).read_text()
    assert verdict.kills >= KILLS
    assert set(verdict.places) == set(PLACES)
    assert min(verdict.desk_kills, verdict.web_kills, verdict.worker_kills) > 0
    _sees_what_is_wrong(installation, list(StepLog(tmp_path / "steps.log").read()))
    with pytest.raises(BadSetting):
        scratch.furnish(installation)


def _sees_what_is_wrong(installation: Installation, log: list[Line]) -> None:
    """The judge is no friend: what is spoilt by hand is found, each under its own head."""
    with installation.session() as session:
        more = [*log, Line(CASES, "check", "told")]
        assert len(judge(session, more, Counter(), cases=CASES + 1, seed=SEED).lost) > CASES
        assert judge(session, log, Counter({"<stranger@localhost>": 1}), cases=CASES, seed=SEED).doubled
        session.execute(text("UPDATE process_instance SET status = 'running', ended_at = NULL, path_length = 1"))
        session.execute(text("DELETE FROM step_record WHERE what = 'left'"))
        session.execute(text("INSERT INTO timer (instance_id, engine_timer, element, due_at)"
                             " SELECT id, 'x', 'pause', now() FROM process_instance"))  # fmt: skip
        spoilt = judge(session, log, Counter(), cases=CASES, seed=SEED)
        assert {"0: left", "0: its end"} <= set(spoilt.lost)
        assert any("never fired" in found for found in spoilt.lost)
        assert any("do not add up" in found for found in spoilt.half)
        session.rollback()
    installation.engine.dispose()


class Stillborn:
    """A nursery whose web processes fail as soon as they are born."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors
        self._born: list[str] = []
        self._ends: deque[dict[str, Any]] = deque()

    def bear(self, order: Mapping[str, Any]) -> int:
        process = -len(self._born) - 2
        self._born.append(order["role"])
        if order["role"] == "web":
            self._errors.write_text("Traceback\nAssetsMissing: build them first\n\n")
            self._ends.append({"ended": process, "status": 1})
        return process

    def ended(self, seconds: float) -> dict[str, Any] | None:
        assert seconds >= 0
        return self._ends.popleft() if self._ends else None

    def kill(self, process: int, signal: int) -> None:
        self._ends.append({"ended": process, "status": -signal})


def test_who_cannot_work_at_all_is_named_with_what_it_said(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nursery = Stillborn(tmp_path / "errors.log")
    monkeypatch.setattr(rehearsal, "_nursery", lambda *given: nullcontext(nursery))
    monkeypatch.setattr(rehearsal.os, "kill", nursery.kill)

    verdict = rehearse(installation, tmp_path, cases=2, seed=SEED, kills=0)

    assert (verdict.kept, verdict.kills) == (False, 0)
    assert verdict.stalled == "web: AssetsMissing: build them first"


def test_real_cases_are_safe_from_it(settings: Settings) -> None:
    for unfit in (settings, replace(settings, database_url=None, environment="production")):
        with pytest.raises(BadSetting):
            rehearse_on_scratch(unfit, cases=1, seed=1)
