"""The oracle: a plain token game on a drawn graph, written from the BPMN specification and nothing else.

Slow and obvious. It knows no XML, no FEEL and no SpiffWorkflow; conditions are Python callables over the variables.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

_ages = itertools.count()

Condition = Callable[[dict[str, Any]], bool]


@dataclass
class Box:
    """A flow node. `scope` is the sub-process around it, "" at the top."""

    name: str
    kind: str
    scope: str = ""
    host: str = ""
    interrupting: bool = True
    # Name of the awaited message or thrown error or escalation; days of a timer.
    about: Any = None
    # Start event of a sub-process.
    entry: str = ""
    # Number of instances of a repeated task, and whether they come one after the other.
    times: int = 0
    one_by_one: bool = False


@dataclass
class Arrow:
    source: str
    target: str
    condition: Condition | None = None
    default: bool = False


@dataclass
class Drawing:
    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)

    def out(self, name: str) -> list[Arrow]:
        return [arrow for arrow in self.arrows if arrow.source == name]

    def into(self, name: str) -> list[Arrow]:
        return [arrow for arrow in self.arrows if arrow.target == name]

    def borders(self, name: str) -> list[Box]:
        return [box for box in self.boxes.values() if box.host == name]

    def listeners(self, scope: str) -> list[Box]:
        return [box for box in self.boxes.values() if box.kind == "event sub" and box.scope == scope]

    def next_to(self, name: str) -> list[str]:
        return [arrow.target for arrow in self.out(name)] + [box.name for box in self.borders(name)]


@dataclass(eq=False)
class Mark:
    """One token, or a watch (an armed boundary event, listener or choice) that belongs to `holder`."""

    box: Box
    place: "Room"
    flow: Arrow | None = None
    resting: bool = False
    holder: "Mark | None" = None
    due: datetime | None = None
    inside: "Room | None" = None
    remaining: int = 0
    # When it came, to tell the oldest.
    age: int = field(default_factory=lambda: next(_ages))


@dataclass(eq=False)
class Room:
    """A scope that is open: its tokens and its watches."""

    owner: Mark | None
    marks: list[Mark] = field(default_factory=list)
    watches: list[Mark] = field(default_factory=list)


class Game:
    def __init__(self, drawing: Drawing, variables: dict[str, Any], now: datetime) -> None:
        self.drawing, self.variables, self.now = drawing, dict(variables), now
        self.top = Room(None)
        self.todo: list[Mark] = []
        self.outcome: str | None = None
        self._open(self.top, "", next(b.name for b in drawing.boxes.values() if b.kind == "start" and not b.scope))
        self._settle()

    # --- what can be seen -----------------------------------------------------------------------------------------

    def rooms(self) -> list[Room]:
        found = [self.top]
        for room in found:
            found.extend(mark.inside for mark in room.marks if mark.inside is not None)
        return found

    def tasks(self) -> list[Mark]:
        return [m for room in self.rooms() for m in room.marks if m.resting and m.box.kind == "user"]

    def waiting(self) -> list[Mark]:
        return [m for room in self.rooms() for m in room.marks + room.watches if m.resting]

    def messages(self) -> list[str]:
        return sorted(m.box.about for m in self.waiting() if m.box.kind in ("message", "event sub"))

    def timers(self) -> list[tuple[datetime, str]]:
        return sorted((m.due, m.box.name) for m in self.waiting() if m.due is not None)

    @property
    def ended(self) -> bool:
        return not self.top.marks

    # --- what can be done -----------------------------------------------------------------------------------------

    def complete(self, name: str, answers: dict[str, Any]) -> None:
        mark = min((m for m in self.tasks() if m.box.name == name), key=lambda m: m.age)
        self.variables.update(answers)
        mark.remaining -= 1
        if mark.remaining <= 0:
            self._leave(mark)
        elif mark.box.one_by_one:
            mark.age = next(_ages)
        self._settle()

    def message(self, name: str) -> str:
        depth = {id(room): self._depth(room) for room in self.rooms()}
        fitting = [m for m in self.waiting() if m.box.kind in ("message", "event sub") and m.box.about == name]
        mark = min(fitting, key=lambda m: (-depth[id(m.place)], m.box.kind == "event sub", m.age))
        self._happen(mark)
        self._settle()
        return mark.box.name

    def wait(self, span: timedelta) -> None:
        self.now += span
        while True:
            due = [m for m in self.waiting() if m.due is not None and m.due <= self.now]
            if not due:
                return
            self._happen(min(due, key=lambda m: (m.due, m.age)))
            self._settle()

    # --- the rules ------------------------------------------------------------------------------------------------

    def _depth(self, room: Room) -> int:
        return 0 if room.owner is None else 1 + self._depth(room.owner.place)

    def _open(self, room: Room, scope: str, entry: str) -> None:
        for box in self.drawing.listeners(scope):
            room.watches.append(Mark(box, room, resting=True))
        self._put(room, (entry, None))

    def _put(self, room: Room, *stops: tuple[str, Arrow | None]) -> None:
        marks = [Mark(self.drawing.boxes[name], room, flow) for name, flow in stops]
        room.marks.extend(marks)
        for mark in marks:
            if mark in room.marks:
                self._come(mark)

    def _come(self, mark: Mark) -> None:
        room, name = mark.place, mark.box.name
        for border in self.drawing.borders(name):
            watch = Mark(border, room, resting=True, holder=mark)
            watch.due = None if border.kind != "timer" else self.now + timedelta(days=border.about)
            room.watches.append(watch)
        if mark.box.kind in ("user", "message", "timer", "choice", "sub", "event sub", "and", "or"):
            self._arrive(mark)
        else:
            self.todo.append(mark)

    def _settle(self) -> None:
        while True:
            while self.todo:
                mark = self.todo.pop(0)
                if mark in mark.place.marks:
                    self._act(mark)
            if not self._inclusive():
                return

    def _arrive(self, mark: Mark) -> None:
        """Rest, watch or open at once; what acts by itself does so in `_act`, in its turn."""
        box, room = mark.box, mark.place
        if box.kind == "user":
            mark.resting, mark.remaining = True, max(box.times, 1)
        elif box.kind == "message":
            mark.resting = True
        elif box.kind == "timer":
            mark.resting, mark.due = True, self.now + timedelta(days=box.about)
        elif box.kind == "choice":
            for arrow in self.drawing.out(box.name):
                target = self.drawing.boxes[arrow.target]
                watch = Mark(target, room, arrow, resting=True, holder=mark)
                watch.due = None if target.kind != "timer" else self.now + timedelta(days=target.about)
                room.watches.append(watch)
        elif box.kind in ("sub", "event sub"):
            mark.inside = Room(mark)
            self._open(mark.inside, box.name, box.entry)
        elif box.kind == "and" and len(self.drawing.into(box.name)) > 1:
            mark.resting = True
            self._join(mark)
        elif box.kind == "or" and len(self.drawing.into(box.name)) > 1:
            mark.resting = True
        elif box.kind in ("and", "or"):
            self.todo.append(mark)

    def _act(self, mark: Mark) -> None:
        box = mark.box
        if box.kind == "count":
            self.variables[box.name] = self.variables.get(box.name, 0) + 1
            self._leave(mark)
        elif box.kind == "error":
            self._throw(mark, box.about)
        else:
            self._leave(mark)

    def _join(self, mark: Mark) -> None:
        chosen = []
        for arrow in self.drawing.into(mark.box.name):
            arrived = [m for m in mark.place.marks if m.box is mark.box and m.flow is arrow]
            if not arrived:
                return
            chosen.append(arrived[0])
        for other in chosen[1:]:
            mark.place.marks.remove(other)
        self._leave(chosen[0])

    def _inclusive(self) -> bool:
        for room in self.rooms():
            for mark in room.marks:
                if mark.box.kind != "or" or not mark.resting:
                    continue
                here = [m for m in room.marks if m.box is mark.box]
                filled = [arrow for arrow in self.drawing.into(mark.box.name) if any(m.flow is arrow for m in here)]
                empty = [arrow for arrow in self.drawing.into(mark.box.name) if arrow not in filled]
                if any(
                    self._reaches(other.box.name, empty, mark.box.name)
                    and not self._reaches(other.box.name, filled, mark.box.name)
                    for other in room.marks
                    if other.box is not mark.box
                ):
                    continue
                chosen = [next(m for m in here if m.flow is arrow) for arrow in filled]
                for other in chosen[1:]:
                    room.marks.remove(other)
                self._leave(chosen[0])
                return True
        return False

    def _reaches(self, name: str, arrows: list[Arrow], gateway: str) -> bool:
        seen, todo = set(), [name]
        while todo:
            here = todo.pop()
            if here in seen or here == gateway:
                continue
            seen.add(here)
            todo.extend(self.drawing.next_to(here))
        return any(arrow.source in seen for arrow in arrows)

    def _leave(self, mark: Mark) -> None:
        room, box = mark.place, mark.box
        room.marks.remove(mark)
        room.watches[:] = [watch for watch in room.watches if watch.holder is not mark]
        arrows = self.drawing.out(box.name)
        if box.kind in ("xor", "or") and len(arrows) > 1:
            holding = [a for a in arrows if a.condition is not None and a.condition(self.variables)]
            if box.kind == "xor":
                holding = holding[:1]
            arrows = holding or [a for a in arrows if a.default]
        if box.kind == "end" and (room.owner is None or self._is_top_handler(room)):
            self.outcome = box.name
        self._put(room, *((arrow.target, arrow) for arrow in arrows))
        if not room.marks and room.owner is not None:
            room.watches.clear()
            room.owner.inside = None
            self._leave(room.owner)
        elif not room.marks:
            room.watches.clear()

    def _is_top_handler(self, room: Room) -> bool:
        owner = room.owner
        return owner is not None and owner.box.kind == "event sub" and owner.place.owner is None

    def _happen(self, watch: Mark) -> None:
        room, box = watch.place, watch.box
        if watch in room.marks:
            self._leave(watch)
        elif box.kind == "event sub":
            if box.interrupting:
                room.marks.clear()
                room.watches.clear()
            self._put(room, (box.name, None))
        elif box.host:
            holder = watch.holder
            assert holder is not None
            if box.interrupting:
                room.watches[:] = [other for other in room.watches if other.holder is not holder]
                room.marks.remove(holder)
            elif box.kind == "timer":
                room.watches.remove(watch)
            fired = Mark(box, room)
            room.marks.append(fired)
            self._leave(fired)
        else:
            assert watch.holder is not None
            room.marks.remove(watch.holder)
            room.watches[:] = [other for other in room.watches if other.holder is not watch.holder]
            fired = Mark(box, room, watch.flow)
            room.marks.append(fired)
            self._leave(fired)

    def _throw(self, mark: Mark, code: str) -> None:
        room = mark.place
        while room.owner is not None:
            holder = room.owner
            for watch in holder.place.watches:
                if watch.holder is holder and watch.box.kind == "error" and watch.box.about == code:
                    self._happen(watch)
                    return
            room = holder.place
        raise AssertionError("the generator draws no uncaught error")
