"""What SpiffWorkflow would call to evaluate Python from a diagram. It refuses.

Every expression is FEEL, compiled at parse and evaluated by `Token.evaluate`; no code path of ours leads here. Were one
of SpiffWorkflow's to do so after an upgrade, the call fails instead of running a designer's text as Python.
"""

from typing import Any, NoReturn


class RefusingScriptEngine:
    """Stands where SpiffWorkflow's Python engine would stand."""

    environment = None

    def evaluate(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse."""
        raise AssertionError("SpiffWorkflow asked for Python to be evaluated")

    execute = call_service = validate = evaluate
