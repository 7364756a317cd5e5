"""Checks about variables: what is read is written, and by whom it is declared."""

from collections.abc import Iterator

from workflows.catalogue.checking.findings import at, did_you_mean, find, in_manifest
from workflows.catalogue.examining import Examined
from workflows.engine import Element, kinds
from workflows.errors import Finding
from workflows.language import say


def variables_have_writers(examined: Examined) -> Iterator[Finding]:
    """Every declared writer exists and writes, and whatever writes a variable is declared as its writer."""
    case_type, definition = examined.case_type, examined.definition
    if case_type is None or definition is None:
        return
    elements = {element.id: element for element in definition.elements}
    written = {element.id: _written_by(examined, element) for element in definition.elements}
    for name, variable in case_type.variables.items():
        for place, writer in enumerate(variable.writers):
            path = f"variables.{name}.writers.{place}"
            if writer not in elements:
                yield in_manifest(
                    examined,
                    path,
                    "variable.unknown_writer",
                    f"'{writer}', penulis '{name}', tidak ada pada diagram.",
                    f"'{writer}', a writer of '{name}', is not in the diagram.",
                    did_you_mean(writer, elements),
                )
            elif name not in written[writer] and not _form_is_missing(examined, elements[writer]):
                yield in_manifest(
                    examined,
                    path,
                    "variable.writer_is_silent",
                    f"'{writer}' tidak menulis '{name}'.",
                    f"'{writer}' does not write '{name}'.",
                    say(
                        "Beri formulirnya isian itu, atau camunda:resultVariable.",
                        "Give its form that field, or fill in camunda:resultVariable.",
                    ),
                )
    for element in definition.elements:
        for name in sorted(written[element.id] & case_type.variables.keys()):
            if element.id not in case_type.variables[name].writers:
                yield in_manifest(
                    examined,
                    f"variables.{name}.writers",
                    "variable.undeclared_writer",
                    f"'{element.id}' menulis '{name}' tetapi tidak terdaftar sebagai penulisnya.",
                    f"'{element.id}' writes '{name}' and is not declared as a writer.",
                    say(f"Tambahkan '{element.id}' pada writers.", f"Add '{element.id}' to writers."),
                )
        for name in sorted(set(element.writes) - case_type.variables.keys()):
            yield at(
                element,
                "variable.undeclared",
                f"Variabel '{name}' belum dinyatakan di variables.",
                f"The variable '{name}' is not declared among variables.",
                say(f"Tambahkan '{name}' di case-type.yml.", f"Add '{name}' to case-type.yml."),
            )


def variables_read_are_written(examined: Examined) -> Iterator[Finding]:
    """Every variable that an expression or a decision reads is declared, so that somebody writes it."""
    if examined.case_type is None:
        return
    variables = examined.case_type.variables
    for element in examined.elements:
        for name in element.reads:
            if name not in variables and name not in element.inputs:
                yield at(
                    element,
                    "variable.unwritten",
                    f"'{name}' dibaca di sini, tetapi tidak pernah ditulis.",
                    f"'{name}' is read here and never written.",
                    did_you_mean(name, variables),
                )


# Kinds of value as FEEL names them, by the type that the manifest declares.
_KINDS = {
    "string": "string",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "date and time",
    "context": "context",
    "list": "list",
}


def expressions_fit_their_variables(examined: Examined) -> Iterator[Finding]:
    """No expression compares a variable with what it can never hold, and no condition asks what is no yes or no."""
    case_type, definition = examined.case_type, examined.definition
    if case_type is None or definition is None:
        return
    # A name that is also a parameter somewhere may mean something else there.
    local = {name for element in definition.elements for name in element.inputs} | {"loopCounter"}
    known = {
        name: _KINDS[variable.type]
        for name, variable in case_type.variables.items()
        if variable.type in _KINDS and name not in local
    }
    for use in definition.uses:
        if use.process != definition.process:
            continue
        for code, indonesian, english in kinds.problems(use, known):
            yield find(code, use.file, use.line, use.element, indonesian, english, kinds.mend(code))


def branches_fill_their_own(examined: Examined) -> Iterator[Finding]:
    """Two elements on branches that run at once do not fill the same variable, by form or by result."""
    if examined.case_type is None or examined.definition is None:
        return
    writers: dict[str, list[Element]] = {}
    for element in examined.definition.elements:
        # What the diagram itself says twice is told by the engine.
        for name in _written_by(examined, element):
            writers.setdefault(name, []).append(element)
    for name, elements in sorted(writers.items()):
        for number, one in enumerate(elements):
            for other in elements[number + 1 :]:
                if name in one.writes and name in other.writes:
                    continue
                fork = examined.definition.runs_beside(one.id, other.id)
                if fork is not None:
                    yield at(
                        other,
                        "variable.two_branches",
                        f"'{name}' diisi di sini dan, pada cabang yang berjalan bersamaan, oleh '{one.id}'.",
                        f"'{name}' is filled in here and, on a branch that runs at the same time, by '{one.id}'.",
                        say("Beri tiap cabang variabelnya sendiri.", "Give each branch a variable of its own."),
                        severity="error" if fork.certain else "warning",
                    )


def _written_by(examined: Examined, element: Element) -> set[str]:
    """Give the variables that an element writes: its results, and the declared fields of the form that it shows."""
    declared = examined.case_type.variables.keys() if examined.case_type is not None else set()
    form = examined.forms.get(form_of(examined, element) or "")
    return set(element.writes) | (set(form.written) & declared if form is not None else set())


def _form_is_missing(examined: Examined, element: Element) -> bool:
    """Tell whether the element shows a form that is not there; that is told elsewhere, once."""
    form_id = form_of(examined, element)
    return form_id is not None and form_id not in examined.forms


def form_of(examined: Examined, element: Element) -> str | None:
    """Name the form that is filled in at an element; None where people fill in nothing."""
    case_type = examined.case_type
    if case_type is None:
        return None
    if element.kind == "userTask":
        return element.form
    if element.kind == "startEvent" and element.parent is None:
        return case_type.start_form
    message = case_type.reporter_messages.get(element.event_name or "") if element.event == "message" else None
    return message.form if message is not None else None
