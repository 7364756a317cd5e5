"""Checks about variables: what is read is written, and by whom it is declared."""

from collections.abc import Iterator

from workflows.catalogue.checking.findings import at, did_you_mean, in_manifest
from workflows.catalogue.examining import Examined
from workflows.engine import Element
from workflows.errors import Finding
from workflows.language import say


def variables_have_writers(examined: Examined) -> Iterator[Finding]:
    """Every declared writer exists and writes, and whatever writes a variable is declared as its writer."""
    case_type, definition = examined.case_type, examined.definition
    if case_type is None or definition is None:
        return
    elements = {element.id: element for element in definition.elements}
    written = {element.id: written_by(examined, element) for element in definition.elements}
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
            elif name not in written[writer]:
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


def written_by(examined: Examined, element: Element) -> set[str]:
    """Give the variables that an element writes: its results, and the declared fields of the form that it shows."""
    case_type = examined.case_type
    written = set(element.writes)
    form_id: str | None = None
    if case_type is not None:
        if element.kind == "userTask":
            form_id = element.form
        elif element.kind == "startEvent" and element.parent is None:
            form_id = case_type.start_form
        elif element.event == "message":
            message = case_type.reporter_messages.get(element.event_name or "")
            form_id = message.form if message is not None else None
        form = examined.forms.get(form_id or "")
        if form is not None:
            written |= set(form.keys) & case_type.variables.keys()
    return written
