"""Reading form-js files (the Camunda Forms schema) into a `Form`; what cannot be drawn and checked is a finding.

Refused are components that show foreign content or run of themselves (html, iframe, image, table, document preview,
button), texts that are templates, and rules that this server would not keep.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from workflows.errors import BrokenDefinition
from workflows.feel import expressions as feel
from workflows.feel.errors import FeelError, suggestion
from workflows.feel.expressions import Expression
from workflows.feel.patterns import compile_pattern
from workflows.forms.components import (
    CHOICE_TYPES,
    INPUT_TYPES,
    ROWS_OF,
    Component,
    Form,
    Limits,
    Option,
    Type,
    Words,
)
from workflows.forms.entries import Entries, decimal_of
from workflows.forms.json_text import Report, read_object
from workflows.language import say
from workflows.money import MOST_MONEY, RUPIAH

__all__ = ["Component", "Form", "Limits", "Option", "Words", "read"]

_TYPES: tuple[Type, ...] = get_args(Type)
_COMPONENTS = 500
_NESTING = 8
_OPTIONS = 2_000
# Rows that a list may have at most, and those that it has when the form says nothing.
MOST_ROWS = 500
_USUAL_ROWS = 50
_KEY = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)*", re.ASCII)
# Names that pages post beside the fields.
_TAKEN = frozenset({"csrf_token"})

_COMMON = frozenset(
    {"type", "id", "key", "label", "description", "layout", "conditional", "properties", "validate", "appearance",
     "defaultValue", "disabled", "readonly", "components", "path"}
)  # fmt: skip
# Further entries of each type; those without meaning on the server are harmless and listed for that reason.
_OWN: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text"}),
    "number": frozenset({"decimalDigits", "increment", "serializeToString"}),
    "datetime": frozenset(
        {"subtype", "dateLabel", "timeLabel", "timeSerializingFormat", "timeInterval", "use24h", "disallowPassedDates"}
    ),
    "checklist": frozenset({"values", "valuesKey"}),
    "taglist": frozenset({"values", "valuesKey"}),
    "radio": frozenset({"values", "valuesKey"}),
    "select": frozenset({"values", "valuesKey", "searchable"}),
    "filepicker": frozenset({"multiple", "accept"}),
    "group": frozenset({"showOutline", "verticalAlignment"}),
    "dynamiclist": frozenset(
        [
            "defaultRepetitions",
            "allowAddRemove",
            "isRepeating",
            "showOutline",
            "verticalAlignment",
            "disableCollapse",
            "nonCollapsedItems",
        ]
    ),
    "expression": frozenset({"expression", "computeOn"}),
    "spacer": frozenset({"height"}),
}
_RULES = frozenset(
    {"required", "minLength", "maxLength", "min", "max", "pattern", "patternErrorMessage", "validationType"}
)


def read(content: bytes, file: str) -> Form:
    """Read a form-js file; BrokenDefinition carries the findings with their lines."""
    document, report = read_object(content, file)
    form = None if document is None else _Reader(report).form(document)
    if form is None or report.has_errors:
        raise BrokenDefinition(report.findings)
    return form


class _Reader:
    """Reads one file."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.ids: set[str] = set()
        self.names: dict[str, str] = {}
        self.count = 0
        self.read_names: dict[str, None] = {}

    def form(self, document: Mapping[str, Any]) -> Form | None:
        id_ = document.get("id")
        if not isinstance(id_, str) or not re.fullmatch(r"[A-Za-z_][\w.-]{0,99}", id_, re.ASCII):
            self.report.error(
                "form.no_id",
                None,
                say("Formulir ini tidak punya id yang benar.", "This form has no proper id."),
                say(
                    'Beri "id" dari huruf, angka, dan garis bawah.', 'Give it an "id" of letters, digits, underscores.'
                ),
            )
            return None
        if not isinstance(document.get("components"), list):
            self.report.error(
                "form.not_a_form", None, say("Berkas ini bukan formulir form-js.", "This file is no form-js form.")
            )
            return None
        components = self._all(document["components"], "", 0)
        self._check_names()
        self._check_rows_named(components)
        # Conditions inside a row name the other answers of the row by their own keys.
        answered = {part.partition(".")[0] for name in self.names for part in name.split("[].")}
        variables = tuple(name for name in self.read_names if name not in answered)
        return Form(id_, components, variables, tuple(self.report.findings))

    def _all(self, listed: Any, prefix: str, nesting: int) -> tuple[Component, ...]:
        if not isinstance(listed, list):
            self.report.error(
                "form.not_a_form", None, say('"components" harus daftar.', '"components" must be a list.')
            )
            return ()
        if nesting > _NESTING:
            self.report.error(
                "form.too_deep", None, say("Susunan formulir ini terlalu dalam.", "This form is nested too deeply.")
            )
            return ()
        found = []
        for each in listed:
            self.count += 1
            if self.count > _COMPONENTS:
                if self.count == _COMPONENTS + 1:
                    self.report.error(
                        "form.too_large",
                        None,
                        say(f"Formulir ini punya lebih dari {_COMPONENTS} bagian.",
                            f"This form has more than {_COMPONENTS} components."),
                    )  # fmt: skip
                break
            if not isinstance(each, dict):
                self.report.error(
                    "form.not_a_component", None, say("Ada bagian yang bukan objek.", "A component is no object.")
                )
                continue
            component = self._component(each, prefix, nesting)
            if component is not None:
                found.append(component)
        self._check_money(tuple(found))
        return tuple(found)

    def _component(self, each: dict[str, Any], prefix: str, nesting: int) -> Component | None:
        id_ = self._id(each)
        written = each.get("type")
        type_ = next((known for known in _TYPES if known == written), None)
        if type_ is None:
            message = say(f'Jenis "{written}" tidak dapat dipakai.', f'The type "{written}" cannot be used.')
            self.report.error(
                "form.unsupported",
                id_,
                message + (suggestion(written, _TYPES) if isinstance(written, str) else ""),
                say(f"Jenis yang ada: {', '.join(_TYPES)}.", f"There are: {', '.join(_TYPES)}."),
            )
            return None
        entries = Entries(each, id_, self.report)
        self._check_entries(each, type_, id_)
        takes_key = type_ in INPUT_TYPES or (type_ == "expression" and "key" in each)
        key = self._key(each, id_) if takes_key else ""
        path = self._path(each, type_, id_)
        name = prefix + key if key else ""
        if name:
            self._claim(name, id_)
        inner = prefix + (f"{path}[]." if type_ == "dynamiclist" else f"{path}." if path else "")
        if type_ == "dynamiclist" and path:
            self._claim(prefix + path, id_)
        if type_ == "dynamiclist" and "[]" in prefix:
            self.report.error(
                "form.nested_list",
                id_,
                say("Di dalam daftar tidak boleh ada daftar lain.", "There may be no list inside a list."),
                say("Pindahkan daftar ini ke luar barisnya.", "Move this list out of the row."),
            )
        rules = entries.object("validate")
        properties = self._properties(each, id_)
        rows = self._row_limits(properties, type_, id_)
        money = self._money(properties, type_, id_)
        options, values_key = self._options(each, type_, id_, properties)
        conditional = entries.object("conditional")
        appearance = entries.object("appearance")
        computed = each.get("expression") if type_ == "expression" else None
        if type_ == "expression" and not isinstance(computed, str):
            self.report.error("form.no_expression", id_, say("Ungkapannya kosong.", "The expression is empty."))
        return Component(
            type=type_,
            id=id_,
            key=key,
            name=name or (prefix + path if type_ == "dynamiclist" else ""),
            label=self._words(each, _label_entry(each, type_), "label_en", id_, properties),
            description=self._words(each, "description", "description_en", id_, properties),
            text=self._words(each, "text", "text_en", id_, properties) if type_ == "text" else Words(),
            required=entries.flag("required", within=rules),
            read_only=entries.flag("readonly") or entries.flag("disabled"),
            options=options,
            values_key=values_key,
            default=self._default(each, type_, id_, options),
            limits=_of_money(self._limits(each, type_, id_, rules, entries, properties), money),
            subtype=self._subtype(each, id_) if type_ == "datetime" else "date",
            multiple=entries.flag("multiple"),
            accept=entries.text("accept"),
            prefix=entries.text("prefixAdorner", within=appearance) or ("Rp" if money == RUPIAH else ""),
            suffix=entries.text("suffixAdorner", within=appearance),
            hide=self._feel(conditional.get("hide"), id_),
            expression=self._feel(computed, id_),
            path=path,
            rows=entries.whole("defaultRepetitions", most=50) if "defaultRepetitions" in each else 1,
            may_add_rows=entries.flag("allowAddRemove", otherwise=True),
            min_rows=rows[0],
            max_rows=rows[1],
            row=Words(properties.get("row", ""), properties.get("row_en", "")),
            takes_sheet=self._takes_sheet(properties, type_, id_),
            column=Words(properties.get("column", ""), properties.get("column_en", "")),
            money=money,
            components=self._all(each.get("components", []), inner, nesting + 1),
            properties=properties,
        )

    def _id(self, each: Mapping[str, Any]) -> str:
        id_ = each.get("id")
        if not isinstance(id_, str) or not id_ or len(id_) > 100:
            id_ = f"component_{self.count}"
            self.report.warning(
                "form.no_component_id",
                None,
                say(f"Bagian ke-{self.count} tidak punya id.", f"Component {self.count} has no id."),
                say("Simpan ulang dari penyunting formulir.", "Save it again from the form editor."),
            )
        if id_ in self.ids:
            self.report.error(
                "form.duplicate_id", id_, say(f'Id "{id_}" dipakai dua kali.', f'The id "{id_}" is used twice.')
            )
        self.ids.add(id_)
        return id_

    def _check_entries(self, each: Mapping[str, Any], type_: Type, id_: str) -> None:
        known = _COMMON | _OWN.get(type_, frozenset())
        for name in each:
            if name == "valuesExpression":
                self.report.error(
                    "form.unsupported",
                    id_,
                    say("Pilihan dari ungkapan tidak dijalankan.", "Options from an expression are not run."),
                    say("Tulis pilihannya, atau pakai valuesKey.", "List the options, or use valuesKey."),
                )
            elif name not in known:
                self.report.warning(
                    "form.unknown_entry",
                    id_,
                    say(f'"{name}" tidak ada artinya di sini.', f'"{name}" means nothing here.')
                    + suggestion(name, known),
                )

    def _key(self, each: Mapping[str, Any], id_: str) -> str:
        key = each.get("key")
        if isinstance(key, str) and len(key) <= 100 and _KEY.fullmatch(key) and key not in _TAKEN:
            return key
        self.report.error(
            "form.key",
            id_,
            say(f'Kunci "{key}" tidak dapat dipakai.', f'The key "{key}" cannot be used.'),
            say(
                "Kunci terdiri dari huruf, angka, dan garis bawah, dan dimulai dengan huruf.",
                "A key consists of letters, digits and underscores and begins with a letter.",
            ),
        )
        return ""

    def _path(self, each: Mapping[str, Any], type_: Type, id_: str) -> str:
        path = each.get("path", "")
        if type_ not in ("group", "dynamiclist") or (type_ == "group" and not path):
            return ""
        if isinstance(path, str) and _KEY.fullmatch(path) and len(path) <= 100:
            return path
        self.report.error(
            "form.key",
            id_,
            say(f'Jalur "{path}" tidak dapat dipakai.', f'The path "{path}" cannot be used.'),
            say("Beri nama dari huruf, angka, dan garis bawah.", "Name it with letters, digits and underscores."),
        )
        return ""

    def _claim(self, name: str, id_: str) -> None:
        if name in self.names:
            self.report.error(
                "form.duplicate_key",
                id_,
                say(f'Kunci "{name}" dipakai dua kali.', f'The key "{name}" is used twice.'),
                say("Beri kunci yang lain.", "Give it another key."),
            )
        self.names.setdefault(name, id_)

    def _check_names(self) -> None:
        """Refuse an answer that would stand where a group of others stands."""
        for name, id_ in self.names.items():
            parts = name.split(".")
            for length in range(1, len(parts)):
                around = ".".join(parts[:length])
                if around in self.names and not around.endswith("[]"):
                    self.report.error(
                        "form.duplicate_key",
                        id_,
                        say(f'Kunci "{name}" berbenturan dengan "{around}".', f'"{name}" clashes with "{around}".'),
                        say("Beri kunci yang lain.", "Give it another key."),
                    )

    def _check_rows_named(self, components: tuple[Component, ...]) -> None:
        """Refuse a choice among the rows of a list that the form does not have."""
        everything = [each for component in components for each in component.everything()]
        lists = {each.name for each in everything if each.type == "dynamiclist"}
        for each in everything:
            named = each.values_key.removeprefix(ROWS_OF)
            if each.values_key.startswith(ROWS_OF) and named not in lists:
                self.report.error(
                    "form.no_such_list",
                    each.id,
                    say(f'Formulir ini tidak punya daftar "{named}".', f'This form has no list "{named}".')
                    + suggestion(named, lists),
                )

    def _words(
        self, each: Mapping[str, Any], entry: str, english: str, id_: str, properties: Mapping[str, str]
    ) -> Words:
        written = each.get(entry, "")
        text = written if isinstance(written, str) else ""
        if written is not None and not isinstance(written, str):
            self.report.error("form.no_text", id_, say(f'"{entry}" harus teks.', f'"{entry}" must be a text.'))
        if text.startswith("=") or "{{" in text:
            self.report.error(
                "form.template",
                id_,
                say(f'"{entry}" tidak boleh berupa ungkapan.', f'"{entry}" must not be an expression.'),
                say("Tulis kalimatnya apa adanya.", "Write the sentence as it is."),
            )
        if text and english not in properties:
            self.report.note(
                "form.no_english",
                id_,
                say(f'Teks Inggris "{english}" belum ada.', f'The English text "{english}" is missing.'),
            )
        return Words(text, properties.get(english, ""))

    def _properties(self, each: Mapping[str, Any], id_: str) -> dict[str, str]:
        written = each.get("properties") or {}
        if not isinstance(written, dict) or not all(isinstance(value, str) for value in written.values()):
            self.report.error(
                "form.properties",
                id_,
                say('"properties" harus berisi teks.', '"properties" must hold texts.'),
            )
            return {}
        return dict(written)

    def _row_limits(self, properties: Mapping[str, str], type_: Type, id_: str) -> tuple[int, int]:
        """Read how few and how many rows a list may have."""
        least, most = properties.get("min_rows", "0"), properties.get("max_rows", str(_USUAL_ROWS))
        if type_ != "dynamiclist":
            return 0, _USUAL_ROWS
        if all(re.fullmatch(r"\d{1,3}", each, re.ASCII) for each in (least, most)):
            limits = int(least), int(most)
            if limits[0] <= limits[1] and 1 <= limits[1] <= MOST_ROWS:
                return limits
        self.report.error(
            "form.rows",
            id_,
            say(
                f'"min_rows" dan "max_rows" harus bilangan bulat, dan paling banyak {MOST_ROWS} baris.',
                f'"min_rows" and "max_rows" must be whole numbers, and {MOST_ROWS} rows are the most.',
            ),
            say('Contoh: "min_rows": "1", "max_rows": "300".', 'Example: "min_rows": "1", "max_rows": "300".'),
        )
        return 0, _USUAL_ROWS

    def _takes_sheet(self, properties: Mapping[str, str], type_: Type, id_: str) -> bool:
        written = properties.get("import")
        if written is None:
            return False
        if type_ == "dynamiclist" and written == "spreadsheet":
            return True
        self.report.error(
            "form.import",
            id_,
            say(
                f'"import" bernilai "{written}" tidak dapat dijalankan di sini.',
                f'"import" of "{written}" cannot be run here.',
            ),
            say('Tulis "spreadsheet", pada dynamiclist.', 'Write "spreadsheet", on a dynamiclist.'),
        )
        return False

    def _money(self, properties: Mapping[str, str], type_: Type, id_: str) -> str:
        written = properties.get("money", "")
        if not written or (type_ == "number" and (written == RUPIAH or _KEY.fullmatch(written))):
            return written
        self.report.error(
            "form.money",
            id_,
            say(
                f'"money" bernilai "{written}" tidak ada artinya di sini.',
                f'"money" of "{written}" means nothing here.',
            ),
            say(
                'Pada isian bilangan: "IDR", atau kunci isian mata uang di sebelahnya.',
                'On a number: "IDR", or the key of the currency field beside it.',
            ),
        )
        return ""

    def _check_money(self, components: tuple[Component, ...]) -> None:
        """Refuse an amount whose currency is asked nowhere beside it."""
        beside = {each.key for each in components}
        for component in components:
            if component.money not in ("", RUPIAH) and component.money not in beside:
                self.report.error(
                    "form.money",
                    component.id,
                    say(
                        f'Di sebelah isian ini tidak ada isian mata uang "{component.money}".',
                        f'There is no currency field "{component.money}" beside this one.',
                    )
                    + suggestion(component.money, beside),
                )

    def _options(
        self, each: Mapping[str, Any], type_: Type, id_: str, properties: Mapping[str, str]
    ) -> tuple[tuple[Option, ...], str]:
        if type_ not in CHOICE_TYPES:
            return (), ""
        values_key, listed = each.get("valuesKey", ""), each.get("values")
        if isinstance(values_key, str) and values_key and listed is None:
            return (), values_key
        if not isinstance(listed, list) or not listed or len(listed) > _OPTIONS:
            self.report.error(
                "form.no_options",
                id_,
                say("Tidak ada yang dapat dipilih.", "There is nothing to choose."),
                say("Isi daftar pilihannya.", "Fill in the list of options."),
            )
            return (), ""
        options: dict[str, Option] = {}
        for option in listed:
            value, label = (option.get("value"), option.get("label")) if isinstance(option, dict) else (None, None)
            if not isinstance(value, str) or not value or not isinstance(label, str) or value in options:
                self.report.error(
                    "form.option",
                    id_,
                    say(
                        f"Pilihan {str(value)[:60]!r} tidak benar atau ditulis dua kali.",
                        f"The option {str(value)[:60]!r} is wrong or written twice.",
                    ),
                    say("Setiap pilihan punya nilai dan label sendiri.", "Each option has a value and a label."),
                )
                continue
            options[value] = Option(value, Words(label, properties.get(f"option_en:{value}", "")))
        for name in properties:
            mark, _, value = name.partition(":")
            if mark == "option_en" and value not in options:
                self.report.warning(
                    "form.unknown_option",
                    id_,
                    say(f'Tidak ada pilihan "{value}".', f'There is no option "{value}".') + suggestion(value, options),
                )
        return tuple(options.values()), ""

    def _default(self, each: Mapping[str, Any], type_: Type, id_: str, options: tuple[Option, ...]) -> Any:
        default = each.get("defaultValue")
        known = {option.value for option in options}
        if default is None:
            return None
        if type_ == "checkbox":
            right = isinstance(default, bool)
        elif type_ in ("checklist", "taglist"):
            right = isinstance(default, list) and all(isinstance(d, str) and d in known for d in default)
        elif type_ in ("radio", "select"):
            right = isinstance(default, str) and (default in known or not options)
        elif type_ == "number":
            right = decimal_of(default) is not None
        else:
            right = isinstance(default, str)
        if not right:
            self.report.error(
                "form.default",
                id_,
                say("Nilai awalnya tidak cocok.", "The default value does not fit."),
                say("Perbaiki atau hapus defaultValue.", "Mend or remove defaultValue."),
            )
            return None
        if type_ == "number":
            return decimal_of(default)
        return tuple(default) if isinstance(default, list) else default

    def _limits(
        self,
        each: Mapping[str, Any],
        type_: Type,
        id_: str,
        rules: Mapping[str, Any],
        entries: "Entries",
        properties: Mapping[str, str],
    ) -> Limits:
        for name in rules:
            if name not in _RULES:
                self.report.error(
                    "form.unknown_rule",
                    id_,
                    say(f'Aturan "{name}" tidak dikenal.', f'The rule "{name}" is unknown.') + suggestion(name, _RULES),
                )
        pattern = rules.get("pattern") or None
        if pattern is not None:
            try:
                compile_pattern(str(pattern))
            except FeelError as problem:
                self.report.error("form.pattern", id_, problem.message)
                pattern = None
        kind = rules.get("validationType") or "custom"
        if kind not in ("custom", "email", "phone"):
            self.report.error(
                "form.unknown_rule",
                id_,
                say(f'validationType "{kind}" tidak dikenal.', f'The validationType "{kind}" is unknown.'),
                say("Yang ada: email, phone, custom.", "There are email, phone, custom."),
            )
        limits = Limits(
            min_length=entries.whole("minLength", within=rules) if "minLength" in rules else None,
            max_length=entries.whole("maxLength", within=rules) if "maxLength" in rules else None,
            minimum=entries.number("min", within=rules),
            maximum=entries.number("max", within=rules),
            decimals=entries.whole("decimalDigits", most=20) if "decimalDigits" in each else None,
            pattern=str(pattern) if pattern is not None else None,
            pattern_message=Words(entries.text("patternErrorMessage", within=rules), properties.get("pattern_en", "")),
            format="email" if kind == "email" else "phone" if kind == "phone" else None,
            not_passed=entries.flag("disallowPassedDates"),
            earliest=self._earliest(properties, type_, id_),
            not_ahead=self._not_ahead(properties, type_, id_),
        )
        if entries.flag("serializeToString"):
            self.report.error(
                "form.unsupported",
                id_,
                say("Bilangan tidak disimpan sebagai teks.", "Numbers are not stored as texts."),
                say("Matikan serializeToString.", "Turn serializeToString off."),
            )
        for low, high in ((limits.min_length, limits.max_length), (limits.minimum, limits.maximum)):
            if low is not None and high is not None and low > high:
                self.report.error(
                    "form.limits",
                    id_,
                    say("Batas bawah melebihi batas atas.", "The least is above the most."),
                )
        return limits

    def _earliest(self, properties: Mapping[str, str], type_: Type, id_: str) -> date | None:
        """Read the first day that may be given."""
        written = properties.get("earliest")
        if written is None:
            return None
        try:
            if type_ == "datetime":
                return date.fromisoformat(written)
        except ValueError:
            pass
        self._bad_bound("earliest", written, "2001-11-21", id_)
        return None

    def _not_ahead(self, properties: Mapping[str, str], type_: Type, id_: str) -> bool:
        """Tell whether no day after today may be given."""
        written = properties.get("latest")
        if written is not None and (written != "today" or type_ != "datetime"):
            self._bad_bound("latest", written, "today", id_)
        return written == "today"

    def _bad_bound(self, name: str, written: str, example: str, id_: str) -> None:
        self.report.error(
            "form.bound",
            id_,
            say(
                f'"{name}" bernilai "{written}" tidak ada artinya di sini.',
                f'"{name}" of "{written}" means nothing here.',
            ),
            say(f'Pada isian tanggal: "{example}".', f'On a date field: "{example}".'),
        )

    def _subtype(self, each: Mapping[str, Any], id_: str) -> Any:
        subtype = each.get("subtype", "date")
        if subtype not in ("date", "time", "datetime"):
            self.report.error(
                "form.unsupported", id_, say(f'Subtipe "{subtype}" tidak dikenal.', f'Unknown subtype "{subtype}".')
            )
            return "date"
        return subtype

    def _feel(self, written: Any, id_: str) -> Expression | None:
        if written is None or written == "":
            return None
        text = written.strip().removeprefix("=") if isinstance(written, str) else ""
        try:
            compiled = feel.compile(text)
        except FeelError as problem:
            self.report.error(
                problem.code,
                id_,
                f"{problem.message} ({' '.join(text.split())[:80]})",
                say("Perbaiki ungkapan FEEL ini.", "Mend this FEEL expression."),
            )
            return None
        self.read_names.update(dict.fromkeys(compiled.names))
        return compiled


def _of_money(limits: Limits, money: str) -> Limits:
    """Give the limits of an amount: not below nothing, whole rupiah, no more than a state budget has."""
    if not money:
        return limits
    return replace(
        limits,
        minimum=Decimal(0) if limits.minimum is None else limits.minimum,
        maximum=MOST_MONEY if limits.maximum is None else limits.maximum,
        decimals=0 if money == RUPIAH else 4 if limits.decimals is None else limits.decimals,
    )


def _label_entry(each: Mapping[str, Any], type_: Type) -> str:
    if type_ != "datetime":
        return "label"
    wanted = "timeLabel" if each.get("subtype") == "time" else "dateLabel"
    return wanted if each.get(wanted) else "label"
