"""How far a run is, ready to be shown: the live picture and the path in plain words.

The picture is drawn by `workflows.diagrams.drawing`, the path told by `workflows.diagrams.footsteps`; here the
published edition and the recorded path of one case are brought together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from workflows.catalogue.queries import bundle, version
from workflows.diagrams import drawing, footsteps
from workflows.diagrams.plan import Mark
from workflows.errors import BrokenDefinition
from workflows.language import say
from workflows.processes.models import ProcessInstance
from workflows.processes.queries import element_states, path_of

PROCESS = "process.bpmn"


@dataclass(frozen=True)
class Step:
    """A line of the path: what happened or is awaited, and when it began or ended."""

    text: str
    mark: Mark
    at: datetime


@dataclass(frozen=True)
class Run:
    """One run of a case's process as the page shows it."""

    # Number of the published edition on which the case runs.
    version: int
    # SVG; empty when the edition holds no drawing.
    picture: Markup
    path: tuple[Step, ...]
    # What waits now, in words, for readers who cannot see the picture.
    waiting: tuple[str, ...]


def run_of(
    session: Session, instance: ProcessInstance, shown_as: str, now: datetime, *, failed: Collection[str] = ()
) -> Run:
    """Bring together the edition and the path of one run; `failed` are the elements at which something went wrong."""
    edition = version(session, instance.version_id)
    source = bundle(session, edition).find(PROCESS) or b""
    recorded = path_of(session, instance.id)
    steps = [footsteps.Footstep(step.element, step.event) for step in recorded]
    late = [state.element for state in element_states(session, instance.id, now).values() if state.late]
    try:
        picture = drawing.draw(
            source,
            footsteps.marks_of(source, steps, late=late, failed=failed),
            title=say(f"Diagram proses kasus {shown_as}", f"Process diagram of case {shown_as}"),
        )
        passages: Sequence[footsteps.Passage] = footsteps.plain_path(source, steps, late=late)
    except BrokenDefinition:
        picture, passages = "", ()
    return Run(
        version=edition.number,
        picture=Markup(picture),  # noqa: S704 (our own drawer escapes every name)
        path=tuple(Step(passage.text, passage.mark, recorded[passage.index].at) for passage in passages),
        waiting=tuple(passage.text for passage in passages if passage.mark in {"waiting", "late"}),
    )
