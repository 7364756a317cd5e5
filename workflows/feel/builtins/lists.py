"""Built-in functions on lists, DMN 1.3, 10.3.4.4."""

from collections.abc import Iterable
from decimal import Decimal, DecimalException
from functools import cmp_to_key
from typing import Any

from workflows.feel.arithmetic import add
from workflows.feel.budget import NESTING, too_deep
from workflows.feel.builtins.registry import builtin
from workflows.feel.scope import Run
from workflows.feel.values import NUMBERS, Function, equal, order


def _same(run: Run, left: Any, right: Any) -> bool:
    run.budget.spend(1)
    return equal(left, right, run.zone, run.budget) is True


def _holds(run: Run, items: Iterable[Any], element: Any) -> bool:
    return any(_same(run, item, element) for item in items)


def _grown(run: Run, items: list[Any]) -> list[Any]:
    run.budget.grow(len(items))
    return items


@builtin("list contains(list: list, element: Any)")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    """Tell whether the list has the element."""
    return _holds(run, items, element)


@builtin("count(list: list)")
def count(run: Run, items: list[Any]) -> Decimal:
    """Count the elements."""
    return Decimal(len(items))


def _extreme(run: Run, items: tuple[Any, ...], wanted: int) -> Any:
    best: Any = None
    for number, item in enumerate(items):
        if number == 0:
            if order(item, item, run.zone) is None:
                return None
            best = item
            continue
        rank = order(item, best, run.zone)
        if rank is None:
            return None
        if rank == wanted:
            best = item
    return best


@builtin("min(list: list)")
def least_of(run: Run, items: list[Any]) -> Any:
    """Give the least element; null for an empty list or elements without order."""
    return _extreme(run, tuple(items), -1)


@builtin("min(c...: Any)")
def least(run: Run, *items: Any) -> Any:
    """Give the least of the arguments."""
    return _extreme(run, items, -1)


@builtin("max(list: list)")
def greatest_of(run: Run, items: list[Any]) -> Any:
    """Give the greatest element; null for an empty list or elements without order."""
    return _extreme(run, tuple(items), 1)


@builtin("max(c...: Any)")
def greatest(run: Run, *items: Any) -> Any:
    """Give the greatest of the arguments."""
    return _extreme(run, items, 1)


@builtin("sum(list: list)")
def sum_of(run: Run, items: list[Any]) -> Any:
    """Add the elements, numbers or durations of one kind; null for an empty list."""
    if not items or isinstance(items[0], str):
        return None
    total = items[0] if order(items[0], items[0], run.zone) is not None else None
    for item in items[1:]:
        total = add(total, item, run.zone, run.budget) if not isinstance(item, str) else None
    return total if add(total, total, run.zone, run.budget) is not None else None


@builtin("sum(n...: number)")
def sum_arguments(run: Run, *items: Any) -> Any:
    """Add the arguments."""
    return sum_of(run, list(items))


def _numbers(items: Iterable[Any]) -> list[Decimal] | None:
    numbers = list(items)
    return numbers if numbers and all(isinstance(item, Decimal) for item in numbers) else None


@builtin("mean(list: list)")
def mean_of(run: Run, items: list[Any]) -> Decimal | None:
    """Give the average of the numbers; null for an empty list."""
    numbers = _numbers(items)
    total = None if numbers is None else sum_of(run, numbers)
    return None if total is None else NUMBERS.divide(total, Decimal(len(items)))


@builtin("mean(n...: number)")
def mean(run: Run, *items: Any) -> Decimal | None:
    """Give the average of the arguments."""
    return mean_of(run, list(items))


@builtin("median(list: list)")
def median_of(run: Run, items: list[Any]) -> Decimal | None:
    """Give the number in the middle, or the average of the two there; null for an empty list."""
    numbers = sorted(_numbers(items) or [])
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return NUMBERS.divide(NUMBERS.add(numbers[middle - 1], numbers[middle]), Decimal(2))


@builtin("median(n...: number)")
def median(run: Run, *items: Any) -> Decimal | None:
    """Give the number in the middle of the arguments."""
    return median_of(run, list(items))


@builtin("product(list: list)")
def product_of(run: Run, items: list[Any]) -> Decimal | None:
    """Multiply the numbers; null for an empty list."""
    numbers = _numbers(items)
    if numbers is None:
        return None
    total = Decimal(1)
    try:
        for number in numbers:
            total = NUMBERS.multiply(total, number)
    except DecimalException:
        return None
    return total


@builtin("product(n...: number)")
def product(run: Run, *items: Any) -> Decimal | None:
    """Multiply the arguments."""
    return product_of(run, list(items))


@builtin("stddev(list: list)")
def deviation_of(run: Run, items: list[Any]) -> Decimal | None:
    """Give the sample standard deviation; null for fewer than two numbers."""
    numbers = _numbers(items)
    average = None if numbers is None or len(numbers) < 2 else mean_of(run, numbers)
    if numbers is None or average is None:
        return None
    try:
        squares = [NUMBERS.power(NUMBERS.subtract(number, average), Decimal(2)) for number in numbers]
        total = sum_of(run, squares)
        return NUMBERS.sqrt(NUMBERS.divide(total, Decimal(len(numbers) - 1)))
    except (DecimalException, TypeError):
        return None


@builtin("stddev(n...: number)")
def deviation(run: Run, *items: Any) -> Decimal | None:
    """Give the sample standard deviation of the arguments."""
    return deviation_of(run, list(items))


