"""Rehearsal: runs the scenarios of a case type on engine, forms and deadlines alone; nothing is stored or sent.

How a scenario is written stands in `bpmn/README.md`; `script` reads it, `playing` plays it, `looking` compares.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.catalogue.examining import Examined, examine
from workflows.catalogue.looking import ServiceCall
from workflows.catalogue.playing import Play, Stage
from workflows.catalogue.script import BadScript, read_script
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say


@dataclass(frozen=True)
class Disappointment:
    """One thing in a scenario that did not come as expected."""

    # Line of the scenario file.
    line: int
    # What was expected and what happened, in the reader's language.
    message: str


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario went."""

    # Path inside the case type, for example "scenarios/on_time.yml".
    file: str
    title: str
    # Elements that were entered, in order: the path that a diagram may show.
    trace: tuple[str, ...]
    # Services that were called, in order.
    services: tuple[ServiceCall, ...]
    disappointments: tuple[Disappointment, ...]

    @property
    def passed(self) -> bool:
        """Tell whether everything came as the scenario says."""
        return not self.disappointments


def rehearse(source: Path | Bundle, *, only: str | None = None, shared: Path | None = None) -> list[ScenarioResult]:
    """Run all scenarios, or the one whose file name without ending is `only`.

    Raise BrokenDefinition when the case type itself cannot be read, OSError when the path cannot.
    """
    bundle = source if isinstance(source, Bundle) else read_bundle(source, shared=shared)
    stage = _stage(examine(bundle))
    return [
        _play(stage, path, content)
        for path, content in bundle.under("scenarios", ".yml")
        if only is None or path.rpartition("/")[2].removesuffix(".yml") == only
    ]


def scenarios_pass(bundle: Bundle) -> Iterator[Finding]:
    """Check that every scenario goes as written; handed to `checks.check` by those who can wait for it."""
    try:
        results = rehearse(bundle)
    except BrokenDefinition:
        # What cannot be read is told by the reading; there is nothing to play.
        return
    for result in results:
        for disappointment in result.disappointments:
            yield Finding(
                code="scenario.failed",
                message=disappointment.message,
                fix=say("Perbaiki diagram atau skenarionya.", "Mend the diagram or the scenario."),
                file=result.file,
                line=disappointment.line,
            )


def _stage(examined: Examined) -> Stage:
    errors = [finding for finding in examined.findings if finding.severity == "error"]
    if examined.case_type is None or examined.definition is None:
        raise BrokenDefinition(errors)
    if examined.register is None:
        said = say(
            "Daftar batas waktu (deadlines.yml) tidak ditemukan.",
            "The register of deadlines (deadlines.yml) was not found.",
        )
        raise BrokenDefinition(errors or [Finding("deadlines.missing", said)])
    return Stage(examined, examined.case_type, examined.definition, examined.register)


def _play(stage: Stage, path: str, content: bytes) -> ScenarioResult:
    try:
        script = read_script(content, path)
    except BadScript as bad:
        problems = tuple(Disappointment(line, said) for line, said in bad.problems)
        return ScenarioResult(path, path.rpartition("/")[2], (), (), problems)
    play = Play(stage, script)
    play.run()
    missed = tuple(Disappointment(line, said) for line, said in play.missed)
    return ScenarioResult(path, script.title, tuple(play.trace), tuple(play.calls), missed)
