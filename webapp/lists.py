"""The lists that a form asks its host for by name (`valuesKey`): kecamatan, villages of one, offices, currencies."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from webapp.assets import places
from webapp.extensions import db
from workflows import money
from workflows.forms import rows
from workflows.forms.schema import Component, Form
from workflows.language import current_language, say
from workflows.people.queries import reportable_offices

DISTRICTS, VILLAGES, OFFICES, CURRENCIES = "districts", "villages", "offices", "currencies"
# Value and words, in the order in which they are offered.
Pairs = Sequence[tuple[str, str]]


def lists_for(form: Form, typed: Mapping[str, Sequence[str]]) -> dict[str, Pairs]:
    """Give the lists that the form's fields choose from; the villages are those of the kecamatan that was typed."""
    asked = {component.values_key for component in form.everything()}
    found: dict[str, Pairs] = {}
    if DISTRICTS in asked:
        found[DISTRICTS] = districts()
    if VILLAGES in asked:
        district = asking_for(form, DISTRICTS)
        found[VILLAGES] = villages(first(typed, district.name)) if district else ()
    if CURRENCIES in asked:
        found[CURRENCIES] = money.currencies(current_language())
    found.update(rows.choices(form, typed))
    if OFFICES in asked:
        found[OFFICES] = [(unit.code, say(unit.name, unit.name_en)) for unit in reportable_offices(db.session())]
    return found


def values_of(lists: Mapping[str, Pairs]) -> dict[str, frozenset[str]]:
    """Give the values alone, as the checking of answers wants them."""
    return {name: frozenset(value for value, _ in pairs) for name, pairs in lists.items()}


@cache
def districts() -> Pairs:
    """Give the regency's kecamatan."""
    return _by_name((each["code"], each["name"]) for each in places()["districts"])


@cache
def villages(district: str) -> Pairs:
    """Give the villages of a kecamatan; none for a code that is not one."""
    known = {each["code"]: each["villages"] for each in places()["districts"]}
    return _by_name((each["code"], each["name"]) for each in known.get(district, ()))


def asking_for(form: Form, list_name: str) -> Component | None:
    """Give the field that chooses from the list, if the form has one."""
    return next((component for component in form.everything() if component.values_key == list_name), None)


def first(typed: Mapping[str, Sequence[str]], name: str) -> str:
    """Give the first text that was posted under a name, or an empty one."""
    return next(iter(typed.get(name, ())), "")


def _by_name(pairs: Iterable[tuple[str, str]]) -> Pairs:
    return tuple(sorted(pairs, key=lambda pair: pair[1]))
