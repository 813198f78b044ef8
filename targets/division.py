"""Dividing a number among areas (任务分解). Pure: plain values in, plain values out."""

from collections.abc import Hashable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def apportion(total: Decimal, weights: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """The total in parts that follow the weights and add up to it exactly, by largest remainders (最大余数法).

    Parts are whole numbers, unless the total has decimals: then they have as many. Of equal remainders the first key is
    served first. Raises ValueError where no weight is above 0, or one is below.
    """
    if any(weight < 0 for weight in weights.values()) or not any(weights.values()):
        raise ValueError("weights must not be negative, and not all 0")
    step = smallest(total)
    exact = {key: total * weight / sum(weights.values()) / step for key, weight in weights.items()}
    parts = {key: share.to_integral_value(ROUND_FLOOR) for key, share in exact.items()}
    left = int(total / step - sum(parts.values()))
    by_remainder = sorted(exact, key=lambda key: exact[key] - parts[key], reverse=True)
    for key in by_remainder[:left]:
        parts[key] += 1
    return {key: part * step for key, part in parts.items()}


def smallest(number: Decimal) -> Decimal:
    """The size of the smallest part into which a number is divided: 1, or its last decimal place."""
    exponent = number.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(int(exponent), 0))
