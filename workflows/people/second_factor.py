"""Codes of the second factor (TOTP, RFC 6238): six digits, half a minute, each good for one use."""

import hmac
from datetime import datetime

import pyotp

# Half minutes before and after the present one that are accepted: clocks of phones drift.
_DRIFT = 1
_STEP_SECONDS = 30


def new_secret() -> str:
    """Make a secret of 160 bits, base32."""
    return pyotp.random_base32()


def enrolment_address(secret: str, *, login: str, office: str) -> str:
    """Give the otpauth:// address that an authenticator reads as a QR picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=office)


def matching_step(secret: str, code: str, now: datetime, *, used: int | None) -> int | None:
    """Give the number of the half minute that `code` belongs to, or None when it fits none after `used`.

    Spaces in the code are forgiven, since people type it in two groups.
    """
    typed = "".join(code.split()).encode()
    present = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        fits = hmac.compare_digest(totp.at(step * _STEP_SECONDS).encode(), typed)
        if fits and (used is None or step > used):
            found = step
    return found


def code_at(secret: str, now: datetime) -> str:
    """Give the code that an authenticator would show at `now`."""
    return pyotp.TOTP(secret).at(now)
