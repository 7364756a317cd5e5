"""The menu: which screens a reader is offered, from what they may do."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import gettext

from webapp.actor import signed_in
from webapp.extensions import db
from workflows.incidents.queries import count_open
from workflows.notices.queries import unread_count

# No list goes on for longer than anybody turns pages; a number beyond it would be one that the database cannot hold.
_LAST_PAGE = 100_000


def page_number() -> int:
    """Give the page of a list that the address asks for, from 1; what is no number means the first."""
    return min(max(request.args.get("halaman", 1, type=int), 1), _LAST_PAGE)


@dataclass(frozen=True)
class Place:
    """An entry of the menu."""

    title: str
    address: str
    current: bool
    # A number worth seeing from every page, such as waiting escalations; 0 shows nothing.
    count: int = 0


@dataclass(frozen=True)
class _Entry:
    endpoint: str
    # Right that opens it; "" for whoever is signed in.
    right: str
    title: Callable[[], str]
    # How many things wait there for this reader, where that is worth seeing from every page; what waits opens it, too.
    waiting: Callable[[], int] = lambda: 0


OFFICE = (
    _Entry("inbox.index", "work", lambda: gettext("Tugas")),
    _Entry("cases.index", "work", lambda: gettext("Kasus")),
    _Entry("escalations.index", "work", lambda: gettext("Eskalasi")),
    _Entry("custody.index", "custody.keep", lambda: gettext("Titipan")),
    _Entry("recapitulations.index", "recapitulation.make", lambda: gettext("Rekapitulasi")),
    _Entry("activities.index", "activity.record", lambda: gettext("Kegiatan")),
    _Entry("incidents.index", "incident.handle", lambda: gettext("Gangguan"), lambda: _open_faults()),
    _Entry("operations.index", "process.operate", lambda: gettext("Operasi")),
    _Entry("people.index", "user.manage", lambda: gettext("Pengguna")),
    _Entry("calendar.index", "", lambda: gettext("Kalender")),
)


def menu() -> list[Place]:
    """Give the menu of who is reading; a screen that is not built yet is left out."""
    user = signed_in()
    if user is None or not user.rights:
        return _public()
    offered = [entry for entry in OFFICE if entry.endpoint in current_app.view_functions]
    counted = [(entry, entry.waiting()) for entry in offered]
    return [
        Place(entry.title(), url_for(entry.endpoint), _stands_at(entry.endpoint), waiting)
        for entry, waiting in counted
        if not entry.right or entry.right in user.rights or waiting
    ]


def _open_faults() -> int:
    """Count the faults that somebody has to look after: whoever is reading, or whoever mends them for everybody."""
    user = signed_in()
    return count_open(db.session(), user.actor) if user is not None else 0


def unread_notices() -> int:
    """Give how many notices the reader has not seen; 0 for whoever is not signed in."""
    user = signed_in()
    return unread_count(db.session(), user.actor) if user is not None else 0


def _public() -> list[Place]:
    return [
        Place(gettext("Beranda"), url_for("portal.index"), request.endpoint == "portal.index"),
        Place(
            gettext("Lacak laporan"), url_for("portal.track"), request.endpoint in {"portal.track", "portal.tracked"}
        ),
    ]


def _stands_at(endpoint: str) -> bool:
    """Tell whether the present page belongs to the same family of screens, or lies below its first one."""
    if request.path.startswith(f"{url_for(endpoint)}/"):
        return True
    return (request.endpoint or "").partition(".")[0] == endpoint.partition(".")[0]
