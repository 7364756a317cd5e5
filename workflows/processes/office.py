"""What every running process needs to know of its office: the installation's settings and the register of deadlines.

Opened once when the program starts, like the law of `access`; never stored, since a running case follows today's
register.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from workflows import fingerprints
from workflows.deadlines.register import Register, load
from workflows.evidence.uploads import Limits
from workflows.feel.clock import use_zone
from workflows.settings import Settings


@dataclass(frozen=True)
class Office:
    """The office in whose name processes run."""

    settings: Settings
    # Every deadline with its editions.
    register: Register

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days are counted."""
        return self.settings.zone

    @property
    def limits(self) -> Limits:
        """How much may be handed in with a form."""
        return Limits.of(self.settings)


_opened: list[Office] = []


def open_office(settings: Settings) -> Office:
    """Read the register and make this the office of every act from now on; called once when the program starts."""
    fingerprints.use_key(settings.fingerprint_key)
    use_zone(settings.zone)
    office = Office(settings, load(settings.definitions / "shared" / "deadlines.yml"))
    _opened[:] = [office]
    return office


def current_office() -> Office:
    """Give the office that was opened; RuntimeError when the program forgot to."""
    if not _opened:
        raise RuntimeError("no office was opened; the program calls open_office(settings) when it starts")
    return _opened[0]
