"""What the forms of all facts share: the database's own messages, each at the field that it speaks of."""

from functools import cache
from typing import Any

from django import forms
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import F
from django.forms.models import InlineForeignKeyField
from unfold.widgets import UnfoldAdminTextInputWidget

from registry.admin.fields import KnownAutocompleteSelect

# Where the message of a constraint over several fields stands; those over one field find it themselves.
FIELD_OF_CONSTRAINT = {
    "designation_has_one_holder": "enterprise",
    "designation_confirmed_has_a_day": "valid_from",
    "designation_ends_after_start": "valid_to",
    "designation_ended_after_start": "ended_on",
    "designation_end_has_a_reason": "end_reason",
    "designation_no_overlap": "valid_from",
    "review_once_a_day": "day",
    "match_decision_once": "name",
    "quota_once_a_day": "day",
    "review_failed_has_no_new_term": "valid_to",
    "enterprise_closed_after_founded": "closed_on",
    "enterprise_not_its_own_parent": "parent",
    "former_name_once": "name",
    "not_duplicate_once": "second",
    "not_duplicate_in_order": "second",
    "split_in_two": "successor",
    "publication_signed_by_somebody": "signed_by",
    "publication_signed_by_another": "signed_by",
    "publication_signed_by_no_editor": "signed_by",
    "publication_has_its_people": "signed_by",
    "publication_document_once": "kind",
    "publication_issued_whole": "issued_by",
    "publication_issued_by_issue_alone": "issued_by",
    "webhook_once": "url",
    "named_list_asks_something": "query",
    "token_names_its_lists": "lists",
    "token_expires_after_it_begins": "expires_on",
    "token_lasts_a_year_at_most": "expires_on",
    "token_is_drawn_with_a_secret": "drawn_at",
    "token_is_revoked_for_a_reason": "revoke_reason",
    "idempotent_once": "key",
    "relocation_once_a_day": "day",
    "relocation_moves": "to_district",
    "membership_once": "cluster",
    "membership_one_main_of_a_kind": "main",
    "membership_ends_after_start": "until",
    "figures_once_a_year": "year",
    "scheme_item_has_a_word": "item_word",
    "scheme_level_once": "level",
    "statistic_once_a_day": "day",
    "columns_remembered_once": "layout",
    "plan_deadline_after_baseline": "deadline",
    "plan_thresholds_in_order": "far_behind_from",
    "plan_periods_do_not_overlap": "deadline",
    "section_code_once": "code",
    "target_code_once": "code",
    "target_range_has_a_maximum": "value_max",
    "target_approx_has_a_tolerance": "tolerance",
    "target_baseline_has_a_source": "baseline_source",
    "milestone_code_once": "code",
    "milestone_reached_has_evidence": "evidence",
    "citation_of_one_thing": "target",
    "step_once_a_day": "day",
    "revision_once_a_day": "day",
    "rule_thresholds_in_order": "upper",
    "rule_baseline_has_a_source": "baseline_source",
    "rule_scheme_once": "scheme",
    "rule_scheme_days_in_order": "applies_to",
    "rule_cluster_once": "cluster",
}


def fields_of(constraint: models.BaseConstraint) -> set[str]:
    """The fields that a constraint looks at."""
    parts: list[Any] = [*getattr(constraint, "fields", ()), getattr(constraint, "condition", None)]
    if isinstance(constraint, ExclusionConstraint):
        parts += [one for one, _operator in constraint.expressions]
    expressions = [F(part) if isinstance(part, str) else part for part in parts if part is not None]
    return {name for one in expressions for name, *_ in models.Model._get_expr_references(one)}  # type: ignore[attr-defined]


def field_of(constraint: models.BaseConstraint) -> str | None:
    """The field at which a clerk reads the message of a constraint."""
    used = fields_of(constraint)
    return FIELD_OF_CONSTRAINT.get(constraint.name) or (next(iter(used)) if len(used) == 1 else None)


@cache
def places(model: type[models.Model]) -> dict[str, str]:
    """The field of each message of the constraints of a model."""
    found = {str(one.violation_error_message): field_of(one) for one in model._meta.constraints}
    return {message: field for message, field in found.items() if field is not None}


class FactForm(forms.ModelForm):
    """A form of a fact; the reason goes into the history, not into the row."""

    change_reason = forms.CharField(
        label="修改原因",
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="写入修改记录，便于日后查考。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # the wrapper of related fields keeps the real widget inside
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, KnownAutocompleteSelect) and self.instance.pk:
                widget.known = getattr(self.instance, name, None)

    def _update_errors(self, errors: ValidationError) -> None:
        super()._update_errors(self._placed(errors))  # type: ignore[misc]

    def _placed(self, errors: ValidationError) -> ValidationError:
        """The same errors, with those of constraints moved to their fields."""
        if not hasattr(errors, "error_dict"):
            errors = ValidationError({NON_FIELD_ERRORS: errors.error_list})
        model: Any = self._meta.model
        where = places(model)
        placed: dict[str, list[ValidationError]] = {}
        for name, found in errors.error_dict.items():
            for one in found:
                field = where.get(str(one.message), name) if name == NON_FIELD_ERRORS else name
                placed.setdefault(field if field in self.fields else NON_FIELD_ERRORS, []).append(one)
        return ValidationError(placed)

    def _post_clean(self) -> None:
        """Django passes over constraints on a field outside the form, or falls over them: we ask them all."""
        self.instance.validate_constraints = lambda exclude=None: None
        try:
            super()._post_clean()  # type: ignore[misc]
        finally:
            del self.instance.validate_constraints
        self._check_constraints()

    def _check_constraints(self) -> None:
        model: Any = self._meta.model
        failed = {name for name in self.errors if name != NON_FIELD_ERRORS} | self._parents_to_come()
        for constraint in model._meta.constraints:
            if not fields_of(constraint) & failed:
                try:
                    constraint.validate(model, self.instance, exclude=failed)
                except ValidationError as error:
                    self._update_errors(error)

    def _parents_to_come(self) -> set[str]:
        """The record on whose page this row stands, where it is not saved yet and so has no other rows."""
        keys = {name for name, field in self.fields.items() if isinstance(field, InlineForeignKeyField)}
        return {name for name in keys if getattr(self.instance, f"{name}_id") is None}
