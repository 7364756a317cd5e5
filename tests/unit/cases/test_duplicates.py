"""Distances on the earth, as far as duplicates need them."""

import pytest

from workflows.cases.duplicates import metres_between


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((3.73, 98.45), (3.73, 98.45), 0),
        # A hundredth of a degree of latitude is 1,112 m everywhere, of longitude 1,110 m in Langkat.
        ((3.73, 98.45), (3.74, 98.45), 1_112),
        ((3.73, 98.45), (3.73, 98.46), 1_110),
        # Across the date line the way is short.
        ((0.0, 179.9995), (0.0, -179.9995), 111),
        # From Stabat to Medan.
        ((3.7285, 98.4506), (3.5952, 98.6722), 28_709),
    ],
)
def test_metres_between_two_places(one: tuple[float, float], other: tuple[float, float], metres: int) -> None:
    assert metres_between(*one, *other) == pytest.approx(metres, rel=0.005, abs=0.5)
    assert metres_between(*other, *one) == pytest.approx(metres_between(*one, *other))
