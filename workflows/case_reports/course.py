"""The course of a case: the steps that its process took, as sentences and as the marked diagram."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy.orm import Session

from workflows.case_reports.chronology import local
from workflows.diagrams import drawing
from workflows.diagrams.footsteps import Footstep, marks_of, plain_path
from workflows.errors import BrokenDefinition
from workflows.processes import queries as processes
from workflows.processes.models import ProcessInstance


@dataclass(frozen=True)
class Course:
    """The steps of one run of a diagram."""

    # The bytes of the diagram.
    source: bytes
    # Each step with the instant at which it was taken, oldest first.
    steps: tuple[tuple[Footstep, datetime], ...]
    # Elements whose task is late.
    late: tuple[str, ...]

    @classmethod
    def of(cls, session: Session, source: bytes, instance: ProcessInstance | None, now: datetime) -> "Course":
        """Read the steps of a run; a case that no process ran for has taken none."""
        if instance is None:
            return cls(source, (), ())
        steps = tuple(
            (Footstep(step.element, cast(Any, step.event)), step.at) for step in processes.path_of(session, instance.id)
        )
        states = processes.element_states(session, instance.id, now)
        return cls(source, steps, tuple(state.element for state in states.values() if state.late))

    def told(self, zone: ZoneInfo) -> list[dict[str, str]]:
        """What people did, decided and sent, one sentence each, with its local time."""
        passages = plain_path(self.source, self._footsteps, late=self.late, automatic=False)
        return [
            {"at": local(self.steps[passage.index][1], zone), "text": passage.text, "mark": passage.mark}
            for passage in passages
        ]

    def picture(self, title: str) -> Markup:
        """The diagram with the course marked; empty for a process that was never drawn."""
        marks = marks_of(self.source, self._footsteps, late=self.late)
        # Ours, with every text in it escaped.
        return Markup(self._drawn(lambda: drawing.draw(self.source, marks, title=title)) or "")  # noqa: S704

    @property
    def is_wide(self) -> bool:
        """Tell whether the picture is better off on a sheet that lies on its side."""
        size = self._drawn(lambda: drawing.extent(self.source))
        return size is not None and bool(size.width > 1.25 * size.height)

    @property
    def _footsteps(self) -> list[Footstep]:
        return [step for step, _ in self.steps]

    def _drawn(self, draw: Callable[[], Any]) -> Any:
        try:
            return draw()
        except BrokenDefinition:
            return None
