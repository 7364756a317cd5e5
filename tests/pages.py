"""The page contract: what every page of the application keeps, asserted each time a test opens one.

`visit("/tugas")` asserts the status, valid HTML, the language, one `h1` that the title contains, unique ids, a label
for every field, an action and a token for every form, no inline script or style, no Python `None`, and no name of an
enum member where words belong. A breach shows the element and the mend.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import html5lib
from flask.testing import FlaskClient
from html5lib.html5parser import ParseError
from lxml import etree, html
from werkzeug.test import TestResponse

from outlines import check_syntax

# Words with an underscore or a dotted code are names of ours that nobody translated.
_OUR_NAME = re.compile(r"(?<![\w/.@-])(?:[a-z]+_[a-z_]+|[a-z]+\.[a-z]+_[a-z_]+)(?![\w@/-])")
# Where a name of ours may stand on purpose: checksums, codes, file names.
_MACHINE_TEXT = "ancestor-or-self::*[self::code or self::kbd or contains(@class, 'app-machine')]"

# The value of a form's token, which is another one each time.
_TOKEN = re.compile(r'(name="csrf_token" value=")[\w.-]+')
# Pages that kept the contract, with their language: parsing strictly takes longer than making the page.
_SOUND: set[tuple[str, str]] = set()


@dataclass
class Form:
    """A form of a page, as a reader would fill it in."""

    action: str
    method: str
    # What would be posted if nothing were changed.
    values: dict[str, list[str]]
    # Texts of the buttons.
    buttons: list[str]
    element: Any


class Page:
    """An answer that has passed the contract, with the few questions that tests ask of it."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.source = response.get_data(as_text=True)
        self.tree = html.document_fromstring(self.source)

    @property
    def title(self) -> str:
        """The title of the page."""
        return squeeze(self.tree.findtext("head/title") or "")

    @property
    def heading(self) -> str:
        """The page's one h1."""
        return squeeze(self.tree.xpath("string(//h1)"))

    @property
    def text(self) -> str:
        """Everything that a reader sees, in one line."""
        return squeeze(" ".join(self.tree.xpath("//body//text()[not(ancestor::script)]")))

    @property
    def problems(self) -> dict[str, str]:
        """Field id -> sentence, as the error summary lists them."""
        links = self.tree.xpath("//*[contains(@class, 'govuk-error-summary__list')]//a")
        return {link.get("href").removeprefix("#"): squeeze(link.text_content()) for link in links}

    def forms(self) -> list[Form]:
        """Give the page's forms."""
        return [_read_form(element) for element in self.tree.xpath("//form")]

    def form(self, action: str) -> Form:
        """Give the form that posts to `action`."""
        found = [form for form in self.forms() if form.action.partition("?")[0] == action]
        assert found, f"no form posts to {action}; forms here: {[form.action for form in self.forms()]}"
        return found[0]

    def link(self, text: str) -> str:
        """Give the address behind a link with this text."""
        for element in self.tree.xpath("//a"):
            if squeeze(element.text_content()) == text:
                return str(element.get("href"))
        raise AssertionError(f"no link says {text!r}")

    def value(self, name: str) -> Any:
        """Give what stands in the field of this name: a string, or a list for several choices."""
        for form in self.forms():
            if name in form.values:
                values = form.values[name]
                return values[0] if len(values) == 1 else values
        return None


