"""How often a process looks for garbage in its memory: for programs that load much and keep it to their end.

Loading the application makes half a million objects, none of which is garbage. Python would walk over them time and
again while it loads, and once more when it ends, which took a third of the processor time of a start. A web or worker
process that serves for months frees what it made as before; only cycles wait a little longer.
"""

import atexit
import gc

# So many objects more than were let go since the last look; Python's own measure is 700.
_YOUNG = 20_000
# So many looks at the young before the older are looked at too, and so many of those before all are.
_OLDER = 20


def look_less_often() -> None:
    """Look for garbage less often from now on, and not at all at the end; called first by whoever starts a process."""
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
    # Once, however often this is called.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
