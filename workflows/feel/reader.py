"""From text to the parts of an expression: the grammar is fed with words, and each rule builds its part."""

from collections.abc import Collection
from decimal import DecimalException
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedToken, v_args

from workflows.feel import nodes
from workflows.feel.arithmetic import negate
from workflows.feel.budget import TEXT
from workflows.feel.builtins.registry import BUILTINS
from workflows.feel.errors import FeelError
from workflows.feel.lexer import KnownNames, tokens
from workflows.feel.nodes import Node
from workflows.feel.properties import PROPERTY_NAMES
from workflows.feel.types import TYPE_NAMES, Type, simple
from workflows.feel.values import NUMBERS, read_temporal
from workflows.language import say


def read_expression(text: str, names: Collection[str]) -> Node:
    """Read the text as one expression; FeelError says where it is wrong."""
    result = _parsed(_words(text, names), "expression", text)
    if not isinstance(result, Node):
        raise TypeError("the grammar gave no expression")
    return result


def read_tests(text: str, names: Collection[str]) -> tuple[bool, tuple[Node, ...]]:
    """Read the text of a cell: whether it is `not(...)`, and its tests; no test stands for any value (`-`)."""
    words = _words(text, names)
    if not words or (len(words) == 1 and words[0].type == "MINUS"):
        return False, ()
    negated = _is_negated(words)
    tests: tuple[Node, ...] = tuple(_parsed(words[2:-1] if negated else words, "tests", text))
    return negated, tests


def _words(text: str, names: Collection[str]) -> list[Token]:
    if len(text) > TEXT:
        raise FeelError(
            "feel.text_too_long", say("Ungkapan ini terlalu panjang.", "This expression is too long."), TEXT
        )
    return tokens(text, names, _builtin_names())


# A range may be closed by another kind of bracket than it was opened with.
_DEEPER = {
    **dict.fromkeys(("LPAR", "LSQB", "OPEN_FROM", "_LBRACE"), 1),
    **dict.fromkeys(("RPAR", "RSQB", "CLOSE_BEFORE", "_RBRACE"), -1),
}


def _is_negated(words: list[Token]) -> bool:
    """Tell whether all of the cell stands inside one `not(...)`."""
    if len(words) < 4 or words[0] != "not" or words[1].type != "LPAR":
        return False
    depth = 0
    for number, word in enumerate(words[1:], 1):
        depth += _DEEPER.get(word.type, 0)
        if depth == 0:
            return number == len(words) - 1
    return False


@lru_cache(maxsize=1)
def _builtin_names() -> KnownNames:
    return KnownNames({*BUILTINS, *TYPE_NAMES, *PROPERTY_NAMES})


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    return Lark(
        Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=["expression", "tests"],
        maybe_placeholders=False,
        transformer=_Builder(),
    )


def _parsed(words: list[Token], start: str, text: str) -> Any:
    parser = _grammar().parse_interactive(start=start)
    try:
        for word in words:
            parser.feed_token(word)
        last = words[-1] if words else None
        return parser.feed_eof(last)  # type: ignore[no-untyped-call]
    except UnexpectedToken as problem:
        accepted = parser.accepts()  # type: ignore[no-untyped-call]
        raise _unexpected(problem.token, accepted, words, text) from None


def _unexpected(token: Token, accepted: set[str], words: list[Token], text: str) -> FeelError:
    if token.type == "$END":
        message = (
            say("Ungkapan ini belum selesai.", "This expression is not finished.")
            if words
            else say("Ungkapan ini kosong.", "This expression is empty.")
        )
        return FeelError("feel.unfinished", message + _missing(accepted), len(text))
    word = text[token.start_pos : token.end_pos]
    shown = word if word.startswith('"') else f'"{word}"'
    return FeelError(
        "feel.unexpected",
        say(f"{shown} tidak dapat berdiri di sini.", f"{shown} cannot stand here.")
        + _hint(token, words, text)
        + _missing(accepted),
        token.start_pos,
        word=word,
    )


