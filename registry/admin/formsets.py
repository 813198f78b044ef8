"""Rows of one page against one another: the database sees them when it is too late for a message."""

import copy
import datetime as dt
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.forms import PaginationInlineFormSet

from registry.choices import DesignationState
from registry.models import Designation, Membership, Relocation, Review
from registry.services import apply_review

FOREVER = dt.date.max


class LiveFormSet(PaginationInlineFormSet):
    """A formset that knows the rows that will be there after saving."""

    def get_unique_error_message(self, unique_check: tuple[str, ...]) -> str:
        names = [self.model._meta.get_field(name).verbose_name for name in unique_check]
        own = [str(name) for name in names if name != self.fk.verbose_name]
        return _("Two rows of this page have the same %(fields)s.") % {"fields": "、".join(own)}

    def live_forms(self) -> Iterator[Any]:
        for form in self.forms:
            filled = form.instance.pk or form.has_changed()
            if filled and not form.errors and not (self.can_delete and self._should_delete_form(form)):
                yield form


class ComparingFormSet(LiveFormSet):
    """Refuses two rows that cannot stand beside each other, at the later of them."""

    def clean(self) -> None:
        super().clean()
        for one, other in combinations(self.live_forms(), 2):
            # two rows that were there before have been compared by the database
            if other.has_changed() or one.has_changed():
                found = self.conflict(one.instance, other.instance)
                if found:
                    other.add_error(found[0] if found[0] in other.fields else None, found[1])

    def conflict(self, one: Any, other: Any) -> tuple[str, str] | None:
        """The field and the message, where two rows exclude each other."""
        raise NotImplementedError


class TitlesFormSet(ComparingFormSet):
    """Two awards of one scheme, level and holder do not overlap."""

    def conflict(self, one: Designation, other: Designation) -> tuple[str, str] | None:
        same = (one.scheme_id, one.level, one.item.lower()) == (
            other.scheme_id,
            other.level,
            other.item.lower(),
        )
        if same and _overlap(_award(one), _award(other)):
            return "valid_from", _("Two rows of this page give the same title for overlapping periods.")
        return None


Period = tuple[dt.date, dt.date]


def _award(title: Designation) -> Period | None:
    """From the first day to the first day on which it no longer holds; nothing where it cannot overlap."""
    granted = title.state in (DesignationState.CONFIRMED, DesignationState.SUBMITTED)
    if title.valid_from is None or not granted:
        return None
    term = title.valid_to + dt.timedelta(days=1) if title.valid_to else FOREVER
    return title.valid_from, min(term, title.ended_on or FOREVER)


def _overlap(one: Period | None, other: Period | None) -> bool:
    """Half-open periods; an empty one overlaps nothing."""
    if one is None or other is None:
        return False
    return max(one[0], other[0]) < min(one[1], other[1])


class MembershipsFormSet(ComparingFormSet):
    """One main cluster of each kind at a time, and no cluster twice."""

    def conflict(self, one: Membership, other: Membership) -> tuple[str, str] | None:
        if not _overlap(_membership(one), _membership(other)):
            return None
        if one.cluster_id == other.cluster_id:
            return "cluster", _("This cluster stands twice on this page for overlapping periods.")
        if one.main and other.main and one.kind == other.kind:
            return "main", _("Two main clusters of one kind on this page: leave the mark at one of them.")
        return None


def _membership(row: Membership) -> Period:
    return row.since or dt.date.min, row.until or FOREVER


class MovesFormSet(LiveFormSet):
    """Each move starts where the one before ended, and the last one leads to the present area."""

    def clean(self) -> None:
        super().clean()
        moves = [form.instance for form in self.live_forms()]
        if any(form.has_changed() for form in self.forms):
            problem = problem_of_moves(moves, self.instance.district_id)
            if problem:
                raise ValidationError(problem)


def problem_of_moves(moves: list[Relocation], present: int | None) -> str:
    """Why moves do not follow one another, or nothing. A new last one may start in the present area."""
    moves = sorted(moves, key=lambda move: move.day)
    for earlier, later in pairwise(moves):
        if earlier.to_district_id != later.from_district_id:
            return _("The move of %(later)s starts elsewhere than where that of %(earlier)s ended.") % {
                "later": later.day,
                "earlier": earlier.day,
            }
    if not moves or moves[-1].to_district_id == present:
        return ""
    last = moves[-1]
    if last.pk is None and last.from_district_id == present:
        return ""
    return _("The last move must start in, or lead to, the present area of the enterprise.")


def problems_after(title: Designation, review: Review) -> list[str]:
    """Why a title cannot become what a re-review makes of it; changes the title that it is given."""
    apply_review(title, review)
    try:
        title.full_clean()
    except ValidationError as error:
        return error.messages
    return []


class ReviewsFormSet(LiveFormSet):
    """A new re-review changes its title: what would come of it must be possible."""

    def clean(self) -> None:
        super().clean()
        title = copy.copy(self.instance)
        for form in self.new_reviews():
            for problem in problems_after(title, form.instance):
                form.add_error("outcome", problem)

    def new_reviews(self) -> Iterator[Any]:
        """In the order of their days."""
        new = [form for form in self.live_forms() if form.instance.pk is None]
        yield from sorted(new, key=lambda form: form.instance.day)
