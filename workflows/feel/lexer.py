"""Words of a FEEL text, for the grammar.

A FEEL name may hold spaces, keywords and signs (`date of birth`, `profit/loss`), and only the names in scope tell
where it ends (DMN 1.3, 10.3.1.2 and 10.3.1.4: the longest name in scope wins). So words are cut here by hand and the
grammar gets finished tokens.
"""

import re
from collections.abc import Collection, Iterable

from lark import Token

from workflows.feel.budget import LEVELS, too_deep
from workflows.feel.errors import FeelError
from workflows.language import say

_KEYWORDS = {
    "and": "_AND", "or": "_OR", "between": "_BETWEEN", "in": "_IN", "if": "_IF", "then": "_THEN", "else": "_ELSE",
    "for": "_FOR", "return": "_RETURN", "some": "SOME", "every": "EVERY", "satisfies": "_SATISFIES",
    "function": "_FUNCTION", "true": "TRUE", "false": "FALSE", "null": "NULL",
}  # fmt: skip
_SIGNS = {
    "<=": "LE", ">=": "GE", "!=": "NE", "**": "POWER", "..": "_DOTS", "->": "_ARROW", "=": "EQ", "<": "LT", ">": "GT",
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB",
    "{": "_LBRACE", "}": "_RBRACE", ",": "_COMMA", ":": "_COLON", ".": "_DOT", "?": "PLACEHOLDER",
    "−": "MINUS", "–": "MINUS", "≤": "LE", "≥": "GE", "≠": "NE",
}  # fmt: skip
# Tokens after which a value is complete, so that what follows continues or closes it.
_VALUE_ENDS = frozenset(
    {
        "NAME",
        "NUMBER",
        "STRING",
        "AT",
        "PLACEHOLDER",
        "TRUE",
        "FALSE",
        "NULL",
        "RPAR",
        "RSQB",
        "CLOSE_BEFORE",
        "_RBRACE",
    }
)
_OPENERS = {"LPAR": ")", "LSQB": "]", "OPEN_FROM": "[", "_LBRACE": "}"}

