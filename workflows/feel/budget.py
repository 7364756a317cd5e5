"""How much one evaluation may cost, so that no diagram can hold a worker or its memory."""

from workflows.feel.errors import FeelError
from workflows.language import say

# A condition of a diagram takes some tens of steps, a long decision table some thousands.
STEPS = 200_000
# Characters of texts and elements of lists that one evaluation may create, all together.
SIZE = 2_000_000
# How deep lists and contexts may be nested, in what comes in, is built and goes out.
NESTING = 64
# How deep functions written in FEEL may call each other, counted in levels of their expressions.
CALL_LEVELS = 200
# Characters of one text to compile, and levels of its expression.
TEXT = 20_000
LEVELS = 100


class Budget:
    """What is left of the steps and of the size that one evaluation may use."""

    __slots__ = ("levels", "size", "steps")

    def __init__(self, steps: int = STEPS, size: int = SIZE) -> None:
        self.steps = steps
        self.size = size
        self.levels = CALL_LEVELS

    def spend(self, steps: int) -> None:
        """Take steps; raises FeelError when none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelError(
                "feel.too_long",
                say("Ungkapan ini terlalu lama dihitung.", "This expression takes too long to evaluate."),
            )

    def grow(self, size: int) -> None:
        """Take room for new characters or elements; raises FeelError when none is left."""
        self.size -= size
        if self.size < 0:
            raise FeelError(
                "feel.too_large",
                say("Hasil ungkapan ini terlalu besar.", "The result of this expression is too large."),
            )

    def enter(self, levels: int) -> None:
        """Go into a function whose body has that many levels; `leave` comes back."""
        self.levels -= levels
        if self.levels < 0:
            raise too_deep()

    def leave(self, levels: int) -> None:
        """Come back from a function."""
        self.levels += levels


def too_deep() -> FeelError:
    """Make the error for values and expressions that are nested beyond what is read."""
    return FeelError("feel.too_deep", say("Susunannya terlalu dalam.", "This is nested too deeply."))
