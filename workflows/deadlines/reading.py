"""Reads the register's file: YAML in, rules out, or every finding at once. What the keys mean stands in the file."""

from pathlib import Path
from typing import Any, get_args

import yaml

from workflows import plain_yaml
from workflows.deadlines.rules import Evidence, Rule, Unit
from workflows.deadlines.triggers import FILING
from workflows.errors import BrokenDefinition, Finding
from workflows.language import say

Editions = dict[str, tuple[Rule, ...]]
Parts = dict[str, tuple[str, ...]]

_TEXTS = ("title", "title_en", "trigger", "trigger_en", "obligation", "obligation_en", "source", "source_en")
_OPTIONAL_TEXTS = ("note", "note_en", "counts_from")
_GROUP_KEYS = {"id", "title", "title_en", "parts"}
_RULE_KEYS = {"id", "editions", *_TEXTS, *_OPTIONAL_TEXTS}
_EDITION_KEYS = {*_TEXTS, *_OPTIONAL_TEXTS, "length", "unit", "follows", "evidence", "read_in"}
_EDITION_KEYS |= {"in_force_from", "in_force_until"}
# A length beyond this is a slip of the pen, and would make counting slow.
_LONGEST = 10_000
# Where the loader leaves the line of a mapping. A file cannot hold this key: it is no text.
_LINE = object()