def _hint(token: Token, words: list[Token], text: str) -> str:
    """Say how FEEL writes what another language writes so."""
    before = text[: token.start_pos or 0][-1:]
    if token.type == "EQ" and before == "=":
        return say(' Persamaan ditulis dengan satu tanda "=".', ' Equality is written with one "=".')
    if token.type == "GT" and before == "<":
        return say(' Ketidaksamaan ditulis "!=".', ' Inequality is written "!=".')
    if token.type == "PLACEHOLDER":
        return say(" Pilihan ditulis if … then … else ….", " A choice is written if … then … else ….")
    if token.type in ("_AND", "_OR") and words[0].type in ("LT", "LE", "GT", "GE", "EQ", "NE"):
        return say(' Tulislah "? > 1 and ? < 5", atau [1..5].', ' Write "? > 1 and ? < 5", or [1..5].')
    return ""


_WANTED = (
    ("_THEN", "then"), ("_ELSE", "else"), ("_RETURN", "return"), ("_SATISFIES", "satisfies"), ("RSQB", "]"),
    ("RPAR", ")"), ("_RBRACE", "}"),
)  # fmt: skip


def _missing(accepted: set[str]) -> str:
    """Say which single word would go on here, when the grammar waits for one in particular."""
    if "NUMBER" in accepted:
        return " " + say("Di sini harus ada nilai.", "A value must stand here.")
    wanted = next((word for kind, word in _WANTED if kind in accepted), None)
    if wanted is None and "_AND" in accepted and "_OR" not in accepted:
        # Only the second end of `between` waits for this one alone.
        wanted = "and"
    if wanted is None and accepted == {"_IN"}:
        wanted = "in"
    return "" if wanted is None else " " + say(f'Mungkin kurang "{wanted}".', f'Perhaps "{wanted}" is missing.')