@builtin("mode(list: list)")
def mode_of(run: Run, items: list[Any]) -> list[Decimal] | None:
    """Give the most frequent numbers in ascending order."""
    if not items:
        return []
    numbers = _numbers(items)
    if numbers is None:
        return None
    counts: dict[Decimal, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    return sorted(number for number, times in counts.items() if times == max(counts.values()))


@builtin("mode(n...: number)")
def mode(run: Run, *items: Any) -> list[Decimal] | None:
    """Give the most frequent of the arguments."""
    return mode_of(run, list(items))


def _all(items: Iterable[Any], decisive: bool) -> bool | None:
    unknown = False
    for item in items:
        if item is decisive:
            return bool(item)
        unknown = unknown or not isinstance(item, bool)
    return None if unknown else not decisive


@builtin("all(list: list)")
def all_of(run: Run, items: list[Any]) -> bool | None:
    """Tell whether all are true, in three-valued logic; an empty list is all true."""
    return _all(items, False)


@builtin("all(b...: Any)")
def all_arguments(run: Run, *items: Any) -> bool | None:
    """Tell whether all arguments are true."""
    return _all(items, False)


@builtin("any(list: list)")
def any_of(run: Run, items: list[Any]) -> bool | None:
    """Tell whether one is true, in three-valued logic; of an empty list none is."""
    return _all(items, True)


@builtin("any(b...: Any)")
def any_argument(run: Run, *items: Any) -> bool | None:
    """Tell whether one argument is true."""
    return _all(items, True)


def _place(items: list[Any], position: Decimal, room: int = 0) -> int | None:
    """Turn a position counted from 1, or from the end, into an index; null when it lies outside."""
    if position != position.to_integral_value() or not 1 <= abs(position) <= len(items) + room:
        return None
    return int(position) - 1 if position > 0 else len(items) + int(position)


@builtin("sublist(list: list, start position: number, length?: number)")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    """Give the part that begins at the position, of that length or up to the end."""
    place = _place(items, start)
    if place is None or (length is not None and (length < 0 or length != length.to_integral_value())):
        return None
    if length is not None and length > len(items) - place:
        return None
    return _grown(run, items[place:] if length is None else items[place : place + int(length)])


@builtin("append(list: list, item...: Any)")
def append(run: Run, items: list[Any], *more: Any) -> list[Any]:
    """Give the list with the items behind it."""
    return _grown(run, [*items, *more])


@builtin("concatenate(list...: list)")
def concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    """Join the lists into one."""
    run.budget.grow(sum(len(items) for items in lists))
    return [item for items in lists for item in items]


@builtin("insert before(list: list, position: number, newItem: Any)")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    """Give the list with the item put in before that position."""
    place = _place(items, position)
    return None if place is None else _grown(run, [*items[:place], item, *items[place:]])


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    """Give the list without the item at that position."""
    place = _place(items, position)
    return None if place is None else _grown(run, [*items[:place], *items[place + 1 :]])


@builtin("list replace(list: list, position: number, newItem: Any)")
def list_replace(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    """Give the list with another item at that position."""
    place = _place(items, position)
    return None if place is None else _grown(run, [*items[:place], item, *items[place + 1 :]])


@builtin("list replace(list: list, match: function, newItem: Any)")
def list_replace_where(run: Run, items: list[Any], match: Function, item: Any) -> list[Any]:
    """Give the list with another item wherever the function says true."""
    return _grown(run, [item if match.call(run, old, item) is True else old for old in items])


@builtin("reverse(list: list)")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    """Turn the list round."""
    return _grown(run, items[::-1])


@builtin("index of(list: list, match: Any)")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    """Give the positions of the element."""
    return [Decimal(number) for number, item in enumerate(items, 1) if _same(run, item, match)]


@builtin("distinct values(list: list)")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Keep the first of those that are equal."""
    kept: list[Any] = []
    for item in items:
        if not _holds(run, kept, item):
            kept.append(item)
    return _grown(run, kept)


@builtin("union(list...: list)")
def union(run: Run, *lists: list[Any]) -> list[Any]:
    """Join the lists and keep the first of those that are equal."""
    return distinct_values(run, concatenate(run, *lists))


@builtin("flatten(list: list)")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Dissolve the lists inside the list."""
    flat: list[Any] = []

    def take(inner: list[Any], nesting: int) -> None:
        if nesting > NESTING:
            raise too_deep()
        run.budget.grow(1 + len(inner))
        for item in inner:
            if isinstance(item, list):
                take(item, nesting + 1)
            else:
                flat.append(item)

    take(items, 0)
    return flat


class _NoOrder(Exception):
    """Two elements of a list to be sorted have no order."""


@builtin("sort(list: list)")
def sort(run: Run, items: list[Any]) -> list[Any] | None:
    """Sort upwards; null when the elements have no order."""

    def rank(left: Any, right: Any) -> int:
        run.budget.spend(1)
        result = order(left, right, run.zone)
        if result is None:
            raise _NoOrder
        return result

    try:
        return _grown(run, sorted(items, key=cmp_to_key(rank)))
    except _NoOrder:
        return None


@builtin("sort(list: list, precedes: function)")
def sort_by(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    """Sort so that the function says true for each element and a later one."""

    def rank(left: Any, right: Any) -> int:
        run.budget.spend(1)
        if precedes.call(run, left, right) is True:
            return -1
        return 1 if precedes.call(run, right, left) is True else 0

    return _grown(run, sorted(items, key=cmp_to_key(rank)))
