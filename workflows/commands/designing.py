"""Commands for whoever designs a case type: what is wrong with it, what it would do, what the law counts."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.commands.telling import NOT_UNDERSTOOD, REFUSED, cannot_read, complain, opened, settings, show
from workflows.errors import AmanahError, BrokenDefinition, Finding
from workflows.language import say

if TYPE_CHECKING:
    from workflows.catalogue.vectors import VectorResult

# Where the process that checks a case type finds the checks of the floors above the catalogue.
_EXTRA_CHECKS = "workflows.launch:extra_checks"


def check(asked: argparse.Namespace) -> int:
    """Say what would keep the files from running; each, with those that it calls, is opened in a process of its own."""
    from workflows.catalogue import verdict
    from workflows.catalogue.apart import check_apart, sort_apart
    from workflows.catalogue.bundle import MANIFEST, case_types, files_of, read_file

    findings: list[Finding] = []
    files: dict[Path, bytes] = {}
    status = 0
    for path in dict.fromkeys(asked.paths):
        folder = path
        try:
            for folder in case_types(path):
                if asked.repair:
                    _repair(folder, quietly=asked.json)
                if folder.is_dir():
                    findings += check_apart(folder, extra=_EXTRA_CHECKS if (folder / MANIFEST).is_file() else "")
                else:
                    files[folder] = read_file(folder)
        except BrokenDefinition as broken:
            findings += broken.findings
        except OSError as error:
            status = NOT_UNDERSTOOD
            if asked.json:
                findings.append(_unreadable(folder, error))
            else:
                cannot_read(folder, error)
    # Those that were named together are seen together: what one calls may be in another.
    for part in sort_apart(files_of(files)):
        findings += check_apart(part)
    findings = list(dict.fromkeys(findings))
    if asked.json:
        print(verdict.as_json(findings))
    elif findings or not status:
        show(findings)
    return status or (0 if verdict.passes(findings) else REFUSED)


def _repair(path: Path, *, quietly: bool) -> None:
    """Write missing ids into the files and name those that were changed."""
    from workflows.catalogue.repairing import repair

    for file in repair(path):
        if not quietly:
            print(say(f"{file}: id yang belum ada telah ditulis.", f"{file}: missing ids were written."))


def _unreadable(path: Path, error: OSError) -> Finding:
    said = say(f"Tidak dapat dibaca: {error.strerror}.", f"It cannot be read: {error.strerror}.")
    return Finding("file.unreadable", said, say("Periksa jalurnya.", "Look at the path."), file=path.name)


def rehearse(asked: argparse.Namespace) -> int:
    """Play the scenarios of a case type with a moved clock; nothing is stored or sent."""
    from workflows.catalogue import scenarios
    from workflows.catalogue.bundle import case_types

    failed = 0
    try:
        folders = case_types(asked.path)
    except OSError as error:
        return cannot_read(asked.path, error)
    for folder in folders:
        for result in scenarios.rehearse(folder, only=asked.only):
            failed += not result.passed
            print(f"{'ok  ' if result.passed else 'FAIL'}  {result.file}  {result.title}")
            for disappointment in result.disappointments:
                print(f"      {result.file}:{disappointment.line}: {disappointment.message}")
    return REFUSED if failed else 0


def decide(asked: argparse.Namespace) -> int:
    """Ask a decision of a DMN file, or run its test vectors; nothing is stored."""
    from workflows.catalogue import deciding
    from workflows.decisions.asking import RefusedInputs
    from workflows.transaction import read_clock

    try:
        decisions = deciding.read_decisions(asked.file)
        if asked.vectors:
            return _tell_vectors(deciding.run_vectors(asked.file, decisions))
        decision = deciding.find_decision(decisions, asked.decision)
        document, answered = deciding.answer(decision, deciding.read_inputs(asked.input), now=read_clock(), on=asked.on)
    except RefusedInputs as refusal:
        for problem in refusal.problems:
            complain(problem.message)
        return REFUSED
    except BrokenDefinition as broken:
        return _unreadable_table(broken)
    except OSError as error:
        return cannot_read(asked.file, error)
    except deciding.Unreadable as error:
        complain(str(error))
        return NOT_UNDERSTOOD
    print(document)
    if not answered:
        complain(say("Tidak ada aturan yang cocok.", "No rule fits."))
    return 0 if answered else REFUSED


def _tell_vectors(results: "Sequence[VectorResult]") -> int:
    failed = [result for result in results if result.disappointment]
    for result in failed:
        print(f"FAIL  {result.file}:{result.vector.line}: {result.vector.title}: {result.disappointment}")
    good, total = len(results) - len(failed), len(results)
    print(say(f"{good} dari {total} contoh terjawab benar.", f"{good} of {total} vectors answered as written."))
    return REFUSED if failed else 0


def _unreadable_table(broken: BrokenDefinition) -> int:
    for finding in broken.findings:
        complain(f"{finding.file}:{finding.line}: {finding.code}: {finding.message}")
        if finding.fix:
            complain(f"    {finding.fix}")
    return NOT_UNDERSTOOD


def touches(asked: argparse.Namespace) -> int:
    """List the open cases that a changed table would decide otherwise; nothing is changed."""
    from workflows.catalogue import deciding
    from workflows.processes import touching

    try:
        decision = deciding.find_decision(deciding.read_decisions(asked.file), asked.decision)
    except BrokenDefinition as broken:
        return _unreadable_table(broken)
    except deciding.Unreadable as error:
        complain(str(error))
        return NOT_UNDERSTOOD
    except OSError as error:
        return cannot_read(asked.file, error)
    with opened() as installation, installation.session() as session:
        looked = touching.touched(session, decision, case_type=asked.case_type)
    for each in looked.touched:
        before, after = (", ".join(rules) or "-" for rules in (each.rules_then, each.rules_now))
        on = f" ({each.effective_on})" if each.effective_on is not None else ""
        print(f"{each.number or each.case_id}  {each.element}{on}: {before} -> {each.refusal or after}")
        for name, then, now in each.changes if not each.refusal else ():
            print(f"    {name}: {then} -> {now}")
    if any(each.number is None for each in looked.touched):
        print(
            say(
                "Kasus rahasia ditulis dengan kodenya; yang boleh melihatnya membukanya di /kasus/<kode>.",
                "Confidential cases are written by their code; whoever may see one opens it at /kasus/<code>.",
            )
        )
    count, total = len(looked.touched), looked.asked
    print(
        say(
            f"{count} dari {total} keputusan pada kasus terbuka akan dijawab lain.",
            f"{count} of {total} decisions of open cases would be answered otherwise.",
        )
    )
    return 0


def publish(asked: argparse.Namespace) -> int:
    """Make the case type the edition on which new cases start."""
    from workflows import launch
    from workflows.catalogue.bundle import case_types

    try:
        folders = case_types(asked.path)
    except OSError as error:
        return cannot_read(asked.path, error)
    with opened() as installation:
        for folder in folders:
            edition = launch.publish(installation, folder)
            print(say(f"{edition.case_type}: versi {edition.number}", f"{edition.case_type}: version {edition.number}"))
    return 0


def deadline(asked: argparse.Namespace) -> int:
    """Say when a deadline of law ends, and how that was counted."""
    from workflows.deadlines import explaining, register

    known = settings()
    rules = register.load(known.definitions / "shared" / "deadlines.yml")
    try:
        answers = explaining.answer(asked.id, asked.start, asked.reading, rules, None, known.zone)
    except AmanahError as error:
        complain(explaining.refusal(error))
        return NOT_UNDERSTOOD
    for answer in answers:
        print(answer.iso_date)
        print(answer.sentence)
    return 0
