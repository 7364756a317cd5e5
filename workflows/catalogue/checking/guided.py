"""Checks about what helps a reporter: `public_check` with its table, and the quick forms of `seasons`."""

from collections.abc import Iterator

from workflows.catalogue.checking.findings import did_you_mean, in_manifest
from workflows.catalogue.examining import Examined
from workflows.catalogue.guiding import PublicCheck, decision_of
from workflows.decisions.graph import Decision
from workflows.decisions.tables import DecisionTable
from workflows.errors import Finding, NotFound
from workflows.feel.nodes import Literal
from workflows.forms.components import Form
from workflows.language import say


def public_check_fits_its_table(examined: Examined) -> Iterator[Finding]:
    """The questions give what the table takes, every ruling has its words, and deadlines and fields exist."""
    case_type = examined.case_type
    check = case_type.public_check if case_type is not None else None
    if case_type is None or check is None:
        return
    form = examined.forms.get(check.form)
    if form is None:
        yield in_manifest(
            examined,
            "public_check.form",
            "form.unknown",
            f"Formulir '{check.form}' tidak ada atau tidak terbaca.",
            f"There is no form '{check.form}', or it cannot be read.",
            did_you_mean(check.form, examined.forms),
        )
    try:
        decision = decision_of(examined.bundle, check.decision)
    except NotFound:
        yield in_manifest(
            examined,
            "public_check.decision",
            "decision.unknown",
            f"Keputusan '{check.decision}' tidak ada atau tidak terbaca.",
            f"There is no decision '{check.decision}', or it cannot be read.",
            say("Tulis id keputusan dari berkas DMN.", "Write the id of a decision of a DMN file."),
        )
        return
    if form is not None:
        yield from _questions(examined, form, decision)
    yield from _rulings(examined, check, decision)
    yield from _shown(examined, check, decision)
    yield from _deadlines(examined, check)
    yield from _prefill(examined, check, form)


def _questions(examined: Examined, form: Form, decision: Decision) -> Iterator[Finding]:
    for name in decision.takes:
        if name not in form.keys:
            yield in_manifest(
                examined,
                "public_check.form",
                "public_check.no_question",
                f"Tabel membaca '{name}', tetapi formulir pemeriksaan tidak menanyakannya.",
                f"The table reads '{name}', and the form of the check does not ask for it.",
                did_you_mean(name, form.keys) or say("Tambahkan isiannya.", "Add the field."),
            )


def _rulings(examined: Examined, check: PublicCheck, decision: Decision) -> Iterator[Finding]:
    table = decision.logic
    if not isinstance(table, DecisionTable):
        return
    places = {column.name: place for place, column in enumerate(table.outputs)}
    if check.result not in places:
        yield _unknown(examined, "result", check.result, places)
        return
    place = places[check.result]
    roots = [rule.outputs[place].root for rule in table.rules]
    answers = [str(root.content) for root in roots if isinstance(root, Literal) and root.content is not None]
    for answer in dict.fromkeys(answers):
        if answer not in check.rulings:
            yield in_manifest(
                examined,
                "public_check.rulings",
                "public_check.no_words",
                f"Tabel dapat menjawab '{answer}', yang tidak punya kata-kata di rulings.",
                f"The table may answer '{answer}', which has no words among rulings.",
                say(f"Tambahkan '{answer}'.", f"Add '{answer}'."),
            )


def _shown(examined: Examined, check: PublicCheck, decision: Decision) -> Iterator[Finding]:
    table = decision.logic
    if not isinstance(table, DecisionTable):
        return
    annotations = {name for rule in table.rules for name, _ in rule.fired.annotations}
    known = annotations | {column.name for column in table.outputs}
    for name in check.shows:
        if name not in known:
            yield _unknown(examined, f"shows.{name}", name, known)
    if check.explanation_en is not None and check.explanation_en not in annotations:
        yield _unknown(examined, "explanation_en", check.explanation_en, annotations)


def _unknown(examined: Examined, path: str, name: str, known: "set[str] | dict[str, int]") -> Finding:
    return in_manifest(
        examined,
        f"public_check.{path}",
        "public_check.unknown_column",
        f"Tabel tidak punya keluaran atau kolom catatan '{name}'.",
        f"The table has no output or annotation column '{name}'.",
        did_you_mean(name, known),
    )


def _deadlines(examined: Examined, check: PublicCheck) -> Iterator[Finding]:
    if examined.register is None:
        return
    for place, deadline in enumerate(check.deadlines):
        if deadline not in examined.register.ids:
            yield in_manifest(
                examined,
                f"public_check.deadlines.{place}",
                "deadline.unknown",
                f"Batas waktu '{deadline}' tidak ada di daftar.",
                f"The deadline '{deadline}' is not in the register.",
                did_you_mean(deadline, examined.register.ids),
            )


def _prefill(examined: Examined, check: PublicCheck, form: Form | None) -> Iterator[Finding]:
    start = examined.forms.get(examined.case_type.start_form) if examined.case_type is not None else None
    for target, source in check.prefill.items():
        inside = target.replace(".", "[].")
        names = {each.name for each in start.fields} if start is not None else {inside}
        for name, known in ((inside, names), (source, set(form.keys) if form is not None else {source})):
            if name not in known:
                yield in_manifest(
                    examined,
                    f"public_check.prefill.{target}",
                    "field.unknown",
                    f"Isian '{name}' tidak ada pada formulir.",
                    f"There is no field '{name}' in the form.",
                    did_you_mean(name, known),
                )


def seasons_fit_the_report(examined: Examined) -> Iterator[Finding]:
    """What a season fills in or leaves out is a field of the report, and nothing that must be answered is left out."""
    case_type = examined.case_type
    start = examined.forms.get(case_type.start_form) if case_type is not None else None
    if case_type is None or start is None:
        return
    fields = {each.name.replace("[].", "."): each for each in start.fields}
    # What stands in a row already would keep the row when a spreadsheet brings others.
    outside = {each.name for each in start.fields if "[]" not in each.name}
    for season in case_type.seasons.values():
        named = [*((name, outside) for name in season.prefill), *((name, set(fields)) for name in season.leaves_out)]
        for name, known in named:
            if name not in known:
                yield in_manifest(
                    examined,
                    f"seasons.{season.id}",
                    "field.unknown",
                    f"Isian '{name}' tidak ada pada formulir, atau ada di dalam daftar.",
                    f"There is no field '{name}' in the form, or it stands in a list.",
                    did_you_mean(name, known),
                )
        for name in season.leaves_out:
            if name in fields and fields[name].required:
                yield in_manifest(
                    examined,
                    f"seasons.{season.id}",
                    "season.leaves_out_required",
                    f"Formulir singkat tidak menanyakan '{name}', padahal isian itu wajib.",
                    f"The quick form does not ask for '{name}', which must be answered.",
                    say("Keluarkan dari 'leaves_out'.", "Take it out of 'leaves_out'."),
                )
