"""What the machine under an installation must bring, and what its surroundings answer: libraries, ports, addresses."""

import ctypes
import socket
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from workflows.language import say

# What WeasyPrint loads from the machine; everything else comes with the packages.
PRINTING_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)

# Program of a package manager -> what to type. The first that is there is told.
_INSTALLING = {
    "/usr/bin/apt-get": "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1",
    "/usr/bin/dnf": "dnf install -y pango harfbuzz fontconfig",
    "/sbin/apk": "apk add pango harfbuzz-subset fontconfig",
    "/usr/bin/zypper": "zypper install -y libpango-1_0-0 libharfbuzz-subset0 fontconfig",
    "/usr/bin/pacman": "pacman -S --noconfirm pango",
}


def missing_libraries() -> list[str]:
    """Name the libraries that printing needs and that cannot be loaded; empty on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in PRINTING_LIBRARIES if not _loads(name)]


def how_to_install(missing: Sequence[str]) -> str:
    """Say what to install for printing, in the words of this machine's package manager."""
    commands = [command for program, command in _INSTALLING.items() if Path(program).exists()]
    command = commands[0] if commands else _INSTALLING["/usr/bin/apt-get"]
    names = ", ".join(missing)
    return say(
        f"Laporan PDF dicetak dengan Pango, dan mesin ini belum memilikinya ({names}). Pasang dengan:\n  {command}",
        f"PDF reports are printed with Pango, which this machine lacks ({names}). Install it with:\n  {command}",
    )


def is_busy(port: int) -> bool:
    """Tell whether another program listens on the port of this machine's loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the web server itself does: a port that only lingers after a stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def answers(address: str) -> bool:
    """Tell whether a GET of the http:// address gives 200."""
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:  # noqa: S310 (an address of ours)
            return bool(reply.status == 200)
    except OSError:
        return False


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
