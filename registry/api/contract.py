"""How writing is told in the schema: the same headers, answers and examples at every resource."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.decorators import action

from registry.api.inputs import Input, YesNo
from registry.api.writing import BulkOutcomeSerializer

V = TypeVar("V", bound=type)


def header(name: str, description: str, **kwargs: Any) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, **kwargs)


OF_WRITING = [
    header("X-Change-Reason", "Why: for the history. UTF-8, percent-encoded, at most 300 characters"),
    header("X-Request-Id", "By which you know this request: kept in the history, and answered"),
    header(
        "Idempotency-Key", "At most 200 characters: sent again with it within 24 hours, nothing is done twice"
    ),
]
IF_MATCH = header("If-Match", 'The ETag from which the change starts, as in "3", or * for whichever it is')
OF_CHANGE = [*OF_WRITING, IF_MATCH]


def written(
    inputs: type[Input],
    row: type[serializers.Serializer],
    example: dict[str, Any],
    *,
    address: Sequence[OpenApiParameter] = (),
) -> Callable[[V], V]:
    """Describes what all writable resources have in common."""
    many = inline_serializer(
        inputs.__name__.replace("Input", "Rows"),
        {"partial": YesNo(default=False), "rows": inputs.of_many()(many=True)},
    )
    one = OpenApiExample("one", example, request_only=True)
    return extend_schema_view(
        create=extend_schema(
            summary="Create", request=inputs, responses={201: row}, parameters=OF_WRITING, examples=[one]
        ),
        partial_update=extend_schema(
            summary="Change",
            request=inputs,
            responses=row,
            parameters=[*address, *OF_CHANGE],
            examples=[OpenApiExample("some of it", dict(list(example.items())[-1:]), request_only=True)],
        ),
        bulk=extend_schema(
            summary="Create and change many at once",
            description="Up to 10,000 rows, all or nothing; with `partial` those against which nothing stands. "
            "A row with `id`, or with the key of a record that is there, changes it, and says from which `version`.",
            request=many,
            responses=BulkOutcomeSerializer,
            parameters=OF_WRITING,
            filters=False,
            examples=[OpenApiExample("rows", {"partial": False, "rows": [example]}, request_only=True)],
        ),
    )


def step(
    inputs: type[serializers.Serializer],
    row: type[serializers.Serializer],
    *,
    address: Sequence[OpenApiParameter] = (),
) -> Callable[[Any], Any]:
    """Something that happens to a record, at an address of its own."""

    def decorate(method: Any) -> Any:
        described = extend_schema(request=inputs, responses=row, parameters=[*address, *OF_CHANGE])
        return described(action(detail=True, methods=["post"])(method))

    return decorate
