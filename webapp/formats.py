"""How values look to people: dates and spans in the reader's language, rupiah, sizes, working days. Jinja filters."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from flask import Flask
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    format_timedelta,
    gettext,
    ngettext,
    to_user_timezone,
)
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

# Markdown in forms and notices is the designer's, yet HTML in it stays text.
_markdown = MarkdownIt("js-default", {"html": False, "linkify": False}).disable("image")


def day(value: date | datetime | None) -> str:
    """Write a day in full: "Sabtu, 21 November 2026". An instant is read in the office's zone."""
    if value is None:
        return ""
    return format_date(_local_day(value), "EEEE, d MMMM yyyy")


def short_day(value: date | datetime | None) -> str:
    """Write a day briefly: "21 Nov 2026"."""
    return "" if value is None else format_date(_local_day(value), "d MMM yyyy")


def moment(value: datetime | None) -> str:
    """Write an instant: "Sabtu, 21 November 2026 pukul 09.05"."""
    if value is None:
        return ""
    at = gettext("pukul")
    return format_datetime(value, f"EEEE, d MMMM yyyy '{at}' HH.mm")


def short_moment(value: datetime | None) -> str:
    """Write an instant briefly: "21 Nov 2026 09.05"."""
    return "" if value is None else format_datetime(value, "d MMM yyyy HH.mm")


def age(span: timedelta) -> str:
    """Write how long something has lasted, in its largest unit: "3 jam"."""
    return format_timedelta(span, threshold=1)


def machine(value: date | datetime | None) -> str:
    """Write a day or an instant for the `datetime` attribute."""
    return "" if value is None else value.isoformat()


def last_day(due_at: datetime | None) -> str:
    """Write the last day of a deadline that ends at midnight: the day before the instant, in the office's zone."""
    if due_at is None:
        return ""
    return day(_last_local_day(due_at))


def short_last_day(due_at: datetime | None) -> str:
    """Write the last day of a deadline briefly."""
    return "" if due_at is None else short_day(_last_local_day(due_at))


def working_days(count: int | None) -> str:
    """Write how many working days are left, or by how many it is late: "sisa 2 hari kerja"."""
    if count is None:
        return ""
    if count == 0:
        return gettext("hari ini hari terakhir")
    if count < 0:
        return ngettext("lewat %(num)s hari kerja", "lewat %(num)s hari kerja", -count)
    return ngettext("sisa %(num)s hari kerja", "sisa %(num)s hari kerja", count)


def rupiah(value: Decimal | int | None) -> str:
    """Write money: "Rp1.500.000"."""
    return "" if value is None else f"Rp{format_decimal(value)}"


def figure(value: Decimal | int | None) -> str:
    """Write a number: "1.250", "2,5"; no value as a dash."""
    return "–" if value is None else format_decimal(value)


def file_size(size: int | None) -> str:
    """Write a number of bytes: "2,4 MB"."""
    if size is None:
        return ""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{format_decimal(round(size / 1000))} kB"
    return f"{format_decimal(round(size / 1_000_000, 1))} MB"


def number(value: Decimal | float | None) -> str:
    """Write a number with the separators of the language."""
    return "" if value is None else format_decimal(value)


def up_to_99(count: int) -> str:
    """Write a count that is looked at and not reckoned with: in two digits."""
    return str(count) if count < 100 else "99+"


def markdown(text: str | None) -> Markup:
    """Turn a designer's Markdown into safe HTML."""
    return Markup(_markdown.render(text or ""))  # noqa: S704 (HTML in the source is escaped by the renderer)


def ended(sentence: str) -> str:
    """Take the second full stop from a sentence that ends with a degree: "oleh Drs. Fulan, M.Si.."."""
    return sentence[:-1] if sentence.endswith("..") and not sentence.endswith("...") else sentence


def paragraphs(text: str | None) -> Markup:
    """Show what a person typed, with its line breaks and nothing else of it alive."""
    blocks = [block.strip() for block in (text or "").replace("\r\n", "\n").split("\n\n")]
    lines = (Markup("<br>").join(escape(block).split("\n")) for block in blocks if block)
    return Markup("").join(Markup("<p>{}</p>").format(block) for block in lines)


FILTERS = {
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "short_moment": short_moment,
    "age": age,
    "machine": machine,
    "last_day": last_day,
    "short_last_day": short_last_day,
    "working_days": working_days,
    "figure": figure,
    "rupiah": rupiah,
    "file_size": file_size,
    "number": number,
    "up_to_99": up_to_99,
    "markdown": markdown,
    "paragraphs": paragraphs,
    "ended": ended,
}


def init_formats(app: Flask) -> None:
    """Offer the filters to every template."""
    app.jinja_env.filters.update(FILTERS)


def _local_day(value: date | datetime) -> date:
    return to_user_timezone(value).date() if isinstance(value, datetime) else value


def _last_local_day(due_at: datetime) -> date:
    local = to_user_timezone(due_at)
    # 24:00 of the last day is stored as 00:00 of the next one.
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return date.fromordinal(local.date().toordinal() - 1) if midnight else local.date()
