"""The one law of who may do and see what: for one row (`may`) and for many (`visible_cases`).

Acts asked for:

- `case.read` (Case): see the case page and what is written there. `case.work`: act on it beyond reading.
- `case.follow` (Case): the reporter's own view, by receipt or account.
- `case.report`, `case.escalate`, `party.identity` (Case): the right of that name, and `case.read`.
- `task.work`, `task.assign` (Task): do or hand out a task.
- `escalation.acknowledge` (Escalation).
- `report.submit`: file a report (anybody).
- any other act names a right; whoever holds it in any unit may, without a subject.

Exclusions win over everything. A confidential case is seen by its circle alone. The system may do anything.
"""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from workflows.transaction import Actor


def may(session: Session, actor: Actor, act: str, subject: Any = None) -> bool:
    """Tell whether the actor may do the act on the subject."""
    raise NotImplementedError


def visible_cases(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Give the condition on `Case` that holds for exactly the cases on which the actor may `case.read`."""
    raise NotImplementedError


def install() -> None:
    """Make this the law of every transaction; called once when the program starts."""
    raise NotImplementedError
