"""Templates of paper: HTML filled by sandboxed Jinja from primitives, and the small words that print needs.

A template sees plain values only (texts, numbers, lists, dictionaries), so printing can neither read nor write the
database; every value is escaped. Days and instants come as ISO texts and are written out by filters.
"""

import io
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import segno
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from workflows.errors import BrokenDefinition, Finding
from workflows.language import Language, say


def fill(
    files: Mapping[str, str],
    name: str,
    context: Mapping[str, Any],
    *,
    language: Language = "id",
    lenient: Collection[str] = (),
) -> str:
    """Fill the template `name`, which may include and extend the other files; TemplateError when it cannot be.

    Whatever is missing below a name in `lenient` counts as empty; any other missing value is an error.
    """
    values = {key: _blanks(value) if key in lenient else value for key, value in context.items()}
    return _environment(files, language).get_template(name).render(values)


def problems(files: Mapping[str, str], name: str, example: Mapping[str, Any], *, file: str) -> list[Finding]:
    """Fill a template with its example and tell what a designer must mend; empty when it works."""
    try:
        fill(files, name, example)
    except TemplateError as error:
        return [
            Finding(
                code="letter.broken_template",
                message=say(f"Surat tidak dapat diisi: {error}", f"The letter cannot be filled: {error}"),
                fix=say(
                    "Pakai hanya nilai yang tersedia, atau lengkapi example.yml",
                    "Use available values only, or complete example.yml",
                ),
                file=file,
                line=getattr(error, "lineno", None) or 1,
            )
        ]
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        raise BrokenDefinition(
            [
                Finding(
                    code="letter.broken_template",
                    message=say(
                        f"Contoh surat memuat nilai yang salah: {error}", f"The example holds a wrong value: {error}"
                    ),
                    file=file,
                )
            ]
        ) from error
    return []


def qr_picture(text: str, *, title: str) -> Markup:
    """A QR code as SVG that is read out by its title."""
    target = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(
        target,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=1,
        title=title,
        svgclass="qr",
        lineclass=None,
    )
    # The text is ours: segno escapes the title.
    return Markup(target.getvalue().decode().replace("<svg ", '<svg role="img" ', 1))  # noqa: S704


class _Blanks(dict[str, Any]):
    """A dictionary in which everything is: what is missing is empty, prints as nothing and has empty parts itself."""

    def __missing__(self, key: str) -> "_Blanks":
        return _Blanks()

    def __str__(self) -> str:
        return ""


def _blanks(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _Blanks({key: _blanks(inner) for key, inner in value.items()})
    return value


def _environment(files: Mapping[str, str], language: Language) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(files)), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        day=lambda value, spoken=language: _day(value, spoken),
        moment=lambda value: _moment(value, language),
        month_day=lambda value: _day(value, language, "d MMM y"),
        paragraphs=_paragraphs,
        size=lambda value: _size(value, language),
    )
    return environment


def _day(value: str | date, language: Language, form: str = "d MMMM y") -> str:
    """A day in words, "2 Maret 2026"; empty for nothing."""
    if not value:
        return ""
    return format_date(value if isinstance(value, date) else date.fromisoformat(value[:10]), form, locale=language)


def _moment(value: str | datetime, language: Language) -> str:
    """A local day and time, "2 Maret 2026 pukul 09.15"; empty for nothing."""
    if not value:
        return ""
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    # Without tzinfo babel takes the wall clock as it stands instead of moving it to UTC.
    return format_datetime(
        instant.replace(tzinfo=None),
        "d MMMM y 'pukul' HH.mm" if language == "id" else "d MMMM y, HH:mm",
        locale=language,
    )


def _paragraphs(value: str) -> Markup:
    """Text as people typed it, in paragraphs and lines."""
    blocks: Iterable[str] = (block.strip() for block in str(value).replace("\r\n", "\n").split("\n\n"))
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n")))
        for block in blocks
        if block
    )


def _size(value: int, language: Language) -> str:
    """A number of bytes as people say it."""
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if value >= size:
            return f"{format_decimal(round(value / size, 1), locale=language)} {unit}"
    return f"{value} B"
