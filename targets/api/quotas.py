"""The plan divided among the areas, as it was decided."""

from registry.api.base import Resource
from registry.api.serializers import FlatRow, code_of, text
from registry.choices import Scope
from targets.filters import QuotaFilter
from targets.models import Quota


class QuotaSerializer(FlatRow):
    """What an area is to have of a target by a day, in the unit of the target."""

    plan = text("target__plan__code")
    target = text("target__code")
    target_name = text("target__name")
    unit = text("target__unit")
    district = code_of("district")

    class Meta:
        model = Quota
        fields = [
            "id",
            "plan",
            "target",
            "target_name",
            "unit",
            "district",
            "day",
            "value",
            "basis",
            "version",
        ]


class QuotaViewSet(Resource):
    """The quotas (任务分解) of the areas: how far each is with them stands on its page."""

    scope = Scope.READ_TOTALS
    queryset = Quota.objects.values(*QuotaSerializer.columns())
    serializer_class = QuotaSerializer
    filterset_class = QuotaFilter
