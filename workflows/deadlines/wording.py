"""The words that explain how a deadline was counted, in Indonesian and in English, each as one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date

from workflows.calendar.working_days import Counted, Skipped
from workflows.deadlines.rules import Evidence, Reading, Rule, Unit


@dataclass(frozen=True)
class Facts:
    """What an explanation is made of."""

    rule: Rule
    # Trigger and end, both in the office's zone.
    starts_at: datetime
    ends_at: datetime
    counted: Counted
    reading: Reading
    # Days or hours counted.
    amount: int | Decimal
    # The part of the rule that was asked for; None for all of it.
    share: Decimal | None


_UNITS: dict[Unit, tuple[str, str, str]] = {
    "working_days": ("hari kerja", "working day", "working days"),
    "calendar_days": ("hari kalender", "calendar day", "calendar days"),
    "clock_hours": ("jam", "hour", "hours"),
}
_EVIDENCE: dict[Evidence, tuple[str, str]] = {
    "found": (
        "dibaca pada sumber sekunder, naskah resmi belum diperiksa",
        "read in a secondary source, not in the gazette",
    ),
    "memory": ("belum diverifikasi pada naskah resmi", "not yet verified in the official text"),
    "brief": ("menurut keterangan pemilik layanan, belum diverifikasi", "as named by the service owner, not verified"),
    "design": ("ketetapan kantor ini", "set by this office"),
}


def indonesian(said: Facts) -> str:
    """Explain in Indonesian."""
    rule, day = said.rule, _days("id", "EEEE, d MMMM yyyy")
    unit = _UNITS[rule.unit][0]
    parts = [f"{_name(rule, rule.title)}: {rule.length} {unit} sejak {rule.trigger}"]
    if rule.follows:
        parts.append(f"Jatuh tempo bila {rule.follows} terlewati")
    if said.share is not None:
        parts.append(f"Dihitung {_percent(said.share, ',')}% dari batas itu, yaitu {_number(said.amount, ',')} {unit}")
    if rule.unit == "clock_hours":
        parts.append(
            f"Mulai {day(said.starts_at)} pukul {said.starts_at:%H.%M} {said.starts_at.tzname()}; berakhir "
            f"{day(said.ends_at)} pukul {said.ends_at:%H.%M} {said.ends_at.tzname()}"
        )
        parts.append("Setiap jam dihitung, juga malam dan hari libur")
    else:
        parts.append(
            f"Hari ke-0 {day(said.starts_at)}; hari terakhir {day(said.counted.day)}, sampai pukul 24.00 "
            f"{said.ends_at.tzname()}"
        )
    if rule.unit == "calendar_days":
        parts.append("Setiap hari dihitung, juga akhir pekan dan hari libur")
    if rule.unit == "working_days":
        parts.append(
            "Hitungan ketat: cuti bersama dihitung sebagai hari kerja"
            if said.reading == "strict"
            else "Hitungan longgar: cuti bersama tidak dihitung sebagai hari kerja"
        )
        skipped = _skipped(said.counted.skipped, "id", "akhir pekan", lambda off: off.reason.name)
        parts.append(f"Dilewati: {skipped}" if skipped else "Tidak ada hari yang dilewati")
    if years := said.counted.provisional_years:
        parts.append(f"Hari libur tahun {_and(years, 'dan')} masih perkiraan")
    parts.append(f"Dasar: {rule.source} – {_EVIDENCE[rule.evidence][0]}")
    return _sentences([*parts, rule.note])


def english(said: Facts) -> str:
    """Explain in English."""
    rule, day = said.rule, _days("en_GB", "EEEE, d MMMM yyyy")
    parts = [f"{_name(rule, rule.title_en)}: {_counted(rule.length, rule.unit)} after {rule.trigger_en}"]
    if rule.follows:
        parts.append(f"Falls due when {rule.follows} is breached")
    if said.share is not None:
        parts.append(f"Counted is {_percent(said.share, '.')}% of it, that is {_counted(said.amount, rule.unit)}")
    if rule.unit == "clock_hours":
        parts.append(
            f"Begins {day(said.starts_at)} at {said.starts_at:%H:%M} {said.starts_at.tzname()}; ends "
            f"{day(said.ends_at)} at {said.ends_at:%H:%M} {said.ends_at.tzname()}"
        )
        parts.append("Every hour counts, nights and holidays too")
    else:
        parts.append(
            f"Day 0 is {day(said.starts_at)}; the last day is {day(said.counted.day)}, until 24:00 "
            f"{said.ends_at.tzname()}"
        )
    if rule.unit == "calendar_days":
        parts.append("Every day counts, weekends and holidays too")
    if rule.unit == "working_days":
        parts.append(
            "Strict count: joint leave (cuti bersama) counts as working days"
            if said.reading == "strict"
            else "Lenient count: joint leave (cuti bersama) does not count as working days"
        )
        skipped = _skipped(said.counted.skipped, "en_GB", "weekend", lambda off: off.reason.name_en)
        parts.append(f"Skipped: {skipped}" if skipped else "No day was skipped")
    if years := said.counted.provisional_years:
        parts.append(f"The days off of {_and(years, 'and')} are still an estimate")
    parts.append(f"Basis: {rule.source_en} – {_EVIDENCE[rule.evidence][1]}")
    return _sentences([*parts, rule.note_en])


def _name(rule: Rule, title: str) -> str:
    return f"{rule.id} ({title})"


def _counted(amount: int | Decimal, unit: Unit) -> str:
    _, one, many = _UNITS[unit]
    return f"{_number(amount, '.')} {one if amount == 1 else many}"


def _number(amount: int | Decimal, point: str) -> str:
    return f"{Decimal(amount).normalize():f}".replace(".", point)


def _percent(share: Decimal, point: str) -> str:
    return _number(share * 100, point)


def _days(locale: str, pattern: str) -> Callable[[date], str]:
    return lambda day: format_date(day, pattern, locale=locale)


def _skipped(skipped: Sequence[Skipped], locale: str, weekend: str, name: Callable[[Skipped], str]) -> str:
    """List the days: first those with a name, each with its own, then the weekends together."""
    day = _days(locale, "d MMMM yyyy")
    named = [f"{day(off.day)} ({name(off)})" for off in skipped if off.reason.kind != "weekend"]
    spans = [_span(run, locale) for run in _runs([off.day for off in skipped if off.reason.kind == "weekend"])]
    return "; ".join([*named, f"{', '.join(spans)} ({weekend})"] if spans else named)


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Join neighbouring days: the Saturday and the Sunday of one weekend."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and runs[-1][1] + timedelta(days=1) == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _span(run: tuple[date, date], locale: str) -> str:
    first, last = run
    end = format_date(last, "d MMMM yyyy", locale=locale)
    if first == last:
        return end
    pattern = "d" if first.month == last.month else "d MMMM" if first.year == last.year else "d MMMM yyyy"
    return f"{format_date(first, pattern, locale=locale)}–{end}"


def _and(years: Sequence[int], word: str) -> str:
    return f" {word} ".join(", ".join(str(year) for year in years).rsplit(", ", 1))


def _sentences(parts: Sequence[str]) -> str:
    return " ".join(f"{part}." for part in parts if part)
