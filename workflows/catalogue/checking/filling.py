"""Checks about what is filled in: the forms of tasks and reporters, and their fields."""

from collections.abc import Collection, Iterator

from workflows.catalogue.checking.findings import at, did_you_mean, in_manifest
from workflows.catalogue.examining import Examined
from workflows.errors import Finding
from workflows.language import say


def user_tasks_have_forms(examined: Examined) -> Iterator[Finding]:
    """Every user task names a form that exists."""
    if examined.case_type is None:
        return
    for task in examined.user_tasks():
        if not task.form:
            yield at(
                task,
                "task.without_form",
                f"Tugas '{task.name or task.id}' belum mempunyai formulir.",
                f"The task '{task.name or task.id}' has no form.",
                say("Isi camunda:formKey dengan id formulir.", "Fill in camunda:formKey with the id of a form."),
            )
        elif task.form not in examined.forms:
            yield at(
                task,
                "form.unknown",
                f"Formulir '{task.form}' tidak ada atau tidak terbaca.",
                f"There is no form '{task.form}', or it cannot be read.",
                did_you_mean(task.form, examined.forms),
            )


def forms_of_the_manifest_exist(examined: Examined) -> Iterator[Finding]:
    """The start form and the forms of the reporter's messages exist, and the messages are awaited."""
    case_type = examined.case_type
    if case_type is None:
        return
    asked = {"start_form": case_type.start_form}
    asked |= {f"reporter_messages.{name}.form": each.form for name, each in case_type.reporter_messages.items()}
    for path, form in asked.items():
        if form and form not in examined.forms:
            yield in_manifest(
                examined,
                path,
                "form.unknown",
                f"Formulir '{form}' tidak ada atau tidak terbaca.",
                f"There is no form '{form}', or it cannot be read.",
                did_you_mean(form, examined.forms),
            )
    if examined.definition is None:
        return
    for name in case_type.reporter_messages:
        if name not in examined.definition.messages:
            yield in_manifest(
                examined,
                f"reporter_messages.{name}",
                "message.not_awaited",
                f"Diagram tidak pernah menunggu pesan '{name}'.",
                f"The diagram never awaits the message '{name}'.",
                did_you_mean(name, examined.definition.messages),
            )


def fields_of_the_manifest_exist(examined: Examined) -> Iterator[Finding]:
    """Every field that the manifest speaks of is in the start form; those of `case_fields` are in some form."""
    case_type = examined.case_type
    start = examined.forms.get(case_type.start_form) if case_type is not None else None
    if case_type is None or start is None:
        return
    asked = [("confidential_field", case_type.confidential_field), ("anonymous_field", case_type.anonymous_field)]
    asked += [("identity", field) for field in case_type.identity]
    if case_type.summary is not None:
        asked += [("summary.title", case_type.summary.title), ("summary.text", case_type.summary.text)]
    for path, field in asked:
        if field is not None and field not in start.keys:
            yield _no_such_field(examined, path, field, start.keys)
    anywhere = {key for form in examined.forms.values() for key in form.keys}
    for column, fields in case_type.case_fields.items():
        for field in fields:
            if field not in anywhere:
                yield _no_such_field(examined, f"case_fields.{column}", field, anywhere)


def _no_such_field(examined: Examined, path: str, field: str, known: Collection[str]) -> Finding:
    return in_manifest(
        examined,
        path,
        "field.unknown",
        f"Isian '{field}' tidak ada pada formulir.",
        f"There is no field '{field}' in the form.",
        did_you_mean(field, known),
    )
