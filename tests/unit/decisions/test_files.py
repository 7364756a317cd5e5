"""DMN files: several decisions that need each other, annotations, and what is refused with its line."""

import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from workflows.decisions.graph import Decisions
from workflows.decisions.reader import parse
from workflows.errors import BrokenDefinition, Finding
from workflows.feel.clock import Clock
from workflows.language import speaking

CLOCK = Clock(datetime(2026, 1, 31, tzinfo=UTC))
NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def file(content: str, namespace: str = NAMESPACES[2]) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{namespace}" id="defs" name="n" '
        f'namespace="urn:n" xmlns:feel="http://www.omg.org/spec/FEEL/20140401">\n{content}\n</definitions>'
    ).encode()


def read(content: str) -> Decisions:
    return parse(file(content), "test.dmn")


def findings(content: str | bytes) -> list[Finding]:
    with pytest.raises(BrokenDefinition) as refusal:
        parse(content if isinstance(content, bytes) else file(content), "test.dmn")
    return refusal.value.findings


LOAN = """
<itemDefinition name="tLoan">
  <itemComponent name="amount"><typeRef>feel:number</typeRef></itemComponent>
  <itemComponent name="monthly rate"><typeRef>number</typeRef></itemComponent>
</itemDefinition>
<inputData id="i_loan" name="Loan"><variable name="Loan" typeRef="tLoan"/></inputData>
<inputData id="i_age" name="Age of applicant"><variable name="Age of applicant" typeRef="number"/></inputData>
<businessKnowledgeModel id="k" name="yearly">
  <variable name="yearly"/>
  <encapsulatedLogic><formalParameter name="x" typeRef="number"/>
    <literalExpression><text>x * 12</text></literalExpression></encapsulatedLogic>
</businessKnowledgeModel>
<decision id="cost" name="Cost of loan">
  <variable name="Cost of loan" typeRef="number"/>
  <informationRequirement><requiredInput href="#i_loan"/></informationRequirement>
  <knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>
  <literalExpression><text>yearly(Loan.amount * Loan.monthly rate)</text></literalExpression>
</decision>
<decision id="grant" name="Grant">
  <informationRequirement><requiredInput href="#i_age"/></informationRequirement>
  <informationRequirement><requiredDecision href="#cost"/></informationRequirement>
  <decisionTable hitPolicy="FIRST">
    <input label="cost"><inputExpression typeRef="number"><text>Cost of loan</text></inputExpression></input>
    <input label="age"><inputExpression typeRef="number"><text>Age of applicant</text></inputExpression></input>
    <output name="granted" typeRef="boolean"/>
    <annotation name="Dasar hukum"/>
    <rule id="r1"><description>Terlalu mahal.</description><inputEntry><text>&gt; 100</text></inputEntry>
      <inputEntry><text>-</text></inputEntry><outputEntry><text>false</text></outputEntry>
      <annotationEntry><text>Pasal 3</text></annotationEntry></rule>
    <rule id="r2"><inputEntry><text/></inputEntry><inputEntry><text>[18..70]</text></inputEntry>
      <outputEntry><text>true</text></outputEntry><annotationEntry><text>Pasal 4</text></annotationEntry></rule>
  </decisionTable>
</decision>
"""


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_files_of_every_version_are_read(namespace: str) -> None:
    decisions = parse(file(LOAN, namespace), "loan.dmn")
    assert list(decisions) == ["cost", "grant"]


def test_decisions_use_the_decisions_that_they_need_and_tell_which_rules_fired() -> None:
    grant = read(LOAN)["grant"]
    outcome = grant.decide({"Loan": {"amount": 100, "monthly rate": 0.01}, "Age of applicant": 30}, CLOCK)
    assert outcome.result is True
    assert outcome.required["cost"].result == Decimal("12")
    assert outcome.inputs == (("cost", Decimal("12")), ("age", Decimal("30")))
    (rule,) = outcome.rules
    assert (rule.id, rule.number, rule.annotations) == ("r2", 2, (("Dasar hukum", "Pasal 4"),))
    dear = grant.decide({"Loan": {"amount": 10_000, "monthly rate": 0.01}, "Age of applicant": 30}, CLOCK)
    assert (dear.result, dear.rules[0].description) == (False, "Terlalu mahal.")


