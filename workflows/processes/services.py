"""The catalogue of services: everything that a diagram may have the system do, each described for its designer.

A service is a small function of a `Call` and its inputs. It runs inside the act, in the system's name, and only writes
rows: mails and letters leave the house by jobs that those rows defer. Inputs that are absent or null where the
description allows it make a service do nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from workflows.cases import contents, deadlines, duplicates, escalations, operations
from workflows.cases.models import Content
from workflows.catalogue import queries as catalogue
from workflows.custody import operations as custody
from workflows.engine import Service
from workflows.errors import AmanahError
from workflows.evidence.models import Evidence
from workflows.evidence.operations import release
from workflows.items import operations as items
from workflows.items.queries import facts_of
from workflows.letters import operations as letters
from workflows.letters.queries import slip_of
from workflows.letters.templates import LetterTemplate
from workflows.people.queries import users_by_id
from workflows.processes.calls import (
    Call,
    admit,
    begin_deadline,
    begin_deadline_since,
    handling_roles,
    make_confidential,
    open_running,
    tell,
    unit_named,
)
from workflows.processes.published import released_fields


@dataclass(frozen=True)
class Input:
    """One input parameter of a service."""

    name: str
    description: str
    description_en: str
    required: bool = True


@dataclass(frozen=True)
class Described:
    """A service as the designer's list shows it, and the function behind it."""

    name: str
    title: str
    title_en: str
    inputs: tuple[Input, ...]
    # Names that its result holds.
    outputs: tuple[str, ...]
    run: Callable[[Call, Mapping[str, Any]], Mapping[str, Any] | None] = field(repr=False)

    def __call__(self, call: Call, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Run the service; AmanahError `service.bad_input` when an input that it needs is absent."""
        for wanted in self.inputs:
            if wanted.required and inputs.get(wanted.name) in (None, ""):
                raise AmanahError("service.bad_input", service=self.name, input=wanted.name)
        return self.run(call, inputs)


SERVICES: dict[str, Described] = {}

_Run = Callable[[Call, Mapping[str, Any]], Mapping[str, Any] | None]


def service(title: str, title_en: str, *inputs: Input, outputs: tuple[str, ...] = ()) -> Callable[[_Run], _Run]:
    """Enter a function into the catalogue under its own name."""

    def enter(run: _Run) -> _Run:
        name = run.__name__
        SERVICES[name] = Described(name, title, title_en, inputs, outputs, run)
        return run

    return enter


def inputs_by_service() -> dict[str, tuple[str, ...]]:
    """Give the names of each service's inputs, as the deploy gate asks for them: one ending with "?" may be absent."""
    return {
        name: tuple(wanted.name if wanted.required else f"{wanted.name}?" for wanted in described.inputs)
        for name, described in SERVICES.items()
    }


def bound(call: Call) -> dict[str, Service]:
    """Give the services as the engine takes them: plain functions of their inputs."""
    return {name: partial(described, call) for name, described in SERVICES.items()}


_DEADLINE = Input("deadline", "tenggat dari register, misalnya P-01", "a deadline of the register, such as P-01")
_MAYBE_DEADLINE = Input(_DEADLINE.name, _DEADLINE.description, _DEADLINE.description_en, required=False)
_MAYBE_DEADLINES = Input(
    "deadline", "satu tenggat dari register, atau daftarnya", "a deadline of the register, or a list of them", False
)


@service("Tetapkan status", "Set the stage", Input("stage", "status dari case-type.yml", "a stage of case-type.yml"))
def set_stage(call: Call, inputs: Mapping[str, Any]) -> None:
    """Say where the matter stands."""
    operations.set_stage(call.tx, call.case, _declared(call.manifest.stages, "set_stage", "stage", inputs))


@service(
    "Mulai batas waktu",
    "Start a deadline",
    _MAYBE_DEADLINES,
    Input("since", "hari pemicunya; tanpa ini sekarang", "the day that triggered it; otherwise now", required=False),
)
def start_deadline(call: Call, inputs: Mapping[str, Any]) -> None:
    """Start a running of the deadline, or of each one of a list, counted from what the register says, or from a day.

    A day on which no edition of the rule was in force starts nothing.
    """
    since = inputs.get("since")
    for deadline_id in _listed(inputs.get("deadline")):
        begin_deadline(call, deadline_id) if since is None else begin_deadline_since(call, deadline_id, since)


@service("Penuhi batas waktu", "Meet a deadline", _MAYBE_DEADLINES)
def meet_deadline(call: Call, inputs: Mapping[str, Any]) -> None:
    """Mark the open running of the deadline, or of each one of a list, as met; without one nothing happens.

    Where the step was moved by the timer of that very deadline, a window has closed as it should: it ends at its own
    instant, however late the job came.
    """
    for deadline_id in _listed(inputs.get("deadline")):
        running = deadlines.open_running(call.tx, call.case, deadline_id)
        at = running.due_at if running is not None and running.due_at in call.fired else None
        deadlines.meet_deadline(call.tx, call.case, deadline_id, at=at)


@service("Hentikan batas waktu", "Stop a deadline", _MAYBE_DEADLINES)
def stop_deadline(call: Call, inputs: Mapping[str, Any]) -> None:
    """Stop the open running of the deadline, or of each one of a list: nothing will meet it on this way."""
    for deadline_id in _listed(inputs.get("deadline")):
        deadlines.stop_deadlines(call.tx, call.case, deadline_id=deadline_id)


@service(
    "Ingatkan pemegang tugas",
    "Remind the holder of the task",
    _MAYBE_DEADLINE,
    Input(
        "share", "bagian batas yang telah lewat, misalnya 0.75", "share that has passed, such as 0.75", required=False
    ),
    Input("to", "reporter, bila pelapor yang diingatkan", "reporter, where the reporter is reminded", required=False),
)
def remind(call: Call, inputs: Mapping[str, Any]) -> None:
    """Remind whoever holds the task that the deadline watches, or the reporter; one per running and local day."""
    deadline_id = str(inputs.get("deadline") or "")
    running = open_running(call, deadline_id)
    if running is None:
        return
    share = _share(inputs.get("share"))
    if inputs.get("to") == "reporter":
        if deadlines.remind(call.tx, running, share, "reporter", call.office.zone):
            tell(call, "reporter_reminder", "reporter", deadline_id=deadline_id, optional=True)
        return
    # The one that the deadline watches, or else the newest.
    newest_first = reversed([task for task in call.waiting.tasks if task.is_open])
    task = min(newest_first, key=lambda task: task.deadline_id != deadline_id, default=None)
    role = task.role if task is not None else ""
    if not deadlines.remind(call.tx, running, share, role, call.office.zone) or task is None:
        return
    to = "assignee" if task.assignee_id else role
    tell(call, "deadline_reminder", to, assignee_id=task.assignee_id, deadline_id=deadline_id, optional=True)


@service(
    "Eskalasi",
    "Escalate",
    _MAYBE_DEADLINE,
    Input("to", "peran yang diberi tahu", "the role that is told", required=False),
)
def escalate(call: Call, inputs: Mapping[str, Any]) -> None:
    """Raise the breach of the deadline to a role, which sees the case from now on. Takes the task from nobody."""
    role, deadline_id = inputs.get("to"), inputs.get("deadline")
    if not role or not deadline_id:
        return
    unit_id = call.case.handling_unit_id if str(role) in handling_roles(call.manifest) else None
    raised = escalations.escalate_by_clock(call.tx, call.case, str(deadline_id), str(role), to_unit_id=unit_id)
    if raised is None:
        return
    admit(call, str(role), unit_id=unit_id)
    tell(call, "escalated", str(role), deadline_id=str(deadline_id), optional=True)


@service("Disposisi ke unit", "Refer to a unit", Input("unit", "kode unit kerja", "code of the unit"))
def refer(call: Call, inputs: Mapping[str, Any]) -> None:
    """Route the matter to the unit, with the latest writing of the act as the instruction."""
    unit = unit_named(call, str(inputs["unit"]))
    writing = call.tx.session.scalars(
        select(Content)
        .where(Content.case_id == call.case.id, Content.at == call.tx.now)
        .order_by(Content.ordinal.desc())
        .limit(1)
    ).first()
    operations.refer(call.tx, call.case, unit.id, content_id=writing.id if writing is not None else None)


@service(
    "Serahkan ke jalur lain",
    "Hand over to another track",
    Input("to", "kode atau jenis unit penerima", "code or kind of the receiving unit"),
)
def hand_over(call: Call, inputs: Mapping[str, Any]) -> None:
    """Hand the matter over to the unit that pursues it further."""
    operations.refer(call.tx, call.case, unit_named(call, str(inputs["to"])).id, kind="hand_over")


@service(
    "Kirim pemberitahuan",
    "Send a notice",
    Input("template", "berkas di notices/", "a file of notices/"),
    Input("to", "reporter, assignee, unit, atau peran", "reporter, assignee, unit, or a role"),
)
def notify(call: Call, inputs: Mapping[str, Any]) -> None:
    """Put a notice into the outbox; it leaves by a job once the act holds."""
    tell(call, str(inputs["template"]), str(inputs["to"]))


@service(
    "Terbitkan surat",
    "Issue a letter",
    Input("letter", "surat dari case-type.yml", "a letter of case-type.yml"),
    Input("to", "penerima, seperti di case-type.yml", "the recipient, as in case-type.yml", required=False),
)
def issue_letter(call: Call, inputs: Mapping[str, Any]) -> None:
    """Give the letter its number and freeze its words; a job prints it."""
    _issue(call, str(inputs["letter"]))


def _issue(call: Call, name: str, values: Mapping[str, Any] | None = None) -> None:
    letters.issue(
        call.tx,
        call.case,
        call.manifest,
        name,
        LetterTemplate.of(catalogue.letter_files(call.tx.session, call.version, name), folder=f"letters/{name}/"),
        settings=call.office.settings,
        version_id=call.version.id,
        values=values,
    )


@service(
    "Berikan isian kepada pelapor",
    "Release a writing to the reporter",
    Input("kind", "formulir yang isiannya diberikan", "the form whose answers are released"),
)
def publish_content(call: Call, inputs: Mapping[str, Any]) -> None:
    """Release what the form marks for the reporter in its latest answers, with the files that came with it."""
    kind = str(inputs["kind"])
    form = catalogue.form(call.tx.session, call.version, kind)
    fields = [component.name for component in released_fields(form)]
    content = contents.publish(call.tx, call.case, kind, fields=fields)
    if content is None:
        return
    came_with = select(Evidence.id).where(
        Evidence.case_id == call.case.id,
        Evidence.element == content.element,
        Evidence.attached_at == content.at,
        Evidence.field.in_(fields),
    )
    for evidence_id in call.tx.session.scalars(came_with).all():
        release(call.tx, evidence_id, "reporter")


@service(
    "Cari laporan serupa",
    "Find similar reports",
    Input("distance_metres", "jarak terjauh dalam meter", "greatest distance in metres"),
    Input("days", "selisih hari terbanyak", "greatest number of days apart"),
    outputs=("count",),
)
def suggest_duplicates(call: Call, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Suggest older cases of the same kind nearby; an officer decides."""
    found = duplicates.suggest_duplicates(
        call.tx,
        call.case,
        distance_metres=int(inputs["distance_metres"]),
        days=int(inputs["days"]),
        zone=call.office.zone,
    )
    return {"count": len(found)}


@service("Gabungkan ke laporan induk", "Link to the earlier report")
def link_duplicate(call: Call, inputs: Mapping[str, Any]) -> None:
    """Link the case to the one that it repeats, the nearest suggestion."""
    duplicates.link_duplicate(call.tx, call.case)


@service(
    "Batasi pada lingkar kasus",
    "Restrict to the circle",
    Input("circle", "peran tambahan dalam lingkar", "further roles of the circle", required=False),
)
def assign_circle(call: Call, inputs: Mapping[str, Any]) -> None:
    """Make the case confidential: from now on only its circle sees it."""
    circle = inputs.get("circle") or []
    roles = [circle] if isinstance(circle, str) else circle
    make_confidential(call.tx, call.case, call.manifest, roles, waiting=call.waiting)


@service(
    "Catat objek dan pemberi",
    "Record objects and givers",
    Input("counts", "apakah masuk jumlah setahun; tanpa ini ya", "whether they enter the sums; otherwise yes", False),
    outputs=("count", "value", "largest"),
)
def record_items(call: Call, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record what the newest list of the report tells of, as `items` of case-type.yml says.

    `count` objects, their `value` together and the `largest` one in whole rupiah. Nothing is known where case-type.yml
    has no `items`.
    """
    mapping = call.manifest.items
    if mapping is None:
        return {"count": 0, "value": 0, "largest": 0}
    counts = inputs.get("counts") is not False
    found = items.record_items(call.tx, call.case, mapping, zone=call.office.zone, counts=counts)
    return {"count": found.count, "value": found.value, "largest": found.largest}


@service("Jumlahkan pemberian setahun", "Sum up a year's gifts", outputs=("count", "items"))
def sum_prior(call: Call, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the objects of the case as decisions take them, each with what the same giver gave before it.

    Every one of `items` holds ids, codes, dates and amounts, and no word that anybody wrote: `id`, `giver`, `relation`,
    `kind`, `form`, `event`, `place`, `quantity`, `value`, `received_on`, `perishable`, `counts`, `flags`, `prior` (the
    rupiah of the window before it) and `together` (of this giver on this occasion, the object included).
    """
    mapping = call.manifest.items
    facts = facts_of(call.tx.session, call.case, mapping.window) if mapping is not None else []
    return {"count": len(facts), "items": facts}


@service("Keluarkan objek dari jumlah", "Take the objects out of the sums")
def withdraw_items(call: Call, inputs: Mapping[str, Any]) -> None:
    """Take the objects of a report that was withdrawn out of every sum."""
    items.withdraw_items(call.tx, call.case)


@service(
    "Catat penyimpangan dari tabel",
    "Record a departure from a table",
    Input("decision", "tabel keputusan", "the decision"),
    Input("answer", "jawaban tabel", "what the table answered"),
    Input("chosen", "yang ditetapkan petugas", "what the officer decided"),
    Input("form", "formulir yang memuat alasannya", "the form that holds the reason"),
)
def record_override(call: Call, inputs: Mapping[str, Any]) -> None:
    """Journal that an officer decided otherwise than a table, beside the table's answer and with the reason given."""
    reason = call.tx.session.scalars(
        select(Content.id)
        .where(Content.case_id == call.case.id, Content.kind == str(inputs["form"]))
        .order_by(Content.ordinal.desc())
        .limit(1)
    ).first()
    operations.override_decision(
        call.tx,
        call.case,
        decision=str(inputs["decision"]),
        answer=str(inputs["answer"]),
        chosen=str(inputs["chosen"]),
        content_id=reason,
    )


@service("Tutup kasus", "Close the case", Input("disposition", "keputusan akhir dari case-type.yml", "a disposition"))
def close_case(call: Call, inputs: Mapping[str, Any]) -> None:
    """Close the case with how it ended; a closed one stays as it is."""
    if call.case.is_open:
        disposition = _declared(call.manifest.dispositions, "close_case", "disposition", inputs)
        operations.close_case(call.tx, call.case, disposition)


@service("Buka kembali kasus", "Reopen the case")
def reopen_case(call: Call, inputs: Mapping[str, Any]) -> None:
    """Open the case again."""
    operations.reopen_case(call.tx, call.case)


def _declared(known: Mapping[str, object], name: str, input_name: str, inputs: Mapping[str, Any]) -> str:
    """Give an input that the case type declares; AmanahError `service.bad_input` for a word that nobody can read.

    The gate looks at what is written in the diagram and its tables; here comes what a form or an expression gave.
    """
    word = str(inputs[input_name])
    if word not in known:
        raise AmanahError("service.bad_input", service=name, input=input_name, value=word)
    return word


def _listed(asked: Any) -> list[str]:
    """Give the ids that an input names: one, a list of them, or none."""
    return [str(each) for each in (asked if isinstance(asked, list) else [asked]) if each]


def _share(value: Any) -> str:
    """Write the share of a deadline that has passed as the ladder shows it, for example "0.75"."""
    return f"{Decimal(str(value)).normalize():f}" if value not in (None, "") else ""


@service("Catat titipan", "Enter into the custody register", outputs=("slip",))
def open_custody(call: Call, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Enter the objects into the custody register, as `custody` of case-type.yml says; `slip` is the slip's number.

    With a `letter` there the slip is issued too, once; it knows `slip`, `place`, `condition`, `taken_at` and `keeper`.
    """
    mapping = call.manifest.custody
    if mapping is None:
        raise AmanahError("service.bad_input", service="open_custody", input="custody")
    entry = custody.take(call.tx, call.case, mapping, zone=call.office.zone)
    session, slip = call.tx.session, entry.slip_number
    if mapping.letter is not None and slip_of(session, call.case.id, mapping.letter, slip) is None:
        keeper = users_by_id(session, [entry.keeper_id])[entry.keeper_id].name if entry.keeper_id else ""
        told = {"place": entry.place, "condition": entry.condition, "taken_at": entry.taken_at, "keeper": keeper}
        _issue(call, mapping.letter, {"slip": slip, **told})
    return {"slip": slip}


@service("Keluarkan titipan", "Release from custody", Input("to", "kode penerima", "code of the receiver"))
def close_custody(call: Call, inputs: Mapping[str, Any]) -> None:
    """Write down that entrusted objects left the office; nothing happens where none are kept."""
    mapping = call.manifest.custody
    if mapping is not None:
        custody.release(call.tx, call.case, mapping, to=str(inputs["to"]), released_by_id=call.tx.actor.user_id)
