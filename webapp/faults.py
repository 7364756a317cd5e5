"""Faults as pages show them: what stopped, why, what may be done about it, and what stands beside a list of them.

The incident itself holds classes and codes, never what anybody wrote; here they become sentences of the office.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from flask import Flask
from flask_babel import gettext

from webapp.actor import current_actor, has_right
from webapp.extensions import db
from webapp.labels import LABELS, label
from workflows.background import queue
from workflows.cases.queries import numbers_of
from workflows.incidents import queries
from workflows.incidents.models import Incident
from workflows.incidents.queries import Narrowed, SharedCause
from workflows.processes import oversight

# Field of an address -> what of a list of faults it narrows.
FACTS: Mapping[str, str] = {
    "jenis": "kind",
    "penanggung": "owner_role",
    "pekerjaan": "task",
    "elemen": "element",
    "sebab": "cause_class",
    "kode": "cause_code",
}
# The same for the run that they stopped.
RUN = "proses"


class Faulty(Protocol):
    """What the words need to know: an incident, or several of one cause."""

    @property
    def kind(self) -> str: ...
    @property
    def task(self) -> str | None: ...
    @property
    def cause_class(self) -> str: ...
    @property
    def cause_code(self) -> str: ...


# Faults that lie in a diagram, a table or a template, whoever meets them: by class, and by the beginning of the code.
_OF_THE_DESIGN: Collection[str] = frozenset(
    {"FeelError", "BrokenDefinition", "TemplateSyntaxError", "UndefinedError", "ForbiddenSource"}
)
_OF_A_DIAGRAM: Collection[str] = frozenset(
    {"expression", "gateway", "engine", "timer", "repetition", "decision", "service"}
)


def init_faults(app: Flask) -> None:
    """Offer the words to every template."""
    app.jinja_env.globals.update(fault_title=title, fault_cause=cause, fault_advice=advice, faults_address=address_of)


def title(fault: Faulty) -> str:
    """Say what stopped: "Mencetak surat gagal"."""
    if fault.kind == "job.failed" and fault.task is not None:
        return gettext("%(job)s: gagal", job=label("job", fault.task))
    return label("incident.kind", fault.kind)


def cause(fault: Faulty) -> str:
    """Say why, as far as class and code tell it."""
    known = LABELS["incident.cause"]
    words = known.get(fault.cause_code) or known.get(fault.cause_class)
    return str(words) if words else gettext("Kesalahan yang belum punya nama; tempatnya dalam program disebut di bawah")


def advice(fault: Faulty) -> str:
    """Say what may be done about it."""
    if fault.kind == "seal.broken":
        return gettext(
            "Jalankan amanah verify: ia menyebut tempat yang berubah. Pulihkan dari cadangan; "
            "sebelum itu kasusnya tidak bergerak."
        )
    if fault.kind == "case.stuck":
        if has_right("process.operate"):
            return gettext("Buka prosesnya dan pindahkan ke langkah yang benar, atau tanyakan kepada perancang proses.")
        return gettext("Minta administrator sistem memindahkan prosesnya ke langkah yang benar.")
    if fault.kind == "case.falsely_ended":
        return gettext("Tanyakan kepada perancang proses; tugas yang masih menunggu dikerjakan dengan tangan.")
    if fault.kind == "message.expired":
        return gettext(
            "Isi pesannya ada pada kasus. Kerjakan dengan tangan apa yang dimintanya, lalu nyatakan selesai di sini."
        )
    if fault.kind == "task.orphan":
        return gettext(
            "Berikan peran itu kepada seseorang di halaman Pengguna. Gangguan ini lalu hilang sendiri dalam satu jam."
        )
    if fault.cause_class in _OF_THE_DESIGN or fault.cause_code.partition(".")[0] in _OF_A_DIAGRAM:
        return gettext(
            "Perancang proses memperbaiki dan menerbitkan versi baru; kasusnya dipindahkan ke "
            "versi itu, lalu dicoba lagi."
        )
    if fault.cause_class == "NotFound":
        return gettext("Tidak ada lagi yang dapat dikerjakan; nyatakan selesai bila memang demikian.")
    return gettext(
        "Perbaiki sebabnya dahulu, lalu coba lagi. Yang berhasil menghilangkan gangguannya sendiri, dan tidak ada yang "
        "terjadi dua kali."
    )


def address_of(narrowed: Narrowed) -> dict[str, Any]:
    """Give what narrows a list of faults as the fields of its address; an empty one means that there is none."""
    facts = {field: getattr(narrowed, fact) for field, fact in FACTS.items()}
    if narrowed.instance_id is not None:
        facts[RUN] = narrowed.instance_id
    return {field: value for field, value in facts.items() if value is not None}


def examples_of(causes: Iterable[SharedCause]) -> dict[Any, Incident]:
    """Give for each cause one of its faults, by id."""
    found = queries.incidents_among(db.session(), current_actor(), [each.example_id for each in causes])
    return {each.id: each for each in found}


def beside(faults: Iterable[Incident]) -> dict[str, Any]:
    """Give what a list of faults shows beside them: numbers of cases, names of elements, what is being tried again."""
    session, shown = db.session(), list(faults)
    names = oversight.names_in(session, {each.instance_id for each in shown if each.instance_id})
    return {
        "numbers": numbers_of(session, current_actor(), {each.case_id for each in shown if each.case_id}),
        "element_names": {
            each.id: names.get(each.instance_id, {}).get(each.element, each.element)
            for each in shown
            if each.element and each.instance_id
        },
        "trying": queue.trying_again(session, [each.id for each in shown if each.state == "open"]),
    }
