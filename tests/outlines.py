"""Whether a page is valid HTML, asked of the parser once for all pages that differ in words alone.

Parsing strictly takes longer than making a page. What a parser objects to lies in the tags, in the order of them, and
in characters that mean something; so pages are parsed as outlines, in which plain words are one letter and plain
values of attributes are empty. Whatever is not plain stays as it is. Drawings are parsed apart: many pages show the
same one.
"""

import re
from html.entities import html5

import html5lib
from html5lib.html5parser import ParseError

_PIECE = re.compile(r"(<[^<>]*>)")
# A tag as we write it: values in double quotes, a space before each attribute. Others stay as they are.
_TAG = re.compile(r'<(/?[a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z][a-zA-Z0-9:_-]*(?:="[^"]*")?)*)\s*(/?)>')
# A parser reads these values: what it says of <input type="hidden"> in a table differs from what it says of others.
_VALUE = re.compile(r'\s+(?!type=|encoding=)([a-zA-Z][a-zA-Z0-9:_-]*)="[^"]*"')
_REFERENCE = re.compile(r"&(#3[49];|[a-zA-Z0-9]+;)?")
_STRANGE = re.compile("[^\t\n\r -~\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd]")
_DRAWING = re.compile(r"<svg\b[^<>]*>(?:(?!<svg\b).)*?</svg>", re.S)
_AROUND = "<!DOCTYPE html><html><head><title>x</title></head><body><div>{}</div></body></html>"

# What was read once, by what it is: the outline of each piece, and the outlines that are valid.
_outlines: dict[str, str] = {}
_valid: set[str] = set()


def check_syntax(source: str) -> None:
    """Raise html5lib's ParseError for a page that is not valid."""
    outline = outline_of(source)
    drawings = _DRAWING.findall(outline)
    try:
        for part in {_DRAWING.sub("<svg></svg>", outline), *map(_AROUND.format, drawings)} - _valid:
            html5lib.HTMLParser(strict=True).parse(part)
            _valid.add(part)
    except ParseError:
        # The page itself says it in its own words; should it be valid after all, then the outline was wrong.
        html5lib.HTMLParser(strict=True).parse(source)
        raise


def outline_of(source: str) -> str:
    """Leave out of a page the words and values that make no difference to its syntax."""
    if "<!--" in source or "<![" in source:
        # Whatever stands in a comment looks like something else.
        return source
    return "".join(
        [_outlines.get(piece) or _outlines.setdefault(piece, _outline(piece)) for piece in _PIECE.split(source)]
    )


def _outline(piece: str) -> str:
    if piece.startswith("<"):
        tag = _TAG.fullmatch(piece)
        if tag is None or not _is_plain(tag[2]):
            return piece
        return f"<{tag[1]}{_VALUE.sub(_without_value, tag[2])}{tag[3]}>"
    if "<" in piece or ">" in piece or not _is_plain(piece):
        return piece
    if piece.strip(" \t\n\r\f"):
        return "x"
    return piece[:1]


def _without_value(attribute: re.Match[str]) -> str:
    return f' {attribute[1]}=""'


def _is_plain(text: str) -> bool:
    """Tell whether a text holds nothing that a parser could object to."""
    references = (found[1] or "" for found in _REFERENCE.finditer(text))
    return not _STRANGE.search(text) and all(name.startswith("#") or name in html5 for name in references)
