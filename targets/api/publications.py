"""What was issued, as it was issued."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.reverse import reverse

from registry.api.base import PAGING, Resource
from registry.api.fields import Row
from registry.choices import Scope
from registry.downloads import attached
from targets.bulletin.documents import DOCUMENTS
from targets.choices import PublicationState
from targets.models import Publication, PublicationDocument


class PublicationDocumentSerializer(Row):
    """A file of an issue."""

    address = serializers.SerializerMethodField(help_text="Where the file is")

    class Meta:
        model = PublicationDocument
        fields = ["kind", "size", "sha256", "address"]

    def get_address(self, document: PublicationDocument) -> str:
        return reverse(
            "publication-document",
            args=[document.publication_id, document.kind],
            request=self.context["request"],
        )


class PublicationSerializer(Row):
    """An issue without its content."""

    plan = serializers.CharField(source="plan.code", read_only=True, help_text="Code of the plan")
    corrects = serializers.IntegerField(
        source="corrects_id", read_only=True, allow_null=True, help_text="The issue that this one corrects"
    )
    corrected_by = serializers.SerializerMethodField(help_text="The issue that corrects this one")
    documents = PublicationDocumentSerializer(many=True, read_only=True)

    class Meta:
        model = Publication
        fields = [
            "id",
            "plan",
            "kind",
            "day",
            "title",
            "known_at",
            "signed_at",
            "issued_at",
            "corrects",
            "corrected_by",
            "records_sha256",
            "documents",
        ]
        read_only_fields = fields

    def get_corrected_by(self, publication: Publication) -> int | None:
        newer: Publication | None = getattr(publication, "correcting", None)
        return newer.pk if newer else None


class WholePublicationSerializer(PublicationSerializer):
    """An issue with every number of it."""

    content = serializers.SerializerMethodField(
        help_text="The bulletin as it was issued: lines (targets with areas), ranking, text"
    )

    class Meta(PublicationSerializer.Meta):
        fields = [*PublicationSerializer.Meta.fields, "paragraphs", "content"]
        read_only_fields = fields

    def get_content(self, publication: Publication) -> dict[str, Any]:
        return {
            **(publication.content or {}),
            "title": publication.title,
            "paragraphs": publication.paragraphs,
        }


@extend_schema_view(retrieve=extend_schema(responses=WholePublicationSerializer))
class PublicationViewSet(Resource):
    """Bulletins (通报) that were issued; they never change, and a correction is a new one."""

    queryset = Publication.objects.all()
    serializer_class = PublicationSerializer
    filter_backends: list[Any] = []
    parameters = {"list": PAGING}
    scope = Scope.READ_TOTALS

    def get_queryset(self) -> QuerySet[Publication]:
        issued = super().get_queryset().filter(state=PublicationState.ISSUED).select_related("plan")
        corrections = Publication.objects.filter(state=PublicationState.ISSUED).only("pk", "corrects")
        found: QuerySet[Publication] = issued.prefetch_related(
            Prefetch("documents", PublicationDocument.objects.defer("content")),
            Prefetch("corrected_by", corrections, to_attr="correcting"),
        )
        return found.defer("content", "paragraphs") if self.action != "retrieve" else found

    def get_serializer_class(self) -> type[PublicationSerializer]:
        return WholePublicationSerializer if self.action == "retrieve" else PublicationSerializer

    @extend_schema(
        summary="A file of an issue, to the byte",
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=sorted(DOCUMENTS))],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    @action(
        detail=True,
        url_path=r"documents/(?P<kind>[a-z]+)",
        url_name="document",
        pagination_class=None,
    )
    def document(self, request: Request, pk: str, kind: str) -> HttpResponse:
        """Word, Excel, PDF (where the machine could write one) or JSON."""
        publication = self.get_object()
        found = PublicationDocument.objects.filter(publication=publication, kind=kind).first()
        if found is None:
            raise NotFound
        return attached(bytes(found.content), f"{publication.title}.{kind}", kind)
