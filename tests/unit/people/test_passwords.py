"""Passwords without a database."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from workflows.errors import Conflict
from workflows.people import passwords


@pytest.fixture(autouse=True)
def cheap_hashes() -> Iterator[None]:
    with passwords.costing(passwords.CHEAPEST):
        yield


def test_a_hash_is_argon2id_and_fits_only_its_password() -> None:
    kept = passwords.hash_password("tepung gomak lebah")

    assert kept.startswith("$argon2id$")
    assert passwords.verify(kept, "tepung gomak lebah")
    assert not passwords.verify(kept, "tepung gomak lebai")


def test_the_full_cost_is_that_of_the_standard() -> None:
    assert passwords.FULL_COST.memory == 64 * 1024
    assert passwords.FULL_COST.passes == 3


def test_nothing_fits_where_there_is_no_hash() -> None:
    assert not passwords.verify(None, "tepung gomak lebah")
    assert not passwords.verify("no hash at all", "tepung gomak lebah")


def test_a_huge_password_neither_fits_nor_costs() -> None:
    kept = passwords.hash_password("a" * passwords.LONGEST)

    assert passwords.verify(kept, "a" * passwords.LONGEST)
    assert not passwords.verify(kept, "a" * 10_000_000)


def test_a_hash_of_another_cost_is_outdated() -> None:
    kept = passwords.hash_password("tepung gomak lebah")

    assert not passwords.is_outdated(kept)
    with passwords.costing(passwords.Cost(passes=2, memory=16, lanes=1)):
        assert passwords.is_outdated(kept)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("sebelas1234", "password.too_short"),
        ("x" * 257, "password.too_long"),
        ("aaaaaaaaaaaaaaa", "password.too_simple"),
        ("rahasia-petugas-1", "password.too_simple"),
    ],
)
def test_a_weak_password_is_told_why(password: str, code: str) -> None:
    [(field, told, _)] = passwords.problems("chosen", password, login="petugas")

    assert (field, told) == ("chosen", code)


def test_a_phrase_is_good_enough() -> None:
    assert passwords.problems("chosen", "tepung gomak lebah", login="petugas") == []
    assert passwords.problems("chosen", "kopdar di warung", login="opd") == []


def test_made_passwords_are_four_readable_groups_and_differ() -> None:
    made = {passwords.readable_password() for _ in range(100)}

    assert len(made) == 100
    for password in made:
        assert [len(group) for group in password.split("-")] == [4, 4, 4, 4]
        assert not set(password) & set("0O1lIo")
        assert passwords.problems("chosen", password, login="warga") == []


def test_only_a_few_hashes_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE", 0.0)
    with passwords._turn(), passwords._turn(), pytest.raises(Conflict, match=r"sign_in\.busy"):
        passwords.hash_password("tepung gomak lebah")

    assert passwords.hash_password("tepung gomak lebah")


def test_waiting_sign_ins_get_their_turn() -> None:
    kept = passwords.hash_password("tepung gomak lebah")
    barrier = threading.Barrier(8)

    def guess(_: int) -> bool:
        barrier.wait()
        return passwords.verify(kept, "tepung gomak lebah")

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(guess, range(8)))