_START = r"[^\W\d]|[\U00010000-\U000EFFFF]"
_PART = r"[\w\u00b7\u0300-\u036f\u203f-\u2040]|[\U00010000-\U000EFFFF]"
_WORD = rf"(?:{_START})(?:{_PART})*"
_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<NUMBER>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    rf"|(?P<STRING>\"(?:[^\"\\]|\\.)*\")"
    rf"|@\s*(?P<AT>\"(?:[^\"\\]|\\.)*\")"
    rf"|(?P<INSTANCE>instance\s+of\b)"
    rf"|(?P<WORD>{_WORD})"
    rf"|(?P<SIGN><=|>=|!=|\*\*|\.\.|->|[-=<>+*/()\[\]{{}},:.?−–≤≥≠])",
    re.DOTALL,
)
_NEXT_WORD = re.compile(rf"\s+({_WORD})")
# A name before a colon (entry of a context, named argument, parameter) or before `in` (iteration) ends there.
# Space is taken whole (`++`), so that a long run of it is not tried place by place.
_NAME_RUN = rf"(?:{_START})(?:{_PART}|[./+*'’–-]|\s++)*?"
_BEFORE_COLON = re.compile(rf"({_NAME_RUN})\s*+(?=:)")
_BEFORE_IN = re.compile(rf"({_NAME_RUN})\s++(?=in\b)")
_COLON = re.compile(r"\s*:")
# What may begin an expression: behind `[` it makes a filter, its absence the end of a range.
_EXPRESSION_START = re.compile(
    rf"\s*(?:[-\d.\"@(\[{{?<>=!]|(?!(?:and|or|then|else|in|return|satisfies|between)\b){_WORD})"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


class KnownNames:
    """Names of several words or with signs, found by their first word, the longest first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first_word: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        for name in names:
            self.learn(name)

    def learn(self, name: str) -> None:
        """Bring one more name into scope; names of one plain word need no learning."""
        first = re.match(_WORD, name)
        if first is None or first[0] == name or re.fullmatch(_WORD, name):
            return
        pieces = re.findall(rf"{_WORD}|\d+|[^\w\s]", name)
        # Space between the pieces of a name does not count, DMN 1.3, 10.3.1.4.
        pattern = re.compile(r"\s*".join(_piece(piece) for piece in pieces) + rf"(?!{_PART})")
        names = self._by_first_word.setdefault(first[0], [])
        names.append((name, pattern))
        names.sort(key=lambda known: -len(known[0]))

    def longest(self, text: str, at: int, word: str) -> tuple[str, int] | None:
        """Give the longest known name that begins with `word` at that place, and where it ends."""
        for name, pattern in self._by_first_word.get(word, ()):
            match = pattern.match(text, at)
            if match is not None:
                return name, match.end()
        return None


def _piece(piece: str) -> str:
    # Two words need a space between them, a sign none; `\s*` joins the pieces, and a word must not run on.
    return re.escape(piece) + (rf"(?!{_PART})" if re.match(_PART, piece) else "")


def tokens(text: str, names: Collection[str], functions: KnownNames) -> list[Token]:
    """Cut the text into tokens; FeelError tells where it cannot be cut."""
    return _Cutter(text, KnownNames(names), functions).cut()


class _Cutter:
    """One pass over one text."""

    def __init__(self, text: str, names: KnownNames, functions: KnownNames) -> None:
        self.text = text
        self.names = names
        self.functions = functions
        self.found: list[Token] = []
        # Open brackets: the token that opened, and whether `..` has been seen inside.
        self.open: list[tuple[str, bool]] = []

    def cut(self) -> list[Token]:
        at, end = 0, len(self.text)
        while True:
            space = _SPACE.match(self.text, at)
            at = space.end() if space else at
            if at >= end:
                return self.found
            at = self._one(at)

    def _one(self, at: int) -> int:
        match = _TOKEN.match(self.text, at)
        if match is None:
            raise self._unreadable(at)
        group, content = str(match.lastgroup), match[match.lastgroup or 0]
        if group == "WORD":
            return self._word(at, content)
        if group == "SIGN":
            return self._sign(at, content)
        if group == "INSTANCE":
            return self._add("_INSTANCE_OF", content, at, match.end())
        if group in ("STRING", "AT"):
            content = _unescaped(content, match.start(group))
        is_key = self._before in ("_LBRACE", "_COMMA") and _COLON.match(self.text, match.end())
        if group == "STRING" and is_key:
            # A key in quotes is a name like any other to the entries behind it, and behind a dot.
            self.names.learn(" ".join(content.split()))
        return self._add(group, content, at, match.end())

    def _add(self, kind: str, value: str, at: int, end: int) -> int:
        self.found.append(Token(kind, value, start_pos=at, end_pos=end))
        return end

    @property
    def _before(self) -> str:
        return self.found[-1].type if self.found else ""

    def _word(self, at: int, word: str) -> int:
        key = self._key(at)
        if key is not None:
            return key
        named = self.names.longest(self.text, at, word) if self._before != "_DOT" else None
        named = named or self._function(at, word)
        if named is None and self._before == "_DOT":
            named = self.names.longest(self.text, at, word)
        if named is not None:
            return self._add("NAME", named[0], at, named[1])
        if self._before != "_DOT" and word in _KEYWORDS:
            return self._add(_KEYWORDS[word], word, at, at + len(word))
        # Two words beside each other are never right unless they are one name.
        words, end = [word], at + len(word)
        while (following := _NEXT_WORD.match(self.text, end)) and following[1] not in _KEYWORDS:
            if following[1] == "instance" and _TOKEN.match(self.text, following.start(1))["INSTANCE"]:  # type: ignore[index]
                break
            words.append(following[1])
            end = following.end()
        return self._add("NAME", " ".join(words), at, end)

    def _function(self, at: int, word: str) -> tuple[str, int] | None:
        """Find a built-in name of several words; one with "and" in it only where a function or type must be."""
        named = self.functions.longest(self.text, at, word)
        if named is None or " and " not in named[0]:
            return named
        calls = self.text[named[1] :].lstrip().startswith("(")
        is_type = self._before in ("_INSTANCE_OF", "LT", "_COLON", "_ARROW") or self.open[-1:] == [("LT", False)]
        return named if calls or is_type else None

    def _key(self, at: int) -> int | None:
        """Read a name that a colon or `in` ends, where one may stand; and bring it into scope."""
        before = self._before
        match = None
        if before in ("_LBRACE", "LPAR", "LT", "_COMMA"):
            match = _BEFORE_COLON.match(self.text, at)
        if match is None and before in ("_FOR", "SOME", "EVERY", "_COMMA"):
            match = _BEFORE_IN.match(self.text, at)
            if match is not None and before == "_COMMA" and not self._iterates():
                match = None
        if match is None:
            return None
        name = " ".join(match[1].split())
        self.names.learn(name)
        return self._add("KEY", name, at, match.end(1))

    def _iterates(self) -> bool:
        """Tell whether a comma here parts two iterations of one `for`, `some` or `every`."""
        depth = 0
        for token in reversed(self.found):
            if token.type in ("RPAR", "RSQB", "_RBRACE", "CLOSE_BEFORE"):
                depth += 1
            elif token.type in _OPENERS:
                depth -= 1
                if depth < 0:
                    return False
            elif depth == 0 and token.type in ("_FOR", "SOME", "EVERY"):
                return True
            elif depth == 0 and token.type in ("_RETURN", "_SATISFIES"):
                return False
        return False

    def _sign(self, at: int, sign: str) -> int:
        kind, end = _SIGNS[sign], at + len(sign)
        if kind == "RSQB" and self._before not in _VALUE_ENDS and self._before != "LSQB":
            kind = "OPEN_FROM"
        elif kind == "LSQB" and self.open and self.open[-1][1] and self._before in _VALUE_ENDS:
            kind = "LSQB" if _EXPRESSION_START.match(self.text, end) else "CLOSE_BEFORE"
        if kind in _OPENERS:
            self.open.append((kind, False))
            if len(self.open) > LEVELS:
                raise too_deep()
        elif kind == "_DOTS" and self.open:
            self.open[-1] = (self.open[-1][0], True)
        elif kind in ("RPAR", "RSQB", "_RBRACE", "CLOSE_BEFORE") and self.open:
            self.open.pop()
        return self._add(kind, sign, at, end)

    def _unreadable(self, at: int) -> FeelError:
        sign = self.text[at]
        if sign == '"':
            return FeelError(
                "feel.open_string",
                say("Tanda kutip ini tidak ditutup.", "This quotation mark is never closed."),
                at,
            )
        hint = next((mend for signs, mend in _elsewhere() if sign in signs), "")
        return FeelError(
            "feel.unknown_sign",
            say(f"Tanda {sign!r} tidak dikenal FEEL.", f"FEEL does not know the sign {sign!r}.") + hint,
            at,
        )


def _elsewhere() -> tuple[tuple[str, str], ...]:
    """Give signs of other languages, and how FEEL writes what they mean."""
    return (
        ("'‘’“”`", say(' Teks ditulis di antara tanda kutip ganda "…".', ' Texts stand between double quotes "…".')),
        ("&|", say(' Pakailah "and" atau "or".', ' Use "and" or "or".')),
        ("!", say(' Pakailah "not(…)".', ' Use "not(…)".')),
        ("%", say(" Sisa pembagian ditulis modulo(…, …).", " The rest of a division is modulo(…, …).")),
        ("^", say(" Pangkat ditulis **.", " A power is written **.")),
        (";", say(" Butir daftar dipisahkan koma.", " Elements of a list are parted by commas.")),
    )


def _unescaped(quoted: str, at: int) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        if code:
            number = int(code, 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                return match[0] if number > 0x10FFFF else chr(number)
            return chr(number)
        return _ESCAPED.get(match[3], match[0])

    text = _ESCAPE.sub(one, quoted[1:-1])
    # Pairs of \uD83D\uDC0E are one character outside the basic plane; a half alone is no text.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\x00" in text:
        raise FeelError("feel.unknown_sign", say("Teks memuat tanda nol.", "The text holds a null character."), at)
    return text
