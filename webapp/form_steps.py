"""Steps inside a form before it is sent: a row more, a row less, rows from a spreadsheet; and the empty spreadsheet.

Each is a submit button of the form itself, so that it works without scripts. What was typed and the files that came are
shown again, and nothing is sent on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import Response, flash, make_response, request
from flask_babel import gettext, ngettext

from webapp import kept_files
from webapp.form_fields import clock
from webapp.kept_files import DomainProblem, KeptFile
from webapp.lists import lists_for
from webapp.transaction import begin
from workflows.errors import NotFound
from workflows.forms import answers, importing, rows, sheet_templates
from workflows.forms.rows import Step
from workflows.forms.schema import Form
from workflows.forms.sheets import SheetRefused

Typed = Mapping[str, Sequence[str]]
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True)
class Stepped:
    """The form after a step, as it is shown next."""

    typed: dict[str, list[str]]
    kept: Mapping[str, tuple[KeptFile, ...]]
    # What is wrong with a file that came, or with a spreadsheet, cell by cell.
    problems: tuple[DomainProblem, ...] = ()
    # The field, or list, at which whoever fills the form in goes on.
    focus: str = ""

    @property
    def status(self) -> int:
        """The status of the answer."""
        return kept_files.status_of(self.problems) if self.problems else 200


def posted_to(form: Form | None) -> dict[str, list[str]]:
    """Give what was posted to the form, with the rows of long lists that its page did not show."""
    typed = dict(request.form.lists())
    return rows.unpacked(form, typed) if form is not None else typed


def stepped(form: Form, typed: Typed, variables: Mapping[str, Any] | None = None) -> Stepped | None:
    """Take the step that a button asked for; None when the form itself was sent.

    `typed` is as `posted_to` gives it; `variables` are what conditions may see besides the answers.
    """
    step = rows.asked(form, typed)
    if step is None:
        return None
    received = kept_files.receive(rows.file_fields(form, typed), typed)
    kept: Mapping[str, tuple[KeptFile, ...]] = {}
    if received.uploads:
        with begin() as tx:
            kept = kept_files.keep(tx, received.uploads)
    if step.what == "import":
        return _imported(form, step, typed, kept, received.problems, variables or {})
    if step.what == "remove":
        moved = {rows.renamed(field, step): files for field, files in kept.items()}
        after = rows.removed(form, typed, step)
        stayed = {field: files for field, files in moved.items() if field is not None}
        return Stepped(after, stayed, received.problems, step.list.name)
    if step.what == "turn":
        return Stepped(rows.turned(typed, step), kept, received.problems, step.list.name)
    after = rows.without_buttons(typed) if step.what == "edit" else rows.added(typed, step.list)
    number = step.row if step.what == "edit" else rows.shown(after, step.list) - 1
    first = next((each.name for each in step.list.fields), "")
    return Stepped(after, kept, received.problems, rows.in_row(first, number))


def template(form: Form, list_name: str, ending: str) -> Response:
    """Give the empty spreadsheet of a list as an attachment; NotFound for a list that takes none."""
    list_ = next((each for each in form.lists if each.name == list_name and each.takes_sheet), None)
    if list_ is None or ending not in _TYPES:
        raise NotFound("form.no_such_list")
    offered = lists_for(form, {})
    content = (
        sheet_templates.workbook(form, list_, offered) if ending == "xlsx" else sheet_templates.separated(form, list_)
    )
    response = make_response(content)
    response.headers["Content-Type"] = _TYPES[ending]
    response.headers["Content-Disposition"] = f'attachment; filename="{list_name}.{ending}"'
    return response


def _imported(
    form: Form,
    step: Step,
    typed: Typed,
    kept: Mapping[str, tuple[KeptFile, ...]],
    problems: Sequence[DomainProblem],
    variables: Mapping[str, Any],
) -> Stepped:
    name = step.list.name
    unchanged = rows.without_buttons(typed)
    sheet = request.files.get(rows.SHEET + name)
    if sheet is None or not sheet.filename:
        return Stepped(unchanged, kept, (*problems, (name, "sheet.none", {})), name)
    link = importing.link_of(form, step.list)
    filled = {each.name: rows.filled(typed, each) for each in form.lists}
    around = {**variables, **answers.so_far(form, unchanged, clock=clock(), variables=variables)}
    try:
        found = importing.read(
            form,
            step.list,
            cast(BinaryIO, sheet.stream),
            room={each.name: each.max_rows - filled[each.name] for each in form.lists},
            offered=lists_for(form, typed),
            clock=clock(),
            around=around,
        )
    except SheetRefused as refused:
        return Stepped(unchanged, kept, (*problems, (name, refused.code, refused.facts)), name)
    _tell(found)
    brought = list(found.rows)
    after: Typed = unchanged
    if link is not None and found.named_rows:
        field, named = link
        after = rows.added(after, named, found.named_rows)
        brought = [
            {**row, field.name: str(filled[named.name] + place + 1) if place is not None else ""}
            for row, place in zip(found.rows, found.names, strict=True)
        ]
    after = rows.added(after, step.list, brought)
    wrong = [
        (
            rows.in_row(trouble.field, filled[trouble.field.partition("[]")[0]] + trouble.place),
            trouble.code,
            dict(trouble.facts),
        )
        for trouble in found.troubles
    ]
    return Stepped(after, kept, (*problems, *wrong), "" if wrong else name)


def _tell(found: importing.Imported) -> None:
    """Say how much came, and what was left out."""
    flash(
        ngettext("%(num)s baris dibaca dari lembar kerja.", "%(num)s baris dibaca dari lembar kerja.", found.good),
        "done",
    )
    bad = len(found.rows) - found.good
    if bad:
        flash(
            ngettext(
                "%(num)s baris perlu diperbaiki; barisnya ada di formulir, terbuka.",
                "%(num)s baris perlu diperbaiki; barisnya ada di formulir, terbuka.",
                bad,
            ),
            "late",
        )
    for title, meant in found.unknown:
        if meant:
            flash(
                gettext("Kolom “%(column)s” tidak dibaca. Apakah maksudnya “%(meant)s”?", column=title, meant=meant),
                "late",
            )
        else:
            flash(gettext("Kolom “%(column)s” tidak dibaca: tidak ada isian dengan nama itu.", column=title), "late")
