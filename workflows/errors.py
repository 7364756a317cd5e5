"""The family of errors that the domain speaks.

Every error carries a code (`noun.problem`) and facts; the sentence a person reads is chosen by `webapp.labels` or
the command line. What a process designer must mend is told as `Finding` values inside `BrokenDefinition`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing a designer should know about a file: where it is, what is wrong, how to mend it."""

    # Stable key of the kind of problem, for example "flow.unknown_target".
    code: str
    # What is wrong, in the reader's language.
    message: str
    # How to mend it, in the reader's language; may be empty for notes.
    fix: str = ""
    # "error" forbids publishing, "warning" asks for a look, "note" only informs.
    severity: Severity = "error"
    # Name of the file inside the case-type folder or bundle.
    file: str = ""
    # Line in that file, from 1; 1 when the file as a whole is meant.
    line: int = 1
    # Id of the element that is meant, if one is.
    element: str | None = None


class AmanahError(Exception):
    """Something the domain refuses; `code` names it and `facts` hold what the sentence about it needs."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code} ({details})" if details else self.code


class NotFound(AmanahError):
    """The thing asked for does not exist, or must look as if it did not."""


class NotAllowed(AmanahError):
    """The actor may not do this; towards the outside it looks like `NotFound`."""


class Conflict(AmanahError):
    """Somebody was quicker, or the state has moved on; nothing was changed."""


class SealBroken(AmanahError):
    """A step of the past is not what it was when the database sealed it; nothing is built upon it.

    Facts: `instance`, the id of the run as text, and `revision`, which step it is.
    """

    @property
    def instance_id(self) -> UUID:
        """The run whose past does not fit."""
        return UUID(self.facts["instance"])


class NewerState(AmanahError):
    """A newer edition of the program has written this; whoever runs that one goes on with it.

    It happens while an installation is brought up to date machine by machine, and is over when that is done.
    """


class InvalidAnswers(AmanahError):
    """Answers do not fit their form; `problems` holds (field id, problem code, facts) in the order of the form."""

    def __init__(self, problems: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
        super().__init__("answers.invalid")
        self.problems = list(problems)

    def __str__(self) -> str:
        return ", ".join(f"{field}: {code}" for field, code, _ in self.problems)


class BrokenDefinition(AmanahError):
    """A process definition cannot run as drawn; `findings` say where and how to mend it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("definition.broken")
        self.findings = list(findings)

    def __str__(self) -> str:
        return "; ".join(f"{f.file}:{f.line} {f.code}: {f.message}" for f in self.findings)


class BusinessError(Exception):
    """A service says that the business failed; the diagram catches it with an error event of this code."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
