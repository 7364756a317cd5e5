"""The deploy gate: everything that must hold before a case type may run.

Each check is one small function in `checking`: it looks at the examined case type and yields findings. What the engine
itself refuses comes from the engine; the checks ask whether the names in diagram, manifest, forms and tables point at
things that exist. Checks that need a higher floor (letters fill, services exist) are handed in.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workflows.catalogue.bundle import MANIFEST, Bundle, read_bundle
from workflows.catalogue.checking import (
    fields,
    filling,
    guided,
    items,
    names,
    packages,
    people,
    starts,
    trial,
    variables,
)
from workflows.catalogue.checking.findings import at, did_you_mean, find
from workflows.catalogue.examining import Examined, examine
from workflows.catalogue.vectors import vectors_hold
from workflows.catalogue.verdict import IN_OTHER_FILES, accepts
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

# A check from a higher floor looks at the files; `examine` gives it what was read from them at no further cost.
Check = Callable[[Bundle], Iterable[Finding]]


def check(source: Path | Bundle, *, shared: Path | None = None, extra: Sequence[Check] = ()) -> list[Finding]:
    """Run every check and give the findings by file and line.

    `extra` holds checks from higher floors. Raise OSError when the path cannot be read, and nothing else, whatever the
    bytes.
    """
    try:
        bundle = source if isinstance(source, Bundle) else read_bundle(source, shared=shared)
    except BrokenDefinition as broken:
        return _in_order(broken.findings)
    examined = examine(bundle)
    findings = list(examined.findings)
    if bundle.is_folder:
        for ask in CHECKS:
            findings += ask(examined)
        for ask_above in extra:
            findings += ask_above(bundle)
    else:
        findings = [_elsewhere(finding) for finding in findings]
        findings += needs_a_folder(examined)
    if accepts(findings):
        # What is missing is told; a walk would only stumble over it.
        findings += trial.it_runs(examined)
    return _in_order(findings)


def known_services(services: Mapping[str, Collection[str]]) -> Check:
    """Make the check that every service of the diagram exists and gets the inputs that it takes, and no others.

    `services` maps the name of a service to the names of its inputs; one that ends with "?" may be left out.
    """

    def services_exist(bundle: Bundle) -> Iterator[Finding]:
        for element in examine(bundle).elements:
            if element.topic is None:
                continue
            if element.topic not in services:
                yield at(
                    element,
                    "service.unknown",
                    f"Layanan '{element.topic}' tidak ada.",
                    f"There is no service '{element.topic}'.",
                    did_you_mean(element.topic, services),
                )
                continue
            takes = {name.removesuffix("?") for name in services[element.topic]}
            needs = {name for name in services[element.topic] if not name.endswith("?")}
            for name in sorted(set(element.inputs) - takes):
                yield at(
                    element,
                    "service.unknown_input",
                    f"Layanan '{element.topic}' tidak menerima '{name}'.",
                    f"The service '{element.topic}' does not take '{name}'.",
                    did_you_mean(name, takes),
                )
            for name in sorted(needs - set(element.inputs)):
                yield at(
                    element,
                    "service.missing_input",
                    f"Layanan '{element.topic}' memerlukan '{name}'.",
                    f"The service '{element.topic}' needs '{name}'.",
                    say("Isi parameter masukannya.", "Fill in its input parameter."),
                )

    return services_exist


def scenarios_are_there(examined: Examined) -> Iterator[Finding]:
    """A case type without a scenario has never been tried."""
    if next(examined.bundle.under("scenarios", ".yml"), None) is None:
        yield find(
            "scenario.none",
            MANIFEST,
            1,
            None,
            "Belum ada skenario.",
            "There is no scenario yet.",
            say("Tulis contoh yang dapat dijalankan di scenarios/.", "Write an executable example in scenarios/."),
            severity="warning",
        )


def tables_answer_as_their_vectors(examined: Examined) -> Iterator[Finding]:
    """Every table that has test vectors beside it answers as they say."""
    yield from vectors_hold(examined.bundle)


def needs_a_folder(examined: Examined) -> Iterator[Finding]:
    """Say of single files what was not looked at."""
    for path in sorted(examined.bundle.files):
        yield find(
            "file.alone",
            path,
            1,
            None,
            "Berkas tunggal: peran, formulir, batas waktu, layanan, surat, variabel, dan skenario tidak diperiksa.",
            "A single file: roles, forms, deadlines, services, letters, variables and scenarios were not checked.",
            say("Periksa folder jenis kasusnya.", "Check the folder of its case type."),
            severity="note",
        )


CHECKS: tuple[Callable[[Examined], Iterator[Finding]], ...] = (
    starts.reports_open_cases,
    people.lanes_have_roles,
    people.people_of_the_manifest_exist,
    people.four_eyes_name_a_task,
    filling.user_tasks_have_forms,
    filling.forms_of_the_manifest_exist,
    filling.fields_of_the_manifest_exist,
    fields.properties_mean_something,
    items.items_are_told_by_forms,
    names.deadlines_exist,
    names.stages_exist,
    names.dispositions_exist,
    names.letters_exist,
    names.notices_exist,
    names.published_contents_exist,
    packages.packages_hold_what_there_is,
    variables.variables_have_writers,
    variables.variables_read_are_written,
    variables.branches_fill_their_own,
    variables.expressions_fit_their_variables,
    tables_answer_as_their_vectors,
    guided.public_check_fits_its_table,
    guided.seasons_fit_the_report,
    scenarios_are_there,
)


def _elsewhere(finding: Finding) -> Finding:
    """Give what a single file calls and does not hold as a note; any other finding as it is."""
    return replace(finding, severity="note") if finding.code in IN_OTHER_FILES else finding


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    rank = {"error": 0, "warning": 1, "note": 2}
    return sorted(dict.fromkeys(findings), key=lambda each: (each.file, each.line, rank[each.severity], each.code))
