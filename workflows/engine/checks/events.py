"""Events: does each stand where the engine runs it, complete with what it needs?"""

from collections.abc import Sequence

from workflows.engine import dialect
from workflows.engine.links import is_link, link_target
from workflows.engine.model import Node, ScopeModel
from workflows.engine.report import Report
from workflows.language import say


def scopes_begin_once(scope: ScopeModel, report: Report) -> None:
    """A process has a start and no two with one trigger; a sub-process has exactly one."""
    starts = scope.starts()
    place = scope.place
    if scope.owner is None:
        if not starts:
            report.error(
                place,
                "start.missing",
                say("Proses tidak punya peristiwa mulai.", "The process has no start event."),
                say("Tambahkan peristiwa mulai.", "Add a start event."),
            )
        seen: set[tuple[str, str | None]] = set()
        for start in starts:
            event = start.event
            trigger = ("", None) if event is None else (event.kind, event.name if event.kind != "timer" else start.id)
            if trigger in seen:
                report.error(
                    start.place,
                    "start.duplicate",
                    say("Sudah ada peristiwa mulai dengan pemicu ini.", "There already is a start with this trigger."),
                    say("Gabungkan keduanya.", "Join the two."),
                )
            seen.add(trigger)
    elif len(starts) != 1:
        report.error(
            place,
            "start.not_one",
            say(
                f"Sub-proses memerlukan tepat satu peristiwa mulai, ada {len(starts)}.",
                f"A sub-process needs exactly one start event, there are {len(starts)}.",
            ),
            say("Sisakan satu.", "Keep one.") if starts else say("Tambahkan satu.", "Add one."),
        )


def events_fit_their_place(scope: ScopeModel, report: Report) -> None:
    """Each event carries a definition that its place knows, complete with what it needs."""
    for node in scope.nodes.values():
        if node.kind not in dialect.EVENTS or node.refused:
            continue
        place = node.kind
        if place == "startEvent":
            owner = scope.owner
            place = (
                "start of a process"
                if owner is None
                else "start of an event sub-process"
                if owner.by_event
                else "start of a sub-process"
            )
        kind = node.event.kind if node.event else ""
        if kind not in dialect.EVENT_KINDS[place]:
            report.error(
                node.place,
                "event.unsupported",
                say(
                    f"Peristiwa {_KINDS.get(kind, kind)} tidak dijalankan sebagai {_PLACES.get(place, place)}.",
                    f'An event of kind "{kind or "plain"}" is not run here ({place}).',
                ),
                _instead(kind, scope, place),
            )
        elif node.event is not None:
            _event_is_complete(node, report)


def _instead(kind: str, scope: ScopeModel, place: str) -> str:
    if kind == "conditional" and scope.owner is None:
        return say(
            "Sebelum ada kasus tidak ada data: mulai dengan pesan, lalu tunggu syaratnya dengan peristiwa tangkap.",
            "There are no data before there is a case: begin with a message, then wait for the condition in a catch "
            "event.",
        )
    known = sorted(dialect.EVENT_KINDS[place])
    return say(
        f"Di sini dikenal: {', '.join(_KINDS[each] for each in known)}.",
        f"Known here: {', '.join(each or 'plain' for each in known)}.",
    )


# The words of the process designer, and ours.
_KINDS = {
    "": "tanpa pemicu",
    "message": "pesan (message)",
    "signal": "sinyal (signal)",
    "timer": "waktu (timer)",
    "error": "galat (error)",
    "escalation": "eskalasi (escalation)",
    "conditional": "syarat (conditional)",
    "link": "tautan (link)",
    "terminate": "penghentian (terminate)",
}
_PLACES = {
    "start of a process": "mulai sebuah proses",
    "start of a sub-process": "mulai sebuah sub-proses",
    "start of an event sub-process": "mulai sebuah sub-proses peristiwa",
    "intermediateCatchEvent": "peristiwa tangkap",
    "intermediateThrowEvent": "peristiwa pancar",
    "boundaryEvent": "peristiwa batas",
    "endEvent": "peristiwa akhir",
}


