"""Persons are recognised by keyed fingerprints: alike however they are written, worthless without the key."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from databases import installation_environment
from workflows import fingerprints
from workflows.fingerprints import fingerprint, normal_name
from workflows.settings import BadSetting, Settings


@pytest.fixture(autouse=True)
def _key() -> Iterator[None]:
    kept = list(fingerprints._keys)
    fingerprints.use_key("one key")
    yield
    fingerprints._keys[:] = kept


def test_a_number_is_one_however_it_is_grouped() -> None:
    assert fingerprint("number", "19800101 200501 1 001") == fingerprint("number", "198001012005011001")
    assert fingerprint("number", "198001012005011001") != fingerprint("number", "198001012005011002")
    assert len(fingerprint("number", "198001012005011001")) == 64


@pytest.mark.parametrize(
    "written",
    ["Budi Santoso", "BUDI  SANTOSO", "Drs. H. Budi Santoso, M.Si.", "H.Budi Santoso", "Ir. Budi Santoso MM",
     "Bapak Budi-Santoso", "Ｂｕｄｉ Santoso", "Budi Santoso, S.E., M.M."],
)  # fmt: skip
def test_a_name_is_one_with_and_without_titles(written: str) -> None:
    assert normal_name(written) == "budi santoso"
    assert fingerprint("name", written) == fingerprint("name", "budi santoso")


@pytest.mark.parametrize(("written", "kept"), [("Haji", "haji"), ("Nur'aini", "nuraini"), ("H. S. Dillon", "s dillon")])
def test_a_name_keeps_what_is_no_title(written: str, kept: str) -> None:
    assert normal_name(written) == kept


def test_name_and_birth_date_are_another_kind_than_the_name_alone() -> None:
    born = fingerprint("person", "Budi Santoso", date(1980, 1, 31))
    assert born == fingerprint("person", "Dr. Budi Santoso", "1980-01-31")
    assert born not in {fingerprint("name", "Budi Santoso"), fingerprint("person", "Budi Santoso", "1980-02-01")}


@pytest.mark.parametrize(
    ("kind", "parts"), [("number", ("12345",)), ("name", ("., -",)), ("person", ("Budi", "kemarin"))]
)
def test_what_says_nothing_has_no_fingerprint(kind: fingerprints.Kind, parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"few|letter|isoformat"):
        fingerprint(kind, *parts)


def test_another_key_gives_other_fingerprints_and_no_key_gives_none() -> None:
    before = fingerprint("number", "198001012005011001")
    fingerprints.use_key("another key")
    assert fingerprint("number", "198001012005011001") != before
    fingerprints.use_key(None)
    with pytest.raises(RuntimeError, match="FINGERPRINT_KEY"):
        fingerprint("number", "198001012005011001")


def test_production_insists_on_the_key(tmp_path: Path) -> None:
    environment = {**installation_environment("postgresql://host/base", tmp_path), "AMANAH_ENV": "production"}
    assert Settings.from_env(environment).fingerprint_key == "fingerprints of tests only"
    with pytest.raises(BadSetting, match="FINGERPRINT_KEY"):
        Settings.from_env({**environment, "FINGERPRINT_KEY": ""})
    assert replace(Settings.from_env(environment), fingerprint_key=None).in_production
