"""The manifest is read into values, and every wrong key is told with its line."""

import pytest

from databases import REPOSITORY
from workflows.catalogue.manifest_reader import read_manifest
from workflows.errors import BrokenDefinition

TEXT = (REPOSITORY / "bpmn" / "complaint" / "case-type.yml").read_text()


def _told(text):
    with pytest.raises(BrokenDefinition) as refused:
        read_manifest(text.encode())
    return [(finding.code, finding.line) for finding in refused.value.findings]


def _line(text, words):
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_manifest_becomes_a_value():
    case_type = read_manifest(TEXT.encode())

    assert case_type.key == "complaint"
    assert case_type.lanes["office"].role == "office_liaison"
    assert case_type.lanes["office"].unit == "handling"
    assert case_type.lanes["intake"].unit == "any"
    assert case_type.case_fields["classification"] == ("confirmed_class", "classification")
    assert [stage.id for stage in case_type.public_stages] == [
        "received", "verified", "referred", "in_progress", "closed",
    ]  # fmt: skip
    assert case_type.public_stage_of("postponed").title == "Diterima"
    assert case_type.public_stage_of("unheard_of") is None
    assert case_type.variables["entry"].writers == ("mark_reply", "mark_reopening")
    assert case_type.summary.title == "title"


def test_every_place_in_the_file_is_known_by_its_line():
    case_type = read_manifest(TEXT.encode())

    assert case_type.line_of("lanes.office") == _line(TEXT, "  office: {role")
    assert case_type.line_of("variables.entry.writers.7") == _line(TEXT, "  entry: {")
    assert case_type.line_of("nothing.of.the.sort") == 1


@pytest.mark.parametrize(
    ("old", "new", "code", "near"),
    [
        ("reporters: public", "reporters: everybody", "manifest.not_a_choice", "everybody"),
        ("reporters: public", "reporters: public\nreports: [internal, omudsman]", "manifest.not_a_choice", "omudsman"),
        ("reporters: public", "reporter: public", "manifest.unknown_key", "reporter: public"),
        ("key: complaint", "key: Com plaint", "manifest.bad_name", "Com plaint"),
        ("title: Pengaduan masyarakat", "title: 7", "manifest.not_a_text", "title: 7"),
        ("PGD-{year}-{sequence:05d}", "PGD-{year}", "manifest.bad_pattern", "number: PGD"),
        ("PGD-{year}-{sequence:05d}", "PGD-{sequence}-{os}", "manifest.bad_pattern", "number: PGD"),
        ("PGD-{year}-{sequence:05d}", "PGD-{sequence.real}", "manifest.bad_pattern", "number: PGD"),
        ("identity: [name, phone, email]", "identity: name", "manifest.not_a_list", "identity"),
        (
            "{role: office_liaison, unit: handling}",
            "{role: office_liaison, unit: ours}",
            "manifest.not_a_choice",
            "ours",
        ),
        ("public: closed}", "public: shut}", "manifest.not_a_choice", "public: shut"),
        ("years: 10", "years: ten", "manifest.not_a_number", "years: ten"),
        ("type: string, writers: [refer]", "type: text, writers: [refer]", "manifest.not_a_choice", "type: text"),
        ("recipient: outside", "recipient: everybody", "manifest.not_a_choice", "recipient: everybody"),
        ("  category: problem_code", "  colour: problem_code", "manifest.unknown_key", "colour"),
        ("summary: {title: title, text: story}", "summary: story", "manifest.not_a_mapping", "summary"),
    ],
)
def test_a_wrong_value_is_told_with_its_line(old, new, code, near):
    assert old in TEXT
    text = TEXT.replace(old, new, 1)

    assert (code, _line(text, near)) in _told(text)


def test_all_mistakes_are_told_at_once():
    text = TEXT.replace("key: complaint", "key: 1").replace("years: 10", "years: 0").replace("start_form: ", "form: ")

    assert [code for code, _ in _told(text)] == [
        "manifest.missing_key", "manifest.bad_name", "manifest.unknown_key", "manifest.not_a_number",
    ]  # fmt: skip


def test_more_than_a_handful_of_public_stages_are_too_many():
    text = TEXT.replace("public_stages:\n", "public_stages:\n  - {id: more, title: Lagi, title_en: More}\n", 1)

    assert ("manifest.too_many_public_stages", _line(text, "public_stages:")) in _told(text)


def test_a_key_that_stands_twice_is_told():
    assert _told("key: a\nkey: b\n") == [("yaml.key_twice", 2)]


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "yes: 1", "a: &x [1]\nb: *x", "a: !!python/object:os.system b"])
def test_what_is_no_plain_mapping_is_refused(text):
    assert len(_told(text)) == 1


EARLY = "\nearly_messages:\n  reply: {for: P9D, stages: [answered], title: Sudah tahu?, title_en: Known already?}\n"


def test_a_message_may_come_early_in_the_stages_that_say_so():
    rule = read_manifest((TEXT + EARLY).encode()).early_messages["reply"]

    assert (rule.kept_for.days, rule.admits("answered"), rule.admits("received")) == (9, True, False)
    short = read_manifest(f"{TEXT}\nearly_messages: {{reply: P3D}}\n".encode()).early_messages["reply"]
    assert (short.kept_for.days, short.admits("received"), short.title) == (3, True, "")


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("for: P9D", "for: P91D", "manifest.bad_duration"),
        ("for: P9D, ", "", "manifest.missing_key"),
        ("for: P9D", "fore: P9D", "manifest.unknown_key"),
        ("[answered]", "answered", "manifest.not_a_list"),
        (EARLY[EARLY.index("{") : -1], "soon", "manifest.bad_duration"),
    ],
)
def test_what_is_wrong_about_an_early_message_is_told_with_its_line(right, wrong, code):
    text = TEXT + EARLY.replace(right, wrong)

    assert (code, text.count("\n")) in _told(text)
