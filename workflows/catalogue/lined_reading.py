"""Takes values of an expected kind out of a file that knows its lines, and tells every wrong key with its line.

What the keys mean is known to whoever reads a certain file: `manifest_reader`.
"""

import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TypeVar

from workflows.catalogue.lined_yaml import LinedList, LinedMap
from workflows.errors import Finding
from workflows.language import say

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_Value = TypeVar("_Value")


class LinedReader:
    """Reads values and collects findings instead of stopping at the first one."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        # Line of every key that was remembered, by its dotted path.
        self.lines: dict[str, int] = {}

    # Kinds of values.

    def _list(self, row: LinedMap, key: str) -> LinedList:
        value = row.get(key)
        if key not in row or isinstance(value, LinedList):
            return value if isinstance(value, LinedList) else LinedList()
        self._find(
            row.line_of(key),
            "manifest.not_a_list",
            f"'{key}' harus berupa daftar, misalnya [a, b].",
            f"'{key}' must be a list, for example [a, b].",
        )
        return LinedList()

    def _choice_of_truth(self, row: LinedMap, key: str) -> bool:
        value = row.get(key)
        if key in row and not isinstance(value, bool):
            self._find(
                row.line_of(key),
                "manifest.not_a_truth",
                f"'{key}' harus true atau false.",
                f"'{key}' is true or false.",
            )
        return value is True

    def _text(self, row: LinedMap, key: str) -> str:
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if key in row:
            self._find(
                row.line_of(key), "manifest.not_a_text", f"'{key}' harus berupa teks.", f"'{key}' must be a text."
            )
        return ""

    def _name(self, row: LinedMap, key: str) -> str:
        value = row.get(key)
        if isinstance(value, str) and _NAME.fullmatch(value):
            return value
        if key in row:
            self._bad_name(row.line_of(key), key, value)
        return ""

    def _optional_name(self, row: LinedMap, key: str) -> str | None:
        return self._name(row, key) or None

    def _names(self, row: LinedMap, key: str) -> tuple[str, ...]:
        listed = self._list(row, key)
        good = []
        for item, line in zip(listed, listed.lines, strict=True) if listed else ():
            if isinstance(item, str) and _NAME.fullmatch(item):
                good.append(item)
            else:
                self._bad_name(line, key, item)
        return tuple(good)

    def _choice(self, row: LinedMap, key: str, choices: tuple[str, ...]) -> str:
        value = row.get(key)
        if isinstance(value, str) and value in choices:
            return value
        if key in row:
            listed = ", ".join(choices)
            self._find(
                row.line_of(key),
                "manifest.not_a_choice",
                f"'{key}' harus salah satu dari: {listed}.",
                f"'{key}' must be one of: {listed}.",
                fix=did_you_mean(str(value), choices),
            )
        return choices[0] if choices else ""

    def _pattern(self, row: LinedMap, key: str, fields: set[str], *, needed: set[str]) -> str:
        value = self._text(row, key)
        used = set(re.findall(r"\{(\w+)(?::0?\d*d)?\}", value))
        stray = re.sub(r"\{\w+(?::0?\d*d)?\}", "", value)
        if value and (used - fields or needed - used or "{" in stray or "}" in stray):
            wanted, known = ", ".join(sorted(needed)), ", ".join(sorted(fields))
            self._find(
                row.line_of(key),
                "manifest.bad_pattern",
                f"Pola '{key}' harus memuat {wanted} dan hanya boleh memakai {known} di dalam kurung kurawal.",
                f"The pattern '{key}' needs {wanted} and may only use {known} in braces.",
                fix=say("Contoh: PGD-{year}-{sequence:05d}", "Example: PGD-{year}-{sequence:05d}"),
            )
        return value

    # Shapes.

    def _table(
        self,
        top: LinedMap,
        key: str,
        keys: set[str],
        make: Callable[[str, LinedMap], _Value],
        *,
        optional: set[str] | None = None,
    ) -> Mapping[str, _Value]:
        table = top.get(key)
        if key not in top:
            return MappingProxyType({})
        if not isinstance(table, LinedMap):
            self._not_a_mapping(top.line_of(key), key)
            return MappingProxyType({})
        made: dict[str, _Value] = {}
        for name, row in table.items():
            if not _NAME.fullmatch(name):
                self._bad_name(table.line_of(name), key, name)
            elif not isinstance(row, LinedMap):
                self._not_a_mapping(table.line_of(name), f"{key}.{name}")
            else:
                self._only(row, f"{key}.{name}", keys, required=keys - (optional or set()), line=table.line_of(name))
                made[name] = make(name, row)
        return MappingProxyType(made)

    def _rows(self, top: LinedMap, key: str, keys: set[str], *, optional: Collection[str] = ()) -> list[LinedMap]:
        rows = top.get(key)
        if key not in top:
            return []
        if not isinstance(rows, LinedList) or not all(isinstance(row, LinedMap) for row in rows):
            self._find(
                top.line_of(key),
                "manifest.not_a_list",
                f"'{key}' harus berupa daftar isian.",
                f"'{key}' must be a list of entries.",
            )
            return []
        for row in rows:
            self._only(row, key, keys | {*optional}, required=keys)
        return list(rows)

    def _mapping(self, top: LinedMap, key: str, keys: set[str], *, optional: set[str] | None = None) -> LinedMap | None:
        row = top.get(key)
        if key not in top:
            return None
        if not isinstance(row, LinedMap):
            self._not_a_mapping(top.line_of(key), key)
            return None
        self._only(row, key, keys, required=keys - (optional or set()), line=top.line_of(key))
        return row

    def _only(self, row: LinedMap, path: str, keys: set[str], *, required: set[str], line: int | None = None) -> None:
        where = say(f" di '{path}'", f" in '{path}'") if path else ""
        for key in row:
            if key not in keys:
                self._find(
                    row.line_of(key),
                    "manifest.unknown_key",
                    f"Kunci '{key}'{where} tidak dikenal.",
                    f"The key '{key}'{where} is unknown.",
                    fix=did_you_mean(key, keys),
                )
        for key in sorted(required - row.keys()):
            self._find(
                line or row.line,
                "manifest.missing_key",
                f"Kunci '{key}'{where} belum ada.",
                f"The key '{key}'{where} is missing.",
            )

    def _remember(self, row: LinedMap, path: str) -> None:
        for key, line in row.lines.items():
            here = f"{path}.{key}" if path else key
            self.lines[here] = line
            inner = row[key]
            if isinstance(inner, LinedMap):
                self._remember(inner, here)
            elif isinstance(inner, LinedList):
                for place, item_line in enumerate(inner.lines):
                    self.lines[f"{here}.{place}"] = item_line

    # Findings.

    def _not_a_mapping(self, line: int, key: str) -> None:
        self._find(
            line,
            "manifest.not_a_mapping",
            f"'{key}' harus berisi pasangan kunci dan nilai.",
            f"'{key}' must hold keys with values.",
        )

    def _bad_name(self, line: int, key: str, value: object) -> None:
        self._find(
            line,
            "manifest.bad_name",
            f"'{value}' di '{key}' bukan nama yang sah.",
            f"'{value}' in '{key}' is no valid name.",
            fix=say(
                "Pakai huruf kecil, angka, dan garis bawah, diawali huruf.",
                "Use small letters, digits and underscores, beginning with a letter.",
            ),
        )

    def _find(self, line: int, code: str, indonesian: str, english: str, fix: str = "") -> None:
        self.findings.append(Finding(code=code, message=say(indonesian, english), fix=fix, file=self.file, line=line))


def did_you_mean(word: str, known: set[str] | tuple[str, ...]) -> str:
    """Ask whether a word was meant that is spelled nearly like it; empty when none is."""
    close = get_close_matches(word, sorted(known), n=1)
    return say(f"Apakah maksudnya '{close[0]}'?", f"Did you mean '{close[0]}'?") if close else ""
