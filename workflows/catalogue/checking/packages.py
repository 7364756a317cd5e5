"""Checks about `packages` and the deposit slip of the manifest: that letters, forms, fields and signers exist."""

from collections.abc import Collection, Iterator

from workflows.catalogue.checking.findings import did_you_mean, in_manifest
from workflows.catalogue.examining import Examined
from workflows.catalogue.manifest import PackageType
from workflows.errors import Finding


def packages_hold_what_there_is(examined: Examined) -> Iterator[Finding]:
    """Every letter, form, field and role that `packages` and `custody` name is there."""
    case_type = examined.case_type
    if case_type is None:
        return
    if case_type.custody is not None and case_type.custody.letter is not None:
        yield from _unknown(examined, "custody.letter", "letter", case_type.custody.letter, case_type.letters)
    for package in case_type.packages.values():
        path = f"packages.{package.id}"
        yield from _unknown(examined, f"{path}.letter", "letter", package.letter, case_type.letters)
        for key, names in (
            ("checklist", (package.checklist,)),
            ("contents", package.contents),
            ("records", package.records),
        ):
            for name in names:
                yield from _unknown(examined, f"{path}.{key}", "form", name, examined.forms)
        yield from _fields(examined, package, path)
        yield from _unknown(examined, f"{path}.signed_by", "role", package.signed_by, _signers(examined, package))


def _fields(examined: Examined, package: PackageType, path: str) -> Iterator[Finding]:
    checklist = examined.forms.get(package.checklist)
    if checklist is not None:
        for field, answer in package.signed.items():
            yield from _unknown(examined, f"{path}.signed.{field}", "field", field, checklist.keys)
            offered = [option.value for each in checklist.fields if each.name == field for option in each.options]
            if offered:
                yield from _unknown(examined, f"{path}.signed.{field}", "answer", answer, offered)
    told = [examined.forms[name] for name in package.contents if name in examined.forms]
    names = {component.name for form in told for component in form.fields}
    for field in package.withheld:
        yield from _unknown(examined, f"{path}.withheld", "field", field, names)
    uploads = {
        component.name.rpartition(".")[2]
        for form in examined.forms.values()
        for component in (*form.fields, *(inner for list_ in form.lists for inner in list_.fields))
        if component.type == "filepicker"
    }
    for field in package.evidence:
        yield from _unknown(examined, f"{path}.evidence", "field", field, uploads)


def _signers(examined: Examined, package: PackageType) -> set[str]:
    """Give the roles in whose lanes the checklist is filled in."""
    lanes = examined.case_type.lanes if examined.case_type is not None else {}
    return {
        lanes[task.lane].role
        for task in examined.user_tasks()
        if task.form == package.checklist and task.lane is not None and task.lane in lanes
    }


def _unknown(examined: Examined, path: str, code: str, name: str, known: Collection[str]) -> Iterator[Finding]:
    if name in known:
        return
    indonesian, english = _SAID[code]
    yield in_manifest(
        examined,
        path,
        f"{code}.unknown",
        indonesian.format(name=name),
        english.format(name=name),
        did_you_mean(name, known),
    )


_SAID = {
    "letter": ("Surat '{name}' tidak ada di letters.", "The letter '{name}' is not among letters."),
    "form": (
        "Formulir '{name}' tidak ada atau tidak terbaca.",
        "There is no form '{name}', or it cannot be read.",
    ),
    "field": ("Isian '{name}' tidak ada pada formulirnya.", "Its form has no field '{name}'."),
    "answer": ("Isian itu tidak menawarkan '{name}'.", "That field does not offer '{name}'."),
    "role": (
        "Peran '{name}' tidak mengerjakan tugas yang memakai formulir daftar periksa itu.",
        "The role '{name}' does no task that has the form of the checklist.",
    ),
}
