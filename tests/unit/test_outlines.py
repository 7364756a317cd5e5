"""The judge of pages: what is not valid is found, also where a valid page has almost the same outline."""

import html5lib
import pytest
from html5lib.html5parser import ParseError

from outlines import check_syntax, outline_of

PAGE = '<!DOCTYPE html>\n<html lang="id">\n<head><title>Judul &amp; isi</title></head>\n<body>\n{}\n</body>\n</html>\n'
SOUND = [
    '<p class="a b" title="satu &gt; dua">Halo, “dunia” – 1 &#34;x&#34; &nbsp;</p>',
    "<table><tbody><tr><td>satu</td></tr></tbody></table>",
    '<svg viewBox="0 0 1 1"><g id="a"><path d="M0 0"/><text>x</text></g></svg><p>x</p>',
    '<form action="/x"><input required value="a"><select><option selected>x</option></select></form>',
    '<script type="application/json">{"a": "b &amp; c"}</script><textarea>\nx</textarea>',
    "<p>x</p><!-- <p> > & --><p>y</p>",
    '<a href="/x?a=1&amp;b=2" title="a > b">x</a>',
]
BROKEN = [
    # Each beside what is sound in it.
    "<p>x</div>",
    "<div><p>x</p>",
    "<b><i>x</b></i>",
    '<p class="a" class="b">x</p>',
    '<p class="a"title="b">x</p>',
    "<p class=a'b>x</p>",
    '<table><tbody><tr><td>satu</td></tr><input type="text" name="a"></tbody></table>',
    "<table><p>x</p></table>",
    "<p>a < b</p>",
    "<p>satu &salah; dua</p>",
    '<p title="satu &salah; dua">x</p>',
    "<p>x\x01</p>",
    '<p title="x\x0b">x</p>',
    "<div/>x",
    "</br>",
    "<p>x</p class='y'>",
    "<ul><li>x</ul></li>",
    '<svg viewBox="0 0 1 1"><g id="a"><path d="M0 0"></g></svg><p>x</p>',
    '<svg viewBox="0 0 1 1"><g id="a"><p>x</p></g></svg>',
    "<table><svg></svg></table>",
    "<svg><svg></svg><p>x</p>",
    "<form><form></form></form>",
    '<a href="/x"><a href="/y">x</a></a>',
    "<select><div>x</div></select>",
    "<!-- x",
    "<title>x",
]


@pytest.fixture(autouse=True)
def _all_sound_ones_were_seen() -> None:
    for inner in SOUND:
        check_syntax(PAGE.format(inner))


@pytest.mark.parametrize("inner", SOUND)
def test_what_is_valid_is_valid_in_outline(inner: str) -> None:
    source = PAGE.format(inner)

    html5lib.HTMLParser(strict=True).parse(source)
    html5lib.HTMLParser(strict=True).parse(outline_of(source))


@pytest.mark.parametrize("inner", BROKEN)
def test_what_is_not_valid_is_found(inner: str) -> None:
    with pytest.raises(ParseError):
        html5lib.HTMLParser(strict=True).parse(PAGE.format(inner))

    for _ in range(2):
        with pytest.raises(ParseError):
            check_syntax(PAGE.format(inner))


def test_words_make_no_difference_and_what_is_not_plain_does() -> None:
    assert outline_of('<p title="a">satu</p>') == outline_of('<p  title="b">dua &amp; tiga</p>') == '<p title="">x</p>'
    assert outline_of('<p title="a &x">satu</p>') == '<p title="a &x">x</p>'
    assert outline_of("<p>satu &x</p>") == "<p>satu &x</p>"
