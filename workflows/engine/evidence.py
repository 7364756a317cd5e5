"""What proves later that the data of a completed step are still those of that day.

Whoever stores a step stores this beside it and asks again whenever the case is saved: SpiffWorkflow 3.2.0 shares
nested values between tasks, so that editing one rewrote what earlier ones had left (promise R10).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def data_checksum(variables: Mapping[str, Any]) -> str:
    """Give the SHA-256, in hex, of a document of variables (`State.variables`), whatever the order of its keys."""
    text = json.dumps(variables, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
