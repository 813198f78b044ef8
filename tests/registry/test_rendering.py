"""JSON is written by orjson as it was before, also what orjson does not write."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer

from registry.choices import Level
from registry.paging import AtLeast
from registry.rendering import Json

MOMENT = dt.datetime(2024, 1, 1, 8, 0, 0, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "value",
    [
        {"名": "常州", "none": None, "true": True, "number": 1.5},
        {1: "key", Level.NATIONAL: Level.PROVINCIAL},
        [Decimal("0.10"), MOMENT, MOMENT.date(), MOMENT.time().replace(tzinfo=None), AtLeast(9)],
        ("a tuple", gettext_lazy("Close"), {"nested": [{}, []]}),
        2**70,
        -(2**63),
        [],
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("accept", ["application/json", "application/json; indent=4"])
def test_the_same_is_told(value: Any, accept: str) -> None:
    told, before = (renderer.render(value, accept, {}) for renderer in (Json(), JSONRenderer()))
    assert json.loads(told) == json.loads(before)
    assert told.count(b"\n") == before.count(b"\n")


def test_nothing_is_nothing() -> None:
    assert Json().render(None) == b""
