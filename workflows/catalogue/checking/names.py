"""Checks about what the diagram speaks of: deadlines, stages, dispositions, letters, notices, released contents."""

import re
from collections.abc import Iterator

from workflows.catalogue.bundle import MANIFEST
from workflows.catalogue.checking.findings import did_you_mean, find, in_manifest, values
from workflows.catalogue.examining import Examined
from workflows.errors import Finding
from workflows.language import say

_DEADLINE_CALL = re.compile(r"""deadline\(\s*(?:"|&quot;|&#34;)([^"&]*)(?:"|&quot;|&#34;)""")
# FEEL, or an ISO 8601 duration or date: everything else in `camunda:dueDate` is the id of a deadline.
_IS_NO_DEADLINE = re.compile(r"=|[$#]\{|(R\d*/)?P[\dT]|\d{4}-")


def deadlines_exist(examined: Examined) -> Iterator[Finding]:
    """Every deadline that a task, a timer, a service, a decision or the ladder names is in the register."""
    known = examined.register
    if known is None:
        return
    for task in examined.user_tasks():
        due = (task.due or "").strip()
        if due and not _IS_NO_DEADLINE.match(due) and due not in known:
            yield _no_such_deadline(examined, due, task.file, task.line, task.id)
    for path, content in examined.bundle.files.items():
        if path.endswith(".bpmn"):
            for number, text in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
                for name in _DEADLINE_CALL.findall(text):
                    if name not in known:
                        yield _no_such_deadline(examined, name, path, number)
    for topic in ("start_deadline", "meet_deadline", "stop_deadline", "remind", "escalate"):
        for element in examined.services(topic):
            for name, file, line in values(examined, element, "deadline"):
                if name not in known:
                    yield _no_such_deadline(examined, name, file, line, element.id)
    if examined.case_type is not None:
        for place, rung in enumerate(examined.case_type.ladder):
            for name in dict.fromkeys((rung.deadline, rung.within)):
                if name in known:
                    continue
                yield _no_such_deadline(examined, name, MANIFEST, examined.line_in_manifest(f"ladder.{place}"))


def stages_exist(examined: Examined) -> Iterator[Finding]:
    """Every stage that a task, `set_stage` or an early message names is in the manifest."""
    if examined.case_type is None:
        return
    stages = examined.case_type.stages
    for message, rule in examined.case_type.early_messages.items():
        for name in sorted(rule.stages - stages.keys()):
            yield find(
                "stage.unknown",
                MANIFEST,
                examined.line_in_manifest(f"early_messages.{message}.stages"),
                None,
                f"Tahap '{name}' tidak ada di stages.",
                f"The stage '{name}' is not among stages.",
                did_you_mean(name, stages),
            )
    for element in examined.elements:
        stage = element.properties.get("stage")
        named = [(stage, element.file, element.line)] if stage is not None else []
        if element.topic == "set_stage":
            named += values(examined, element, "stage")
        for name, file, line in named:
            if name not in stages:
                yield find(
                    "stage.unknown",
                    file,
                    line,
                    element.id,
                    f"Tahap '{name}' tidak ada di stages.",
                    f"The stage '{name}' is not among stages.",
                    did_you_mean(name, stages),
                )


def dispositions_exist(examined: Examined) -> Iterator[Finding]:
    """Every disposition with which a case is closed is in the manifest."""
    if examined.case_type is None:
        return
    dispositions = examined.case_type.dispositions
    for element in examined.services("close_case"):
        for name, file, line in values(examined, element, "disposition"):
            if name not in dispositions:
                yield find(
                    "disposition.unknown",
                    file,
                    line,
                    element.id,
                    f"Keputusan akhir '{name}' tidak ada di dispositions.",
                    f"The disposition '{name}' is not among dispositions.",
                    did_you_mean(name, dispositions),
                )


def letters_exist(examined: Examined) -> Iterator[Finding]:
    """Every letter that is issued is in the manifest, and every letter of the manifest has its folder."""
    if examined.case_type is None:
        return
    letters = examined.case_type.letters
    for element in examined.services("issue_letter"):
        for name, file, line in values(examined, element, "letter"):
            if name not in letters:
                yield find(
                    "letter.unknown",
                    file,
                    line,
                    element.id,
                    f"Surat '{name}' tidak ada di letters.",
                    f"The letter '{name}' is not among letters.",
                    did_you_mean(name, letters),
                )
    for name in letters:
        files = examined.bundle.letter_files(name)
        for needed in ("template.html", "style.css", "example.yml"):
            if needed not in files:
                yield in_manifest(
                    examined,
                    f"letters.{name}",
                    "letter.missing_file",
                    f"Berkas letters/{name}/{needed} tidak ada.",
                    f"There is no file letters/{name}/{needed}.",
                )


def notices_exist(examined: Examined) -> Iterator[Finding]:
    """Every notice that is sent has its file, here or in `shared/`."""
    names = {path.rpartition("/")[2].removesuffix(".yml") for path, _ in examined.bundle.under("notices", ".yml")}
    for element in examined.services("notify"):
        for name, file, line in values(examined, element, "template"):
            if name not in names:
                yield find(
                    "notice.unknown",
                    file,
                    line,
                    element.id,
                    f"Pemberitahuan notices/{name}.yml tidak ada.",
                    f"There is no notice notices/{name}.yml.",
                    did_you_mean(name, names),
                )


def published_contents_exist(examined: Examined) -> Iterator[Finding]:
    """What is released to the reporter is the answers of a form that exists and marks fields for the reporter."""
    for element in examined.services("publish_content"):
        for name, file, line in values(examined, element, "kind"):
            if name not in examined.forms:
                yield find(
                    "form.unknown",
                    file,
                    line,
                    element.id,
                    f"Yang ditampilkan adalah isian formulir, dan formulir '{name}' tidak ada.",
                    f"What is released is the answers of a form, and there is no form '{name}'.",
                    did_you_mean(name, examined.forms),
                )
            elif not any(field.properties.get("audience") for field in examined.forms[name].fields):
                yield find(
                    "content.nothing_released",
                    examined.form_files[name],
                    1,
                    None,
                    f"Tidak ada isian formulir '{name}' yang ditandai untuk pelapor.",
                    f"No field of the form '{name}' is marked for the reporter.",
                    say("Beri isian itu properti audience = reporter.", "Give it the property audience = reporter."),
                )


def _no_such_deadline(examined: Examined, name: str, file: str, line: int, element: str | None = None) -> Finding:
    known = examined.register.ids if examined.register is not None else ()
    return find(
        "deadline.unknown",
        file,
        line,
        element,
        f"Batas waktu '{name}' tidak ada di daftar batas waktu.",
        f"The deadline '{name}' is not in the register.",
        did_you_mean(name, known),
    )
