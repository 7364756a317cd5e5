"""The oracle: a plain token game on a drawn graph, written from the BPMN specification and nothing else.

Slow and obvious. It knows no XML, no FEEL and no SpiffWorkflow; conditions are Python callables over the variables.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

_ages = itertools.count()
# What a token awaits from outside or from its data.
_AWAITED = ("message", "signal", "condition")

Condition = Callable[[dict[str, Any]], bool]
# More moves than this without anything from outside are a circle that never ends.
MOST_MOVES = 6_000
# Nor is anybody asked more often than this whether it may go on.
MOST_ASKED = 100_000


class Abandoned(Exception):
    """The drawing has no answer: no flow may be taken (`gateway.no_way`), or it turns for ever (`engine.endless`)."""


@dataclass
class Box:
    """A flow node. `scope` is the sub-process around it, "" at the top."""

    name: str
    kind: str
    scope: str = ""
    host: str = ""
    interrupting: bool = True
    # Name of the awaited or thrown message, signal, error or escalation (None catches every code); days of a timer; the
    # condition of a loop, or of what waits for its data; what a script does to the variables.
    about: Any = None
    # Start event of a sub-process.
    entry: str = ""
    # Whether it is an end event, whatever else it does.
    ends: bool = False
    # Number of instances of a repeated task or sub-process, and whether they come one after the other.
    times: int = 0
    one_by_one: bool = False
    # What starts an event sub-process.
    trigger: str = "message"
    # A called process, which has variables of its own.
    called: bool = False


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
    # Whether the condition of what waits for its data held when it was last asked.
    held: bool = False
    # When it came, to tell the oldest.
    age: int = field(default_factory=lambda: next(_ages))

    def awaits(self, kind: str) -> bool:
        return (self.box.trigger if self.box.kind == "event sub" else self.box.kind) == kind


@dataclass(eq=False)
class Room:
    """A scope that is open: its tokens and its watches."""

    owner: Mark | None
    # The variables of a called process; a sub-process lives on those around it.
    variables: dict[str, Any] | None = None
    # Whether it only holds the instances of a repeated sub-process; nothing is drawn in it.
    of_instances: bool = False
    marks: list[Mark] = field(default_factory=list)
    watches: list[Mark] = field(default_factory=list)


class Game:
    def __init__(self, drawing: Drawing, variables: dict[str, Any], now: datetime, entry: str = "") -> None:
        self.drawing, self.now, self.moves, self.asked = drawing, now, 0, 0
        self.top = Room(None, dict(variables))
        # Whether anything waits for its data, or for where tokens stand; else nobody asks after each move.
        kinds = {box.trigger if box.kind == "event sub" else box.kind for box in drawing.boxes.values()}
        self.conditional, self.inclusive = "condition" in kinds, "or" in kinds
        self.todo: list[Mark] = []
        self.outcome: str | None = None
        # The code of an error that nothing caught.
        self.error: str | None = None
        entry = entry or next(b.name for b in drawing.boxes.values() if b.kind == "start" and not b.scope)
        self._open(self.top, "", entry)
        self._settle()

    # --- what can be seen -----------------------------------------------------------------------------------------

    @property
    def variables(self) -> dict[str, Any]:
        return self._variables(self.top)

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
        return sorted(m.box.about for m in self.waiting() if m.awaits("message"))

    def signals(self) -> list[str]:
        return sorted(m.box.about for m in self.waiting() if m.awaits("signal"))

    def timers(self) -> list[tuple[datetime, str]]:
        # The timer of an event sub-process is its start event.
        return sorted((m.due, m.box.entry or m.box.name) for m in self.waiting() if m.due is not None)

    @property
    def ended(self) -> bool:
        return not self.top.marks

    # --- what can be done -----------------------------------------------------------------------------------------

    def complete(self, name: str, answers: dict[str, Any]) -> None:
        mark = min((m for m in self.tasks() if m.box.name == name), key=lambda m: m.age)
        self._variables(mark.place).update(answers)
        mark.remaining -= 1
        if mark.remaining <= 0 or (mark.box.about is not None and not mark.box.about(self._variables(mark.place))):
            self._leave(mark)
        elif mark.box.one_by_one:
            mark.age = next(_ages)
        self._settle()

    def message(self, name: str) -> str:
        mark = self._nearest(m for m in self.waiting() if m.awaits("message") and m.box.about == name)[0]
        self._happen(mark)
        self._settle()
        return mark.box.name

    def signal(self, name: str) -> None:
        self._broadcast(name)
        self._settle()

    def wait(self, span: timedelta) -> None:
        self.now += span
        while True:
            due = [m for m in self.waiting() if m.due is not None and m.due <= self.now]
            if not due:
                return
            self._happen(min(due, key=lambda m: (m.due, m.age)))
            self._settle()

    # --- the rules ------------------------------------------------------------------------------------------------

    def _variables(self, room: Room) -> dict[str, Any]:
        while room.variables is None:
            assert room.owner is not None
            room = room.owner.place
        return room.variables

    def _stands(self, mark: Mark) -> bool:
        """Tell whether nothing has taken the token or watch away, nor any of the scopes around it."""
        room = mark.place
        if mark not in room.marks and mark not in room.watches:
            return False
        return room.owner is None or (room.owner.inside is room and self._stands(room.owner))

    def _nearest(self, marks: Iterable[Mark]) -> list[Mark]:
        """Innermost scope first; in one scope its own tokens before handlers; among equals the longest waiting."""
        return sorted(marks, key=lambda m: (-self._depth(m.place), m.box.kind == "event sub", m.age))

    def _broadcast(self, name: str) -> None:
        for mark in self._nearest(m for m in self.waiting() if m.awaits("signal") and m.box.about == name):
            if self._stands(mark):
                self._happen(mark)

    def _depth(self, room: Room) -> int:
        return 0 if room.owner is None else (not room.of_instances) + self._depth(room.owner.place)

    def _open(self, room: Room, scope: str, entry: str) -> None:
        for box in self.drawing.listeners(scope):
            watch = Mark(box, room, resting=True)
            watch.due = self.now + timedelta(days=box.about) if watch.awaits("timer") else None
            room.watches.append(watch)
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
        if mark.box.kind in (*_AWAITED, "user", "timer", "choice", "sub", "event sub", "and", "or"):
            self._arrive(mark)
        else:
            self.todo.append(mark)

    def _settle(self) -> None:
        self.moves = self.asked = 0
        while True:
            while self.todo:
                if self.conditional and self._moved(lambda mark: mark.awaits("condition") and self._becomes_true(mark)):
                    continue
                mark = self.todo.pop(0)
                if self._stands(mark):
                    self._act(mark)
            if not (self.conditional or self.inclusive) or not self._moved(
                lambda mark: self._becomes_true(mark) if mark.awaits("condition") else self._joins(mark)
            ):
                return

    def _moved(self, moves: Callable[[Mark], bool]) -> bool:
        """Ask what waits for data, or for where tokens stand, the oldest first; True as soon as one moves."""
        asked = [mark for mark in self.waiting() if mark.awaits("condition") or mark.awaits("or")]
        self.asked += len(asked)
        if self.asked > MOST_ASKED:
            raise Abandoned("engine.endless")
        return any(moves(mark) for mark in sorted(asked, key=lambda mark: mark.age))

    def _becomes_true(self, mark: Mark) -> bool:
        was, mark.held = mark.held, bool(mark.box.about(self._variables(mark.place)))
        if mark.held and not was:
            self._happen(mark)
            return True
        return False

    def _arrive(self, mark: Mark) -> None:
        """Rest, watch or open at once; what acts by itself does so in `_act`, in its turn."""
        box, room = mark.box, mark.place
        if box.kind == "user":
            mark.resting, mark.remaining = True, max(box.times, 1)
        elif box.kind in _AWAITED:
            mark.resting = True
        elif box.kind == "timer":
            mark.resting, mark.due = True, self.now + timedelta(days=box.about)
        elif box.kind == "choice":
            for arrow in self.drawing.out(box.name):
                target = self.drawing.boxes[arrow.target]
                watch = Mark(target, room, arrow, resting=True, holder=mark)
                watch.due = None if target.kind != "timer" else self.now + timedelta(days=target.about)
                room.watches.append(watch)
        elif box.kind in ("sub", "event sub") and box.times and not room.of_instances:
            mark.inside, mark.remaining = Room(mark, of_instances=True), box.times
            for _ in range(1 if box.one_by_one else box.times):
                self._begin_instance(mark.inside)
        elif box.kind in ("sub", "event sub"):
            mark.inside = Room(mark, dict(self._variables(room)) if box.called else None)
            self._open(mark.inside, box.name, box.entry)
        elif box.kind == "and" and len(self.drawing.into(box.name)) > 1:
            mark.resting = True
            self._join(mark)
        elif box.kind == "or" and len(self.drawing.into(box.name)) > 1:
            mark.resting = True
        elif box.kind in ("and", "or"):
            self.todo.append(mark)

    def _begin_instance(self, room: Room) -> None:
        owner = room.owner
        assert owner is not None
        instance = Mark(owner.box, room)
        room.marks.append(instance)
        self._arrive(instance)

    def _act(self, mark: Mark) -> None:
        box = mark.box
        self.moves += 1
        if self.moves > MOST_MOVES:
            raise Abandoned("engine.endless")
        if box.kind == "script":
            box.about(self._variables(mark.place))
            self._leave(mark)
        elif box.kind == "count":
            variables = self._variables(mark.place)
            variables[box.name] = variables.get(box.name, 0) + 1
            self._leave(mark)
        elif box.kind == "error" and not box.host:
            self._throw(mark, box.about)
        elif box.kind == "escalate":
            self._escalate(mark, box.about)
        elif box.kind == "throw":
            self._broadcast(box.about)
            if self._stands(mark):
                self._leave(mark)
        elif box.kind == "terminate":
            mark.place.marks[:] = [mark]
            mark.place.watches.clear()
            self._leave(mark)
        else:
            self._leave(mark)

    def _join(self, mark: Mark) -> None:
        chosen = []
        for arrow in self.drawing.into(mark.box.name):
            arrived = [m for m in mark.place.marks if m.box is mark.box and m.flow is arrow and m.resting]
            if not arrived:
                return
            chosen.append(arrived[0])
        for other in chosen[1:]:
            mark.place.marks.remove(other)
        chosen[0].resting = False
        self.todo.append(chosen[0])

    def _joins(self, mark: Mark) -> bool:
        """Let an inclusive join go on unless a token can still come on a flow that has none."""
        room = mark.place
        here = [m for m in room.marks if m.box is mark.box and m.resting]
        filled = [arrow for arrow in self.drawing.into(mark.box.name) if any(m.flow is arrow for m in here)]
        empty = [arrow for arrow in self.drawing.into(mark.box.name) if arrow not in filled]
        if any(
            self._reaches(other.box.name, empty, mark.box.name)
            and not self._reaches(other.box.name, filled, mark.box.name, by_flows=True)
            for other in room.marks
            if other.box is not mark.box
        ):
            return False
        chosen = [next(m for m in here if m.flow is arrow) for arrow in filled]
        for other in chosen[1:]:
            room.marks.remove(other)
        chosen[0].resting = False
        self.todo.append(chosen[0])
        return True

    def _reaches(self, name: str, arrows: list[Arrow], gateway: str, *, by_flows: bool = False) -> bool:
        """Tell whether a token may come to one of the arrows without passing the gateway (13.4.3).

        Only `by_flows`, as the text has it; or also by boundary events, from which a token may come as well.
        """
        seen, todo = set(), [name]
        while todo:
            here = todo.pop()
            if here in seen or here == gateway:
                continue
            seen.add(here)
            todo.extend([a.target for a in self.drawing.out(here)] if by_flows else self.drawing.next_to(here))
        return any(arrow.source in seen for arrow in arrows)

    def _leave(self, mark: Mark) -> None:
        room, box = mark.place, mark.box
        room.marks.remove(mark)
        room.watches[:] = [watch for watch in room.watches if watch.holder is not mark]
        if room.of_instances:
            self._instance_left(room)
            return
        arrows = self.drawing.out(box.name)
        if box.kind in ("xor", "or") and len(arrows) > 1:
            holding = [a for a in arrows if a.condition is not None and a.condition(self._variables(room))]
            if box.kind == "xor":
                holding = holding[:1]
            arrows = holding or [a for a in arrows if a.default]
        elif any(a.condition is not None or a.default for a in arrows):
            # Several flows out of an activity (13.3.1): those without condition, those that hold, else the default.
            holding = [a for a in arrows if a.condition is not None and a.condition(self._variables(room))]
            plain = [a for a in arrows if a.condition is None and not a.default]
            arrows = plain + (holding or [a for a in arrows if a.default])
        if not arrows and self.drawing.out(box.name):
            raise Abandoned("gateway.no_way")
        if (box.ends or box.kind in ("end", "terminate")) and (room.owner is None or self._is_top_handler(room)):
            self.outcome = box.name
        self._put(room, *((arrow.target, arrow) for arrow in arrows))
        if not room.marks and room.owner is not None:
            room.watches.clear()
            room.owner.inside = None
            if room.variables is not None:
                self._variables(room.owner.place).update(room.variables)
            self._leave(room.owner)
        elif not room.marks:
            room.watches.clear()

    def _instance_left(self, room: Room) -> None:
        """Begin the next instance of a repeated sub-process, or leave it when the last one is done."""
        owner = room.owner
        assert owner is not None
        owner.remaining -= 1
        if owner.remaining == 0:
            owner.inside = None
            self._leave(owner)
        elif owner.box.one_by_one:
            self._begin_instance(room)

    def _is_top_handler(self, room: Room) -> bool:
        owner = room.owner
        return owner is not None and owner.box.kind == "event sub" and owner.place.owner is None

    def _happen(self, watch: Mark) -> None:
        """Let what was awaited happen: the token goes on in its turn, whatever it interrupts is gone at once."""
        room, box, holder = watch.place, watch.box, watch.holder
        if watch in room.marks:
            watch.resting, watch.due = False, None
            self.todo.append(watch)
        elif box.kind == "event sub":
            if box.interrupting:
                room.marks.clear()
                room.watches.clear()
            elif watch.due is not None:
                room.watches.remove(watch)
            self._put(room, (box.name, None))
        else:
            assert holder is not None
            if box.interrupting:
                # A boundary event takes its activity away; what happens behind a choice takes the choice.
                room.watches[:] = [other for other in room.watches if other.holder is not holder]
                room.marks.remove(holder)
            elif box.kind == "timer":
                room.watches.remove(watch)
            fired = Mark(box, room, watch.flow)
            room.marks.append(fired)
            self.todo.append(fired)

    def _catcher(self, thrower: Mark, kind: str, code: str) -> Mark | None:
        """Find who catches what is thrown, from the inside out.

        Handlers of the scope before the boundary events of the activity around it. What an event sub-process throws is
        caught by none beside it (10.5.6).
        """
        activity = thrower
        while True:
            room = activity.place
            beside = [] if activity.box.kind == "event sub" else [w for w in room.watches if w.box.kind == "event sub"]
            around = [] if room.owner is None else [w for w in room.owner.place.watches if w.holder is room.owner]
            for watches in (beside, around):
                fitting = [w for w in watches if w.awaits(kind) and w.box.about in (code, None)]
                if fitting:
                    return min(fitting, key=lambda watch: watch.box.about is None)
            if room.owner is None:
                return None
            activity = room.owner

    def _throw(self, mark: Mark, code: str) -> None:
        catcher = self._catcher(mark, "error", code)
        if mark.place.owner is None or self._is_top_handler(mark.place):
            self.outcome = mark.box.name
        if catcher is not None:
            self._happen(catcher)
        else:
            # What nothing catches ends the whole instance (10.5.7).
            self.outcome, self.error = mark.box.name, code
            self.top.marks.clear()
            self.top.watches.clear()

    def _escalate(self, mark: Mark, code: str) -> None:
        catcher = self._catcher(mark, "escalation", code)
        if catcher is not None:
            self._happen(catcher)
        if catcher is None or not catcher.box.interrupting:
            self._leave(mark)
