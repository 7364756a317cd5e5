"""`amanah upgrade-cases`: running cases to another edition, from the command line.

Not to be mixed up with `amanah migrate`, which brings tables up to date. What is decided is in `processes.migration`;
this asks and tells.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import launch
from workflows.cases.models import Case
from workflows.catalogue import queries as catalogue
from workflows.catalogue.models import ProcessVersion
from workflows.commands.telling import REFUSED
from workflows.engine.concerns import Concern
from workflows.errors import AmanahError, Conflict, NotFound, SealBroken
from workflows.installation import Installation
from workflows.language import say
from workflows.processes import migration, migration_plan, sealing
from workflows.processes.migration import Move
from workflows.processes.models import MigrationResult, ProcessInstance


def run(asked: argparse.Namespace, installation: Installation) -> int:
    """Do what was asked for: plan, try, run or undo."""
    steps = {"plan": _plan, "try": _try, "run": _run, "undo": _undo}
    return steps[asked.step](asked, installation)


def _plan(asked: argparse.Namespace, installation: Installation) -> int:
    with launch.acting(installation) as tx:
        plan = migration_plan.plan(tx.session, _move(tx.session, asked))
    print(
        say(
            f"{plan.old.case_type}: versi {plan.old.number} ke versi {plan.new.number}, {plan.cases} kasus berjalan.",
            f"{plan.old.case_type}: version {plan.old.number} to version {plan.new.number}, {plan.cases} cases run.",
        )
    )
    for change in plan.changes:
        print(f"  {'!' if change.hinders else ' '} {change.subject:<28}{change.sentence}")
    for element, count in plan.standing:
        print(say(f"  {count:>5} kasus di {element.id}", f"  {count:>5} cases at {element.id}"))
    return 0


def _try(asked: argparse.Namespace, installation: Installation) -> int:
    with launch.acting(installation) as tx:
        trials = migration.try_on_copies(tx, _move(tx.session, asked))
        numbers = _numbers(tx.session, [trial.instance_id for trial in trials])
    for trial in trials:
        _tell_case(numbers[trial.instance_id], "ok" if trial.possible else say("tidak", "no"), trial.concerns)
    possible = sum(trial.possible for trial in trials)
    print(
        say(
            f"{possible} dari {len(trials)} kasus dapat dipindahkan.",
            f"{possible} of {len(trials)} cases can be moved.",
        )
    )
    return 0 if possible == len(trials) else REFUSED


def _run(asked: argparse.Namespace, installation: Installation) -> int:
    batch_id = asked.batch
    if batch_id is None:
        with launch.acting(installation) as tx:
            batch_id = migration.begin_batch(tx, _move(tx.session, asked), reason=asked.reason).id
        print(say(f"Kelompok {batch_id}", f"Batch {batch_id}"))
    # The workers have been asked as well; whoever comes first moves a case, and the other finds it done.
    for instance_id in _of_batch(installation, batch_id, "waiting"):
        try:
            with launch.acting(installation) as tx:
                migration.migrate_case(tx, batch_id, instance_id)
        except SealBroken as broken:
            print(sealing.refusal(broken))
    return _tell_results(installation, batch_id)


def _undo(asked: argparse.Namespace, installation: Installation) -> int:
    status = 0
    for instance_id in _of_batch(installation, asked.batch, "migrated"):
        try:
            with launch.acting(installation) as tx:
                migration.undo_case(tx, asked.batch, instance_id)
        except Conflict as refusal:
            if refusal.code != "migration.acted":
                raise
        except SealBroken as broken:
            print(sealing.refusal(broken))
            status = REFUSED
    return max(status, _tell_results(installation, asked.batch))


def _tell_results(installation: Installation, batch_id: UUID) -> int:
    with installation.session() as session:
        results = migration_plan.results_of(session, batch_id)
        numbers = _numbers(session, [result.instance_id for result in results])
        for result in results:
            _tell_case(numbers[result.instance_id], result.state, [Concern.read(each) for each in result.findings])
    counts = Counter(result.state for result in results)
    print(", ".join(f"{state}: {count}" for state, count in sorted(counts.items())) or say("tidak ada", "none"))
    return REFUSED if counts["refused"] or counts["waiting"] else 0


def _of_batch(installation: Installation, batch_id: UUID, state: str) -> list[UUID]:
    wanted = select(MigrationResult.instance_id).where(
        MigrationResult.batch_id == batch_id, MigrationResult.state == state
    )
    with installation.session() as session:
        return list(session.scalars(wanted.order_by(MigrationResult.instance_id)))


def _move(session: Session, asked: argparse.Namespace) -> Move:
    """Read the editions by number; the new one is the open one unless it is named."""
    if not asked.type or asked.old is None:
        raise AmanahError("upgrade.incomplete", needed="TYPE --from N")
    known = {version.number: version for version in catalogue.versions(session, asked.type)}

    def numbered(number: int) -> ProcessVersion:
        if number not in known:
            raise NotFound("version.unknown", version=number, known=sorted(known))
        return known[number]

    new = catalogue.newest_version(session, asked.type) if asked.new is None else numbered(asked.new)
    return Move(numbered(asked.old).id, new.id, dict(asked.mapping), dict(asked.anew), frozenset(asked.accept))


def _numbers(session: Session, instances: list[UUID]) -> dict[UUID, str]:
    wanted = select(ProcessInstance.id, Case.number).join(Case, Case.id == ProcessInstance.case_id)
    return {row[0]: row[1] for row in session.execute(wanted.where(ProcessInstance.id.in_(instances)))}


def _tell_case(number: str, state: str, concerns: Sequence[Concern]) -> None:
    print(f"{number:<20}{state}")
    for concern in concerns:
        mark = {"error": "!", "risk": "?", "note": " "}[concern.weight]
        print(f"  {mark} {concern.code:<20}{concern.sentence}")
