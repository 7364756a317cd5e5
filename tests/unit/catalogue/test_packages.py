"""What a case type says of its packages and deposit slips is true of its letters, forms, fields and roles."""

from dataclasses import replace
from functools import cache

import pytest

from databases import REPOSITORY
from workflows.catalogue.bundle import MANIFEST, read_bundle
from workflows.catalogue.checking.packages import packages_hold_what_there_is
from workflows.catalogue.examining import Examined, examine
from workflows.catalogue.manifest_reader import read_manifest
from workflows.errors import BrokenDefinition

TEXT = (REPOSITORY / "bpmn" / "gratification" / MANIFEST).read_text()


@cache
def examined() -> Examined:
    """The gift desk, read once; a test replaces its manifest."""
    return examine(read_bundle(REPOSITORY / "bpmn" / "gratification"))


def line(text, words):
    return next(number for number, each in enumerate(text.splitlines(), 1) if words in each)


# What stands in the manifest, what is written instead, the code, what was meant, words on the line that is named.
MISTAKES = {
    "slip": ("  letter: custody_slip", "  letter: custody_slp", "letter.unknown", "custody_slip", "custody_slp"),
    "letter": ("    letter: forwarding", "    letter: fowarding", "letter.unknown", "forwarding", "fowarding"),
    "checklist": (
        "checklist: sign_checklist", "checklist: sign_list", "form.unknown", "sign_checklist", "checklist: sign_list"
    ),
    "contents": ("contents: [report, comp", "contents: [raport, comp", "form.unknown", "report", "raport"),
    "records": ("record_kpk_reply, rec", "record_kpk_repl, rec", "form.unknown", "record_kpk_reply", "kpk_repl, rec"),
    "signed": ("signed: {checklist: signed}", "signed: {cheklist: signed}", "field.unknown", "checklist", "cheklist"),
    "answer": ("signed: {checklist: signed}", "signed: {checklist: sgned}", "answer.unknown", "signed", "sgned"),
    "withheld": ("withheld: [review_note]", "withheld: [reviw_note]", "field.unknown", "review_note", "reviw_note"),
    "evidence": ("evidence: [files,", "evidence: [fils,", "field.unknown", "files", "fils"),
    "no upload": ("evidence: [files,", "evidence: [chronology, files,", "field.unknown", "", "chronology, files"),
    "signer": ("signed_by: upg_head", "signed_by: upg_officer", "role.unknown", "", "signed_by: upg_officer"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_once_with_its_line_and_what_was_meant(mistake):
    old, new, code, meant, near = MISTAKES[mistake]
    assert old in TEXT
    text = TEXT.replace(old, new, 1)

    found = list(packages_hold_what_there_is(replace(examined(), case_type=read_manifest(text.encode()))))

    # A form that is not there cannot have the field that is asked of it.
    assert found[0].code == code
    assert {each.code for each in found} <= {code, "field.unknown", "role.unknown"}
    assert (found[0].file, found[0].line) == (MANIFEST, line(text, near))
    assert meant in found[0].fix


def test_the_packages_of_the_house_hold_what_there_is():
    assert list(packages_hold_what_there_is(examined())) == []
    assert examined().case_type.packages


@pytest.mark.parametrize(
    ("old", "new", "code", "near"),
    [
        ("    recipient: Komisi", "    recipent: Komisi", "manifest.unknown_key", "recipent"),
        ("    signed_by: upg_head\n", "", "manifest.missing_key", "  kpk:"),
        ("signed: {checklist: signed}", "signed: checklist", "manifest.not_a_mapping", "signed: checklist"),
        ("contents: [report, completion", "contents: [Report, completion", "manifest.bad_name", "contents: [Report"),
        ("withheld: [review_note]", "withheld: review_note", "manifest.not_a_list", "withheld: review_note"),
        ("  kpk:\n", "  K P K:\n", "manifest.bad_name", "K P K"),
        ("  condition: custody_condition", "  conditon: custody_condition", "manifest.unknown_key", "conditon"),
    ],
)
def test_a_section_with_wrong_keys_is_refused_with_the_line(old, new, code, near):
    assert old in TEXT
    text = TEXT.replace(old, new, 1)

    with pytest.raises(BrokenDefinition) as broken:
        read_manifest(text.encode())

    assert (code, line(text, near)) in [(each.code, each.line) for each in broken.value.findings]