class Visitor:
    """A browser without scripts that checks every page it is given."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def __call__(self, address: str, *, status: int = 200, language: str = "id", **named: Any) -> Page:
        """Open a page, follow where it leads, and hold what is shown at the end to the contract."""
        response = self.client.get(address, follow_redirects=True, **named)
        return self._judge(response, address, status, language)

    def post(
        self,
        address: str,
        data: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        language: str = "id",
        **named: Any,
    ) -> Page:
        """Post to an address, follow where it leads, and hold the page at the end to the contract."""
        response = self.client.post(address, data=dict(data or {}), follow_redirects=True, **named)
        return self._judge(response, address, status, language)

    def fill(
        self,
        page: Page,
        action: str,
        data: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        language: str = "id",
        **named: Any,
    ) -> Page:
        """Fill in a page's form, leaving what stands there unless `data` says otherwise, and send it."""
        values: dict[str, Any] = {**page.form(action).values, **(data or {})}
        return self.post(action, values, status=status, language=language, **named)

    def _judge(self, response: TestResponse, address: str, status: int, language: str) -> Page:
        for answered in (*response.history, response):
            # A large post lies in a temporary file that the test client leaves open.
            answered.request.environ["wsgi.input"].close()
        assert response.status_code == status, (
            f"{address} answered {response.status_code}, not {status}: {squeeze(_visible(response))[:600]}"
        )
        assert response.mimetype == "text/html", f"{address} answered {response.mimetype}"
        check_page(response.get_data(as_text=True), language=language)
        return Page(response)


def check_page(source: str, *, language: str = "id") -> None:
    """Assert everything that every page keeps. A page that differs from a sound one in its token alone is sound."""
    page = _TOKEN.sub(r"\1x", source)
    if (page, language) in _SOUND:
        return
    breaches = list(_breaches(source, language))
    assert not breaches, "the page breaks its contract:\n- " + "\n- ".join(breaches)
    _SOUND.add((page, language))


def squeeze(text: str) -> str:
    """Make one line of a text."""
    return " ".join(text.split())


def _breaches(source: str, language: str) -> Iterator[str]:
    try:
        check_syntax(source)
    except ParseError as error:
        yield f"invalid HTML: {error}; look at {_around_error(source)}"
    tree = html.document_fromstring(source)
    yield from _frame_breaches(tree, language)
    yield from _id_breaches(tree)
    yield from _field_breaches(tree)
    yield from _form_breaches(tree)
    yield from _inline_breaches(tree)
    yield from _word_breaches(tree)


