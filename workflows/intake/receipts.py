"""The receipt's code: made, written in groups, read back, and found by its hash at constant cost."""

from sqlalchemy.orm import Session

from workflows.intake.models import Receipt


def new_code() -> str:
    """Make a code of 24 digits in groups of four, about 80 bits drawn by chance."""
    raise NotImplementedError


def receipt_of(session: Session, code: str) -> Receipt | None:
    """Find the receipt that the code opens; None for every code that opens nothing, at the same cost."""
    raise NotImplementedError
