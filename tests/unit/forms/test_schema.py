"""form-js files: what is read, and what is refused with its line."""

import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workflows.errors import BrokenDefinition, Finding
from workflows.forms.schema import Form, read
from workflows.language import speaking

COMPLAINT = Path(__file__).parents[3] / "bpmn" / "complaint" / "forms"


def form(*components: dict[str, Any], **entries: Any) -> Form:
    return read(file(*components, **entries), "test.form")


def file(*components: dict[str, Any], **entries: Any) -> bytes:
    return json.dumps({"id": "test", "type": "default", "components": components, **entries}, indent=1).encode()


def findings(*components: dict[str, Any]) -> list[Finding]:
    with pytest.raises(BrokenDefinition) as refusal:
        form(*components)
    return [finding for finding in refusal.value.findings if finding.severity == "error"]


def field(type_: str = "textfield", **entries: Any) -> dict[str, Any]:
    return {"type": type_, "id": "f1", "key": "title", "label": "Judul", **entries}


def choice(*values: str, **entries: Any) -> dict[str, Any]:
    return field("radio", values=[{"value": value, "label": value.title()} for value in values], **entries)


@pytest.mark.parametrize("path", sorted(COMPLAINT.glob("*.form")), ids=lambda path: path.stem)
def test_every_form_of_the_complaint_is_read_without_a_complaint(path: Path) -> None:
    read_form = read(path.read_bytes(), path.name)
    assert read_form.id == path.stem
    assert read_form.fields
    assert [finding for finding in read_form.findings if finding.severity != "note"] == []


def test_texts_are_given_in_both_languages() -> None:
    component = form(
        choice("a", "b", description="Pilih.", properties={"label_en": "Title", "option_en:a": "First"})
    ).components[0]
    assert (component.label("id"), component.label("en")) == ("Judul", "Title")
    assert (component.description("en"), component.options[0].label("en")) == ("Pilih.", "First")
    assert component.options[1].label("en") == "B"
    with speaking("en"):
        assert component.label() == "Title"


def test_a_form_travels_by_pickle() -> None:
    read_form = form(choice("a", conditional={"hide": "=stage = 1"}, properties={"label_en": "Title"}))
    assert pickle.loads(pickle.dumps(read_form)) == read_form


def test_limits_and_looks_are_read() -> None:
    rules = {"required": True, "min": 0, "max": "10.5"}
    number = form(field("number", decimalDigits=2, validate=rules, appearance={"prefixAdorner": "Rp"})).components[0]
    assert number.required
    assert (number.limits.minimum, number.limits.maximum, number.limits.decimals) == (0, Decimal("10.5"), 2)
    assert number.prefix == "Rp"
    text = form(
        field(validate={"minLength": 2, "maxLength": 9, "pattern": "^a", "validationType": "email"})
    ).components[0]
    assert (text.limits.min_length, text.limits.max_length, text.limits.pattern, text.limits.format) == (
        2,
        9,
        "^a",
        "email",
    )


def test_groups_and_lists_give_names_to_what_is_inside() -> None:
    read_form = form(
        {"type": "group", "id": "g", "path": "reporter", "components": [field(id="a", key="name")]},
        {"type": "group", "id": "h", "components": [field(id="b", key="plain")]},
        {"type": "dynamiclist", "id": "l", "path": "witnesses", "components": [field(id="c", key="name")]},
    )
    assert [component.name for component in read_form.fields] == ["reporter.name", "plain", "witnesses[].name"]
    assert read_form.keys == ("reporter", "plain", "witnesses")