def _frame_breaches(tree: Any, language: str) -> Iterator[str]:
    if tree.get("lang") != language:
        yield f'<html lang="{tree.get("lang")}">; write lang="{language}"'
    title = squeeze(tree.findtext("head/title") or "")
    headings = [squeeze(heading.text_content()) for heading in tree.xpath("//h1")]
    if len(headings) != 1:
        yield f"{len(headings)} h1 elements {headings}; a page has exactly one"
    elif headings[0] not in title:
        yield f"the title {title!r} does not contain the h1 {headings[0]!r}"
    if len(tree.xpath("//main")) != 1:
        yield "a page has exactly one <main>"
    levels = [int(heading.tag[1]) for heading in tree.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")]
    for above, below in pairwise(levels):
        if below > above + 1:
            yield f"a heading of level {below} follows one of level {above}; do not skip a level"


def _id_breaches(tree: Any) -> Iterator[str]:
    ids = [element.get("id") for element in tree.xpath("//*[@id]")]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f'id="{name}" occurs {ids.count(name)} times; ids are unique'
    for attribute in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
        for element in tree.xpath(f"//*[@{attribute}]"):
            for name in element.get(attribute).split():
                if name not in ids:
                    yield f'{_show(element)} points at id "{name}", which does not exist'
    for link in tree.xpath("//a[starts-with(@href, '#')]"):
        if link.get("href")[1:] not in ids:
            yield f"{_show(link)} leads nowhere in this page"


def _field_breaches(tree: Any) -> Iterator[str]:
    labelled = {label.get("for") for label in tree.xpath("//label[@for]") if squeeze(label.text_content())}
    fields = "//input[not(@type='hidden' or @type='submit' or @type='button')] | //select | //textarea"
    for element in tree.xpath(fields):
        named = element.get("id") in labelled or element.get("aria-label") or element.get("aria-labelledby")
        if not named and not element.xpath("ancestor::label"):
            yield f"{_show(element)} has no label; write <label for=…> with words in it"
        if not element.get("name") and not element.xpath("ancestor-or-self::*[@data-scripted]"):
            yield f"{_show(element)} has no name, so it is never sent"
    for image in tree.xpath("//img[not(@alt)]"):
        yield f'{_show(image)} has no alt; write alt="" when it says nothing'
    for svg in tree.xpath("//*[local-name()='svg'][not(@aria-hidden)]"):
        if not svg.xpath("*[local-name()='title']"):
            yield f"{_show(svg)} has no <title>"
    for control in tree.xpath("//button | //a"):
        if (
            not squeeze(control.text_content())
            and not control.get("aria-label")
            and not control.xpath(".//img[@alt!='']")
        ):
            yield f"{_show(control)} says nothing to who cannot see it"


def _form_breaches(tree: Any) -> Iterator[str]:
    for form in tree.xpath("//form"):
        if not form.get("action"):
            yield f"{_show(form)} has no action"
        method = (form.get("method") or "get").lower()
        if method == "post" and not form.xpath(".//input[@name='csrf_token'][@value!='']"):
            yield f"{_show(form)} has no token; use post_form from components/forms.html"
        has_files = bool(form.xpath(".//input[@type='file']"))
        if has_files and form.get("enctype") != "multipart/form-data":
            yield f"{_show(form)} has files; write files=true"


def _inline_breaches(tree: Any) -> Iterator[str]:
    for script in tree.xpath("//script[not(@src)][not(@type='application/json')]"):
        yield f"{_show(script)} is inline; put it under webapp/frontend/src/scripts"
    for element in tree.xpath("//style | //*[@style]"):
        yield f"{_show(element)} is inline style; put it under webapp/frontend/src/styles"
    for element in tree.xpath("//*[@*[starts-with(name(), 'on')]]"):
        yield f"{_show(element)} has inline code"
    for element in tree.xpath("//*[@src or @href]"):
        target = urlsplit(element.get("src") or element.get("href"))
        if element.tag != "a" and target.netloc:
            yield f"{_show(element)} loads from elsewhere"


def _word_breaches(tree: Any) -> Iterator[str]:
    for text in tree.xpath(f"//body//text()[not(ancestor::script)][not({_MACHINE_TEXT})]"):
        words = squeeze(str(text))
        if re.search(r"(?<!\w)None(?!\w)", words):
            yield f"Python's None stands in {words[:80]!r}"
        for name in _OUR_NAME.findall(words):
            mend = "give it words in webapp/labels.py, or mark its place class app-machine"
            yield f"{name!r} in {words[:80]!r} is a name of ours; {mend}"


def _read_form(element: Any) -> Form:
    values: dict[str, list[str]] = {}
    for field in element.xpath(".//input[@name] | .//select[@name] | .//textarea[@name]"):
        name, kind = field.get("name"), field.get("type", "")
        if kind in {"submit", "button", "file"} or field.get("disabled") is not None:
            continue
        if kind in {"checkbox", "radio"}:
            if field.get("checked") is not None:
                values.setdefault(name, []).append(field.get("value", "on"))
        elif field.tag == "select":
            values.setdefault(name, []).extend(
                option.get("value", "") for option in field.xpath(".//option[@selected]")
            )
        elif field.tag == "textarea":
            values.setdefault(name, []).append((field.text or "").removeprefix("\n"))
        else:
            values.setdefault(name, []).append(field.get("value", ""))
    return Form(
        action=element.get("action") or "",
        method=(element.get("method") or "get").lower(),
        values=values,
        buttons=[squeeze(button.text_content()) for button in element.xpath(".//button")],
        element=element,
    )


def _show(element: Any) -> str:
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    opening = re.match(r"<[^>]*>", text)
    return opening.group(0)[:160] if opening else str(text)[:160]


def _around_error(source: str) -> str:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(source)
    (line, column), code, facts = parser.errors[0]
    lines = source.splitlines()
    shown = lines[line - 1][max(0, column - 80) : column + 20] if 0 < line <= len(lines) else ""
    return f"line {line}: {code} {facts or ''} near {shown!r}"


def _visible(response: TestResponse) -> str:
    source = response.get_data(as_text=True)
    if response.mimetype != "text/html" or not source.strip():
        return source
    return str(html.document_fromstring(source).xpath("string(//main)")) or source
