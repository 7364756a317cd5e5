"""Built-in functions on texts, DMN 1.3, 10.3.4.3, and the conversions from and to text (10.3.4.1)."""

import re
from decimal import Decimal
from typing import Any

from workflows.feel.builtins.registry import builtin
from workflows.feel.errors import FeelError
from workflows.feel.patterns import Match, Pattern, compile_pattern
from workflows.feel.scope import Run
from workflows.feel.values import NUMBERS, write

_PLAIN_NUMBER = re.compile(r"-?(?:\d{1,400}(?:\.\d{1,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII)


def _grown(run: Run, text: str) -> str:
    run.budget.grow(len(text))
    return text


@builtin("substring(string: string, start position: number, length?: number)")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """Give the part that begins at the position (from 1, or from the end), of that length or up to the end."""
    start, wanted = Decimal(int(start)), None if length is None else int(length)
    if start == 0 or abs(start) > len(text) or (wanted is not None and wanted < 1):
        return "" if start and start > len(text) else None
    begin = int(start) - 1 if start > 0 else len(text) + int(start)
    return _grown(run, text[begin:] if wanted is None else text[begin : begin + wanted])


@builtin("string length(string: string)")
def string_length(run: Run, text: str) -> Decimal:
    """Count the characters."""
    return Decimal(len(text))


@builtin("upper case(string: string)")
def upper_case(run: Run, text: str) -> str:
    """Write with capitals."""
    return _grown(run, text.upper())


@builtin("lower case(string: string)")
def lower_case(run: Run, text: str) -> str:
    """Write without capitals."""
    return _grown(run, text.lower())


@builtin("trim(string: string)")
def trim(run: Run, text: str) -> str:
    """Drop the space at both ends."""
    return _grown(run, text.strip())


@builtin("substring before(string: string, match: string)")
def substring_before(run: Run, text: str, match: str) -> str:
    """Give what stands before the first match; nothing when there is none."""
    before, found, _ = text.partition(match) if match else ("", "", "")
    return _grown(run, before) if found else ""


@builtin("substring after(string: string, match: string)")
def substring_after(run: Run, text: str, match: str) -> str:
    """Give what stands behind the first match; nothing when there is none, all when nothing is sought."""
    return _grown(run, text.partition(match)[2] if match else text)


@builtin("contains(string: string, match: string)")
def contains(run: Run, text: str, match: str) -> bool:
    """Tell whether the text has the match in it."""
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(run: Run, text: str, match: str) -> bool:
    """Tell whether the text begins so."""
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(run: Run, text: str, match: str) -> bool:
    """Tell whether the text ends so."""
    return text.endswith(match)


def _pattern(pattern: str, flags: str | None) -> Pattern | None:
    try:
        return compile_pattern(pattern, flags or "")
    except FeelError:
        return None


def _search(run: Run, pattern: Pattern, text: str, begin: int = 0) -> Match | None:
    return pattern.search(text, begin, run.budget.spend)


@builtin("matches(input: string, pattern: string, flags?: string)")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    """Tell whether the pattern is found in the text; null for a wrong pattern."""
    machine = _pattern(pattern, flags)
    return None if machine is None else _search(run, machine, text) is not None


@builtin("replace(input: string, pattern: string, replacement: string, flags?: string)")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """Put the replacement, in which `$1` stands for group 1, in place of every match."""
    machine = _pattern(pattern, flags)
    if machine is None or _search(run, machine, "") is not None:
        return None
    pieces = _pieces(replacement, machine.groups) if "q" not in (flags or "") else [replacement]
    if pieces is None:
        return None
    result: list[str] = []
    at = 0
    while (match := _search(run, machine, text, at)) is not None:
        result.append(_grown(run, text[at : match.start]))
        for piece in pieces:
            result.append(_grown(run, piece if isinstance(piece, str) else _group(text, match, piece)))
        at = match.end
    result.append(_grown(run, text[at:]))
    return "".join(result)


def _group(text: str, match: Match, number: int) -> str:
    if number == 0:
        return text[match.start : match.end]
    span = match.groups[number - 1] if number <= len(match.groups) else None
    return "" if span is None else text[span[0] : span[1]]


def _pieces(replacement: str, groups: int) -> list[str | int] | None:
    """Split a replacement into texts and numbers of groups; null when a sign in it stands for nothing.

    A group has as many digits as there are groups for: `$12` is group 12, or group 1 and a 2 where there are fewer.
    """
    pieces: list[str | int] = []
    at = 0
    while at < len(replacement):
        sign, following = replacement[at], replacement[at + 1 : at + 2]
        if sign == "$":
            if not following.isdecimal():
                return None
            end = at + 2
            while replacement[end : end + 1].isdecimal() and int(replacement[at + 1 : end + 1]) <= groups:
                end += 1
            pieces.append(int(replacement[at + 1 : end]))
            at = end
        elif sign == "\\":
            if following not in ("\\", "$") or not following:
                return None
            pieces.append(following)
            at += 2
        else:
            pieces.append(sign)
            at += 1
    return pieces


@builtin("split(string: string, delimiter: string)")
def split(run: Run, text: str, delimiter: str) -> list[str] | None:
    """Cut the text wherever the pattern is found."""
    machine = _pattern(delimiter, None)
    if machine is None or _search(run, machine, "") is not None:
        return None
    parts: list[str] = []
    at = 0
    while (match := _search(run, machine, text, at)) is not None:
        parts.append(_grown(run, text[at : match.start]))
        at = match.end
    parts.append(_grown(run, text[at:]))
    run.budget.grow(len(parts))
    return parts


@builtin("string join(list: list, delimiter?: string)")
def string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str | None:
    """Join the texts of a list, leaving out null."""
    texts = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in texts):
        return None
    between = delimiter or ""
    run.budget.grow(sum(len(text) for text in texts) + len(between) * len(texts))
    return between.join(texts)


@builtin("string(from: Any)")
def string(run: Run, value: Any) -> str | None:
    """Write any value as text; null stays null."""
    return None if value is None else write(value, run.budget)


@builtin("number(from: string, grouping separator?: string, decimal separator?: string)")
def number(run: Run, text: str, grouping: str | None = None, decimal: str | None = None) -> Decimal | None:
    """Read a number; the separators are a space, comma, full stop, or nothing, and never the same."""
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", ".") or (grouping and grouping == decimal):
        return None
    if grouping:
        text = text.replace(grouping, "")
    if decimal == ",":
        text = text.replace(".", "?").replace(",", ".")
    return NUMBERS.create_decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


@builtin("number(from: number)")
def number_itself(run: Run, value: Decimal) -> Decimal:
    """Give the number."""
    return value
