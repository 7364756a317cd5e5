"""The check before publishing that needs this floor: the plan of a recapitulation can be read and counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from workflows.catalogue.bundle import MANIFEST, Bundle
from workflows.catalogue.manifest_reader import read_manifest
from workflows.errors import AmanahError, BrokenDefinition, Finding
from workflows.feel.clock import Clock
from workflows.language import say
from workflows.recapitulations.composition import compose
from workflows.recapitulations.facts import Facts
from workflows.recapitulations.periods import Period
from workflows.recapitulations.plan import FILE, plan_in

_NO_FACTS = Facts(cases=(), open_cases=(), closed_cases=(), items=(), activities=(), offices={})


def recapitulation_counts(bundle: Bundle) -> Iterator[Finding]:
    """Yield what is wrong in `recapitulation.yml`; a quarter without any case must be countable too."""
    if FILE not in bundle.files:
        return
    try:
        case_type = read_manifest(bundle.files.get(MANIFEST, b""))
    except BrokenDefinition:
        # Told by the check of the manifest.
        return
    try:
        plan = plan_in(bundle, case_type)
    except BrokenDefinition as broken:
        yield from broken.findings
        return
    if plan is None:
        return
    empty = Period.quarter_of(date(2026, 1, 1))
    noon = datetime.combine(empty.last, time(12), tzinfo=UTC)
    try:
        compose(plan, _NO_FACTS, empty, Clock(noon, ZoneInfo("Asia/Jakarta")))
    except AmanahError as error:
        yield Finding(
            "recapitulation.cannot_count",
            say(
                f"Angka '{error.facts['figure']}' tidak dapat dihitung.",
                f"'{error.facts['figure']}' cannot be counted.",
            ),
            str(error.facts["problem"]),
            file=FILE,
        )
