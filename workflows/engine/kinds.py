"""Every expression where the engine evaluates it, and what cannot be right about it: see `workflows.feel.judging`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from workflows.feel import nodes
from workflows.feel.judging import Judge, wrong_patterns
from workflows.language import say

# What a timer may be armed with.
TIMES = frozenset({"date", "time", "date and time", "days and time duration", "years and months duration", "string"})


@dataclass(frozen=True)
class Use:
    """An expression where the engine evaluates it."""

    # Element and process, and where it stands.
    element: str
    process: str
    file: str
    line: int
    # The text as it is read, without marks.
    text: str
    # What the place asks for: "boolean", "time", "number", "list" (a single value counts as one), "data" for what is
    # stored, or "" for any value.
    wanted: str
    root: nodes.Node


def problems(use: Use, known: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give (code, Indonesian, English) for what cannot be right; `known` maps variables to kinds of value."""
    judge = Judge(known)
    found = judge.kind(use.root)
    for clash in dict.fromkeys(judge.clashes):
        if clash.function:
            yield (
                "expression.argument_kind",
                f'"{use.text}": {clash.function}() tidak menerima {clash.left}; hasilnya selalu kosong.',
                f'"{use.text}": {clash.function}() does not take a {clash.left}; the result is always null.',
            )
        elif clash.right.startswith("."):
            yield (
                "expression.no_property",
                f'"{use.text}": {clash.left} tidak mempunyai "{clash.right}"; hasilnya selalu kosong.',
                f'"{use.text}": a {clash.left} has no "{clash.right}"; the result is always null.',
            )
        else:
            yield (
                "expression.kinds_differ",
                f'"{use.text}": {clash.left} dan {clash.right} tidak dapat dipertemukan; hasilnya selalu kosong.',
                f'"{use.text}": {clash.left} and {clash.right} do not go together; the result is always null.',
            )
    for pattern, reason in wrong_patterns(use.root):
        yield (
            "expression.bad_pattern",
            f'"{use.text}": pola "{pattern}" tidak dapat dipakai; hasilnya selalu kosong. {reason}',
            f'"{use.text}": the pattern "{pattern}" cannot be used; the result is always null. {reason}',
        )
    if found is None or use.wanted == "":
        return
    if use.wanted == "data" and found == "function":
        yield (
            "expression.not_data",
            f'"{use.text}" memberi fungsi; fungsi tidak dapat disimpan.',
            f'"{use.text}" gives a function, which cannot be stored.',
        )
    if use.wanted == "boolean" and found != "boolean":
        yield (
            "condition.not_boolean",
            f'"{use.text}" memberi {_WORDS.get(found, found)}, bukan ya atau tidak; syarat ini tidak pernah terpenuhi.',
            f'"{use.text}" gives {found}, not true or false; this condition never holds.',
        )
    if use.wanted == "time" and found not in TIMES:
        yield (
            "timer.not_a_time",
            f'"{use.text}" memberi {_WORDS.get(found, found)}, bukan waktu atau lama waktu.',
            f'"{use.text}" gives {found}, which is no instant and no duration.',
        )
    if use.wanted == "number" and found != "number":
        yield (
            "repetition.not_a_number",
            f'"{use.text}" memberi {_WORDS.get(found, found)}, bukan bilangan.',
            f'"{use.text}" gives {found}, not a number.',
        )


# Kinds of value, as people who write Indonesian call them.
_WORDS = {
    "boolean": "ya atau tidak",
    "number": "bilangan",
    "string": "teks",
    "list": "daftar",
    "context": "konteks",
    "function": "fungsi",
    "range": "rentang",
    "date": "tanggal",
    "time": "jam",
    "date and time": "tanggal dan jam",
    "days and time duration": "lama waktu",
    "years and months duration": "lama waktu",
}


def mend(code: str) -> str:
    """Say what to do about a problem."""
    if code == "timer.not_a_time":
        return say(
            'Pakai duration("P3D"), date and time(...), atau deadline("...").',
            'Use duration("P3D"), date and time(...) or deadline("...").',
        )
    if code == "condition.not_boolean":
        return say(
            'Tulis perbandingan, misalnya jumlah > 3; tanggal ditulis date("2026-01-31").',
            'Write a comparison, such as amount > 3; a date is written date("2026-01-31").',
        )
    if code == "repetition.not_a_number":
        return say(
            "Tulis bilangan bulat, atau FEEL yang menghasilkannya.", "Write a whole number, or FEEL that gives one."
        )
    if code == "expression.not_data":
        return say("Simpan hasil fungsinya, bukan fungsinya.", "Keep what the function gives, not the function.")
    if code == "expression.bad_pattern":
        return say(
            "Tulis polanya menurut XPath; rujukan balik dan look-around tidak dijalankan.",
            "Write the pattern as XPath has it; back references and look-around are not run.",
        )
    return say(
        "Bandingkan nilai yang sejenis; teks ditulis dalam tanda kutip, bilangan tanpa tanda kutip.",
        "Compare values of one kind; a text stands in quotes, a number does not.",
    )


def likely(uses: Iterable[Use], written: Mapping[str, nodes.Node]) -> dict[str, str]:
    """Guess the kinds of variables that nobody declares: what scripts write into them, or what they are compared with.

    `written` maps a variable to the script that writes it, where there is one only. A variable that is compared with
    several kinds is guessed to be of the one it meets most; the others are what deserves a look.
    """
    met: dict[str, list[str]] = defaultdict(list)
    for use in uses:
        for node in nodes.walk(use.root):
            if isinstance(node, nodes.Comparison):
                for one, other in ((node.left, node.right), (node.right, node.left)):
                    found = Judge({}).kind(other)
                    if isinstance(one, nodes.Name) and found is not None:
                        met[one.name].append(found)
    guessed = {name: max(kinds, key=kinds.count) for name, kinds in sorted(met.items())}
    sure = {name: found for name, root in written.items() if (found := Judge({}).kind(root)) is not None}
    return {**guessed, **sure}
