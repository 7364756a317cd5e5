"""Passwords: hashed by Argon2id behind a semaphore, judged by length, made readable when we make them.

Whoever guesses pays with our memory and time, so only a few hashes are computed at once. No list of tried passwords or
names is kept anywhere.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from workflows.errors import Conflict

SHORTEST = 12
# Longer ones would only let a stranger feed the hash with megabytes.
LONGEST = 256
# A login of so few letters stands in many a good password by chance.
_SHORT_LOGIN = 3

# Hashes computed at once per process: with 64 MiB each, two do not starve a small machine.
_AT_ONCE = 2
# How long a sign-in waits for its turn, in seconds, before it is told to come back.
_PATIENCE = 10.0
# For passwords that are read from paper: no letter that looks like another.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Cost:
    """What one hash costs."""

    # Passes over the memory.
    passes: int
    # Memory in KiB.
    memory: int
    lanes: int


# RFC 9106, second recommended option (64 MiB, three passes).
FULL_COST = Cost(passes=3, memory=65_536, lanes=4)
# For tests alone: a hash of a millisecond.
CHEAPEST = Cost(passes=1, memory=8, lanes=1)

_cost = FULL_COST
_turns = BoundedSemaphore(_AT_ONCE)


@contextmanager
def costing(cost: Cost) -> Iterator[None]:
    """Hash at `cost` inside the block, in all threads."""
    global _cost
    before, _cost = _cost, cost
    try:
        yield
    finally:
        _cost = before


def hash_password(password: str) -> str:
    """Give the Argon2id hash in the PHC format; raise Conflict (`sign_in.busy`) when its turn does not come."""
    with _turn():
        return _hasher(_cost).hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; without a hash, take as long as if there were one and say no."""
    hasher, against = _hasher(_cost), password_hash or _decoy(_cost)
    with _turn():
        try:
            # One letter too many is enough to fail; the rest of a huge one need not be hashed.
            return hasher.verify(against, password[: LONGEST + 1]) and password_hash is not None
        except (Argon2Error, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Tell whether the hash was made at another cost than today's, so that it should be made anew."""
    return _hasher(_cost).check_needs_rehash(password_hash)


def problems(field: str, password: str, *, login: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Say what is wrong with a chosen password, in the shape that InvalidAnswers takes."""
    if len(password) < SHORTEST:
        return [(field, "password.too_short", {"shortest": SHORTEST})]
    if len(password) > LONGEST:
        return [(field, "password.too_long", {"longest": LONGEST})]
    if (len(login) > _SHORT_LOGIN and login in password.lower()) or len(set(password)) < SHORTEST // 2:
        return [(field, "password.too_simple", {})]
    return []


def readable_password() -> str:
    """Make a password of four groups of four, 79 random bits, that can be read out and typed from paper."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=_PATIENCE):
        raise Conflict("sign_in.busy")
    try:
        yield
    finally:
        _turns.release()


@cache
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)


@cache
def _decoy(cost: Cost) -> str:
    """A hash that no password fits, for logins that do not exist."""
    return _hasher(cost).hash(secrets.token_urlsafe())
