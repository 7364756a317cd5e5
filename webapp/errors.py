"""What a reader sees when something does not work: class of error -> status, page and log level.

Sentences stand in `labels`. What was posted is never lost: where a form could not be taken (its token had expired, the
database rested), the page hands every answer back with one button to send it again.
"""

import logging
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests

from webapp import labels
from webapp.actor import signed_in
from webapp.extensions import db, login
from webapp.transaction import begin, fate, now
from workflows.errors import (
    AmanahError,
    BrokenDefinition,
    Conflict,
    InvalidAnswers,
    NewerState,
    NotAllowed,
    NotFound,
    SealBroken,
)
from workflows.incidents.operations import Cause, raise_incident
from workflows.journal.operations import record_refusal
from workflows.limits import operations as limits
from workflows.processes.by_hand import STEP
from workflows.processes.sealing import tell_of_broken_seal
from workflows.processes.submissions import was_heard
from workflows.tasks.models import Task
from workflows.transaction import SYSTEM

log = logging.getLogger("amanah.web")

# Who mends a diagram.
DESIGNER = "process_designer"

# How each class of refusal leaves the house: status, and how loudly it is logged.
GRADES: Mapping[type[AmanahError], tuple[int, int]] = {
    # Not allowed looks like not existing, everywhere.
    NotAllowed: (404, logging.DEBUG),
    NotFound: (404, logging.DEBUG),
    InvalidAnswers: (422, logging.DEBUG),
    BrokenDefinition: (422, logging.WARNING),
    Conflict: (409, logging.INFO),
}


# Refusals of one user within an hour that the journal takes.
MOST_REFUSALS = 20
# Case numbers and ids.
_NAME_OF_A_THING = re.compile(r"[A-Za-z0-9./-]{1,40}")

# Fields whose content is never written into a page again.
SECRETS = frozenset({"password", "chosen", "current"})


@dataclass(frozen=True)
class Trouble:
    """What the error page says."""

    title: str
    sentence: str
    # What the reader can do now.
    advice: str = ""
    # Whether the page offers to send the posted answers again.
    resend: bool = False


