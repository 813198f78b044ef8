"""Dividing a number: whole parts that follow the weights, together exactly the number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.division import apportion, smallest

D = Decimal


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        # 50家 by 1 : 1 : 1: the remainders are alike, the first are served first
        ("50", [1, 1, 1], [17, 17, 16]),
        ("50", [3, 1, 1], [30, 10, 10]),
        # 33.3 and 66.6: the larger remainder gets the last one
        ("100", [1, 2, 0], [33, 67, 0]),
        ("1", [1, 1, 1], [1, 0, 0]),
        ("0", [1, 1, 1], [0, 0, 0]),
        # money of the plan has decimals, its parts have as many
        ("0.5", [1, 1, 0], [D("0.3"), D("0.2"), 0]),
        ("20500", [D("0.1"), D("0.2"), D("0.7")], [2050, 4100, 14350]),
    ],
)
def test_the_largest_remainders_are_served(total: str, weights: list[Decimal], parts: list[Decimal]) -> None:
    found = apportion(D(total), dict(enumerate(map(D, weights))))
    assert list(found.values()) == parts


@pytest.mark.parametrize("weights", [{}, {1: D(0)}, {1: D(2), 2: D(-1)}])
def test_nothing_divides_by_nothing(weights: dict[int, Decimal]) -> None:
    with pytest.raises(ValueError, match="weights"):
        apportion(D(5), weights)


amounts = st.decimals(0, 10**9, places=2, allow_nan=False)


@given(amounts, st.lists(amounts, min_size=1, max_size=9).filter(any))
def test_parts_add_up_and_none_is_a_step_off(total: Decimal, weights: list[Decimal]) -> None:
    found = apportion(total, dict(enumerate(weights)))
    assert sum(found.values()) == total
    for part, weight in zip(found.values(), weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < smallest(total)
        assert weight or not part, "who weighs nothing gets nothing"
