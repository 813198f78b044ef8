"""The whole contract against made-up requests, right and wrong ones, as each kind of token: no failure and no 500.

`make fuzz` asks many more.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode

from registry.choices import Scope
from tests import factories as make
from tests import people
from tests.registry.api.test_schema import COMMITTED
from tests.tokens import READING, drawn

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
# A request that the schema allows may still name a code that is none, a version of before, a day of the year 0.
REFUSED = ["2xx", "400", "401", "403", "404", "409", "410", "412", "422", "428"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED}},
        "phases": {"stateful": {"enabled": False}},
    }
)


def of_the_city() -> str:
    return drawn(people.clerk_of_the_city(), *Scope)[1]


def of_wujin() -> str:
    return drawn(people.clerk_of_wujin(), *(one for one in Scope if one != Scope.WRITE_STATISTICS))[1]


def for_reading() -> str:
    return drawn(people.clerk_of_the_city(), *READING)[1]


def for_totals() -> str:
    return drawn(people.clerk_of_the_city(), Scope.READ_TOTALS)[1]


KINDS: list[Callable[[], str]] = [of_the_city, of_wujin, for_reading, for_totals]


@pytest.fixture
def world() -> None:
    holder = make.enterprise("光能", district=make.district(), uscc="91320411608131455L")
    make.target_with_rule("green.all", schemes=(make.scheme(),))
    make.designation(holder, dt.date(2022, 1, 1))
    make.figures(holder, 2022, revenue=5)
    make.statistic("output", dt.date(2022, 12, 31), "20000")


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests go on in the transaction of the test, as those of Django's own test client do."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_path(COMMITTED, config=CONFIG)
    schema.app = get_wsgi_application()
    for found in schema.get_all_operations():
        yield found.ok()


@pytest.mark.usefixtures("world", "one_connection")
@pytest.mark.parametrize("kind", KINDS)
@override_settings(API_TOKEN_RATE=10**9)
def test_the_contract_holds(kind: Callable[[], str]) -> None:
    headers = {"Authorization": f"Bearer {kind()}"}
    failures: list[str] = []
    for operation in operations():
        for mode in GenerationMode:
            try:
                ask(operation, mode, headers)
            except (FailureGroup, Failure) as error:
                failures.append(f"{operation.method.upper()} {operation.path}\n{error}")
    assert not failures, "\n\n".join(failures)


def ask(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        # what one request writes is not there for the next
        with transaction.atomic():
            case.call_and_validate(headers=headers)
            transaction.set_rollback(True)

    # an operation without anything to get wrong
    with suppress(Unsatisfiable, SkipTest):
        holds()
