"""The receipt's code: made, written in groups, read back, and found by its hash at constant cost.

Only the hash is kept. A code has 25 digits, 83 bits: more than can be tried, and readable over a telephone.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.intake.models import Receipt

_DIGITS = 25
_GROUP = 5
# A code is found by its hash, so the salt is the same for all; it keeps this use apart from every other one.
_SALT = hashlib.sha256(b"amanah receipt lookup 1").digest()[:16]
# Longer input than any code with generous spaces is cut before it costs anything.
_LONGEST_INPUT = 200


@dataclass(frozen=True)
class Cost:
    """How dear it is to try one code (Argon2id)."""

    # Rounds, and memory in KiB.
    rounds: int
    memory: int


# The second recommendation of RFC 9106 costs a phone-size server too much; these are OWASP's figures for Argon2id.
COST = Cost(rounds=2, memory=19_456)
# Memory for so many codes at once, however many people ask.
_at_once = BoundedSemaphore(4)


def new_code(secret: str | None, key: str) -> str:
    """Make the code for the report that was posted with the idempotency key `key`.

    The same post gives the same code, so that whoever clicked twice still gets to see it, although it is not kept: it
    takes the installation's secret and the key, and of the key only a hash is kept either. Without a secret the code
    is drawn by chance and can be shown with the first answer alone.
    """
    if secret is None:
        number = secrets.randbelow(10**_DIGITS)
    else:
        digest = hmac.digest(secret.encode(), b"amanah receipt code 1|" + key.encode(), "sha512")
        # 512 bits over 83: the remainder favours no digit that anybody could notice.
        number = int.from_bytes(digest) % 10**_DIGITS
    return in_groups(f"{number:0{_DIGITS}d}")


def in_groups(digits: str) -> str:
    """Write digits in groups, as people write them down."""
    return "-".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def lookup_of(code: str) -> bytes:
    """Hash what somebody typed; everything but the digits is ignored. Costs the same whatever was typed."""
    digits = "".join(sign for sign in code[:_LONGEST_INPUT] if sign in "0123456789")
    with _at_once:
        return hash_secret_raw(
            secret=digits.encode(),
            salt=_SALT,
            time_cost=COST.rounds,
            memory_cost=COST.memory,
            parallelism=1,
            hash_len=32,
            type=Type.ID,
        )


def receipt_of(session: Session, code: str) -> Receipt | None:
    """Find the receipt that the code opens; None for every code that opens nothing, at the same cost."""
    receipt = session.scalars(select(Receipt).where(Receipt.lookup == lookup_of(code))).first()
    return receipt if receipt is not None and receipt.expired_at is None else None
