"""The reference lifecycle for the token game of the tests: the floor, a step without XML, FEEL and SpiffWorkflow.

The game knows no processes that are called; a sub-process stands for each, and an error for the escalation, which
makes no difference on the way that the story takes.
"""

import io
import itertools
import pickle
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2] / "tests"))
token_game: Any = import_module("unit.engine.token_game")

_BOXES = {
    "": "filed:start register:user check_remit:user triage:pass in_scope:xor refer:user referred:end split:and "
    "acknowledge:user assign:user joined:and investigate:sub flag:count review_overdue:user overdue_reviewed:end "
    "record_withdrawal:user ended_withdrawn:end draft:user chase:user chased:end review:user acceptable:xor "
    "sign_off:user remedy:sub handle_objection:user notify:user close:user closed:end",
    "investigate": "begun:start plan:user request:user answered:message analyse:user enough:xor record_findings:user "
    "investigated:end withdrew:error",
    "remedy": "offered:start offer:user accepted_or_not:xor pay:user paid:end rejected:error",
}
_ARROWS = (
    "filed register check_remit triage in_scope",
    "split acknowledge joined",
    "split assign joined",
    "joined investigate draft review acceptable",
    "refer referred",
    "overdue flag review_overdue overdue_reviewed",
    "withdrawn_inside record_withdrawal ended_withdrawn",
    "draft_late chase chased",
    "sign_off remedy notify close closed",
    "rejected_inside handle_objection notify",
    "begun plan request answered analyse enough",
    "record_findings investigated",
    "offered offer accepted_or_not",
    "pay paid",
)
# Source, target of the conditional flow, variable and value, target of the default flow.
_CHOICES = (
    ("in_scope", "split", "ours", True, "refer"),
    ("acceptable", "draft", "rework", True, "sign_off"),
    ("enough", "request", "need_more", True, "record_findings"),
    ("accepted_or_not", "rejected", "accepted", False, "pay"),
)
# Name, kind, host, whether it interrupts, code or days.
_BORDERS = (
    ("overdue", "timer", "investigate", False, 20),
    ("withdrawn_inside", "error", "investigate", True, "withdrawn"),
    ("draft_late", "timer", "draft", False, 5),
    ("rejected_inside", "error", "remedy", True, "rejected"),
)


def drawing() -> Any:
    """Draw the lifecycle."""
    drawn = token_game.Drawing()
    for scope, boxes in _BOXES.items():
        for entry in boxes.split():
            name, _, kind = entry.partition(":")
            drawn.boxes[name] = token_game.Box(name, kind, scope)
    drawn.boxes["investigate"].entry, drawn.boxes["remedy"].entry = "begun", "offered"
    drawn.boxes["answered"].about = "information_received"
    drawn.boxes["withdrew"].about, drawn.boxes["rejected"].about = "withdrawn", "rejected"
    for name, kind, host, interrupting, about in _BORDERS:
        drawn.boxes[name] = token_game.Box(name, kind, host=host, interrupting=interrupting, about=about)
    for path in _ARROWS:
        stops = path.split()
        drawn.arrows += [token_game.Arrow(*pair) for pair in itertools.pairwise(stops)]
    for source, target, variable, wanted, otherwise in _CHOICES:
        drawn.arrows.append(token_game.Arrow(source, target, _asks(variable, wanted)))
        drawn.arrows.append(token_game.Arrow(source, otherwise, default=True))
    return drawn


def _asks(variable: str, wanted: bool) -> Any:
    return lambda variables: variables.get(variable) is wanted


class Saver:
    """Writes a game as bytes without its drawing, as the engine writes a state without its definition."""

    def __init__(self, drawn: Any) -> None:
        self._shared = [drawn, *drawn.boxes.values(), *drawn.arrows]
        self._numbers = {id(part): number for number, part in enumerate(self._shared)}

    def save(self, game: Any) -> bytes:
        """Write a game."""
        stream = io.BytesIO()
        pickler = pickle.Pickler(stream, protocol=5)
        pickler.persistent_id = lambda part: self._numbers.get(id(part))  # type: ignore[method-assign]
        pickler.dump(game)
        return stream.getvalue()

    def load(self, saved: bytes) -> Any:
        """Read a game back."""
        unpickler = pickle.Unpickler(io.BytesIO(saved))
        unpickler.persistent_load = lambda number: self._shared[number]  # type: ignore[method-assign]
        return unpickler.load()


def begin(drawn: Any, now: datetime) -> Any:
    """Start a game."""
    return token_game.Game(drawn, {}, now)
