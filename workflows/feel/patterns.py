"""Regular expressions that cannot explode.

Patterns of `matches`, `replace`, `split` and of form fields come from designers, the texts from the public. Python's
own engine backtracks and can take exponential time; here all ways through the pattern walk over the text side by side,
so that the cost is the length of the text times the size of the pattern, whatever either holds. The syntax is that of
XPath (which DMN names) without back references; look-around does not exist there either.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from workflows.feel.errors import FeelError
from workflows.language import say

# Steps of one compiled pattern; counted repetitions are written out, so that `a{1000}` has a thousand.
_STEPS = 3_000
_NESTING = 30
_LETTERS_OF_PATTERN = 2_000

Test = Callable[[str], bool]


@dataclass(frozen=True)
class Match:
    """Where a pattern was found."""

    # Index of the first character.
    start: int
    # Index behind the last character.
    end: int
    # What each group holds, from group 1; None for a group that took no part.
    groups: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class _Step:
    """One step of the machine: `char` tests a character, `split` tries two ways, the first with preference."""

    kind: str
    test: Test | None = None
    one: int = 0
    two: int = 0


class Pattern:
    """A compiled regular expression."""

    def __init__(self, steps: list[_Step], groups: int) -> None:
        self._steps = steps
        # How many groups it has.
        self.groups = groups

    @property
    def size(self) -> int:
        """How many steps the pattern has; the cost of a search is this times the length of the text."""
        return len(self._steps)

    def search(self, text: str, begin: int = 0, spend: Callable[[int], None] | None = None) -> Match | None:
        """Find the first place, as Perl would; `spend` is told the cost as it arises."""
        saved = (None,) * (2 * self.groups + 2)
        threads: list[tuple[int, tuple[int | None, ...]]] = []
        found: tuple[int | None, ...] | None = None
        for at in range(begin, len(text) + 1):
            if found is None:
                threads = self._follow([*threads, (0, saved)], text, at)
            else:
                threads = self._follow(threads, text, at)
            if spend is not None:
                spend(1 + (len(threads) >> 3))
            following = []
            for step, marks in threads:
                kind = self._steps[step].kind
                if kind == "match":
                    found = marks
                    break
                test = self._steps[step].test
                if at < len(text) and test is not None and test(text[at]):
                    following.append((step + 1, marks))
            threads = following
            if found is not None and not threads:
                break
        return None if found is None else _match(found)

    def _follow(
        self, threads: list[tuple[int, tuple[int | None, ...]]], text: str, at: int
    ) -> list[tuple[int, tuple[int | None, ...]]]:
        """Go on through all steps that take no character, keeping the order of preference."""
        reached: list[tuple[int, tuple[int | None, ...]]] = []
        seen: set[int] = set()
        pending = threads[::-1]
        while pending:
            number, marks = pending.pop()
            if number in seen:
                continue
            seen.add(number)
            step = self._steps[number]
            if step.kind == "split":
                pending.append((step.two, marks))
                pending.append((step.one, marks))
            elif step.kind == "jump":
                pending.append((step.one, marks))
            elif step.kind == "save":
                pending.append((number + 1, (*marks[: step.one], at, *marks[step.one + 1 :])))
            elif step.kind in ("begin", "begin_line", "end", "end_line"):
                if _holds(step.kind, text, at):
                    pending.append((number + 1, marks))
            else:
                reached.append((number, marks))
        return reached


def _holds(kind: str, text: str, at: int) -> bool:
    if kind.startswith("begin"):
        return at == 0 or (kind == "begin_line" and text[at - 1] == "\n")
    return at == len(text) or (kind == "end_line" and text[at] == "\n")


def _match(marks: tuple[int | None, ...]) -> Match:
    spans = [
        None if marks[n] is None or marks[n + 1] is None else (marks[n], marks[n + 1]) for n in range(0, len(marks), 2)
    ]
    start, end = spans[0] or (0, 0)
    return Match(start or 0, end or 0, tuple(spans[1:]))  # type: ignore[arg-type]


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str = "") -> Pattern:
    """Read a pattern with the flags `s m i x q` of XPath; FeelError says what is wrong with it."""
    if set(flags) - set("smixq"):
        raise _wrong(say(f"tanda pilihan {flags!r} tidak dikenal", f"the flags {flags!r} are unknown"), 0)
    if len(pattern) > _LETTERS_OF_PATTERN:
        raise _wrong(say("terlalu panjang", "it is too long"), 0)
    return _Reader(pattern, flags).compiled()


def _wrong(reason: str, at: int) -> FeelError:
    return FeelError("feel.pattern", say(f"Pola ini salah: {reason}.", f"This pattern is wrong: {reason}."), at)


class _Reader:
    """Reads one pattern and writes the steps of its machine."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.groups = 0
        self.dot_all, self.multiline = "s" in flags, "m" in flags
        self.ignore_case, self.free_space = "i" in flags, "x" in flags
        self.literal = "q" in flags

    def compiled(self) -> Pattern:
        if self.literal:
            body = [_Step("char", self._char(character)) for character in self.pattern]
        else:
            body = self._alternatives(0)
            if self.at < len(self.pattern):
                raise _wrong(say("kurung tutup tanpa kurung buka", "a parenthesis is closed, never opened"), self.at)
        steps = [_Step("save", one=0), *_moved(body, 1), _Step("save", one=1), _Step("match")]
        return Pattern(steps, self.groups)

    def _peek(self) -> str:
        if self.free_space:
            while self.at < len(self.pattern) and self.pattern[self.at] in " \t\r\n":
                self.at += 1
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise _wrong(say("berakhir terlalu awal", "it ends too early"), self.at)
        self.at += 1
        return character

    def _alternatives(self, nesting: int) -> list[_Step]:
        if nesting > _NESTING:
            raise _wrong(say("susunannya terlalu dalam", "it is nested too deeply"), self.at)
        body = self._sequence(nesting)
        while self._peek() == "|":
            self.at += 1
            other = self._sequence(nesting)
            size = len(body)
            body = [
                _Step("split", one=1, two=size + 2),
                *_moved(body, 1),
                _Step("jump", one=size + len(other) + 2),
                *_moved(other, size + 2),
            ]
            self._bounded(body)
        return body

    def _sequence(self, nesting: int) -> list[_Step]:
        body: list[_Step] = []
        while self._peek() not in ("", "|", ")"):
            atom = self._atom(nesting)
            atom = self._repeated(atom)
            body.extend(_moved(atom, len(body)))
            self._bounded(body)
        return body

    def _bounded(self, body: list[_Step]) -> None:
        if len(body) > _STEPS:
            raise _wrong(say("terlalu besar", "it is too large"), self.at)

    def _repeated(self, atom: list[_Step]) -> list[_Step]:
        sign = self._peek()
        if sign not in ("*", "+", "?", "{"):
            return atom
        at = self.at
        self.at += 1
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self._counts(at)
        lazy = self._peek() == "?"
        self.at += lazy
        if self._peek() in ("*", "+", "?", "{") and self._peek():
            raise _wrong(say("pengulangan di belakang pengulangan", "a repetition of a repetition"), self.at)
        if (most if most is not None else least + 1) * (len(atom) + 2) > _STEPS:
            raise _wrong(say("pengulangannya terlalu banyak", "it repeats too often"), at)
        body = [step for number in range(least) for step in _moved(atom, number * len(atom))]
        if most is None:
            begin, end = len(body), len(body) + len(atom) + 2
            ways = (end, begin + 1) if lazy else (begin + 1, end)
            return [*body, _Step("split", one=ways[0], two=ways[1]), *_moved(atom, begin + 1), _Step("jump", one=begin)]
        end = len(body) + (most - least) * (len(atom) + 1)
        for _ in range(most - least):
            begin = len(body)
            ways = (end, begin + 1) if lazy else (begin + 1, end)
            body = [*body, _Step("split", one=ways[0], two=ways[1]), *_moved(atom, begin + 1)]
        return body

    def _counts(self, at: int) -> tuple[int, int | None]:
        end = self.pattern.find("}", at)
        low, comma, high = self.pattern[at + 1 : end].partition(",") if end > 0 else ("", "", "")
        if not low.isdecimal() or (high and not high.isdecimal()) or len(low) > 4 or len(high) > 4:
            raise _wrong(say("kurung kurawal yang salah", "the braces are wrong"), at)
        self.at = end + 1
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if most is not None and most < least:
            raise _wrong(say("batas bawah melebihi batas atas", "the least is above the most"), at)
        return least, most

    def _atom(self, nesting: int) -> list[_Step]:
        at = self.at
        character = self._take()
        if character == "(":
            return self._group(nesting)
        if character == "[":
            return [_Step("char", self._class(0))]
        if character == ".":
            return [_Step("char", (lambda c: True) if self.dot_all else (lambda c: c not in "\n\r"))]
        if character == "^":
            return [_Step("begin_line" if self.multiline else "begin")]
        if character == "$":
            return [_Step("end_line" if self.multiline else "end")]
        if character == "\\":
            return [_Step("char", self._escaped())]
        if character in "*+?{":
            raise _wrong(say("pengulangan tanpa isi", "a repetition of nothing"), at)
        return [_Step("char", self._char(character))]

    def _group(self, nesting: int) -> list[_Step]:
        number = 0
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        elif self._peek() == "?":
            raise _wrong(say("kelompok ini tidak didukung", "this kind of group is not supported"), self.at)
        else:
            self.groups += 1
            number = self.groups
        body = self._alternatives(nesting + 1)
        if self._peek() != ")":
            raise _wrong(say("kurung buka tanpa kurung tutup", "a parenthesis is never closed"), self.at)
        self.at += 1
        if not number:
            return body
        return [_Step("save", one=2 * number), *_moved(body, 1), _Step("save", one=2 * number + 1)]

    def _char(self, wanted: str) -> Test:
        if self.ignore_case and wanted.lower() != wanted.upper():
            both = {wanted, wanted.lower(), wanted.upper()}
            return lambda c: c in both
        return lambda c: c == wanted

    def _escaped(self) -> Test:
        at = self.at
        if self.at >= len(self.pattern):
            raise _wrong(say("garis miring terbalik di akhir", "a backslash at the end"), at)
        letter = self.pattern[self.at]
        self.at += 1
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter.lower() in _CLASSES and letter.isupper():
            inner = _CLASSES[letter.lower()]
            return lambda c: not inner(c)
        if letter in "pP":
            return self._category(letter == "P")
        if letter in _PLAIN_ESCAPES:
            return self._char(_PLAIN_ESCAPES[letter])
        if letter.isdecimal():
            raise _wrong(say("rujukan balik tidak didukung", "back references are not supported"), at)
        if letter.isalpha():
            raise _wrong(say(f"\\{letter} tidak dikenal", f"\\{letter} is unknown"), at)
        return self._char(letter)

    def _category(self, negated: bool) -> Test:
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1 : end] if self.pattern[self.at : self.at + 1] == "{" and end > 0 else ""
        if not 1 <= len(name) <= 2 or not name.isalpha():
            raise _wrong(say("kategori huruf tidak dikenal", "the category of letters is unknown"), self.at)
        self.at = end + 1
        return lambda c: unicodedata.category(c).startswith(name) is not negated

    def _class(self, nesting: int) -> Test:
        at = self.at
        if nesting > _NESTING:
            raise _wrong(say("susunannya terlalu dalam", "it is nested too deeply"), at)
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        tests: list[Test] = []
        less: Test | None = None
        first = True
        while first or not self.pattern.startswith("]", self.at):
            if self.at >= len(self.pattern):
                raise _wrong(say("kurung siku tanpa penutup", "a bracket is never closed"), at)
            first = False
            if self.pattern.startswith("-[", self.at) and tests:
                self.at += 2
                less = self._class(nesting + 1)
                break
            tests.append(self._class_item())
        if not self.pattern.startswith("]", self.at):
            raise _wrong(say("kurung siku tanpa penutup", "a bracket is never closed"), at)
        self.at += 1
        allowed, excluded = tuple(tests), less
        return lambda c: any(t(c) for t in allowed) is not negated and not (excluded is not None and excluded(c))

    def _class_item(self) -> Test:
        low = self._class_letter()
        if callable(low):
            return low
        if self.pattern.startswith("-", self.at) and self.pattern[self.at + 1 : self.at + 2] not in ("]", "[", ""):
            at = self.at
            self.at += 1
            high = self._class_letter()
            if callable(high) or high < low:
                raise _wrong(say("rentang huruf yang salah", "a range of letters is wrong"), at)
            if self.ignore_case:
                return lambda c: any(low <= form <= high for form in (c, c.lower(), c.upper()))
            return lambda c: low <= c <= high
        return self._char(low)

    def _class_letter(self) -> "str | Test":
        character = self.pattern[self.at]
        self.at += 1
        if character != "\\":
            return character
        letter = self.pattern[self.at : self.at + 1]
        if letter in _PLAIN_ESCAPES or (letter and not letter.isalnum()):
            self.at += 1
            return _PLAIN_ESCAPES.get(letter, letter)
        return self._escaped()


def _moved(steps: list[_Step], by: int) -> list[_Step]:
    """Give the steps as they read when they stand further down."""
    return [
        _Step(step.kind, step.test, step.one + by, step.two + by) if step.kind in ("split", "jump") else step
        for step in steps
    ]


def _name_start(character: str) -> bool:
    return character.isalpha() or character in "_:"


_CLASSES: dict[str, Test] = {
    "d": lambda c: c.isdecimal(),
    "s": lambda c: c in " \t\n\r",
    "w": lambda c: unicodedata.category(c)[0] not in "PZC",
    "i": _name_start,
    "c": lambda c: _name_start(c) or c.isdecimal() or c in "-.\u00b7",
}
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
