"""Writing by programs: create, change, many at once; each with its person, its reason and the request behind it.

POST   …/            creates
PATCH  …/KEY/        changes what it names            If-Match: "3"
PUT    …/KEY/        creates or changes (enterprises) If-Match: "3" where there is one
POST   …/bulk/       up to 10,000 rows, all or nothing, or row by row
"""

import re
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import unquote

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from registry import history
from registry.api import idempotency
from registry.api.base import Resource, etag
from registry.api.inputs import BIGGEST_ID, Input, YesNo, printable
from registry.api.problems import Told
from registry.choices import Scope
from registry.rosters.ledger import MODELS
from registry.writing import Draft, Kind, Outcome, Refused, Wanted, Writer
from registry.writing.drafts import ANY_VERSION

MOST_ROWS = 10_000
REASON, REQUEST_ID = "X-Change-Reason", "X-Request-Id"
LONGEST_REASON = 300
ID_OF_REQUEST = re.compile(r"[\w.:-]{1,100}", re.ASCII)
ETAG = re.compile(r'(W/)?"([^"]*)"')


def reason_of(request: Request) -> str:
    """Why it is written: UTF-8, best percent-encoded, as headers bear no Chinese of themselves."""
    given = request.META.get("HTTP_X_CHANGE_REASON", "")
    try:
        text = unquote(given.encode("latin-1").decode(), errors="strict").strip()
    except UnicodeError as error:
        raise ValidationError({REASON: [_("Write it in UTF-8, percent-encoded.")]}) from error
    if len(text) > LONGEST_REASON or "\x00" in text:
        message = _("At most %(most)d characters of text.") % {"most": LONGEST_REASON}
        raise ValidationError({REASON: [message]})
    return text


def id_of(request: Request) -> str:
    """The id by which the caller knows this request, or one of ours."""
    given = request.headers.get(REQUEST_ID, "")
    return given if ID_OF_REQUEST.fullmatch(given) else uuid.uuid4().hex


def version_of(request: Request) -> int | str | None:
    """What `If-Match` names: a version, `*` for whichever it is, None where there is none."""
    given = request.headers.get("If-Match")
    if given is None:
        return None
    if given.strip() == ANY_VERSION:
        return ANY_VERSION
    found = ETAG.fullmatch(given.strip())
    if found is None:
        raise ValidationError({"If-Match": [_('Write one ETag, as in "3", or *.')]})
    weak, tag = found.groups()
    # compared strongly, as RFC 9110 wants it of If-Match; what is no version of ours matches none
    return int(tag) if not weak and tag.isascii() and tag.isdigit() and len(tag) < 10 else 0


# Of several things that stand against one row, the first of these tells what is the matter.
WORST = (Kind.STALE, Kind.NOT_FOUND, Kind.FORBIDDEN, Kind.INVALID, Kind.CONFLICT)


def without_version() -> Told:
    return Told("precondition_required", _('Name the version from which you start: If-Match: "3", or *.'))


def of_one(draft: Draft) -> Told:
    """What stands against a row that was sent alone."""
    if draft.wanted.version is None and any(
        (one.field, one.code) == ("version", "required") for one in draft.problems
    ):
        return without_version()
    kinds = {one.kind for one in draft.problems}
    kind = next(one for one in WORST if one in kinds)
    if kind in (Kind.NOT_FOUND, Kind.STALE):
        return Told(str(kind), draft.problems[0].message)
    return Told(str(kind), errors=errors_of([draft], alone=True))


def errors_of(drafts: list[Draft], *, alone: bool = False) -> list[dict[str, Any]]:
    """What stands against rows, in their order."""
    return [
        {
            "row": None if alone else place,
            "field": one.field or None,
            "code": one.code,
            "message": one.message,
        }
        for place, draft in enumerate(drafts)
        for one in draft.problems
    ]


class Rows(serializers.ListField):
    """Rows that are read one by one later, so that each has its own problems."""

    def __init__(self, **kwargs: Any) -> None:
        message = gettext_lazy("From 1 to 10,000 rows at once.")
        super().__init__(**kwargs)
        self.error_messages |= {"max_length": message, "empty": message}

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if not data:
            self.fail("empty")
        if len(data) > MOST_ROWS:
            raise ValidationError(self.error_messages["max_length"], code="max_length")
        return data


class Many(serializers.Serializer):
    """Rows to be written together."""

    partial = YesNo(  # type: ignore[assignment]
        default=False,
        help_text="true writes the rows against which nothing stands, if there are any; else it is all or nothing",
    )
    rows = Rows()


class RowOutcomeSerializer(serializers.Serializer):
    """What became of one row."""

    outcome = serializers.ChoiceField(choices=[(str(one), str(one)) for one in Outcome])
    id = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)


