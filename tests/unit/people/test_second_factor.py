"""Codes of the second factor without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from workflows.people.second_factor import code_at, enrolment_address, matching_step, new_secret

# The secret of RFC 6238, appendix B, and its first time.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NOW = datetime(1970, 1, 1, 0, 0, 59, tzinfo=UTC)


def test_codes_are_those_of_the_standard() -> None:
    assert code_at(SECRET, NOW) == "287082"
    assert matching_step(SECRET, "287082", NOW, used=None) == 1


@pytest.mark.parametrize(("seconds", "fits"), [(-31, True), (0, True), (30, True), (61, False), (-120, False)])
def test_a_clock_may_be_half_a_minute_off(seconds: int, fits: bool) -> None:
    now = datetime(2026, 3, 2, 2, 0, 1, tzinfo=UTC)
    code = code_at(SECRET, now)

    assert (matching_step(SECRET, code, now + timedelta(seconds=seconds), used=None) is not None) is fits


def test_a_used_code_fits_no_more_and_neither_do_older_ones() -> None:
    step = matching_step(SECRET, "287082", NOW, used=None)

    assert matching_step(SECRET, "287082", NOW, used=step) is None
    assert matching_step(SECRET, code_at(SECRET, NOW - timedelta(seconds=30)), NOW, used=step) is None
    assert matching_step(SECRET, code_at(SECRET, NOW + timedelta(seconds=30)), NOW, used=step) == 2


def test_a_code_may_be_typed_in_two_groups() -> None:
    assert matching_step(SECRET, " 287 082 ", NOW, used=None) == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "abcdef", "２８７０８２", "\x00"])
def test_anything_else_does_not_fit(typed: str) -> None:
    assert matching_step(SECRET, typed, NOW, used=None) is None


def test_the_address_names_office_and_login() -> None:
    address = enrolment_address(new_secret(), login="petugas", office="Pemkab Langkat")

    assert address.startswith("otpauth://totp/Pemkab%20Langkat:petugas?secret=")
    assert len(new_secret()) == 32
