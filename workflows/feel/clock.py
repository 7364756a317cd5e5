"""What FEEL knows about time: the instant of the evaluation and the zone of the office."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True)
class Clock:
    """The time that an evaluation sees; it never reads a clock of its own."""

    # The instant of the evaluation; aware.
    now: datetime
    # The zone in which `now()` and `today()` speak and in which date-times without offset are read.
    zone: ZoneInfo = OFFICE_ZONE

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("the instant of a Clock must be aware")
