"""The check before publishing that needs this floor: the plan of a recapitulation can be read and counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from workflows.catalogue.bundle import MANIFEST, Bundle
from workflows.catalogue.checking.findings import did_you_mean, find
from workflows.catalogue.examining import examine
from workflows.catalogue.manifest_reader import read_manifest
from workflows.errors import AmanahError, BrokenDefinition, Finding
from workflows.feel.clock import Clock
from workflows.language import say
from workflows.notices.templates import read
from workflows.recapitulations.composition import compose
from workflows.recapitulations.facts import Facts
from workflows.recapitulations.periods import Period
from workflows.recapitulations.plan import FILE, Plan, Reminder, plan_in
from workflows.recapitulations.reminding import NAMES

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
    yield from _deadline_is_there(bundle, plan)
    for reminder in plan.notices:
        yield from _reminder_can_be_told(bundle, reminder)
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


def _deadline_is_there(bundle: Bundle, plan: Plan) -> Iterator[Finding]:
    register = examine(bundle).register
    if plan.deadline and register is not None and plan.deadline not in register:
        yield find(
            "deadline.unknown",
            FILE,
            plan.deadline_line,
            None,
            f"Batas waktu '{plan.deadline}' tidak ada di daftar batas waktu.",
            f"The deadline '{plan.deadline}' is not in the register.",
            did_you_mean(plan.deadline, register.ids),
        )


def _reminder_can_be_told(bundle: Bundle, reminder: Reminder) -> Iterator[Finding]:
    """The role exists, the notice is there, and it asks for nothing that a recapitulation cannot tell."""
    roles = examine(bundle).roles
    if roles is not None and reminder.to not in roles:
        yield find(
            "role.unknown",
            FILE,
            reminder.line,
            None,
            f"Peran '{reminder.to}' tidak ada.",
            f"There is no role '{reminder.to}'.",
            did_you_mean(reminder.to, roles),
        )
    source = bundle.find(f"notices/{reminder.notice}.yml")
    if source is None:
        names = {path.rpartition("/")[2].removesuffix(".yml") for path, _ in bundle.under("notices", ".yml")}
        yield find(
            "notice.unknown",
            FILE,
            reminder.line,
            None,
            f"Pemberitahuan notices/{reminder.notice}.yml tidak ada.",
            f"There is no notice notices/{reminder.notice}.yml.",
            did_you_mean(reminder.notice, names),
        )
        return
    try:
        asked = read(source, f"notices/{reminder.notice}.yml").names
    except BrokenDefinition as broken:
        yield from broken.findings
        return
    for name in sorted(asked - NAMES):
        yield find(
            "notice.unknown_name",
            FILE,
            reminder.line,
            None,
            f"Pemberitahuan '{reminder.notice}' meminta '{name}', yang tidak dimiliki rekapitulasi.",
            f"The notice '{reminder.notice}' asks for '{name}', which a recapitulation has not.",
            say("Pakai salah satu dari: ", "Use one of: ") + ", ".join(sorted(NAMES)),
        )