def test_a_form_tells_which_variables_of_the_process_it_reads() -> None:
    read_form = form(field(conditional={"hide": "=stage = 1 or title = null"}))
    assert read_form.variables == ("stage",)
    hide = read_form.components[0].hide
    assert hide is not None
    assert hide.text == "stage = 1 or title = null"


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "html", "id": "f1", "content": "<b>"}, "form.unsupported"),
        ({"type": "iframe", "id": "f1", "url": "https://example.org"}, "form.unsupported"),
        ({"type": "image", "id": "f1", "source": "https://example.org/x.png"}, "form.unsupported"),
        ({"type": "table", "id": "f1"}, "form.unsupported"),
        ({"type": "documentPreview", "id": "f1"}, "form.unsupported"),
        ({"type": "button", "id": "f1"}, "form.unsupported"),
        ({"type": "textfeild", "id": "f1"}, "form.unsupported"),
        ({"type": ["textfield"], "id": "f1"}, "form.unsupported"),
        (field(key="two words"), "form.key"),
        (field(key="_hidden"), "form.key"),
        (field(key="csrf_token"), "form.key"),
        (field(key=None), "form.key"),
        (field(key="a" * 200), "form.key"),
        (field(label="=name"), "form.template"),
        (field(label="Halo {{name}}"), "form.template"),
        (field(label=5), "form.no_text"),
        (field(conditional={"hide": "=title ="}), "feel.unfinished"),
        (field(conditional={"hide": "=unknwn(title)"}), "feel.unknown_function"),
        (field(conditional={"hide": True}), "feel.unfinished"),
        (field(conditional="=x"), "form.entry"),
        (field(validate={"pattern": "("}), "form.pattern"),
        (field(validate={"pattern": "(a)\\1"}), "form.pattern"),
        (field(validate={"maxLength": "=limit"}), "form.entry"),
        (field(validate={"maxLength": -1}), "form.entry"),
        (field(validate={"required": "yes"}), "form.entry"),
        (field(validate={"minLength": 5, "maxLength": 2}), "form.limits"),
        (field(validate={"maxlength": 5}), "form.unknown_rule"),
        (field(validate={"validationType": "nik"}), "form.unknown_rule"),
        (field(readonly="=x"), "form.entry"),
        (field(properties={"label_en": 5}), "form.properties"),
        (field("radio"), "form.no_options"),
        (field("select", values=[]), "form.no_options"),
        (field("select", valuesExpression="=list"), "form.unsupported"),
        (choice("a", "a"), "form.option"),
        (field("radio", values=[{"value": 1, "label": "x"}]), "form.option"),
        (field("radio", values=["a"]), "form.option"),
        (choice("a", defaultValue="b"), "form.default"),
        (field("checkbox", defaultValue="yes"), "form.default"),
        (field("number", defaultValue="many"), "form.default"),
        (field("number", serializeToString=True), "form.unsupported"),
        (field("datetime", subtype="week"), "form.unsupported"),
        (field("expression", expression="=1 +"), "feel.unfinished"),
        (field("expression"), "form.no_expression"),
        ({"type": "dynamiclist", "id": "f1", "components": []}, "form.key"),
        ({"type": "group", "id": "f1", "components": {}}, "form.not_a_form"),
    ],
)
def test_what_cannot_be_kept_is_refused(component: dict[str, Any], code: str) -> None:
    found = [finding for finding in findings(component) if finding.code == code]
    assert found
    assert found[0].message
    assert found[0].file == "test.form"


def test_a_finding_names_the_line_of_its_component() -> None:
    broken = findings(field(id="good"), field(id="bad", key="x y"))
    assert [(finding.element, finding.line) for finding in broken] == [("bad", 13)]


@pytest.mark.parametrize(
    "components",
    [
        (field(), field(id="f2")),
        (field(key="a"), field(id="f2", key="a.b")),
        (field(key="reporter"), {"type": "group", "id": "g", "path": "reporter", "components": [field(id="f2")]}),
        (field(key="rows"), {"type": "dynamiclist", "id": "l", "path": "rows", "components": []}),
    ],
)
def test_two_answers_cannot_have_one_place(components: tuple[dict[str, Any], ...]) -> None:
    assert "form.duplicate_key" in {finding.code for finding in findings(*components)}


def test_two_components_cannot_have_one_id() -> None:
    assert {finding.code for finding in findings(field(), field(key="other"))} == {"form.duplicate_id"}


def test_unknown_entries_are_warned_about_and_nearest_names_offered() -> None:
    (warning,) = [f for f in form(field(descripton="x")).findings if f.severity == "warning"]
    assert warning.code == "form.unknown_entry"
    assert '"description"' in warning.message


def test_a_translation_of_an_option_that_does_not_exist_is_warned_about() -> None:
    read_form = form(choice("yes", "no", properties={"option_en:yse": "Yes"}))
    assert [f.code for f in read_form.findings if f.severity == "warning"] == ["form.unknown_option"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"id": "x"}',
        b'{"components": []}',
        b'{"id": "a b", "components": []}',
        b'{"id": "x", "components": [NaN]}',
        b'{"id": "x", "id": "y", "components": []}',
        b'{"id": "x", "components": [1, "two", null]}',
        b'{"id": "x", "components": [{"type": "text", "id": "t", "text": "\\ud800"}]}',
        b'{"id": "x", "components": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a": ' * 3_000 + b"1" + b"}" * 3_000,
        b'{"id": "x", "components": [' + b"9" * 10_000 + b"]}",
        b'{"id": "x", "components": []}' + b" " * 1_100_000,
    ],
)
def test_hostile_files_are_refused_with_a_finding(content: bytes) -> None:
    with pytest.raises(BrokenDefinition) as refusal:
        read(content, "hostile.form")
    assert all(finding.line >= 1 and finding.message for finding in refusal.value.findings)


def test_a_form_nested_or_filled_beyond_measure_is_refused() -> None:
    deep: dict[str, Any] = field()
    for number in range(30):
        deep = {"type": "group", "id": f"g{number}", "components": [deep]}
    assert "form.too_deep" in {finding.code for finding in findings(deep)}
    many = [field(id=f"f{number}", key=f"k{number}") for number in range(600)]
    assert "form.too_large" in {finding.code for finding in findings(*many)}