def _event_is_complete(node: Node, report: Report) -> None:
    event = node.event
    if event is None:
        return
    throws = node.kind in ("intermediateThrowEvent", "endEvent")
    needs_name = event.kind in ("message", "signal", "link") or (throws and event.kind in ("error", "escalation"))
    if needs_name and not event.name and not (throws and event.topic):
        report.error(
            event.place,
            "event.nameless",
            say(
                f"Peristiwa {_KINDS.get(event.kind, event.kind)} ini tidak menyebut nama atau kodenya.",
                f'This "{event.kind}" event does not say which one it means.',
            ),
            say("Pilih pesan, sinyal, galat, atau eskalasinya.", "Choose its message, signal, error or escalation."),
        )
    if event.kind == "message" and throws and not event.topic:
        report.warning(
            event.place,
            "message.goes_nowhere",
            say("Tidak ada layanan yang mengantar pesan ini.", "No service carries this message to anybody."),
            say("Isi camunda:topic dengan nama layanan.", "Fill camunda:topic with the name of a service."),
        )
    if event.kind == "error" and not throws and not node.interrupting:
        report.error(
            event.place,
            "event.must_interrupt",
            say("Galat selalu menghentikan kegiatannya.", "An error always ends its activity."),
            say("Jadikan peristiwa ini menghentikan.", "Make this event interrupting."),
        )
    repeats = node.kind in ("boundaryEvent", "startEvent") and not node.interrupting
    starts_process = node.kind == "startEvent" and node.scope.owner is None
    if event.timer_form == "cycle" and not (repeats or starts_process):
        report.error(
            event.place,
            "timer.cycle_misplaced",
            say("Siklus tidak dapat berulang di sini.", "A cycle cannot repeat here."),
            say(
                "Pakai timeDuration, atau peristiwa yang tidak menghentikan.", "Use timeDuration, or do not interrupt."
            ),
        )


def catchers_differ(scope: ScopeModel, report: Report) -> None:
    """No two events that watch the same activity, scope or choice would take the same message, error or escalation."""
    starts = [
        start for handler in scope.event_subprocesses() for start in (handler.body.starts() if handler.body else ())
    ]
    for node in scope.nodes.values():
        _differ(node.boundaries, report)
        if node.kind == "eventBasedGateway":
            _differ([scope.nodes[flow.target] for flow in node.outgoing if flow.target in scope.nodes], report)
    _differ(starts, report)


def _differ(catchers: Sequence[Node], report: Report) -> None:
    seen: dict[tuple[str, str | None], Node] = {}
    for node in catchers:
        event = node.event
        if event is None or event.kind not in ("message", "error", "escalation"):
            continue
        first = seen.setdefault((event.kind, event.name), node)
        if first is not node:
            # A message is taken by the one that waits longest, so that it runs, though hardly as meant.
            record = report.warning if event.kind == "message" else report.error
            record(
                node.place,
                "event.ambiguous",
                say(
                    f'"{first.name or first.id}" menangkap {_KINDS[event.kind]} yang sama di tempat yang sama.',
                    f'"{first.name or first.id}" catches the same {event.kind} in the same place.',
                ),
                say("Gabungkan keduanya, atau beri nama atau kode lain.", "Join them, or use another name or code."),
            )


def boundary_events_hang(scope: ScopeModel, report: Report) -> None:
    """A boundary event hangs on an activity of its scope and leads on."""
    for node in scope.nodes.values():
        if node.kind != "boundaryEvent" or node.refused or node.attached_to in scope.refused:
            continue
        host = scope.nodes.get(node.attached_to or "")
        if host is None or not host.is_activity or host.by_event:
            report.error(
                node.place,
                "boundary.no_host",
                say(
                    f'Peristiwa batas menempel pada "{node.attached_to}", yang bukan kegiatan di sini.',
                    f'The boundary event hangs on "{node.attached_to}", which is no activity here.',
                )
                if node.attached_to
                else say("Peristiwa batas ini tidak menempel pada apa pun.", "This boundary event hangs on nothing."),
                say("Tempelkan pada tugas atau sub-proses.", "Attach it to a task or sub-process."),
            )
        if not node.outgoing:
            report.error(
                node.place,
                "boundary.no_way_out",
                say("Peristiwa batas ini tidak menuju ke mana pun.", "This boundary event leads nowhere."),
                say("Sambungkan atau hapus.", "Connect it or remove it."),
            )


def links_meet(scope: ScopeModel, report: Report) -> None:
    """Each link that is thrown is caught once, in the same scope."""
    caught: set[str | None] = set()
    for node in scope.nodes.values():
        if is_link(node, "intermediateCatchEvent") and node.event is not None:
            if node.event.name in caught:
                report.error(
                    node.place,
                    "link.ambiguous",
                    say("Tautan ini ditangkap di dua tempat.", "This link is caught in two places."),
                    say("Beri nama lain.", "Give it another name."),
                )
            caught.add(node.event.name)
        elif is_link(node, "intermediateThrowEvent") and link_target(scope, node) is None:
            report.error(
                node.place,
                "link.uncaught",
                say("Tidak ada penangkap tautan ini di lingkup yang sama.", "Nothing here catches this link."),
                say("Tambahkan peristiwa tangkap dengan nama itu.", "Add a catching link event of that name."),
            )