class ErrorSerializer(serializers.Serializer):
    """One thing that stands against a row."""

    row = serializers.IntegerField(allow_null=True, help_text="The place of the row, from 0")
    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class BulkOutcomeSerializer(serializers.Serializer):
    """What became of the rows of a request, in their order."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = RowOutcomeSerializer(many=True)
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]


class Writable(Resource):
    """Rows that other systems write, as the person who answers for them may."""

    keeps_statements = True
    writer: ClassVar[type[Writer]]
    inputs: ClassVar[type[Input]]
    writes: ClassVar[Scope]
    # of each action that writes
    scopes: ClassVar[dict[str, Scope]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        steps = [one.__name__ for one in cls.get_extra_actions()]
        cls.scopes = dict.fromkeys(["create", "update", "partial_update", *steps], cls.writes)

    def create(self, request: Request, **kwargs: Any) -> Response:
        return self.performed(lambda: self.write_one(self.inputs.read(request.data)))

    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        wanted = self.inputs.read(request.data)
        wanted.pk, wanted.version = self.pk_of_address(), version_of(request)
        return self.performed(lambda: self.write_one(wanted))

    @action(detail=False, methods=["post"])
    def bulk(self, request: Request, **kwargs: Any) -> Response:
        rows, partial = rows_of(request.data)
        row = self.inputs.of_many()
        return self.performed(lambda: self.write_many([row.read(one) for one in rows], partial=partial))

    def take_step(self, step: Callable[[Any], object]) -> Response:
        """Let something happen to the record of the address, which is as `If-Match` wants it."""

        def work() -> Response:
            one = self._as_wanted(self.pk_of_address())
            step(one)
            return self.told(one.pk)

        return self.performed(work)

    def _as_wanted(self, pk: int) -> Any:
        """The record, locked; Told where it is not of the version that `If-Match` names."""
        given = version_of(self.request)
        if given is None:
            raise without_version()
        rows: Any = MODELS[self.writer.table]._default_manager.all()
        found = rows.visible_to(self.request.user).filter(pk=pk).select_for_update(of=("self",)).first()
        if found is None:
            raise Http404
        if given not in (ANY_VERSION, found.version):
            message = _("It was changed meanwhile: its version is %(version)s.")
            raise Told("precondition_failed", message % {"version": found.version})
        return found

    def pk_of_address(self) -> int:
        pk = int(self.kwargs["pk"])
        if pk > BIGGEST_ID:
            raise Http404
        return pk

    # Around each request

    @cached_property
    def request_id(self) -> str:
        return id_of(self.request)

    def performed(self, work: Callable[[], Response]) -> Response:
        """What a request writes, all or nothing, once, with the person, the reason and the id of the request."""
        key, reason = idempotency.key_of(self.request), reason_of(self.request)
        change = history.change(by=self.request.user, reason=reason, request=self.request_id)
        with transaction.atomic(), change:
            if not key:
                return work()
            once = idempotency.Once(self.request, key, timezone.now())
            response = once.answered()
            if response is None:
                response = work()
                once.keep(response)
            return response

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            response[REQUEST_ID] = self.request_id
        return response

    def its_writer(self) -> Writer:
        user: Any = self.request.user
        return self.writer(by=user, moment=timezone.now(), reason=reason_of(self.request))

    # What is written, and answered

    def write_one(self, wanted: Wanted) -> Response:
        try:
            (draft,) = self.its_writer().write([wanted])
        except Refused as error:
            raise of_one(error.drafts[0]) from error
        return self.told(draft.record.id, created=draft.outcome == Outcome.CREATED)

    def create_or_change(self, wanted: Wanted, *, only_new: bool) -> Response:
        """Create or change the record of a key; `only_new` is for who would overwrite none."""
        try:
            (draft,) = self.its_writer().write([wanted])
        except Refused as error:
            (draft,) = error.drafts
            if any(one.code == "exists" for one in draft.problems):
                raise (Told("precondition_failed") if only_new else without_version()) from error
            raise of_one(draft) from error
        return self.told(draft.record.id, created=draft.outcome == Outcome.CREATED)

    def told(self, pk: int, *, created: bool = False) -> Response:
        """A row as it stands now."""
        data = self.get_serializer(self.get_queryset().get(pk=pk)).data
        response = Response(data, status=201 if created else 200)
        response["ETag"] = etag(data["version"])
        if created:
            response["Location"] = reverse(f"{self.basename}-detail", args=[pk])
        return response

    def write_many(self, rows: list[Wanted], *, partial: bool) -> Response:
        try:
            drafts = self.its_writer().write(rows, partial=partial)
        except Refused as error:
            raise Told("invalid", errors=errors_of(error.drafts)) from error
        counts = Counter(draft.outcome for draft in drafts)
        if counts[Outcome.REFUSED] == len(drafts):
            raise Told("invalid", errors=errors_of(drafts))
        return Response(
            {
                **{str(outcome): counts[outcome] for outcome in Outcome},
                "rows": [outcome_of(draft) for draft in drafts],
                "errors": errors_of(drafts),
            }
        )


def said(inputs: type[serializers.Serializer], body: Any) -> dict[str, Any]:
    """What a body says; ValidationError where it says anything else."""
    serializer = inputs(data=body)
    known = serializer.fields.keys()
    if isinstance(body, dict) and body.keys() - known:
        message = _("There is no such field here. Known are: %(names)s.") % {"names": ", ".join(known)}
        raise ValidationError({printable(name): [message] for name in body.keys() - known})
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found


def outcome_of(draft: Draft) -> dict[str, Any]:
    refused = draft.outcome == Outcome.REFUSED
    return {
        "outcome": str(draft.outcome),
        "id": draft.wanted.pk if refused else draft.record.id,
        "version": None if refused else draft.version,
    }


def rows_of(body: Any) -> tuple[list[Any], bool]:
    """The rows of a request with many, and whether those are to be written against which nothing stands."""
    found = said(Many, body)
    return found["rows"], found["partial"]