def read_literal(text: str, at: int) -> Any:
    """Read the content of `@"..."`; FeelError when it is no date, time or duration."""
    value = read_temporal(text)
    if value is None:
        raise FeelError(
            "feel.literal",
            say(
                f'"{text}" bukan tanggal, waktu, atau lama waktu.',
                f'"{text}" is no date, time or duration.',
            ),
            at,
        )
    return value


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """One method per rule of the grammar."""

    def tests(self, *tests: Node) -> tuple[Node, ...]:
        return tests

    def number(self, token: Token) -> Node:
        try:
            return nodes.Literal(NUMBERS.create_decimal(str(token)))
        except DecimalException:
            raise FeelError(
                "feel.literal", say("Bilangan ini terlalu besar.", "This number is too large."), token.start_pos
            ) from None

    def string(self, token: Token) -> Node:
        return nodes.Literal(str(token))

    def temporal(self, token: Token) -> Node:
        return nodes.Literal(read_literal(str(token), token.start_pos or 0))

    def true(self, _: Token) -> Node:
        return nodes.Literal(True)

    def false(self, _: Token) -> Node:
        return nodes.Literal(False)

    def null(self, _: Token) -> Node:
        return nodes.Literal(None)

    def name(self, token: Token) -> Node:
        return nodes.Name(str(token), token.start_pos or 0)

    def grouped(self, _open: Token, inner: Node, _close: Token) -> Node:
        return inner

    def half_range(self, _open: Token, inner: Node, _close: Token) -> Node:
        return inner

    def comparison_of_input(self, sign: Token, bound: Node) -> Node:
        return nodes.HalfComparison(_SIGN[sign.type], bound)

    def calculated(self, first: Node, *rest: Any) -> Node:
        return nodes.Chain(first, tuple(_SIGN[sign.type] for sign in rest[::2]), rest[1::2])

    def negated(self, _: Token, operand: Node) -> Node:
        if isinstance(operand, nodes.Literal):
            return nodes.Literal(negate(operand.content))
        return nodes.Negation(operand)

    def either(self, *operands: Node) -> Node:
        return nodes.Logic(True, operands)

    def both(self, *operands: Node) -> Node:
        return nodes.Logic(False, operands)

    def compared(self, left: Node, sign: Token, right: Node) -> Node:
        return nodes.Comparison(_SIGN[sign.type], left, right)

    def between(self, operand: Node, low: Node, high: Node) -> Node:
        return nodes.Between(operand, low, high)

    def belongs(self, operand: Node, *tests: "Node | Token") -> Node:
        return nodes.Membership(operand, tuple(test for test in tests if isinstance(test, Node)))

    def instance_of(self, operand: Node, type_: Type) -> Node:
        return nodes.InstanceOf(operand, type_)

    def path(self, operand: Node, name: Token) -> Node:
        return nodes.Path(operand, str(name))

    def filtered(self, operand: Node, _open: Token, condition: Node, _close: Token) -> Node:
        return nodes.Filter(operand, condition)

    def called(self, callee: Node, _open: Token, *arguments: Any) -> Node:
        given = arguments[:-1]
        if given and isinstance(given[0], tuple):
            return nodes.Call(callee, tuple(value for _, value in given), tuple(name for name, _ in given))
        return nodes.Call(callee, given, None)

    def named(self, key: Token, value: Node) -> tuple[str, Node]:
        return str(key), value

    def range(self, opened: Token, low: Node, high: Node, closed: Token) -> Node:
        return nodes.RangeOf(low, high, opened.type == "LSQB", closed.type == "RSQB")

    def list(self, _open: Token, *items: Any) -> Node:
        return nodes.ListOf(items[:-1])

    def context(self, *entries: tuple[str, Node]) -> Node:
        return nodes.ContextOf(tuple(key for key, _ in entries), tuple(value for _, value in entries))

    def entry(self, key: Token, value: Node) -> tuple[str, Node]:
        return str(key), value

    def conditional(self, condition: Node, then: Node, otherwise: Node) -> Node:
        return nodes.Conditional(condition, then, otherwise)

    def iteration(self, key: Token, domain: Node, end: Node | None = None) -> nodes.Iteration:
        return nodes.Iteration(str(key), domain, end)

    def loop(self, *parts: Any) -> Node:
        return nodes.Loop(parts[:-1], parts[-1])

    def quantified(self, word: Token, *parts: Any) -> Node:
        return nodes.Quantified(word.type == "SOME", parts[:-1], parts[-1])

    def parameter(self, name: Token, type_: Type | None = None) -> tuple[str, Type | None]:
        return str(name), type_

    def function(self, _open: Token, *parts: Any) -> Node:
        parameters, body = parts[:-2], parts[-1]
        return nodes.Definition(tuple(name for name, _ in parameters), tuple(type_ for _, type_ in parameters), body)

    def type(self, name: Token, *inner: Any) -> Type:
        known = simple(str(name))
        if known is None:
            # Perhaps a type of the file; who compiles the text knows.
            return Type("Any", reference=str(name), at=name.start_pos or 0)
        elements = [part for part in inner if isinstance(part, Type)]
        return Type(known.name, element=elements[0]) if elements else known

    def context_type(self, name: Token, *inner: Any) -> Type:
        keys = [str(part) for part in inner if isinstance(part, Token) and part.type == "KEY"]
        types = [part for part in inner if isinstance(part, Type)]
        return Type("context", entries=tuple(zip(keys, types, strict=True)))

    def function_type(self, *inner: Any) -> Type:
        types = [part for part in inner if isinstance(part, Type)]
        # The last one is that of the result, which only a call can tell; `function` alone names none.
        return Type("function", parameters=tuple(types[:-1]) if types else None)


_SIGN = {
    "EQ": "=", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=",
    "PLUS": "+", "MINUS": "-", "STAR": "*", "SLASH": "/", "POWER": "**",
}  # fmt: skip
