"""What FEEL knows about time: the instant of the evaluation and the zone of the office.

The zone is a setting of the installation, said once when the program starts. Nothing reads the environment here.
"""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

# Where nobody said otherwise.
OFFICE_ZONE = ZoneInfo("Asia/Jakarta")
_zone = [OFFICE_ZONE]


def use_zone(zone: ZoneInfo) -> None:
    """Let this be the zone of the office from now on; called once when the program starts."""
    _zone[:] = [zone]


def office_zone() -> ZoneInfo:
    """Give the zone in which the office counts its days."""
    return _zone[0]


@dataclass(frozen=True)
class Clock:
    """The time that an evaluation sees; it never reads a clock of its own."""

    # The instant of the evaluation; aware.
    now: datetime
    # The zone in which `now()` and `today()` speak and in which date-times without offset are read.
    zone: ZoneInfo = field(default_factory=office_zone)

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the instant of a Clock must be aware")
