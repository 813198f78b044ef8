"""The form of a rule, and of what stands below it: judged together, before anything is saved."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.forms import PaginationInlineFormSet

from registry.admin.forms import FactForm
from registry.admin.formsets import LiveFormSet
from registry.models import Cluster
from targets import rules
from targets.choices import Feed
from targets.models import Rule, RuleScheme, Target

# What is entered below the rule, in rows of its own.
PARTS = ("schemes", "clusters")


def fields_by_feed() -> str:
    """For the browser: which fields each way of counting needs."""
    return json.dumps({feed.value: sorted(rules.fields_of(feed)) for feed in Feed})


class RuleForm(FactForm):
    """A rule. What its way of counting does not use is not shown, so it is emptied in silence."""

    class Meta:
        model = Rule
        exclude = ("target",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # a rule gives its reason with its target
        self.fields.pop("change_reason")
        if "feed" in self.fields:
            self.fields["feed"].widget.attrs["data-rule-fields"] = fields_by_feed()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("feed"):
            used = rules.fields_of(Feed(cleaned["feed"]))
            for name in {*rules.FIELDS, "unit", "official"} - used - set(PARTS):
                field: Any = Rule._meta.get_field(name)
                cleaned[name] = field.get_default()
                self.errors.pop(name, None)
        return cleaned


class PartsFormSet(LiveFormSet):
    """Schemes or clusters of a rule; rows that its way of counting does not use go with the next save."""

    unused = False

    def is_valid(self) -> bool:
        return self.unused or super().is_valid()

    def save(self, commit: bool = True) -> list[Any]:
        if not self.unused:
            return super().save(commit)
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects = list(self.get_queryset())
        for row in self.deleted_objects:
            row.delete()
        return []


class RuleFormSet(PaginationInlineFormSet):
    """The one rule of a target: refused where it cannot be evaluated, each reason at its field."""

    spec: rules.Spec | None = None

    def clean(self) -> None:
        super().clean()
        form = self.forms[0]
        if form.errors or not form.cleaned_data.get("feed") or self.instance.plan_id is None:
            return
        parts = {nested.formset.prefix.rsplit("-", 1)[1]: nested.formset for nested in form.nested_formsets}
        used = rules.fields_of(Feed(form.cleaned_data["feed"]))
        for name, formset in parts.items():
            formset.unused = _column(name) not in used
        if not all(formset.is_valid() for formset in parts.values()):
            return
        spec = spec_of_forms(self.instance, form.instance, parts)
        problems = rules.problems_of(spec)
        self._place(problems, form, parts)
        if not problems:
            self.spec = spec
        self._demand_reason(form, parts)

    @staticmethod
    def _place(problems: dict[str, str], form: Any, parts: dict[str, PartsFormSet]) -> None:
        for field, reason in problems.items():
            below = next((formset for name, formset in parts.items() if _column(name) == field), None)
            if below is not None:
                below._non_form_errors.append(reason)
            else:
                form.add_error(field if field in form.fields else None, reason)

    def _demand_reason(self, form: Any, parts: dict[str, PartsFormSet]) -> None:
        changed = form.has_changed() or any(formset.has_changed() for formset in parts.values())
        if form.instance.pk and changed and not self.data.get("change_reason", "").strip():
            raise ValidationError(_("Say why the rule changes: fill in the reason of this change."))


def _column(prefix: str) -> str:
    """The field of the rule for which rows stand."""
    return "clusters" if prefix == "cluster_links" else prefix


def spec_of_forms(target: Target, rule: Rule, parts: dict[str, PartsFormSet]) -> rules.Spec:
    """The plain data of a rule as the form has it; nothing is saved."""
    schemes: list[RuleScheme] = []
    clusters: list[Cluster] = []
    for formset in parts.values():
        rows = [] if formset.unused else [form.instance for form in formset.live_forms()]
        schemes += [row for row in rows if isinstance(row, RuleScheme)]
        clusters += [row.cluster for row in rows if not isinstance(row, RuleScheme)]
    return rules.Spec(
        code=target.code or "preview",
        feed=Feed(rule.feed),
        target_unit=target.unit,
        starts_on=target.starts_on,
        schemes=tuple(rules.scheme_term(row) for row in schemes),
        clusters=tuple(rules.cluster_term(cluster) for cluster in clusters),
        carried_over=target.baseline_value is not None,
        **rules.plain_fields(rule),
    )
