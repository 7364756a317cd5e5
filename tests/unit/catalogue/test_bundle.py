"""Files of a case type are read as a value, bounded, with what they share."""

import shutil

import pytest

from databases import REPOSITORY
from workflows.catalogue import bundle as bundles
from workflows.catalogue.bundle import Bundle, read_bundle
from workflows.errors import BrokenDefinition


def test_a_folder_brings_what_it_shares_and_no_registers(a_case_type):
    bundle = read_bundle(REPOSITORY / "bpmn" / "complaint")

    assert bundle.is_folder
    assert "shared/letters/letterhead.html" in bundle.files
    assert "shared/deadlines.yml" not in bundle.files
    assert bundle.shared_folder == REPOSITORY / "bpmn" / "shared"


def test_a_copy_elsewhere_shares_what_the_house_shares(a_case_type):
    assert read_bundle(a_case_type) == read_bundle(REPOSITORY / "bpmn" / "complaint")


def test_a_folder_beside_the_case_type_comes_first(a_case_type):
    shutil.copytree(REPOSITORY / "bpmn" / "shared" / "notices", a_case_type.parent / "shared" / "notices")

    assert "shared/letters/letterhead.html" not in read_bundle(a_case_type).files


def test_the_checksum_follows_every_byte_and_every_path():
    one = Bundle({"a.bpmn": b"x", "b.bpmn": b"y"})

    assert one.checksum == Bundle({"b.bpmn": b"y", "a.bpmn": b"x"}).checksum
    assert one.checksum != Bundle({"a.bpmn": b"xb.bpmn", "": b"y"}).checksum
    assert one.checksum != Bundle({"a.bpmn": b"x", "b.bpmn": b"z"}).checksum


def test_what_editors_leave_behind_is_no_part_of_it(a_case_type):
    before = read_bundle(a_case_type).checksum
    (a_case_type / ".process.bpmn.swp").write_bytes(b"x")
    (a_case_type / ".git").mkdir()
    (a_case_type / ".git" / "config").write_bytes(b"x")
    (a_case_type / "README.md").write_bytes(b"x")

    assert read_bundle(a_case_type).checksum == before


def test_loose_diagrams_are_no_folder(tmp_path, a_case_type):
    shutil.copy(a_case_type / "process.bpmn", tmp_path)
    shutil.rmtree(a_case_type)

    assert set(read_bundle(tmp_path).files) == {"process.bpmn"}
    assert not read_bundle(tmp_path).is_folder


@pytest.mark.parametrize("limit", ["LARGEST_FILE", "MOST_FILES", "MOST_BYTES"])
def test_a_folder_that_is_too_large_is_refused(monkeypatch, a_case_type, limit):
    monkeypatch.setattr(bundles, limit, 10)

    with pytest.raises(BrokenDefinition) as refused:
        read_bundle(a_case_type)

    assert refused.value.findings[0].code == "bundle.too_large"


def test_a_letter_has_its_own_files_before_the_shared_ones():
    bundle = Bundle(
        {
            "letters/answer/template.html": b"own",
            "letters/answer/letterhead.html": b"own",
            "shared/letters/letterhead.html": b"shared",
            "shared/letters/letterhead.css": b"shared",
        }
    )

    assert bundle.letter_files("answer") == {
        "template.html": b"own",
        "letterhead.html": b"own",
        "letterhead.css": b"shared",
    }
    assert bundle.letter_files("closing") == {}
