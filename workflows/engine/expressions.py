"""FEEL at the border of a diagram: unwrap what modelers wrap, compile once at parse, tell where it is wrong."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from workflows.engine.report import Place, Report
from workflows.feel import expressions as feel
from workflows.language import say

Functions = Mapping[str, Callable[..., Any]]

# Letters of all expressions of one definition; a large case type has five thousand. More costs more time to read
# and to try than the gate promises.
MAXIMUM_LETTERS = 150_000

_WRAPPED = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)


def is_marked(text: str | None) -> bool:
    """Tell whether the text says of itself that it is FEEL: `=...` or `${...}`."""
    stripped = (text or "").strip()
    return stripped.startswith("=") or _WRAPPED.fullmatch(stripped) is not None


def bare(text: str | None) -> str:
    """Give the expression without `${...}` or a leading `=`; the file keeps them."""
    wrapped = _WRAPPED.fullmatch(text or "")
    plain = wrapped.group(1) if wrapped else (text or "")
    return plain.strip().removeprefix("=").strip()


class Compiler:
    """Compiles the expressions of one definition; every mistake becomes a finding at its element."""

    def __init__(self, functions: Functions, report: Report) -> None:
        self._functions = functions
        self._report = report
        self._letters = 0

    def expression(self, text: str, place: Place) -> feel.Expression | None:
        """Compile `text`; None, with a finding, when it is wrong."""
        if not text:
            self._report.error(
                place,
                "expression.empty",
                say("Ekspresi kosong.", "The expression is empty."),
                say("Tulis ekspresi FEEL.", "Write a FEEL expression."),
            )
            return None
        before, self._letters = self._letters, self._letters + len(text)
        if before > MAXIMUM_LETTERS:
            # It has been told of the one that was too many.
            return None
        if self._letters > MAXIMUM_LETTERS:
            self._report.error(
                place,
                "expression.too_many",
                say(
                    f"Semua ungkapan bersama lebih dari {MAXIMUM_LETTERS} huruf.",
                    f"All expressions together are over {MAXIMUM_LETTERS} letters.",
                ),
                say("Pindahkan hitungannya ke tabel keputusan.", "Move what they compute into decision tables."),
            )
            return None
        try:
            return feel.compile(text, functions=self._functions)
        except feel.FeelError as problem:
            self._report.error(
                place,
                "expression.invalid",
                say(f"Ekspresi FEEL salah: {problem.message}", f"The FEEL expression is wrong: {problem.message}"),
                say(
                    f'Perbaiki "{text}". Teks tetap ditulis dalam tanda kutip.',
                    f'Mend "{text}". A constant text is written in quotes.',
                ),
            )
            return None
