"""Days and moments that a request asks about."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from registry.past import moment_of

FIRST_DAY, LAST_DAY = dt.date(1949, 10, 1), dt.date(2100, 12, 31)


class Day(serializers.DateField):
    """A day of the years that plans may lie in."""

    def to_internal_value(self, value: Any) -> dt.date:
        day: dt.date = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise serializers.ValidationError(
                _("A day from %(first)s to %(last)s.") % {"first": FIRST_DAY, "last": LAST_DAY}
            )
        return day


def moment_or_refused(text: str) -> dt.datetime:
    try:
        return moment_of(text)
    except ValueError as error:
        raise serializers.ValidationError(str(error)) from error


def names(query: type[serializers.Serializer]) -> frozenset[str]:
    """The parameters that a query of a request may have."""
    return frozenset(query._declared_fields)
