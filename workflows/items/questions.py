"""The questions by which an object or a giver is corrected: those of the form that told of them, one object at a time.

Pure. The questions bear the keys of their fields; a condition stays only where everything that it reads is asked here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflows.catalogue.manifest import ItemFields
from workflows.forms.components import Component, Form, Option, Words

# What no form asks: whose gift it was, whether it counts, and why it is corrected.
GIVER, COUNTS, REASON = "_giver", "_counts", "_reason"
LONGEST_REASON = 2_000


@dataclass(frozen=True)
class Questions:
    """A form, and which fact each of its fields tells."""

    form: Form
    # Key of a field -> fact: a column, "description", "giver_id", "counts", or the name of a flag.
    facts: Mapping[str, str]
    # Those of them that are flags.
    flags: frozenset[str] = frozenset()

    def asked(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Give what stands in the form, by key, of facts."""
        return {key: told.get(fact) for key, fact in self.facts.items()}

    def told(self, answers: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """Give the facts that the answers tell; what the form hides is told as nothing, what it lacks is left out."""
        found = {fact: answers.get(key) for key, fact in self.facts.items()}
        flags = {fact: found.pop(fact) for fact in self.flags}
        return found | ({"flags": {**before.get("flags", {}), **flags}} if flags else {})


def of_item(mapping: ItemFields, form: Form, givers: Sequence[tuple[str, str]]) -> Questions:
    """Give the questions of an object; `givers` are the id and the name of everybody whom the report names."""
    facts = {name: fact for fact, name in mapping.fields.items() if fact != "flags"}
    facts |= {name: name for name in mapping.flags if name not in facts}
    asked = _asked(form, mapping.list, facts)
    whose = Component(
        type="select",
        id=GIVER,
        key=GIVER,
        name=GIVER,
        label=Words("Pemberi", "Giver"),
        required=True,
        options=tuple(Option(key, Words(name)) for key, name in givers),
    )
    counts = Component(
        type="checkbox",
        id=COUNTS,
        key=COUNTS,
        name=COUNTS,
        label=Words("Dihitung dalam jumlah setahun", "Counts in the sum of a year"),
    )
    flags = frozenset(name for name in mapping.flags if any(facts[each.key] == name for each in asked))
    by_key = {each.key: facts[each.key] for each in asked}
    return Questions(
        _form("item", [whose, *asked, counts, _why()]), {GIVER: "giver_id", **by_key, COUNTS: "counts"}, flags
    )


def of_giver(mapping: ItemFields, form: Form) -> Questions:
    """Give the questions of a giver."""
    facts = {name: fact for fact, name in mapping.givers.fields.items()}
    asked = _asked(form, mapping.givers.list, facts)
    return Questions(_form("giver", [*asked, _why()]), {each.key: facts[each.key] for each in asked})


def label_of(questions: Questions, fact: str) -> str:
    """Give what the form calls a fact; the fact itself where it asks for none such."""
    key = next((key for key, known in questions.facts.items() if known == fact), "")
    return next((each.label() for each in questions.form.components if each.key == key), fact)


def field_of(questions: Questions, fact: str) -> Component | None:
    """Give the field that tells a fact."""
    key = next((key for key, known in questions.facts.items() if known == fact), "")
    return next((each for each in questions.form.components if each.key == key), None)


def _asked(form: Form, list_name: str, facts: Mapping[str, str]) -> list[Component]:
    """Give the fields of the form that tell the facts: those in a row of the list before those of the same name."""
    named: dict[str, Component] = {}
    for each in form.fields:
        name = each.name.removeprefix(f"{list_name}[].")
        if name in facts and (name not in named or each.name != name):
            named[name] = replace(each, key=name, name=name)
    return [_unbound(each, frozenset(named)) for each in named.values()]


def _unbound(field: Component, known: frozenset[str]) -> Component:
    """Take away a condition that reads what is not asked here; such a field may stay empty."""
    if field.hide is None or set(field.hide.names) <= known:
        return field
    return replace(field, hide=None, required=False)


def _form(about: str, components: Sequence[Component]) -> Form:
    return Form(f"correct_{about}", tuple(components))


def _why() -> Component:
    return Component(
        type="textarea",
        id=REASON,
        key=REASON,
        name=REASON,
        label=Words("Alasan perbaikan", "Reason of the correction"),
        description=Words(
            "Tercatat di samping isian yang lama dan yang baru.",
            "It is kept beside what stood there and what stands now.",
        ),
        required=True,
    )
