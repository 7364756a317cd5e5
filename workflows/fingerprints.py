"""Persons recognised without their identity: keyed fingerprints of numbers, of name and birth date, and of names.

A fingerprint is HMAC-SHA-256 under a key of the installation's own. It says that two records speak of one person, also
after the records themselves were sealed, and says nobody who that person is: without the key nobody can try the few
hundred million numbers that exist. The key is opened once when the program starts, like the office itself.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Literal

Kind = Literal["number", "person", "name"]

# NIK has sixteen digits, NIP eighteen, the old NIP nine; shorter ones are no numbers of persons.
_SHORTEST_NUMBER = 9
# Before a name; what follows a comma are degrees.
_TITLES_BEFORE = """
    apt bapak bpk bu bd dr dra drg drh drs h hj hjh ibu ir kh mr mrs ms ny nyonya pak prof sdr sdri tn tuan ust ustadz
"""
# Behind a name that was written without a comma.
_TITLES_BEHIND = """
    akt amd bsc ma mba mh mhum mkes mkom mm mp mpd msc msi msos mt phd sag se sfarm sh shi sip skep skm skom sp spd spdi
    spt ssi ssos ssn st stp sthi
"""
_keys: list[bytes] = []


def use_key(key: str | None) -> None:
    """Make this the key of every fingerprint from now on; None leaves the program without one."""
    _keys[:] = [key.encode()] if key else []


def key_id() -> str:
    """Give by what the opened key is known, 12 hexadecimal digits; it says nothing about the key.

    RuntimeError when the program opened no key.
    """
    return hmac.new(_key(), b"key of fingerprints", hashlib.sha256).hexdigest()[:12]


@contextmanager
def under(key: str) -> Iterator[None]:
    """Make fingerprints under another key for the length of the block; for whoever takes leave of a key."""
    opened = list(_keys)
    use_key(key)
    try:
        yield
    finally:
        _keys[:] = opened


def fingerprint(kind: Kind, *parts: str | date) -> str:
    """Give the fingerprint, 64 hexadecimal digits.

    `number` takes a NIP or NIK, of which only the digits count; `person` a name and a birth date; `name` a name alone,
    which finds people who may be the same and proves nothing. ValueError when a part says nothing: too few digits, no
    letter, no date. RuntimeError when the program opened no key.
    """
    key = _key()
    message = "\x1f".join([kind, *_NORMALISED[kind](*parts)])
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def _key() -> bytes:
    if not _keys:
        raise RuntimeError("no key of fingerprints was opened; set FINGERPRINT_KEY")
    return _keys[0]


def normal_number(number: str | date) -> str:
    """Give the digits of a number; ValueError when there are too few of them."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", str(number)), flags=re.ASCII)
    if len(digits) < _SHORTEST_NUMBER:
        raise ValueError("too few digits for the number of a person")
    return digits


def normal_name(name: str | date) -> str:
    """Give a name as it is compared: NFKC, small letters, without titles, degrees and punctuation.

    "Drs. H. Budi Santoso, M.Si." and "BUDI  SANTOSO" are one name. ValueError when nothing is left.
    """
    before_degrees = unicodedata.normalize("NFKC", str(name)).casefold().partition(",")[0]
    # "H.Budi" is a title and a name, "S.E." is one degree.
    words = [
        _letters(word) for word in re.sub(r"\b(dr|drs|dra|ir|h|hj|prof)\.(?=\w{2})", r"\1 ", before_degrees).split()
    ]
    words = [word for joined in words for word in joined.split()]
    while len(words) > 1 and words[0] in _TITLES_BEFORE.split():
        words.pop(0)
    while len(words) > 1 and words[-1] in _TITLES_BEHIND.split():
        words.pop()
    if not words:
        raise ValueError("a name needs a letter")
    return " ".join(words)


def _letters(word: str) -> str:
    """Give a word without punctuation; a hyphen parts two words, dots and apostrophes join."""
    parted = "".join(" " if unicodedata.category(sign) == "Pd" or sign in "/_" else sign for sign in word)
    return "".join(sign for sign in parted if sign == " " or sign.isalnum())


def _number(number: str | date) -> tuple[str]:
    return (normal_number(number),)


def _person(name: str | date, born_on: str | date) -> tuple[str, str]:
    day = born_on if isinstance(born_on, date) else date.fromisoformat(born_on)
    return normal_name(name), day.isoformat()


def _name(name: str | date) -> tuple[str]:
    return (normal_name(name),)


_NORMALISED: Mapping[Kind, Callable[..., tuple[str, ...]]] = {"number": _number, "person": _person, "name": _name}