def test_a_literal_expression_answers_by_the_name_of_its_variable() -> None:
    cost = read(LOAN)["cost"]
    assert cost.evaluate({"Loan": {"amount": 100, "monthly rate": 0.01}}, CLOCK) == {"Cost of loan": Decimal("12")}


def test_a_decision_tells_which_variables_of_the_host_it_reads() -> None:
    assert read(LOAN)["grant"].variables == ("Loan", "Age of applicant")


def test_a_file_has_a_checksum_and_travels_by_pickle() -> None:
    decisions = read(LOAN)
    assert len(decisions.checksum) == 64
    copied = pickle.loads(pickle.dumps(decisions))
    assert copied["grant"].evaluate({"Age of applicant": 20}, CLOCK) == {"granted": True}


def test_host_functions_may_be_called_from_cells() -> None:
    content = TABLE.replace("<text>1</text>", "<text>twice(x)</text>")
    decisions = parse(file(content), "t.dmn", functions={"twice": lambda n: n * 2})
    assert decisions["d"].evaluate({"x": 11}, CLOCK) == {"y": 22}
    assert findings(content)[0].code == "feel.unknown_function"


TABLE = """
<decision id="d" name="D">
  <decisionTable id="t" hitPolicy="UNIQUE">
    <input id="i" label="x"><inputExpression id="ie" typeRef="number"><text>x</text></inputExpression></input>
    <output id="o" name="y" typeRef="number"/>
    <rule id="r1">
      <inputEntry id="c1"><text>&gt; 10</text></inputEntry>
      <outputEntry id="c2"><text>1</text></outputEntry>
    </rule>
  </decisionTable>
</decision>
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "element", "line"),
    [
        ("&gt; 10", "&gt;", "feel.unfinished", "c1", 9),
        ("&gt; 10", '"ten"', "decision.cell_type", "c1", 9),
        ("&gt; 10", '[1.."a"]', "decision.cell_type", "c1", 9),
        ("&gt; 10", "True", "feel.unknown_name", "c1", 9),
        ("<text>1</text>", "<text>one</text>", "decision.unknown_name", "c2", 10),
        ("<text>1</text>", "<text>tru</text>", "decision.unknown_name", "c2", 10),
        ('<outputEntry id="c2"><text>1</text></outputEntry>', "", "decision.cells", "r1", 8),
        ("UNIQUE", "SOMETIMES", "decision.hit_policy", "t", 5),
        ("UNIQUE", "PRIORITY", "decision.no_priorities", "t", 5),
        ('hitPolicy="UNIQUE"', 'hitPolicy="FIRST" aggregation="SUM"', "decision.aggregation", "t", 5),
        ('hitPolicy="UNIQUE"', 'hitPolicy="COLLECT" aggregation="AVG"', "decision.aggregation", "t", 5),
        ('<output id="o" name="y" typeRef="number"/>', "", "decision.no_output", "t", 5),
        ('name="y" typeRef="number"', 'name="y" typeRef="numbr"', "decision.unknown_type", "o", 7),
        ('id="ie"', 'id="ie" expressionLanguage="javascript"', "decision.language", "ie", 6),
        ('id="c2"', 'id="c1"', "decision.duplicate_id", "c1", 10),
        ('<inputExpression id="ie" typeRef="number"><text>x</text></inputExpression>', "", "decision.no_input", "i", 6),
        ("<text>x</text>", "<text>x +</text>", "feel.unfinished", "ie", 6),
        (
            'label="x"',
            'xmlns:c="http://camunda.org/schema/1.0/dmn" c:inputVariable="v"',
            "decision.input_variable",
            "i",
            6,
        ),
    ],
)
def test_every_mistake_is_told_with_its_line_and_element(
    old: str, new: str, code: str, element: str, line: int
) -> None:
    assert old in TABLE
    found = [finding for finding in findings(TABLE.replace(old, new)) if finding.code == code]
    assert [(finding.element, finding.line, finding.severity) for finding in found] == [(element, line, "error")]
    assert found[0].message
    assert found[0].file == "test.dmn"


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    broken = TABLE.replace("&gt; 10", "&gt;").replace("<text>1</text>", "<text>one</text>")
    assert {finding.element for finding in findings(broken)} == {"c1", "c2"}


def test_findings_speak_the_language_of_the_reader() -> None:
    broken = TABLE.replace("<text>1</text>", "<text>one</text>")
    assert "tanda kutip" in findings(broken)[0].fix
    with speaking("en"):
        assert "quotes" in findings(broken)[0].fix


def test_the_language_of_the_whole_file_is_heard() -> None:
    foreign = file(TABLE).replace(b"<definitions", b'<definitions expressionLanguage="groovy"')

    assert "decision.language" in {finding.code for finding in findings(foreign)}


def test_text_without_quotes_is_told_apart_from_a_variable_that_is_drawn() -> None:
    drawn = TABLE.replace("<text>1</text>", "<text>limit</text>").replace(
        "<decisionTable", '<informationRequirement><requiredInput href="#in"/></informationRequirement><decisionTable'
    )
    content = '<inputData id="in" name="limit"><variable name="limit" typeRef="number"/></inputData>' + drawn
    decisions = read(content)
    assert decisions["d"].evaluate({"x": 11, "limit": 5}, CLOCK) == {"y": 5}
    assert "decision.undrawn_input" in {finding.code for finding in decisions.findings}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<decision id="d" name="D"/>', "decision.no_logic"),
        ('<decision id="d" name="D"><conditional/></decision>', "decision.unsupported"),
        ('<decision name="D"/>', "decision.no_id"),
        ("", "decision.none"),
        ('<import namespace="x" importType="y" name="z"/>' + TABLE, "decision.unsupported"),
        (
            '<decision id="a" name="a"><informationRequirement><requiredDecision href="#b"/></informationRequirement>'
            "<literalExpression><text>1</text></literalExpression></decision>"
            '<decision id="b" name="b"><informationRequirement><requiredDecision href="#a"/></informationRequirement>'
            "<literalExpression><text>1</text></literalExpression></decision>",
            "decision.cycle",
        ),
        (
            '<decision id="a" name="a"><informationRequirement><requiredDecision href="#gone"/>'
            "</informationRequirement><literalExpression><text>1</text></literalExpression></decision>",
            "decision.unknown_requirement",
        ),
        (
            '<itemDefinition name="t"><itemComponent name="a"><typeRef>t</typeRef></itemComponent></itemDefinition>'
            '<decision id="a" name="a"><variable name="a" typeRef="t"/>'
            "<literalExpression><text>1</text></literalExpression></decision>",
            "decision.type_cycle",
        ),
    ],
)
def test_what_cannot_run_as_drawn_is_refused(content: str, code: str) -> None:
    assert code in {finding.code for finding in findings(content)}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "decision.not_xml"),
        (b"\x00\xff\xfe", "decision.not_xml"),
        (b"<definitions", "decision.not_xml"),
        (b"<definitions/>", "decision.not_dmn"),
        (b'<definitions xmlns="urn:other"/>', "decision.not_dmn"),
        (
            b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><definitions>&b;</definitions>',
            "decision.doctype",
        ),
        (b'<!DOCTYPE d SYSTEM "http://example.org/x.dtd"><definitions/>', "decision.doctype"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>', "decision.doctype"),
        (b" " * 5_000_000, "decision.file_too_large"),
        (b"<a>" * 100_000, "decision.not_xml"),
    ],
)
def test_hostile_files_are_refused_and_nothing_in_them_is_opened(content: bytes, code: str) -> None:
    found = findings(content)
    assert found[0].code == code
    assert found[0].line >= 1


def test_decisions_stacked_a_thousand_deep_are_refused() -> None:
    stacked = "".join(
        f'<decision id="d{n}" name="d{n}"><informationRequirement><requiredDecision href="#d{n + 1}"/>'
        "</informationRequirement><literalExpression><text>1</text></literalExpression></decision>"
        for n in range(1000)
    )
    stacked += '<decision id="d1000" name="z"><literalExpression><text>1</text></literalExpression></decision>'
    assert "decision.cycle" in {finding.code for finding in findings(stacked)}


def expression(text: str, of_type: str = "Any", requires: str = "") -> str:
    knowledge = f'<knowledgeRequirement><requiredKnowledge href="#{requires}"/></knowledgeRequirement>' * bool(requires)
    return (
        f'<decision id="d" name="d"><variable name="d" typeRef="{of_type}"/>{knowledge}'
        f"<literalExpression><text>{text}</text></literalExpression></decision>"
    )


FEE = (
    '<businessKnowledgeModel id="fee" name="fee"><variable name="fee"/><encapsulatedLogic>'
    '<formalParameter name="amount" typeRef="number"/>'
    "<literalExpression><text>amount = null</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
)


@pytest.mark.parametrize(
    ("content", "code", "fix"),
    [
        (expression("1 + 1", "string"), "decision.result_type", "is written"),
        (expression("2026-01-20", "date"), "decision.result_type", '@"2026-01-31"'),
        (expression("1 + &quot;a&quot;"), "decision.clash", "Mend the expression"),
        (FEE + expression("fee(1, 2)", requires="fee"), "decision.arguments", "Call fee(amount)"),
        (FEE + expression("fee(price: 1)", requires="fee"), "decision.arguments", "Call fee(amount)"),
        (expression("1").replace("literalExpression", "conditional"), "decision.unsupported", "if … then"),
        ('<import namespace="x"/>' + expression("1"), "decision.unsupported", "into this file"),
        (TABLE.replace("<text>&gt; 10</text>", "<text>&gt; 1 and &lt; 5</text>"), "feel.unexpected", "Mend this FEEL"),
    ],
)
def test_what_can_never_be_right_is_refused_with_advice(content: str, code: str, fix: str) -> None:
    with speaking("en"):
        found = findings(content)
    assert [finding.code for finding in found] == [code]
    assert fix in found[0].fix


def test_a_function_that_an_expression_binds_itself_may_take_anything() -> None:
    decisions = read(FEE + expression("{fee: function(a, b) a + b, sum: fee(1, 2)}.sum", requires="fee"))
    assert decisions["d"].evaluate({}, CLOCK) == {"d": 3}


def test_an_argument_of_another_type_is_null_inside_a_function() -> None:
    decisions = read(FEE + expression('[fee("much"), fee(1), fee([1])]', requires="fee"))
    assert decisions["d"].evaluate({}, CLOCK) == {"d": [True, False, False]}


@pytest.mark.parametrize("reference", ["tLoan", "tns:tLoan", "feel:tLoan"])
def test_a_type_is_found_behind_any_prefix(reference: str) -> None:
    decisions = read(LOAN.replace('typeRef="tLoan"', f'typeRef="{reference}"'))
    assert decisions["cost"].inputs[0].type.entries[0][0] == "amount"


def test_a_rule_that_never_fits_names_its_cell_and_what_there_is() -> None:
    values = "<inputValues><text>1, 2, 3</text></inputValues>"
    with speaking("en"):
        decisions = read(TABLE.replace("</inputExpression>", f"</inputExpression>{values}"))
    assert "There are: 1, 2, 3." in next(f.message for f in decisions.findings if f.code == "decision.unreachable")


EMPLOYEES = (
    '<itemDefinition name="tE" isCollection="true"><itemComponent name="dept num"><typeRef>number</typeRef>'
    '</itemComponent><itemComponent name="name"><typeRef>string</typeRef></itemComponent></itemDefinition>'
    '<inputData id="e" name="Employees"><variable name="Employees" typeRef="tE"/></inputData>'
    '<inputData id="l" name="Last Name"><variable name="Last Name" typeRef="string"/></inputData>'
)


def test_entries_are_named_in_filters_without_being_inputs() -> None:
    drawn = (
        '<informationRequirement><requiredInput href="#e"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#l"/></informationRequirement><literalExpression>'
    )
    content = EMPLOYEES + expression("Employees[name = Last Name].dept num[1] + count(Employees[dept num &gt; 15])")
    decisions = read(content.replace("<literalExpression>", drawn))
    employees = [{"dept num": 10, "name": "Smith"}, {"dept num": 20, "name": "Jones"}]
    assert decisions.findings == ()
    assert decisions["d"].takes == ("Employees", "Last Name")
    assert decisions["d"].evaluate({"Employees": employees, "Last Name": "Smith"}, CLOCK) == {"d": 11}


def test_outputs_are_named_behind_a_dot_whatever_signs_they_hold() -> None:
    table = TABLE.replace('id="d" name="D"', 'id="r" name="r"').replace('name="y"', 'name="net-sum"')
    drawn = '<informationRequirement><requiredDecision href="#r"/></informationRequirement><literalExpression>'
    second = '<output name="other" typeRef="number"/>'
    table = table.replace("<rule", second + "<rule").replace(
        "</rule>", "<outputEntry><text>2</text></outputEntry></rule>"
    )
    decisions = read(table + expression("r.net-sum + r.other").replace("<literalExpression>", drawn))
    assert decisions["d"].evaluate({"x": 11}, CLOCK) == {"d": 3}


TYPES = (
    '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..120]</text></allowedValues>'
    '</itemDefinition><itemDefinition name="t-Ages" isCollection="true"><typeRef>tAge</typeRef></itemDefinition>'
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="age"><typeRef>tAge</typeRef></itemComponent></itemDefinition>'
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What values a type allows is nothing to `instance of`.
        ("130 instance of tAge", True),
        ('"a" instance of tAge', False),
        ("[1, 2] instance of t-Ages", True),
        ("1 instance of t-Ages", False),
        ('[1, "a"] instance of list&lt;tAge&gt;', False),
        ('{name: "a", age: 1, more: 2} instance of tPerson', True),
        ('{name: "a"} instance of tPerson', False),
        ("(function(x: tAge) x)([5])", 5),
        ('(function(x: tPerson) x = null)({name: "a"})', True),
        ("(function(x: tAge) x) instance of function&lt;number&gt; -&gt; Any", True),
        ("{f: function(xs: t-Ages) sum(xs), r: f(7)}.r", 7),
    ],
)
def test_feel_names_the_types_of_the_file(text: str, expected: object) -> None:
    assert read(TYPES + expression(text))["d"].decide({}, CLOCK).result == expected


def test_a_type_that_nobody_defined_is_unknown_in_feel_too() -> None:
    assert [finding.code for finding in findings(TYPES + expression("1 instance of tAgee"))] == ["feel.unknown_type"]


@pytest.mark.parametrize(
    ("content", "result"),
    [
        (expression("1 = &quot;1&quot;"), None),
        (expression("[1 + null, 1 + &quot;a&quot;]"), [None, None]),
        (FEE + expression("fee(1, 2)", requires="fee"), None),
    ],
)
def test_what_always_gives_null_may_be_tried_out_all_the_same(content: str, result: object) -> None:
    decisions = parse(file(content), "test.dmn", unsound="tell")
    assert decisions["d"].decide({}, CLOCK).result == result
    assert [finding.severity for finding in decisions.findings] == ["warning"]


def test_kinds_of_inputs_are_held_against_each_other() -> None:
    drawn = '<informationRequirement><requiredInput href="#i"/></informationRequirement><literalExpression>'
    data = '<inputData id="i" name="amount"><variable name="amount" typeRef="number"/></inputData>'
    content = data + expression("amount &gt; &quot;5&quot;").replace("<literalExpression>", drawn)
    assert [finding.code for finding in findings(content)] == ["decision.clash"]