def init_errors(app: Flask) -> None:
    """Register what answers each class of error."""
    app.register_error_handler(AmanahError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(TooManyRequests, _too_many)
    app.register_error_handler(HTTPException, _http)
    for stopped in (OperationalError, InterfaceError, TimeoutError):
        app.register_error_handler(stopped, _database_rests)
    app.register_error_handler(Exception, _broken)


def status_of(error: AmanahError) -> int:
    """Give the status with which a refusal is answered."""
    return next((status for kind, (status, _) in GRADES.items() if isinstance(error, kind)), 400)


def trouble_page(trouble: Trouble, status: int) -> Response:
    """Draw the page of a trouble."""
    posted = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    secret = any(name in SECRETS for name, _ in posted)
    again = trouble.resend and request.method == "POST" and not secret and not _comes_from_elsewhere()
    page = render_template(
        "errors/trouble.html",
        trouble=trouble,
        posted=posted if again else None,
        files_lost=again and any(upload.filename for upload in request.files.values()),
        status=status,
    )
    return make_response(page, status)


def _refused(error: AmanahError) -> Response:
    level = next((level for kind, (_, level) in GRADES.items() if isinstance(error, kind)), logging.WARNING)
    log.log(level, "refused %s %s", error.code, request.endpoint)
    if isinstance(error, NotAllowed) or (isinstance(error, NotFound) and request.view_args):
        _note_refusal(error)
    status = status_of(error)
    if status == 404:
        return _not_found()
    if isinstance(error, SealBroken):
        return _seal_broken(error)
    if isinstance(error, NewerState):
        return _being_renewed()
    if not isinstance(error, tuple(GRADES)):
        return _faulty_definition(error)
    title = gettext("Keadaan sudah berubah") if status == 409 else gettext("Tidak dapat dilakukan")
    return trouble_page(Trouble(title, labels.error_sentence(error)), status)


def _faulty_definition(error: AmanahError) -> Response:
    """Say that the diagram cannot go on here, and tell its designer: the step is undone, what was typed is kept."""
    _undo()
    task = _task_of_address()
    place = str(error.facts.get("element") or (task.element if task is not None else "")) or None
    with begin(SYSTEM) as tx:
        raise_incident(
            tx,
            "step.failed",
            f"{STEP}{task.id if task is not None else request.endpoint}",
            Cause.of(error),
            owner_role=DESIGNER,
            case_id=task.case_id if task is not None else None,
            instance_id=task.instance_id if task is not None else None,
            element=place,
        )
    return trouble_page(
        Trouble(
            gettext("Langkah ini belum dapat dijalankan"),
            gettext("Ada kesalahan pada diagram proses. Belum ada yang tersimpan; perancangnya sudah diberi tahu."),
            gettext("Semua yang Anda ketik masih ada di halaman ini. Kirim lagi bila gangguan sudah diatasi."),
            resend=True,
        ),
        500,
    )


def _being_renewed() -> Response:
    """Say that another machine runs a newer edition already, which has moved this case; soon this one does."""
    _undo()
    return trouble_page(
        Trouble(
            gettext("Sistem sedang dimutakhirkan"),
            gettext("Kasus ini sudah dikerjakan dengan versi yang lebih baru. Belum ada yang tersimpan."),
            gettext("Tunggu sebentar, lalu kirim lagi."),
            resend=True,
        ),
        503,
    )


def _seal_broken(broken: SealBroken) -> Response:
    """Say that the case stands still because its past was changed, and tell whoever can restore it."""
    _undo()
    with begin(SYSTEM) as tx:
        tell_of_broken_seal(tx, broken)
    return trouble_page(
        Trouble(
            gettext("Kasus ini dihentikan untuk diperiksa"),
            gettext(
                "Catatan langkah sebelumnya tidak sama lagi dengan saat ditulis. Belum ada yang tersimpan; pengelola "
                "sistem sudah diberi tahu dan memeriksanya."
            ),
            gettext("Semua yang Anda ketik masih ada di halaman ini. Kirim lagi bila gangguan sudah diatasi."),
            resend=True,
        ),
        500,
    )


def _task_of_address() -> Task | None:
    task_id = (request.view_args or {}).get("task_id")
    return db.session.get(Task, task_id) if task_id is not None else None


def _note_refusal(error: AmanahError) -> None:
    """Journal that somebody who is signed in tried what they may not; a stranger's tries tell nothing of anybody.

    What may not be seen and what was never there are noted alike, so that neither the page nor its time tells them
    apart. After `MOST_REFUSALS` within an hour a user's tries are only said to go on: a mistyped address repeated by a
    script must not fill the journal.
    """
    user = signed_in()
    if user is None:
        return
    act = str(error.facts.get("act") or error.facts.get("right") or request.endpoint)
    try:
        db.session.rollback()
        session = db.session()
        tries = limits.add(session.connection(), f"refused:{user.user_id}", window=timedelta(hours=1), now=now())
        if tries > MOST_REFUSALS:
            db.session.rollback()
            return
        act = act if tries < MOST_REFUSALS else "refusals.go_on"
        record_refusal(session, user.actor, act=act, subject=request.endpoint or "", subject_id=_thing_of_address())
    except DBAPIError:
        # The refusal itself stands, and the log has told it.
        log.error("refusal not journalled %s", request.endpoint)


def _thing_of_address() -> str:
    """Give the id or number that the address names, unless it is none that the house would give."""
    thing = str(next(iter((request.view_args or {}).values()), ""))
    return thing if _NAME_OF_A_THING.fullmatch(thing) else ""


def _not_found() -> Response:
    return trouble_page(
        Trouble(
            gettext("Halaman tidak ditemukan"),
            gettext("Alamat ini tidak ada, atau tidak dapat dibuka dari sini."),
            gettext("Periksa kembali alamat yang Anda ketik, atau mulai dari beranda."),
        ),
        404,
    )


def _stale_form(error: CSRFError) -> Response:
    log.info("stale form %s", request.endpoint)
    return trouble_page(
        Trouble(
            gettext("Formulir ini terbuka terlalu lama"),
            gettext("Belum ada yang terkirim. Semua yang Anda ketik masih ada di halaman ini."),
            gettext("Tekan tombol di bawah untuk mengirimnya sekali lagi. Peramban Anda harus menerima kuki."),
            resend=True,
        ),
        400,
    )


def _too_large(_error: RequestEntityTooLarge) -> Response:
    return trouble_page(
        Trouble(
            gettext("Kiriman terlalu besar"),
            gettext("Belum ada yang terkirim: ukuran seluruh kiriman melampaui batas."),
            gettext("Kembali ke formulir, kurangi berkasnya, lalu kirim lagi."),
        ),
        413,
    )


def _too_many(_error: TooManyRequests) -> Response:
    return trouble_page(
        Trouble(
            gettext("Terlalu banyak percobaan"),
            gettext("Demi keamanan, percobaan dari sini dihentikan sebentar."),
            gettext("Tunggu satu menit, lalu coba lagi."),
        ),
        429,
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    if status == 404:
        return _not_found()
    sentence = gettext("Permintaan ini tidak dapat dijalankan.")
    response = trouble_page(Trouble(gettext("Tidak dapat dilakukan"), sentence), status)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _database_rests(error: DBAPIError) -> Response:
    log.error("database unavailable %s %s", request.endpoint, type(error.__cause__ or error).__name__)
    _forget_reader()
    db.session.remove()
    posted = request.method == "POST"
    return trouble_page(
        Trouble(
            gettext("Layanan sedang terhenti sebentar"),
            _what_was_saved()
            if posted
            else gettext("Penyimpanan data sedang tidak dapat dihubungi. Tidak ada data yang hilang."),
            gettext("Tunggu sebentar, lalu kirim lagi. Mengirim dua kali tidak membuat dua laporan.")
            if posted
            else gettext("Coba lagi dalam beberapa menit."),
            resend=True,
        ),
        503,
    )


def _what_was_saved() -> str:
    """Say whether what was posted was saved. Where the answer to the commit was lost, the database is asked again."""
    saved: bool | None = False
    if fate() != "open":
        try:
            saved = was_heard(db.session(), request.form.get("_key") or request.form.get("key") or "")
        except DBAPIError:
            saved = None
        finally:
            db.session.remove()
    if saved is None:
        return gettext(
            "Sambungan terputus tepat saat kiriman Anda disimpan; kami belum dapat memastikan apakah sudah tersimpan. "
            "Semua yang Anda ketik masih ada di halaman ini."
        )
    if saved:
        return gettext("Kiriman Anda sudah tersimpan; hanya jawabannya yang terputus. Kirim lagi untuk melihatnya.")
    return gettext("Belum ada yang terkirim atau tersimpan. Semua yang Anda ketik masih ada di halaman ini.")


def _broken(error: Exception) -> Response:
    # Places in our code and the class of the error; its message may quote what was posted, as that of a database does.
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("fault in %s: %s\n%s", request.endpoint, type(error).__name__, places)
    _undo()
    return trouble_page(
        Trouble(
            gettext("Ada yang rusak di pihak kami"),
            _what_was_saved() if request.method == "POST" else "",
            gettext("Coba lagi. Bila tetap gagal, hubungi kantor kami; alamatnya ada di bagian bawah halaman."),
            resend=True,
        ),
        500,
    )


def _undo() -> None:
    """Undo what was half done; the page that tells of it is drawn as for a stranger."""
    _forget_reader()
    db.session.rollback()


def _forget_reader() -> None:
    """Let the error page be drawn as for a stranger: asking again who is reading could fail again."""
    g._login_user = login.anonymous_user()


def _comes_from_elsewhere() -> bool:
    """Tell whether another site posted this: then nothing is offered to be sent again in the reader's name."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
