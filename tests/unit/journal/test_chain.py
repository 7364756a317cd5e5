"""The arithmetic of the chain can be repeated by anybody, and the list of kinds keeps its grammar."""

import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.journal.chain import BEGINNING, canonical, entry_hash, link_hash, plain
from workflows.journal.kinds import KINDS

ENTRY = {
    "case_id": UUID(int=1),
    "sequence": 1,
    "kind": "case.closed",
    "at": datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=7))),
    "actor_kind": "user",
    "actor_id": UUID(int=2),
    "actor_name": "Rahma",
    "facts": {"disposition": "resolved"},
    "previous_hash": BEGINNING,
}


def test_the_hash_is_over_a_text_that_anybody_can_write() -> None:
    text = (
        '{"actor_id":"00000000-0000-0000-0000-000000000002","actor_kind":"user","actor_name":"Rahma",'
        '"at":"2026-03-02T02:00:00.000000+00:00","case_id":"00000000-0000-0000-0000-000000000001",'
        '"facts":{"disposition":"resolved"},"kind":"case.closed",'
        f'"previous_hash":"{BEGINNING}","sequence":1}}'
    )
    assert entry_hash(**ENTRY) == hashlib.sha256(text.encode()).hexdigest()  # type: ignore[arg-type]


# What `plain` lets in: text of any kind that PostgreSQL keeps, and whole numbers of any size.
_WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
_FACT = st.none() | st.booleans() | st.integers() | _WORDS


@given(st.dictionaries(_WORDS, _FACT | st.lists(_FACT, max_size=3), max_size=4), _WORDS)
def test_whatever_the_facts_are_the_text_is_the_canonical_one(facts: dict[str, Any], name: str) -> None:
    entry = {**ENTRY, "facts": facts, "actor_name": name}
    written = {
        **entry,
        "case_id": plain(ENTRY["case_id"]),
        "at": plain(ENTRY["at"]),
        "actor_id": plain(ENTRY["actor_id"]),
    }
    assert entry_hash(**entry) == hashlib.sha256(canonical(written)).hexdigest()  # type: ignore[arg-type]


@pytest.mark.parametrize("part", ["sequence", "kind", "actor_name", "previous_hash"])
def test_every_part_counts(part: str) -> None:
    changed = {**ENTRY, part: 2 if part == "sequence" else "other"}
    assert entry_hash(**changed) != entry_hash(**ENTRY)  # type: ignore[arg-type]


def test_a_link_binds_place_entry_and_the_link_before() -> None:
    link = link_hash(sequence=1, entry_id=7, entry="a", previous=BEGINNING)
    assert link != link_hash(sequence=2, entry_id=7, entry="a", previous=BEGINNING)
    assert link != link_hash(sequence=1, entry_id=8, entry="a", previous=BEGINNING)
    assert link != link_hash(sequence=1, entry_id=7, entry="a", previous=link)


def test_facts_become_json_in_one_way() -> None:
    assert plain({UUID(int=3), UUID(int=1)}) == [str(UUID(int=1)), str(UUID(int=3))]
    assert plain(Decimal("0.75")) == "0.75"
    assert plain(datetime(2026, 3, 2, tzinfo=UTC)) == "2026-03-02T00:00:00.000000+00:00"
    assert canonical({"b": 1, "a": None}) == b'{"a":null,"b":1}'
    with pytest.raises(TypeError):
        plain(0.1)


def test_a_kind_is_a_noun_and_what_happened_to_it() -> None:
    for kind, facts in KINDS.items():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind)
        assert all(re.fullmatch(r"[a-z_0-9]+", fact) for fact in facts)
