"""What a recapitulation tells: tables and indicators of a case type, read from its `recapitulation.yml`.

Every figure is one FEEL expression over cases, objects and activities, so that an office changes what it reports
without a programmer. Which figures a law asks for is data; nothing here knows one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflows.catalogue.bundle import Bundle
from workflows.catalogue.checking.findings import did_you_mean
from workflows.catalogue.lined_yaml import LinedList, LinedMap, read_yaml
from workflows.catalogue.manifest import CaseType
from workflows.errors import BrokenDefinition, Finding
from workflows.feel.errors import FeelError
from workflows.feel.expressions import Expression, compile
from workflows.language import say

FILE = "recapitulation.yml"
UNITS = ("count", "percent", "rupiah", "days", "hours")
# What an expression may speak of.
CASE_NAMES = frozenset({
    "opened_on", "closed_on", "event_on", "open", "stage", "disposition", "classification", "category", "office",
    "late", "deadlines", "items", "custody", "variables",
})  # fmt: skip
ITEM_NAMES = frozenset({
    "kind", "form", "event", "place", "value", "received_on", "perishable", "flags", "counts", "relation", "case",
})  # fmt: skip
PERIOD_NAMES = frozenset({
    "cases", "open_cases", "closed_cases", "items", "activities", "offices", "first_day", "last_day",
})  # fmt: skip
ACTIVITY_NAMES = frozenset({"kind", "held_on", "hours", "participants", "offices"})
_OVER = {"cases": CASE_NAMES, "items": ITEM_NAMES, "activities": ACTIVITY_NAMES}
# Words that the house has already: of units, and of the stages and dispositions of the case type.
_KNOWN_WORDS = ("offices", "stages", "dispositions")
_TABLE = frozenset({"id", "title", "title_en", "over", "only", "by", "words", "sums"})
_SUM = frozenset({"id", "title", "title_en", "unit", "of"})
_INDICATOR = frozenset({"id", "title", "title_en", "unit", "value", "public"})
_WORDS = frozenset({"title", "title_en"})
_REMINDER = frozenset({"share", "to", "notice"})
_TOP = _WORDS | {"deadline", "notices", "recipients", "smallest", "only", "tables", "indicators"}


@dataclass(frozen=True)
class Words:
    """One thing in both languages."""

    id: str
    en: str

    def plain(self) -> dict[str, str]:
        """Give it as what is stored."""
        return {"id": self.id, "en": self.en}


@dataclass(frozen=True)
class Sum:
    """A column of a table besides the count."""

    id: str
    title: Words
    # One of UNITS.
    unit: str
    # What each counted thing adds; null adds nothing.
    of: Expression


@dataclass(frozen=True)
class Table:
    """Cases, objects or activities, counted by a key."""

    id: str
    title: Words
    # "cases" of the period, "items" of these cases, or "activities".
    over: str
    # Which of them count; None for all.
    only: Expression | None
    # The row in which a thing counts; null counts under "not told".
    by: Expression
    # Key -> its words, in the order of the rows. Keys without words follow as they are.
    words: Mapping[str, Words]
    # Whether the keys are codes of units.
    of_offices: bool
    sums: tuple[Sum, ...]


@dataclass(frozen=True)
class Indicator:
    """One figure of the whole period."""

    id: str
    title: Words
    unit: str
    value: Expression
    # Whether it stands in what goes public; a single figure may tell of a single person.
    public: bool


@dataclass(frozen=True)
class Reminder:
    """Who is told when how much of the time for a recapitulation is used up."""

    # Above 0, at most 1; 1 is the breach, and raises it.
    share: Decimal
    # Id of a role.
    to: str
    # Name of the file in `notices/`.
    notice: str
    line: int


@dataclass(frozen=True)
class Plan:
    """The recapitulation of one case type."""

    title: Words
    # Id of the deadline by which a quarter is due, in the register; "" when nothing says so.
    deadline: str
    # Its line in the file.
    deadline_line: int
    # By share, the smallest first; none without a deadline.
    notices: tuple[Reminder, ...]
    recipients: tuple[Words, ...]
    # Smaller counts are not told in public: whoever knows the office would know the person.
    smallest: int
    # Which cases count at all, with their objects; None for all.
    only: Expression | None
    tables: tuple[Table, ...]
    indicators: tuple[Indicator, ...]


def plan_in(bundle: Bundle, case_type: CaseType) -> Plan | None:
    """Read the plan of a case type, None when it has none; raise BrokenDefinition that names every line."""
    content = bundle.files.get(FILE)
    if content is None:
        return None
    reader = _Reader(case_type)
    plan = reader.plan(read_yaml(content, FILE))
    if reader.findings:
        raise BrokenDefinition(sorted(reader.findings, key=lambda finding: finding.line))
    return plan


class _Reader:
    """Reads values and collects findings instead of stopping at the first one."""

    def __init__(self, case_type: CaseType) -> None:
        self.case_type = case_type
        self.findings: list[Finding] = []

    def plan(self, top: LinedMap) -> Plan:
        self._known(top, _TOP)
        smallest = top.get("smallest", 0)
        if not isinstance(smallest, int) or isinstance(smallest, bool) or smallest < 1:
            self._tell(
                top.line_of("smallest"), "'smallest' harus angka mulai dari 1.", "'smallest' is a number from 1."
            )
            smallest = 1
        deadline = self._text(top, "deadline", needed=False)
        if "notices" in top and not deadline:
            self._tell(
                top.line_of("notices"),
                "'notices' dihitung dari 'deadline', dan 'deadline' tidak ada.",
                "'notices' count from 'deadline', and there is no 'deadline'.",
            )
        return Plan(
            title=self._title(top),
            deadline=deadline,
            deadline_line=top.line_of("deadline"),
            notices=self._reminders(top),
            recipients=tuple(self._words_of(each) for each in self._list(top, "recipients")),
            smallest=smallest,
            only=self._expression(top, "only", CASE_NAMES) if "only" in top else None,
            tables=tuple(self._table(each) for each in self._unique(self._list(top, "tables"))),
            indicators=tuple(self._indicator(each) for each in self._unique(self._list(top, "indicators"))),
        )

    def _reminders(self, top: LinedMap) -> tuple[Reminder, ...]:
        found: dict[tuple[Decimal, str], Reminder] = {}
        for told in self._list(top, "notices"):
            self._known(told, _REMINDER)
            share = told.get("share")
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
                self._tell(
                    told.line_of("share"),
                    "'share' adalah bagian batas waktu yang telah lewat: di atas 0, paling banyak 1.",
                    "'share' is how much of the time has passed: above 0, at most 1.",
                )
                share = 1
            reminder = Reminder(
                Decimal(str(share)).normalize(), self._text(told, "to"), self._text(told, "notice"), told.line
            )
            if (reminder.share, reminder.to) in found:
                self._tell(
                    told.line,
                    f"'{reminder.to}' diberi tahu dua kali pada bagian {share}.",
                    f"'{reminder.to}' is told twice at the share {share}.",
                )
            found[reminder.share, reminder.to] = reminder
        return tuple(sorted(found.values(), key=lambda each: (each.share, each.to)))

    def _table(self, told: LinedMap) -> Table:
        self._known(told, _TABLE)
        over = self._choice(told, "over", tuple(_OVER))
        names = _OVER[over]
        words = told.get("words")
        return Table(
            id=self._text(told, "id"),
            title=self._title(told),
            over=over,
            only=self._expression(told, "only", names) if "only" in told else None,
            by=self._expression(told, "by", names),
            words=self._words(told, words),
            of_offices=words == "offices",
            sums=tuple(self._sum(each, names) for each in self._list(told, "sums")),
        )

    def _sum(self, told: LinedMap, names: frozenset[str]) -> Sum:
        self._known(told, _SUM)
        unit = self._choice(told, "unit", UNITS)
        return Sum(self._text(told, "id"), self._title(told), unit, self._expression(told, "of", names))

    def _indicator(self, told: LinedMap) -> Indicator:
        self._known(told, _INDICATOR)
        public = told.get("public", False)
        if not isinstance(public, bool):
            self._tell(told.line_of("public"), "'public' harus true atau false.", "'public' is true or false.")
        return Indicator(
            id=self._text(told, "id"),
            title=self._title(told),
            unit=self._choice(told, "unit", UNITS),
            value=self._expression(told, "value", PERIOD_NAMES),
            public=public is True,
        )

    def _words(self, told: LinedMap, words: Any) -> Mapping[str, Words]:
        if words is None or words == "offices":
            return {}
        if words == "stages":
            return {stage.id: Words(stage.title, stage.title_en) for stage in self.case_type.stages.values()}
        if words == "dispositions":
            return {end.id: Words(end.title, end.title_en) for end in self.case_type.dispositions.values()}
        if not isinstance(words, LinedMap):
            known = ", ".join(_KNOWN_WORDS)
            self._tell(
                told.line_of("words"),
                f"Tulis kata untuk tiap kunci, atau salah satu dari {known}.",
                f"Write words for every key, or one of {known}.",
            )
            return {}
        return {key: self._words_of(each) for key, each in words.items() if self._is_map(each, words.line_of(key))}

    def _words_of(self, told: LinedMap) -> Words:
        """Read words that stand alone: nothing else belongs beside them."""
        self._known(told, _WORDS)
        return self._title(told)

    def _title(self, told: LinedMap) -> Words:
        return Words(self._text(told, "title"), self._text(told, "title_en"))

    def _expression(self, told: LinedMap, key: str, names: frozenset[str]) -> Expression:
        text = self._text(told, key)
        try:
            return compile(text or "null", names=names)
        except FeelError as error:
            self._tell(told.line_of(key), f"'{key}': {error}", f"'{key}': {error}")
            return compile("null")

    def _text(self, told: LinedMap, key: str, *, needed: bool = True) -> str:
        value = told.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if needed or value is not None:
            self._tell(told.line_of(key), f"'{key}' harus berupa teks.", f"'{key}' is a text.")
        return ""

    def _choice(self, told: LinedMap, key: str, known: tuple[str, ...]) -> str:
        value = told.get(key)
        if value in known:
            return str(value)
        words = ", ".join(known)
        self._tell(told.line_of(key), f"'{key}' adalah salah satu dari {words}.", f"'{key}' is one of {words}.")
        return known[0]

    def _list(self, told: LinedMap, key: str) -> list[LinedMap]:
        value = told.get(key, LinedList())
        if isinstance(value, LinedList):
            return [
                each for each, line in zip(value, getattr(value, "lines", []), strict=False) if self._is_map(each, line)
            ]
        self._tell(told.line_of(key), f"'{key}' harus berupa daftar.", f"'{key}' is a list.")
        return []

    def _unique(self, entries: list[LinedMap]) -> list[LinedMap]:
        seen: set[Any] = set()
        for entry in entries:
            name = entry.get("id")
            if isinstance(name, str) and name in seen:
                self._tell(entry.line_of("id"), f"'{name}' ada dua kali.", f"'{name}' stands twice.")
            seen.add(name if isinstance(name, str) else None)
        return entries

    def _is_map(self, value: Any, line: int) -> bool:
        if isinstance(value, LinedMap):
            return True
        self._tell(line, "Di sini harus ada kunci dan nilai.", "Keys with values were expected here.")
        return False

    def _known(self, told: LinedMap, known: frozenset[str]) -> None:
        for key in told:
            if key not in known:
                self._tell(
                    told.line_of(key),
                    f"Kunci '{key}' tidak dikenal.",
                    f"The key '{key}' is not known.",
                    did_you_mean(key, known),
                )

    def _tell(self, line: int, words: str, words_en: str, fix: str = "") -> None:
        self.findings.append(
            Finding(
                "recapitulation.unreadable",
                say(words, words_en),
                fix or say("Bentuknya ada di bpmn/README.md.", "bpmn/README.md shows its shape."),
                file=FILE,
                line=line,
            )
        )
