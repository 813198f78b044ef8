"""What has changed since a position, and whole tables with the position from which to go on."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    OpenApiWebhook,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.base import Strict
from registry.api.pagination import limit_of
from registry.api.permissions import ANY, check_scope, sees_contacts, token_of
from registry.api.problems import Told
from registry.choices import Scope
from registry.feed import positions, webhooks
from registry.feed.changes import Page, Reader
from registry.feed.exports import Export
from registry.feed.positions import BadPosition, Forgotten, Position
from registry.feed.resources import BY_NAME, FOLLOWED, Followed, named

DEFAULT_LIMIT, MOST_CHANGES = 500, 2_000
LONGEST_WAIT = 30
SECONDS_BETWEEN_LOOKS = 0.5
# Each that waits holds one of the threads of its process: the others are for those who ask for something.
WAITING = threading.BoundedSemaphore(2)
# who finds no place to wait asks again after so long
SECONDS_TO_COME_BACK = 5
POSITION = "X-Position"

EXAMPLE = {
    "changes": [
        {
            "resource": "designations",
            "id": 4711,
            "change": "changed",
            "version": 3,
            "at": "2024-07-01T09:30:00.123456+08:00",
            "request": "0f8fad5bd9cb469fa16570867728950e",
            "token": "武进区平台（Vn3yQ8tLwe）",
            "merged_into": None,
            "row": {
                "version": 3,
                "id": 4711,
                "scheme": "green_factory",
                "level": "national",
                "enterprise_id": 532,
                "valid_from": "2022-01-15",
                "ended_on": "2024-06-30",
                "end_reason": "revoked",
            },
        }
    ],
    "position": "MXw3NDM6NzQzOnx8fDB8",
    "more": False,
}


class FollowedChangeSerializer(serializers.Serializer):
    """One version of a row that somebody has written, or the end of a row."""

    resource = serializers.ChoiceField(choices=[one.name for one in FOLLOWED])
    id = serializers.IntegerField(help_text="Of the row")
    change = serializers.ChoiceField(
        choices=["created", "changed", "removed", "entered", "left"],
        help_text="removed: take the row away. For a token of an area also entered (an enterprise comes with titles and "
        "figures that have no changes of their own: ask for them) and left (take it away, with all that hangs on it)",
    )
    version = serializers.IntegerField()
    at = serializers.DateTimeField(help_text="When it was written")
    request = serializers.CharField(allow_null=True, help_text="X-Request-Id of the request that wrote it")
    token = serializers.CharField(allow_null=True, help_text="The system that wrote it")
    merged_into = serializers.IntegerField(
        allow_null=True, help_text="Of a removed enterprise the id of the one that it became part of"
    )
    row = serializers.DictField(
        allow_null=True,
        help_text="The columns as they then were, by the names of the export; null where it is gone",
    )


@extend_schema_serializer(many=False)
class ChangesSerializer(serializers.Serializer):
    """Changes in the order in which they were committed."""

    changes = FollowedChangeSerializer(many=True)
    position = serializers.CharField(help_text="Ask with it for what follows")
    more = serializers.BooleanField(help_text="More are known already: ask on at once")


class WebhookDataSerializer(serializers.Serializer):
    """What has changed since the message before."""

    changes = FollowedChangeSerializer(many=True)
    position = serializers.CharField(help_text="Behind these changes; changes/ goes on from it")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "a title that was ended",
            {
                "type": webhooks.CHANGES,
                "timestamp": "2024-07-01T09:30:02+08:00",
                "data": {"changes": EXAMPLE["changes"], "position": EXAMPLE["position"]},
            },
        )
    ]
)
class WebhookMessageSerializer(serializers.Serializer):
    """A message after Standard Webhooks."""

    type = serializers.ChoiceField(choices=[webhooks.CHANGES, webhooks.TEST])
    timestamp = serializers.DateTimeField()
    data = WebhookDataSerializer()  # type: ignore[assignment]


WEBHOOK = OpenApiWebhook(
    name=webhooks.CHANGES,
    decorator=extend_schema(
        summary="Changes, posted to the address of a webhook",
        description="To addresses entered in the administration (变动推送), within what the token of the webhook "
        "may read. Signed after Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature: v1, HMAC-SHA256); "
        "sent again until it is answered with 2xx, so that one message may come twice.",
        request=WebhookMessageSerializer,
        responses={"2XX": OpenApiResponse(description="Taken")},
    ),
)


def may_read(request: Request, table: Followed) -> bool:
    token = token_of(request)
    return token is None or table.scope is None or token.may(table.scope)


class ChangesViewSet(Strict):
    """Every change of the registry, for those who keep a copy."""

    # positions are those of the primary
    on_primary = True
    scope = Scope.FOLLOW_CHANGES
    pagination_class = None
    filter_backends: list[Any] = []
    parameters = {"list": frozenset(["after", "limit", "resource", "wait"])}

    @extend_schema(
        operation_id="changes",
        summary="What has changed after a position",
        description="In the order in which it was committed, none skipped and none twice. Begin with an export, which "
        "tells its position, or without `after`, which answers that of now. A position that is no longer known is 410: "
        "take an export anew.",
        parameters=[
            OpenApiParameter("after", str, description="The position of the last answer, or of an export"),
            OpenApiParameter(
                "resource", str, many=True, enum=[one.name for one in FOLLOWED], description="Only these"
            ),
            OpenApiParameter(
                "limit",
                OpenApiTypes.INT,
                description=f"At most so many, from 1 to {MOST_CHANGES:,}",
                default=DEFAULT_LIMIT,
            ),
            OpenApiParameter(
                "wait",
                OpenApiTypes.INT,
                description=f"Where nothing has changed, wait so many seconds for it, at most {LONGEST_WAIT}; "
                "where too many wait already, the answer comes at once, and Retry-After says when to ask again",
                default=0,
            ),
        ],
        responses=ChangesSerializer,
        examples=[OpenApiExample("a title that was ended", EXAMPLE, response_only=True)],
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        reader, limit, wait = self._reader(), self._limit(), self._wait()
        after = self._after()
        if after is None:
            return Response({"changes": [], "position": str(positions.now()), "more": False})
        page = self._page(reader, after, limit)
        headers = {}
        if not page.changes and not page.more and wait:
            if WAITING.acquire(blocking=False):
                page = self._waited(lambda: self._page(reader, page.position, limit), page, wait)
            else:
                headers["Retry-After"] = str(SECONDS_TO_COME_BACK)
        told = {"changes": page.changes, "position": str(page.position), "more": page.more}
        return Response(told, headers=headers)

    def _page(self, reader: Reader, after: Position, limit: int) -> Page:
        try:
            return reader.page(after, limit)
        except BadPosition as error:
            raise self._bad_position() from error

    def _waited(self, look: Callable[[], Page], page: Page, seconds: int) -> Page:
        """The first page with a change, or an empty one in the end; holds no connection while it waits."""
        try:
            until = time.monotonic() + seconds
            while not page.changes and not page.more and time.monotonic() < until:
                if not connection.in_atomic_block:
                    connection.close()
                time.sleep(SECONDS_BETWEEN_LOOKS)
                page = look()
        finally:
            WAITING.release()
        return page

    # What is asked

    def _after(self) -> Position | None:
        given = self.request.query_params.get("after")
        if given is None:
            return None
        try:
            return positions.read(given)
        except BadPosition as error:
            raise self._bad_position() from error
        except Forgotten as error:
            detail = _(
                "The changes from there on are not kept. Take an export anew, and go on from its position."
            )
            raise Told("gone", detail) from error

    @staticmethod
    def _bad_position() -> ValidationError:
        return ValidationError({"after": [_("This is no position for these resources.")]})

    def _reader(self) -> Reader:
        asked = self.request.query_params.getlist("resource")
        unknown = [name for name in asked if name not in BY_NAME]
        if unknown:
            names = ", ".join(BY_NAME)
            message = _("There is no such resource here. Known are: %(names)s.") % {"names": names}
            raise ValidationError({"resource": [message]})
        for one in named(asked):
            check_scope(self.request, one.scope)
        tables = [one for one in named(asked or BY_NAME) if may_read(self.request, one)]
        return Reader(tables, self.request.user.district_id, sees_contacts(self.request))  # type: ignore[union-attr]

    def _limit(self) -> int:
        return limit_of(self.request.query_params.get("limit", str(DEFAULT_LIMIT)), most=MOST_CHANGES)

    def _wait(self) -> int:
        given = self.request.query_params.get("wait", "0")
        if given.isascii() and given.isdigit() and len(given) < 3 and int(given) <= LONGEST_WAIT:
            return int(given)
        raise ValidationError(
            {"wait": [_("A whole number of seconds up to %(most)d.") % {"most": LONGEST_WAIT}]}
        )


class ExportViewSet(Strict):
    """Whole tables, for those who begin a copy."""

    on_primary = True
    parameters = {"retrieve": frozenset()}
    filter_backends: list[Any] = []

    @property
    def scope(self) -> str:
        """What the table needs; that it is none is told to everybody alike."""
        table = BY_NAME.get(self.kwargs.get("table", ""))
        return ANY if table is None or table.scope is None else table.scope

    @extend_schema(
        operation_id="export",
        summary="A whole table, line by line",
        description="Each line is a row as JSON, in the shape of `changes/`; all rows are of one moment, whose position "
        "is in the header X-Position.",
        parameters=[
            OpenApiParameter("table", str, OpenApiParameter.PATH, enum=[one.name for one in FOLLOWED])
        ],
        responses={
            (200, "application/x-ndjson"): OpenApiResponse(
                str,
                examples=[OpenApiExample("lines", '{"id": 1, "code": "320411", "name": "新北区"}\n')],
            )
        },
    )
    def retrieve(self, request: Request, table: str) -> HttpResponseBase:
        found = BY_NAME.get(table)
        if found is None:
            raise Http404
        user: Any = request.user
        export = Export(found, area=user.district_id, contacts=sees_contacts(request))
        response = StreamingHttpResponse(export, content_type="application/x-ndjson")
        response[POSITION] = str(export.position)
        return response
