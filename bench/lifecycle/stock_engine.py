"""The reference lifecycle on plain SpiffWorkflow, as its handbook says: parse, run, serialise with specifications."""

import logging
from pathlib import Path
from typing import Any

from lifecycle.story import Act
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

FOLDER = Path(__file__).parent / "stock"


class Stock:
    """Plain SpiffWorkflow with its own serializer."""

    def __init__(self, process: str = "complaint", files: dict[str, bytes] | None = None) -> None:
        # It logs every change of state when nobody says otherwise.
        for name in ("spiff", "spiff.workflow", "spiff.task", "spiff.dmn"):
            logging.getLogger(name).setLevel(logging.WARNING)
        parser = SpiffBpmnParser()
        for name, content in sorted((files or read(FOLDER)).items(), reverse=True):
            (parser.add_dmn_str if name.endswith(".dmn") else parser.add_bpmn_str)(content, name)
        self._specs = parser.get_spec(process), parser.get_subprocess_specs(process)
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))

    def start(self) -> Any:
        """Begin an instance in memory."""
        workflow = BpmnWorkflow(*self._specs)
        workflow.do_engine_steps()
        return workflow

    def save(self, workflow: Any) -> str:
        """Write it as text, specifications included."""
        return str(self._serializer.serialize_json(workflow))

    def load(self, saved: str) -> Any:
        """Read it back."""
        return self._serializer.deserialize_json(saved)

    def do(self, workflow: Any, act: Act) -> None:
        """Complete the task, or send the message, and run on."""
        if act.is_message:
            # Its diagram names the variable that takes the whole payload.
            (payload,) = act.answers.values()
            workflow.send_event(BpmnEvent(MessageEventDefinition(act.name), payload=payload))
        else:
            task = next(
                task
                for task in workflow.get_tasks(state=TaskState.READY, manual=True)
                if task.task_spec.name == act.name
            )
            task.data.update(act.answers)
            task.run()
        workflow.do_engine_steps()

    def seen(self, workflow: Any) -> tuple[list[str], list[str], list[str]]:
        """Name the tasks, messages and timers that wait."""
        tasks = [task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True)]
        messages = [event.name for event in workflow.waiting_events() if event.event_type == "MessageEventDefinition"]
        timers = [
            task.task_spec.name
            for task in workflow.get_tasks(state=TaskState.WAITING)
            if isinstance(getattr(task.task_spec, "event_definition", None), TimerEventDefinition)
        ]
        return sorted(tasks), sorted(messages), sorted(timers)


def read(folder: Path) -> dict[str, bytes]:
    """Give the files of a folder by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
