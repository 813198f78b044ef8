"""What the API answers about overlaps and sums; the names are a promise to others."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from registry.api.fields import PlainNumber


class SetSerializer(serializers.Serializer):
    """A target or a title as a set of enterprises."""

    address = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    number = serializers.IntegerField(read_only=True, help_text="Enterprises in it")


class AreaOverlapSerializer(serializers.Serializer):
    """The enterprises of one area; the code is null for those in no area."""

    code = serializers.CharField(allow_null=True, read_only=True)
    name = serializers.CharField(allow_null=True, read_only=True)
    first = serializers.IntegerField(read_only=True)
    second = serializers.IntegerField(read_only=True)
    both = serializers.IntegerField(read_only=True)


class PairSerializer(serializers.Serializer):
    """Two sets of enterprises laid upon each other."""

    first = SetSerializer(read_only=True)
    second = SetSerializer(read_only=True)
    both = serializers.IntegerField(read_only=True)
    either = serializers.IntegerField(read_only=True)
    only_first = serializers.IntegerField(read_only=True)
    only_second = serializers.IntegerField(read_only=True)


# the one answer of a list action, not an array of them
@extend_schema_serializer(many=False)
class OverlapSerializer(PairSerializer):
    """How many enterprises two targets or titles count both on a day."""

    as_of = serializers.DateField(read_only=True)
    district = serializers.CharField(read_only=True, allow_null=True, help_text="null is the whole city")
    may_be_added = serializers.BooleanField(read_only=True)
    reason = serializers.CharField(read_only=True, help_text="Why the two may not be added up; else empty")
    by_district = AreaOverlapSerializer(many=True, read_only=True)


class RankedPairSerializer(PairSerializer):
    """A pair among many."""

    share_of_first = PlainNumber(allow_null=True, help_text="both / first, a fraction of 1")
    share_of_second = PlainNumber(allow_null=True, help_text="both / second, a fraction of 1")
    whole_and_part = serializers.BooleanField(
        read_only=True, help_text="Whether one is a part (其中) of the other"
    )


class LargestSerializer(serializers.Serializer):
    """The pairs that have enterprises in common, the most first; `count` is how many such pairs there are."""

    plan = serializers.CharField(read_only=True)
    as_of = serializers.DateField(read_only=True)
    district = serializers.CharField(read_only=True, allow_null=True)
    count = serializers.IntegerField(read_only=True)
    results = RankedPairSerializer(many=True, read_only=True)


class HolderSerializer(serializers.Serializer):
    """An enterprise in one or both of two sets."""

    enterprise_id = serializers.IntegerField(read_only=True)
    uscc = serializers.CharField(read_only=True, allow_null=True)
    enterprise = serializers.CharField(read_only=True, help_text="Its name")
    district = serializers.CharField(
        read_only=True, allow_null=True, help_text="The area on the day asked about"
    )
    district_name = serializers.CharField(read_only=True, allow_null=True)


class HoldersSerializer(serializers.Serializer):
    """Some of the enterprises; `count` is how many there are in all."""

    count = serializers.IntegerField(read_only=True)
    next = serializers.URLField(read_only=True, allow_null=True)
    previous = serializers.URLField(read_only=True, allow_null=True)
    as_of = serializers.DateField(read_only=True)
    results = HolderSerializer(many=True, read_only=True)


class AddendSerializer(serializers.Serializer):
    """One of the numbers that are added up."""

    address = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    value = PlainNumber(allow_null=True)


@extend_schema_serializer(many=False)
class TotalSerializer(serializers.Serializer):
    """What several numbers of the registry add up to on a day, or why they may not be added up."""

    as_of = serializers.DateField(read_only=True)
    district = serializers.CharField(read_only=True, allow_null=True)
    may_be_added = serializers.BooleanField(read_only=True)
    reason = serializers.CharField(read_only=True, help_text="Why they may not be added up; else empty")
    value = PlainNumber(
        allow_null=True, help_text="The sum; null where there may be none or a number is missing"
    )
    unit = serializers.CharField(read_only=True, help_text="Empty where the units differ")
    added = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Counts of enterprises: what they add up to"
    )
    once = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="How many enterprises that are"
    )
    again = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="added − once: how many would be counted again"
    )
    of = AddendSerializer(many=True, read_only=True)