def content_of(path: Path) -> bytes:
    """Give the bytes of the file; raise BrokenDefinition when it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        said = say(f"{path} tidak dapat dibaca: {error.strerror}.", f"{path} cannot be read: {error.strerror}.")
        fix = say("AMANAH_DEFINITIONS menunjuk folder bpmn.", "AMANAH_DEFINITIONS names the folder bpmn.")
        raise BrokenDefinition([Finding("deadlines.unreadable", said, fix, file=path.name)]) from error


def read(text: bytes, file: str) -> tuple[Editions, Parts]:
    """Read the bytes of a register; give the editions of each rule and the parts of each group."""
    reading = _Reading(file)
    reading.document(text)
    if reading.findings:
        raise BrokenDefinition(reading.findings)
    return reading.editions, reading.parts


class _Reading:
    """One reading of one file: gathers findings instead of stopping at the first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.editions: Editions = {}
        self.parts: Parts = {}

    def document(self, text: bytes) -> None:
        try:
            document = plain_yaml.load(text, _LineLoader)
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            self.find("yaml", mark.line + 1 if mark else 1, "Berkas bukan YAML yang sah", "The file is no valid YAML")
            return
        entries = document.get("deadlines") if isinstance(document, dict) else None
        if not isinstance(entries, list) or not entries:
            self.find("empty", 1, "Berkas tidak memuat daftar `deadlines`", "The file has no list `deadlines`")
            return
        for entry in entries:
            self.entry(entry)
        for rule in [edition for editions in self.editions.values() for edition in editions if edition.follows]:
            followed = self.editions.get(str(rule.follows), ())
            if not followed or any(edition.follows for edition in followed):
                self.find(
                    "follows",
                    1,
                    f"`follows: {rule.follows}` harus menunjuk tenggat yang memiliki panjang sendiri",
                    f"`follows: {rule.follows}` must name a deadline with a length of its own",
                    rule.id,
                )

        for rule in [edition for editions in self.editions.values() for edition in editions]:
            if rule.counts_from not in ("", FILING, *self.editions) or rule.counts_from == rule.id:
                self.find(
                    "counts_from",
                    1,
                    f"`counts_from: {rule.counts_from}` harus `{FILING}` atau tenggat lain dari daftar ini",
                    f"`counts_from: {rule.counts_from}` must be `{FILING}` or another deadline of this file",
                    rule.id,
                )

    def entry(self, entry: Any) -> None:
        """Read a rule, or a group of rules."""
        if not isinstance(entry, dict) or "parts" not in entry:
            self.rule(entry, part_of=None)
            return
        self.only(entry, _GROUP_KEYS)
        group, parts = entry.get("id"), entry["parts"]
        if not isinstance(group, str) or not isinstance(parts, list) or not parts:
            self.find("parts", _line(entry), "Kelompok memerlukan `id` dan `parts`", "A group needs `id` and `parts`")
            return
        for part in parts:
            self.rule(part, part_of=group)
        self.parts[group] = tuple(str(part["id"]) for part in parts if isinstance(part, dict) and "id" in part)

    def rule(self, entry: Any, *, part_of: str | None) -> None:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            self.find("id", _line(entry), "Setiap tenggat memerlukan `id`", "Every deadline needs an `id`")
            return
        self.only(entry, _RULE_KEYS)
        name, listed = entry["id"], entry.get("editions")
        if name in self.editions or name in self.parts:
            self.find("twice", _line(entry), f"{name} tertulis dua kali", f"{name} stands there twice", name)
            return
        if not isinstance(listed, list) or not listed or not all(isinstance(each, dict) for each in listed):
            self.find("editions", _line(entry), "`editions` harus berupa daftar", "`editions` must be a list", name)
            return
        common = {key: value for key, value in entry.items() if key in (*_TEXTS, *_OPTIONAL_TEXTS)}
        rules: list[Rule] = []
        for edition in listed:
            self.only(edition, _EDITION_KEYS, name)
            rule = self.edition(name, {**common, **edition}, part_of)
            if rule is None:
                continue
            if rules and (rules[-1].in_force_until is None or rules[-1].in_force_until >= rule.in_force_from):
                self.find(
                    "overlap",
                    _line(edition),
                    "Masa berlaku bertumpang tindih atau tidak berurutan",
                    "Editions overlap or stand in the wrong order",
                    name,
                )
            rules.append(rule)
        self.editions[name] = tuple(rules)

    def edition(self, name: str, fields: dict[Any, Any], part_of: str | None) -> Rule | None:
        """Make a rule of an edition and the texts that all editions share; None when something was found."""
        before = len(self.findings)
        texts: dict[str, Any] = {key: fields.get(key, "") for key in (*_TEXTS, *_OPTIONAL_TEXTS)}
        for key, value in texts.items():
            self.check(
                isinstance(value, str) and (key in _OPTIONAL_TEXTS or bool(value.strip())),
                fields,
                name,
                f"`{key}` harus berupa teks",
                f"`{key}` must be a text",
            )
        first: Any = fields.get("in_force_from")
        last: Any = fields.get("in_force_until")
        self.check(
            _is_day(first) and (last is None or (_is_day(last) and first <= last)),
            fields,
            name,
            "`in_force_from` dan `in_force_until` harus berupa tanggal yang berurutan",
            "`in_force_from` and `in_force_until` must be days in order",
        )
        length: Any = fields.get("length")
        unit: Any = fields.get("unit")
        follows: Any = fields.get("follows")
        if follows is not None:
            self.check(
                isinstance(follows, str) and length is None and unit is None,
                fields,
                name,
                "`follows` berdiri sebagai ganti `length` dan `unit`",
                "`follows` stands in place of `length` and `unit`",
            )
            length, unit = 0, "working_days"
        else:
            self.check(
                type(length) is int and 1 <= length <= _LONGEST,
                fields,
                name,
                "`length` harus bilangan bulat mulai dari 1",
                "`length` must be a whole number from 1",
            )
            self.one_of("unit", get_args(Unit), fields, name)
        self.one_of("evidence", get_args(Evidence), fields, name)
        read_in = fields.get("read_in", [])
        self.check(
            isinstance(read_in, list) and all(isinstance(each, str) for each in read_in),
            fields,
            name,
            "`read_in` harus berupa daftar teks",
            "`read_in` must be a list of texts",
        )
        if len(self.findings) > before:
            return None
        return Rule(
            id=name,
            length=length,
            unit=unit,
            evidence=fields["evidence"],
            read_in=tuple(read_in),
            in_force_from=first,
            in_force_until=last,
            follows=follows,
            part_of=part_of,
            **{key: " ".join(value.split()) for key, value in texts.items()},
        )

    def one_of(self, key: str, allowed: tuple[str, ...], fields: dict[Any, Any], name: str) -> None:
        words = ", ".join(allowed)
        self.check(fields.get(key) in allowed, fields, name, f"`{key}`: {words}", f"`{key}`: {words}")

    def only(self, mapping: dict[Any, Any], known: set[str], name: str | None = None) -> None:
        for key in mapping:
            self.check(
                key is _LINE or key in known,
                mapping,
                name or str(mapping.get("id")),
                f"Kunci `{key}` tidak dikenal",
                f"Unknown key `{key}`",
            )

    def check(self, holds: bool, fields: dict[Any, Any], name: str, indonesian: str, english: str) -> None:
        if not holds:
            self.find("field", _line(fields), indonesian, english, name)

    def find(self, problem: str, line: int, indonesian: str, english: str, name: str | None = None) -> None:
        said = say(indonesian, english)
        self.findings.append(Finding(f"deadlines.{problem}", said, file=self.file, line=line, element=name))


class _LineLoader(yaml.CSafeLoader):
    """A CSafeLoader whose mappings remember the line on which they begin."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        mapping[_LINE] = node.start_mark.line + 1
        return mapping


def _line(value: Any) -> int:
    return int(value.get(_LINE, 1)) if isinstance(value, dict) else 1


def _is_day(value: Any) -> bool:
    # A datetime is a date too, but a rule comes into force with a day.
    return type(value).__name__ == "date"
