"""What the types of problems mean: the addresses to which `type` leads."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry.api.permissions import ANY
from registry.api.problems import KINDS


class ProblemTypeSerializer(serializers.Serializer):
    """A kind of problem."""

    type = serializers.CharField(help_text="Its address")
    code = serializers.ChoiceField(choices=sorted(KINDS))
    status = serializers.IntegerField(help_text="HTTP status, as a rule")
    title = serializers.CharField()


def row(code: str) -> dict[str, Any]:
    kind = KINDS[code]
    return {
        "type": reverse("problem", args=[code]),
        "code": code,
        "status": kind.status,
        "title": str(kind.title),
    }


class Problems(APIView):
    """The kinds of problems that the API tells."""

    scope = ANY

    @extend_schema(
        operation_id="problems", summary="All kinds of problems", responses=ProblemTypeSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response([row(code) for code in KINDS])


class OneProblem(APIView):
    """One kind of problem."""

    scope = ANY

    @extend_schema(operation_id="problem", summary="One kind of problem", responses=ProblemTypeSerializer)
    def get(self, request: Request, code: str) -> Response:
        if code not in KINDS:
            raise Http404
        return Response(row(code))
