"""Whole answers are remembered under the state of all facts and of the plan: never stale, and rendered once."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from rest_framework.request import Request

from registry import state
from registry.recent import Recent
from registry.rendering import Json

# The largest, that of a whole plan, takes 150 KB.
ANSWERS = Recent(200)


def remembered(request: Request, compute: Callable[[], Any]) -> HttpResponse:
    """The answer to a request that tells everybody the same: rendered anew only where something has changed.

    Only for what comes from facts and plan alone: names of documents, and quotas, are no part of their state.

    What a transaction sees that has itself written is for nobody else, see `targets.measure.memory`.
    """
    before = state.read()
    key = (*_asked(request), before.whole)
    body = None if before.written else ANSWERS.get_many([key]).get(key)
    if body is None:
        body = Json().render(compute())
        after = state.read()
        if not after.written and after.whole == before.whole:
            ANSWERS.set_many({key: body})
    return HttpResponse(body, content_type="application/json")


def _asked(request: Request) -> tuple[Any, ...]:
    parameters = tuple((name, tuple(values)) for name, values in sorted(request.query_params.lists()))
    # without a day it is that of today
    return request.path, parameters, timezone.localdate(), get_language()
