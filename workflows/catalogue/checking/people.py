"""Checks about who works: lanes, roles, the four eyes."""

from collections.abc import Iterator

from workflows.catalogue.bundle import MANIFEST
from workflows.catalogue.checking.findings import at, did_you_mean, find, in_manifest
from workflows.catalogue.examining import Examined
from workflows.errors import Finding
from workflows.language import say


def lanes_have_roles(examined: Examined) -> Iterator[Finding]:
    """Every user task stands in a lane (or names a role), every lane has a role, every role exists."""
    if examined.case_type is None or examined.definition is None:
        return
    lanes = examined.case_type.lanes
    for task in examined.user_tasks():
        if task.lane is None and not task.candidate_groups:
            yield at(
                task,
                "task.without_lane",
                f"Tugas '{task.name or task.id}' tidak berada di jalur mana pun.",
                f"The task '{task.name or task.id}' stands in no lane.",
                say("Taruh tugas di sebuah jalur, atau isi camunda:candidateGroups.", "Put it into a lane."),
            )
        for group in task.candidate_groups:
            yield from _role_exists(examined, group, task.file, task.line, task.id)
    for drawn in examined.definition.lanes:
        if drawn not in lanes:
            yield in_manifest(
                examined,
                "lanes",
                "lane.without_role",
                f"Jalur '{drawn}' pada diagram belum diberi peran.",
                f"The lane '{drawn}' of the diagram has no role.",
                say(f"Tambahkan '{drawn}' di bawah lanes.", f"Add '{drawn}' below lanes."),
            )
    for lane in lanes.values():
        if lane.id not in examined.definition.lanes:
            yield in_manifest(
                examined,
                f"lanes.{lane.id}",
                "lane.not_drawn",
                f"Jalur '{lane.id}' tidak ada pada diagram.",
                f"The lane '{lane.id}' is not in the diagram.",
                did_you_mean(lane.id, examined.definition.lanes),
                severity="warning",
            )
        yield from _role_exists(examined, lane.role, MANIFEST, examined.line_in_manifest(f"lanes.{lane.id}.role"))


def people_of_the_manifest_exist(examined: Examined) -> Iterator[Finding]:
    """Every role of the circle and of the ladder exists, and the one that looks after faults."""
    if examined.case_type is None:
        return
    yield from _role_exists(
        examined, examined.case_type.looked_after_by or "", MANIFEST, examined.line_in_manifest("looked_after_by")
    )
    for role in examined.case_type.circle:
        yield from _role_exists(examined, role, MANIFEST, examined.line_in_manifest("circle"))
    for place, rung in enumerate(examined.case_type.ladder):
        yield from _role_exists(examined, rung.role, MANIFEST, examined.line_in_manifest(f"ladder.{place}"))


def four_eyes_name_a_task(examined: Examined) -> Iterator[Finding]:
    """The property `four_eyes` names another user task."""
    tasks = {task.id for task in examined.user_tasks()}
    for task in examined.user_tasks():
        other = task.properties.get("four_eyes")
        if other is not None and (other not in tasks or other == task.id):
            yield at(
                task,
                "task.four_eyes_unknown",
                f"four_eyes menunjuk '{other}', yang bukan tugas lain.",
                f"four_eyes names '{other}', which is no other task.",
                did_you_mean(other, tasks - {task.id}),
            )


def _role_exists(examined: Examined, role: str, file: str, line: int, element: str | None = None) -> Iterator[Finding]:
    if examined.roles is not None and role and role not in examined.roles:
        yield find(
            "role.unknown",
            file,
            line,
            element,
            f"Peran '{role}' tidak ada.",
            f"There is no role '{role}'.",
            did_you_mean(role, examined.roles),
        )
