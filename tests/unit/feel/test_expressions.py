"""What FEEL texts mean, one sentence of DMN 1.3 chapter 10 at a time."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from workflows.feel.expressions import Clock, evaluate
from workflows.feel.values import Range, YearsMonths

JAKARTA = ZoneInfo("Asia/Jakarta")
# 31 January 2026, 23:30 in Langkat; still 16:30 of that day in UTC.
CLOCK = Clock(datetime(2026, 1, 31, 16, 30, tzinfo=UTC), JAKARTA)
VARIABLES = {
    "amount": 1_500_000,
    "monthly income": 4000,
    "kategori": "jalan",
    "flags": [True, None, False],
    "lines": [{"price": 10, "qty": 2}, {"price": 40, "qty": 1}],
    "office": {"kode": "PUPR", "head": {"name": "Siti"}},
    "nothing": None,
}


def value(text: str) -> object:
    return evaluate(text, VARIABLES, CLOCK)


def number(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2", number("0.3")),
        ("1 / 3", number("0.3333333333333333333333333333333333")),
        ("1 + 2 * 3 - 4 / 2", number("5")),
        ("(1 + 2) * 3", number("9")),
        ("-3 ** 2", number("9")),
        ("2 ** 3 ** 2", number("64")),
        ("10 - 3 - 2", number("5")),
        ("10 - (3 - 2)", number("9")),
        ("1 / 0", None),
        ('1 + "a"', None),
        ("1 + null", None),
        ("1.5e3", number("1500")),
        (".5", number("0.5")),
        ("amount * 2", number("3000000")),
        ("monthly income / 4", number("1000")),
        ('"a" + "b"', "ab"),
        ('"a" - "b"', None),
        ("10 ** 7000", None),
    ],
)
def test_arithmetic_is_decimal_and_mistakes_are_null(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ('true and "yes"', None),
        ("not(null)", None),
        ("not(true)", False),
        ("null = null", True),
        ("null = 1", False),
        ("null != 1", True),
        ("null < 1", None),
        ('1 = "1"', None),
        ('1 < "1"', None),
        ("true = 1", None),
        ("1.0 = 1", True),
        ("[1, 2] = [1, 2.0]", True),
        ("[1, [2]] = [1, [3]]", False),
        ("{a: 1, b: 2} = {b: 2, a: 1}", True),
        ('"B" > "A"', True),
        ("1 < 2 and 2 < 3 or false", True),
        ("true or false and false", True),
        ("if null then 1 else 2", number("2")),
        ("if 1 then 1 else 2", number("2")),
    ],
)
def test_logic_knows_three_values(text: str, expected: object) -> None:
    assert value(text) is expected or value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("5 in [1..5[", False),
        ("1 in ]1..5]", False),
        ("1 in (1..5]", False),
        ("5 in <= 5", True),
        ("5 in (< 3, > 4)", True),
        ("5 in (1, 2, 5)", True),
        ("5 in [1, 2, 5]", True),
        ("5 in (1)", False),
        ("5 in (!= 4)", True),
        ("5 in (? > 4 and ? < 6)", True),
        ("[1, 3] in (list contains(?, 2), 7)", False),
        ("null in [1..5]", None),
        ('"b" in ["a".."c"]', True),
        ("5 between 1 and 5", True),
        ("0 between 1 and 5", False),
        ("null between 1 and 5", None),
        ("5 between 1 and 10 and false", False),
        ('date("2026-01-31") in [date("2026-01-01")..date("2026-02-01")]', True),
        ("5 in ]1..6[ and true", True),
        ("[1..5].start", number("1")),
        ("(> 5)", Range(number("5"), None, False, False)),
        ("[5..1]", None),
    ],
)
def test_ranges_keep_or_leave_out_their_ends(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2, 3][1]", number("1")),
        ("[1, 2, 3][-1]", number("3")),
        ("[1, 2, 3][4]", None),
        ("[][1]", None),
        ("[1, 2, 3][item > 1]", [number("2"), number("3")]),
        ("[1, 2, 3][count([1, 2])]", number("2")),
        ("5[1]", number("5")),
        ("lines[price > 20].qty", [number("1")]),
        ("lines.price", [number("10"), number("40")]),
        ("sum(for line in lines return line.price * line.qty)", number("60")),
        ("for i in 1..3 return i * i", [number("1"), number("4"), number("9")]),
        ("for i in 3..1 return i", [number("3"), number("2"), number("1")]),
        ("for x in [1, 2], y in [x, 3] return x * y", [number("1"), number("3"), number("4"), number("6")]),
        ("for i in 1..4 return if i = 1 then 1 else partial[-1] * i", [number(n) for n in ("1", "2", "6", "24")]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies x > 1", True),
        ("some x in flags satisfies x", True),
        ("every x in [true, null] satisfies x", None),
        ("{a: 1, b: a + 1}.b", number("2")),
        ('{"with space": 1}.with space', number("1")),
        ("{full name: 1, next: full name + 1}.next", number("2")),
        ("office.head.name", "Siti"),
        ("office.head.name.first", None),
        ("nothing.at.all", None),
        ("unknown", None),
        ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(5)}.r", number("120")),
        ("sort([3, 1, 2], function(a, b) a > b)", [number("3"), number("2"), number("1")]),
        ("(function(a: number) a + 1)(2)", number("3")),
        ('(function(a: number) a + 1)("x")', None),
    ],
)
def test_lists_and_contexts_are_filtered_and_walked(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2026-01-31") + duration("P1M")', date(2026, 2, 28)),
        ('date("2028-02-29") + duration("P1Y")', date(2029, 2, 28)),
        ('date("2026-03-31") - duration("P1M")', date(2026, 2, 28)),
        ('date("2026-01-31") + duration("P1D")', date(2026, 2, 1)),
        ('date("2026-01-31") + duration("PT36H")', date(2026, 2, 1)),
        ('date("2026-02-01") - date("2026-01-31")', timedelta(days=1)),
        ('duration("P1Y") + duration("P2M")', YearsMonths(14)),
        ('duration("P1M") + duration("P1D")', None),
        ('duration("P1M") < duration("P31D")', None),
        ('duration("P3D") * 2', timedelta(days=6)),
        ('duration("P3D") / duration("PT12H")', number("6")),
        ('@"P1Y2M".months', number("2")),
        ('@"-PT30S".seconds', number("-30")),
        ('@"2026-01-31".weekday', number("6")),
        ('@"2026-01-31T10:30:00+07:00".time offset', timedelta(hours=7)),
        ('@"10:30:00" + @"PT14H"', time(0, 30)),
        ('string(@"P1DT2H")', "P1DT2H"),
        ('string(@"2026-01-31T10:30:00@Asia/Jakarta")', "2026-01-31T10:30:00@Asia/Jakarta"),
        ("today()", date(2026, 1, 31)),
        ("now()", datetime(2026, 1, 31, 16, 30, tzinfo=UTC)),
        ('now() + duration("P3D")', datetime(2026, 2, 3, 16, 30, tzinfo=UTC)),
        ('now() + duration("P1M")', datetime(2026, 2, 28, 16, 30, tzinfo=UTC)),
        # A day of 25 hours: elapsed time is counted, not what the hands of the clock show.
        ('string(@"2025-10-25T12:00:00@Europe/Amsterdam" + @"P1D")', "2025-10-26T11:00:00@Europe/Amsterdam"),
        ('day of week(@"2026-01-31")', "Saturday"),
        ('month of year(@"2026-01-31")', "January"),
        ('years and months duration(@"2026-01-31", @"2026-03-30")', YearsMonths(1)),
        ("date(2026, 2, 30)", None),
        ('date and time(@"2026-01-31", @"10:00:00Z")', datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ('date and time("2026-01-31T10:00:00")', datetime(2026, 1, 31, 10, tzinfo=JAKARTA)),
        ('@"2026-01-31T10:00:00+07:00" = @"2026-01-31T03:00:00Z"', True),
        ('@"9999-12-31" + @"P1D"', None),
        ('duration("PT0.5S").seconds', number("0")),
        ("date(now())", date(2026, 1, 31)),
    ],
)
def test_time_is_counted_as_the_calendar_does(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("decimal(1/3, 2)", number("0.33")),
        ("decimal(2.5, 0)", number("2")),
        ("floor(-1.5)", number("-2")),
        ("ceiling(-1.5)", number("-1")),
        ("floor(1.56, 1)", number("1.5")),
        ("round up(5.5, 0)", number("6")),
        ("round down(-5.5, 0)", number("-5")),
        ("round half up(2.5, 0)", number("3")),
        ("round half down(2.5, 0)", number("2")),
        ("round half up(1234, -2)", number("1200")),
        ("round half up(0.000001, 2)", number("0")),
        ("round up(0.000001, 2)", number("0.01")),
        ("abs(-1)", number("1")),
        ('abs(@"-P1D")', timedelta(days=1)),
        ("modulo(-12, 5)", number("3")),
        ("modulo(12, -5)", number("-3")),
        ("modulo(1, 0)", None),
        ("sqrt(16)", number("4")),
        ("sqrt(-1)", None),
        ("decimal(log(10), 8)", number("2.30258509")),
        ("decimal(exp(1), 5)", number("2.71828")),
        ("odd(5) and even(2) and not(odd(2.5))", True),
        ("median([1, 4, 2, 3])", number("2.5")),
        ("mean([1, 2, 3])", number("2")),
        ("mode([1, 2, 2, 3, 3])", [number("2"), number("3")]),
        ("stddev([2, 4, 7, 5])", number("2.081665999466132735282297706979931")),
        ("product([2, 3, 4])", number("24")),
        ("min(3, 1, 2) = min([3, 1, 2])", True),
        ("max([])", None),
        ("sum([])", None),
        ("sum([1, null])", None),
        ("count([1, null])", number("2")),
        ("count(5)", number("1")),
        ("all([true, null])", None),
        ("any([null, true])", True),
        ("list contains([1, null], null)", True),
        ("sublist([1, 2, 3], 2)", [number("2"), number("3")]),
        ("sublist([1, 2, 3], -2, 1)", [number("2")]),
        ("append([1], 2, 3)", [number("1"), number("2"), number("3")]),
        ("concatenate([1], [2])", [number("1"), number("2")]),
        ("insert before([1, 3], 2, 2)", [number("1"), number("2"), number("3")]),
        ("remove([1, 2], 1)", [number("2")]),
        ("reverse([1, 2])", [number("2"), number("1")]),
        ("index of([1, 2, 1], 1)", [number("1"), number("3")]),
        ("union([1, 2], [2, 3])", [number("1"), number("2"), number("3")]),
        ("distinct values([1, 1.0, 2])", [number("1"), number("2")]),
        ("flatten([[1], [[2]], 3])", [number("1"), number("2"), number("3")]),
        ("sort([3, 1, 2])", [number("1"), number("2"), number("3")]),
        ('sort([3, "a"])', None),
    ],
)
def test_functions_on_numbers_and_lists_follow_the_specification(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", 3, 3)', "oba"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('substring("\\U01F40E bc", 1, 1)', "\U0001f40e"),
        ('string length("tés")', number("3")),
        ('upper case("aBc4")', "ABC4"),
        ('lower case("aBc4")', "abc4"),
        ('trim("  a ")', "a"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring after("foobar", "ob")', "ar"),
        ('substring after("foobar", "x")', ""),
        ('contains("foobar", "of")', False),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "r")', True),
        ('matches("pengaduan-12", "^[a-z]+-\\\\d{2}$")', True),
        ('matches("FOO", "foo", "i")', True),
        ('matches("a", "(")', None),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("abracadabra", "a.*?a", "*")', "*c*bra"),
        ('replace("a", "x*", "-")', None),
        ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
        ('string join(["a", null, "b"], ", ")', "a, b"),
        ("string(1.10)", "1.1"),
        ("string(100 * 10)", "1000"),
        ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
        ("string(null)", None),
        ('number("1 000,5", " ", ",")', number("1000.5")),
        ('number("1.000", ".", ",")', number("1000")),
        ('number("x")', None),
        ('number("NaN")', None),
        ('get value({a: 1}, "a")', number("1")),
        ("get entries({a: 1})", [{"key": "a", "value": number("1")}]),
        ('context put({a: 1}, "b", 2)', {"a": number("1"), "b": number("2")}),
        ("context merge([{a: 1}, {a: 2}])", {"a": number("2")}),
        ('is(@"10:00:00Z", @"10:00:00+00:00")', True),
        ('is(1, "1")', False),
        ('upper case(["a"])', "A"),
        ("before(1, [2..3])", True),
        ("overlaps([1..3], [3..5])", True),
        ("includes([1..3], 3)", True),
        ("5 instance of number", True),
        ("null instance of number", False),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ('@"P1D" instance of days and time duration', True),
        ("{a: 1} instance of context<a: number>", True),
        ("upper case instance of function", True),
    ],
)
def test_functions_on_texts_and_contexts_follow_the_specification(text: str, expected: object) -> None:
    assert value(text) == expected


def test_comments_are_space() -> None:
    assert value("1 /* one */ + 2 // and two") == Decimal(3)


def test_host_functions_are_given_the_instant_when_they_ask_for_it() -> None:
    def deadline(key: str, share: Decimal = Decimal(1), *, now: datetime) -> datetime:
        assert key == "P-01"
        return now + timedelta(days=4) * float(share)

    functions = {"deadline": deadline}
    assert evaluate('deadline("P-01")', {}, CLOCK, functions=functions) == CLOCK.now + timedelta(days=4)
    assert evaluate('deadline("P-01", 0.75)', {}, CLOCK, functions=functions) == CLOCK.now + timedelta(days=3)
    named = 'deadline(key: "P-01", share: 0.5)'
    assert evaluate(named, {}, CLOCK, functions=functions) == CLOCK.now + timedelta(days=2)


def test_integers_of_the_host_come_back_as_decimals() -> None:
    result = evaluate("x", {"x": [1, {"y": 2.5}]}, CLOCK)
    assert result == [Decimal(1), {"y": Decimal("2.5")}]
    assert all(isinstance(part, Decimal) for part in (result[0], result[1]["y"]))
