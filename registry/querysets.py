"""Questions that are asked of facts again and again."""

import datetime as dt
from collections.abc import Collection
from typing import Any, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, FilteredRelation, Func, OuterRef, Q, Subquery, Value

from registry import names, validity
from registry.access import in_area_of
from registry.choices import DesignationState
from registry.reading import connection

M = TypeVar("M", bound=models.Model)

# How many times as many titles are tried as are wanted: some are followed by another.
TRIED = 10

IDS = "SELECT code, id FROM {table} WHERE code = ANY(%s)"


class IsAnyOf(Func):
    """Whether a value stands in an array. Within `OR` it lets the database join indexes, as `IN` of rows does not."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = models.BooleanField()


class ReferenceManager(models.Manager[M]):
    """Reference rows are named by their code in fixtures, commands and the API."""

    def get_by_natural_key(self, code: str) -> M:
        return self.get(code=code)

    def ids_of(self, codes: Collection[str]) -> dict[str, int]:
        """By code. In SQL, since every filtered list asks it, and the ORM takes several times as long as the database."""
        with connection.cursor() as cursor:
            cursor.execute(IDS.format(table=self.model._meta.db_table), [list(codes)])
            return dict(cursor.fetchall())

    def in_use_on(self, day: dt.date) -> models.QuerySet[M]:
        return self.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=day))


class NamedQuerySet(models.QuerySet[M]):
    """Rows that bear a name."""

    def holding(self, key: str) -> Self:
        """Rows whose name holds a key of two characters or more, by the index of bigrams."""
        return self.filter(_holds(key))


class EnterpriseQuerySet(NamedQuerySet[M]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(in_area_of(user, "district"))

    def existing_on(self, day: dt.date) -> Self:
        return self.filter(validity.enterprise_exists(day))

    def with_district_on(self, day: dt.date) -> Self:
        """Adds `district_then`, the id of the district on that day."""
        relocations = _related(self.model, "relocations").all()
        return self.annotate(district_then=validity.district_on(day, relocations))

    def in_districts_on(self, districts: Collection[int], day: dt.date) -> Self:
        """Enterprises that were in one of these districts (ids) on that day."""
        later = _related(self.model, "relocations").filter(day__gt=day).order_by()
        # most have not moved since and are where they were; the few that have are asked one by one
        stayed = Q(district__in=districts) & ~Q(pk__in=later.values("enterprise"))
        left = Q(pk__in=later.filter(from_district__in=districts).values("enterprise"))
        then = validity.district_on(day, _related(self.model, "relocations").all())
        return self.alias(district_then=then).filter(stayed | (left & Q(district_then__in=districts)))

    def named_like(self, text: str) -> Self:
        """Enterprises whose name or a former name holds `text`; two characters and more use the index of bigrams."""
        former = _related(self.model, "former_names").filter(_holds(text)).order_by().values("enterprise")
        return self.filter(_holds(text) | Q(IsAnyOf("pk", ArraySubquery(former))))


def _related(model: type[models.Model], name: str) -> models.Manager[Any]:
    """The rows of a reverse relation; models import this module, so that it cannot import them."""
    related: Any = model._meta.get_field(name).related_model
    manager: models.Manager[Any] = related._default_manager
    return manager


def _holds(text: str) -> Q:
    key = names.key(text)
    if len(key) < 2:
        return Q(name_key__contains=key)
    bigrams = Func(Value(key), function="registry_bigrams", output_field=ArrayField(models.TextField()))
    # of two characters the bigram says all, and a second condition would make the planner expect too few
    return Q(name_bigrams__contains=bigrams) & (Q() if len(key) == 2 else Q(name_key__contains=key))


class MembershipQuerySet(models.QuerySet[M]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(in_area_of(user, "enterprise__district"))

    def on(self, day: dt.date) -> Self:
        return self.filter(validity.begun_and_not_over(day, start="since", end="until"))


class DesignationQuerySet(models.QuerySet[M]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(in_area_of(user, "enterprise__district", "district"))

    def with_until(self) -> Self:
        """Adds `until`, the first day on which the title no longer holds."""
        return self.annotate(**_until())

    def valid_on(self, day: dt.date) -> Self:
        # `until` is not read: the day after a term that ends in the year 9999 is more than Python knows
        return self.alias(**_until()).filter(validity.designation_counts(day))

    def with_next_award(self) -> Self:
        """Adds `next_award`, the first day of the holder's next title of the scheme and level, if there is one."""
        first = self._later().order_by("valid_from").values("valid_from")[:1]
        return self.annotate(next_award=Subquery(first))

    def _later(self) -> models.QuerySet[M]:
        """The titles of the same holder, scheme and level that begin after the one of the query around."""
        return self.model._default_manager.filter(
            scheme=OuterRef("scheme"),
            level=OuterRef("level"),
            item__iexact=OuterRef("item"),
            enterprise=OuterRef("enterprise"),
            state__in=[DesignationState.CONFIRMED, DesignationState.SUBMITTED],
            valid_from__gt=OuterRef("valid_from"),
        )

    def expiring(self, day: dt.date, days: int, *, by_index: bool = True) -> Self:
        """Titles that hold on a day, whose last day without grace comes within so many days, and no other follows.

        Whether one does is looked up `by_index` of holders. As known at a moment no index leads there: then all titles
        of those holders are compared.
        """
        ending = self._ending(day, days)
        later = self._later()
        if not by_index:
            later = later.filter(enterprise__in=ending.order_by().values("enterprise"))
        # whether there is one, and not which: so that the titles of an area are sifted by it last
        return ending.valid_on(day).filter(~Exists(later))

    def first_expiring(self, day: dt.date, days: int, most: int) -> list[int]:
        """The ids of the first titles of `expiring`, as known at a moment: few are tried, as a rule most are of them."""
        first = self._ending(day, days).valid_on(day).order_by("valid_to", "pk")
        tried = list(first.values_list("pk", "enterprise")[: most * TRIED])
        later = self._later().filter(enterprise__in={enterprise for _pk, enterprise in tried})
        alone = self.filter(pk__in=[pk for pk, _enterprise in tried]).filter(~Exists(later))
        left = set(alone.values_list("pk", flat=True))
        found = [pk for pk, _enterprise in tried if pk in left]
        if len(found) >= most or len(tried) < most * TRIED:
            return found[:most]
        every = self.expiring(day, days, by_index=False).order_by("valid_to", "pk")
        return list(every.values_list("pk", flat=True)[:most])

    def _ending(self, day: dt.date, days: int) -> Self:
        return self.filter(valid_to__gte=day, valid_to__lte=day + dt.timedelta(days=days))

    def expired_without_review(self, day: dt.date) -> Self:
        """Confirmed titles past their last day that were neither renewed nor ended, and whose enterprise still exists.

        With the grace of their scheme they may still count.
        """
        waiting = self.filter(state=validity.CONFIRMED, valid_to__lt=day, ended_on__isnull=True)
        there = Q(enterprise__closed_on__isnull=True) | Q(enterprise__closed_on__gt=day)
        return waiting.filter(there).filter(~Exists(self._later()))

    def to_check(self) -> Self:
        """What areas have sent in and nobody has decided, the longest waiting first."""
        return self.filter(state=DesignationState.SUBMITTED).order_by("submitted_at", "pk")

    def sent_back(self) -> Self:
        return self.filter(state=DesignationState.RETURNED).order_by("decided_at", "pk")


def _until() -> dict[str, Any]:
    # joins the few enterprises that have closed, not all
    closed = FilteredRelation("enterprise", condition=Q(enterprise__closed_on__isnull=False))
    return {"closed_enterprise": closed, "until": validity.until()}


class AnnualFiguresQuerySet(models.QuerySet[M]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(in_area_of(user, "enterprise__district"))


class StatisticQuerySet(models.QuerySet[M]):
    def up_to(self, day: dt.date) -> Self:
        return self.filter(day__lte=day)
