"""How rows are written, whatever they are."""

import datetime as dt
from abc import ABC
from collections import Counter
from collections.abc import Hashable, Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models.base import ModelState
from django.utils.translation import gettext as _

from registry import history
from registry.models import User
from registry.refusals import words_of
from registry.rosters import ledger, tables
from registry.rosters.ledger import IDS, MODELS, Record
from registry.writing import conditions
from registry.writing.drafts import ANY_VERSION, Draft, Kind, Outcome, Problem, Wanted, refused


class Refused(Exception):
    """Nothing was written; `drafts` say of each row what stands against it."""

    def __init__(self, drafts: list[Draft]) -> None:
        super().__init__()
        self.drafts = drafts


class Writer(ABC):
    """Writes rows of one table, as one person, at one moment."""

    table: ClassVar[str]
    # of the columns that are given by a code
    references: ClassVar[dict[str, type[models.Model]]] = {}
    # What a record is known by besides its id, as columns; none where nothing is sure to be its own.
    key: ClassVar[tuple[str, ...]] = ()
    # Under which name of the API the problems of a column and of a constraint are told, where that is another.
    told_at: ClassVar[dict[str, str]] = {}

    def __init__(self, *, by: User, moment: dt.datetime, reason: str = "") -> None:
        self.by = by
        self.moment = moment
        self.reason = reason

    @property
    def model(self) -> type[models.Model]:
        return MODELS[self.table]

    @transaction.atomic
    def write(self, rows: list[Wanted], *, partial: bool = False) -> list[Draft]:
        """What became of each row. Refused where something stands against one of them, unless `partial`.

        With `partial` the rows are written against which nothing stands.
        """
        self.resolve(rows)
        drafts = self.drafts(rows)
        for draft in drafts:
            if not draft.problems:
                self.judge(draft)
        self.compare([draft for draft in drafts if not draft.problems])
        if refused(drafts) and not partial:
            raise Refused(drafts)
        with history.change(by=self.by, reason=self.reason):
            self._put(drafts)
        return drafts

    # What rows refer to

    def resolve(self, rows: list[Wanted]) -> None:
        """Put ids in place of codes."""
        for column, model in self.references.items():
            asked = {row.codes[column] for row in rows if column in row.codes}
            known = model._default_manager.ids_of(asked) if asked else {}  # type: ignore[attr-defined]
            for row in rows:
                if column in row.codes:
                    self._take_code(row, column, known, model)

    def _take_code(self, row: Wanted, column: str, known: dict[str, int], model: type[models.Model]) -> None:
        code = row.codes[column]
        if code in known:
            row.values[column] = known[code]
            return
        message = _("There is no %(kind)s with the code %(code)s.")
        words = {"kind": model._meta.verbose_name, "code": code[:40]}
        row.problems.append(Problem(self.name_of(column), "does_not_exist", message % words))

    # Which records they speak of

    def drafts(self, rows: list[Wanted]) -> list[Draft]:
        by_pk = self._by_pk({row.pk for row in rows if row.pk is not None})
        by_key = self._by_key(rows, by_pk) if self.key else {}
        found: list[Draft] = []
        spoken_of: set[int] = set()
        for row in rows:
            record = by_pk.get(row.pk) if row.pk is not None else by_key.get(self.key_of(row.values))
            if row.problems:
                found.append(Draft(row, self._new({}), problems=list(row.problems)))
            elif record is not None and record.id in spoken_of:
                found.append(self._twice(row))
            else:
                found.append(self._of_key(row, record) if row.pk is None else self._of_pk(row, record))
            if record is not None and not found[-1].problems:
                spoken_of.add(record.id)
        return found

    def _twice(self, row: Wanted) -> Draft:
        """Of two rows that change one record only the first is looked at."""
        draft = Draft(row, self._new({}))
        field = "id" if row.pk is not None else self.name_of(self.key[-1])
        draft.refuse(field, "twice", _("This record stands twice in the request."), Kind.CONFLICT)
        return draft

    def _by_pk(self, ids: set[int]) -> dict[int, Record]:
        if not ids:
            return {}
        records = ledger.load(self.table, f"fact.id = ANY({IDS})", [ledger.listed(ids)], lock=True)
        seen = self.visible(record.id for record in records)
        return {record.id: record for record in records if record.id in seen}

    def visible(self, ids: Iterable[int]) -> set[int]:
        """Which of these records the person sees."""
        ids = list(ids)
        rows: Any = self.model._default_manager.all()
        if self.by.district_id is None or not hasattr(rows, "visible_to"):
            return set(ids)
        return set(rows.visible_to(self.by).filter(pk__in=ids).values_list("pk", flat=True))

    def _by_key(self, rows: list[Wanted], by_pk: dict[int, Record]) -> dict[Hashable, Record]:
        """The records that have the key of a row, as it is or as it would become."""
        keys = []
        for row in rows:
            before = by_pk[row.pk].values if row.pk in by_pk else {}
            key = self.key_of({**before, **row.values})
            if key is not None:
                keys.append(key)
        return {self.key_of(record.values): record for record in self.load_keys(keys)} if keys else {}

    def load_keys(self, keys: list[Any]) -> list[Record]:
        """Records that have one of the keys, and perhaps some more; locked."""
        raise NotImplementedError

    def key_of(self, values: dict[str, Any]) -> tuple[Any, ...] | None:
        """What a row is known by; None where it does not say all of it."""
        found = tuple(values.get(column) for column in self.key)
        return None if None in found or not found else found

    def _of_pk(self, row: Wanted, record: Record | None) -> Draft:
        if record is None:
            draft = Draft(row, self._new({}))
            draft.refuse("id", "not_found", _("There is no such record."), Kind.NOT_FOUND)
            return draft
        return self._change(row, record)

    def _of_key(self, row: Wanted, record: Record | None) -> Draft:
        if record is None:
            draft = Draft(row, self._new(row.values), changed=set(row.values))
            if row.version is not None:
                message = _("There is no such record whose version this could be.")
                draft.refuse("version", "not_found", message, Kind.STALE)
            return draft
        draft = Draft(row, record)
        field = self.name_of(self.key[-1])
        if not self.visible([record.id]):
            draft.refuse(field, "unique", self.taken(), Kind.CONFLICT)
        elif row.version is None:
            message = _("There is such a record already. A change of it says from which version it starts.")
            draft.refuse(field, "exists", message, Kind.CONFLICT)
        else:
            draft = self._change(row, record)
        return draft

    def taken(self) -> str:
        return _("There is such a record already.")

    def _change(self, row: Wanted, record: Record) -> Draft:
        draft = Draft(row, record)
        if row.version is None:
            message = _("Give the version from which you start, or * for whichever it is.")
            draft.refuse("version", "required", message)
        elif row.version not in (ANY_VERSION, record.version):
            message = _("It was changed meanwhile: its version is %(version)s.")
            draft.refuse("version", "stale", message % {"version": record.version}, Kind.STALE)
        else:
            draft.changed = {column for column, value in row.values.items() if record.values[column] != value}
            draft.before = dict(record.values)
            record.values.update(row.values)
        return draft

    def _new(self, values: dict[str, Any]) -> Record:
        return Record(self.table, -1, {**self.empty, **values})

    @cached_property
    def empty(self) -> dict[str, Any]:
        """A new row that says nothing yet."""
        fields: list[Any] = list(self.model._meta.concrete_fields)
        facts = set(ledger.columns(self.table))
        return {field.attname: field.get_default() for field in fields if field.attname in facts}

    # What stands against them

    def judge(self, draft: Draft) -> None:
        """By the rules of the model and of its table, for each row alone."""
        values = draft.record.values
        for column in self.needed:
            if values[column] in (None, ""):
                draft.refuse(self.name_of(column), "required", _("This field is required."))
        if draft.problems or draft.outcome == Outcome.UNCHANGED:
            return
        if self.model.clean is not models.Model.clean:
            self._clean(draft)
        told = {problem.field for problem in draft.problems}
        row = {"id": None if draft.record.is_new else draft.record.id, **values}
        for constraint in conditions.broken(self.model, row, draft.changed):
            field = self.told_at.get(constraint.name, "")
            if field not in told:
                draft.refuse(field, constraint.name, words_of(constraint))

    def _clean(self, draft: Draft) -> None:
        instance, values = self.instance(draft), draft.record.values
        try:
            instance.clean()
        except ValidationError as error:
            self._tell(draft, error)
        values.update({column: getattr(instance, column) for column in values})

    def instance(self, draft: Draft) -> Any:
        """The row as the model knows it; made without a look at each field, as all are there."""
        one: Any = self.model.__new__(self.model)
        one.__dict__.update(draft.record.values)
        one.id, one._state = None if draft.record.is_new else draft.record.id, ModelState()
        return one

    @cached_property
    def needed(self) -> list[str]:
        """The columns that no row can do without."""
        fields: list[Any] = list(self.model._meta.concrete_fields)
        return [
            field.attname
            for field in fields
            if field.attname in self.empty and not (field.null or field.blank or field.has_default())
        ]

    def _tell(self, draft: Draft, error: ValidationError) -> None:
        problems = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for name, found in problems.items():
            for one in found:
                field = "" if name == NON_FIELD_ERRORS else self.name_of(name)
                draft.refuse(field, one.code or "invalid", " ".join(one.messages))

    def compare(self, drafts: list[Draft]) -> None:
        """The rows against one another, and against the others in the table: no two have one key."""
        if not self.key:
            return
        keys = {id(draft): self.key_of(draft.record.values) for draft in drafts}
        times = Counter(key for key in keys.values() if key is not None)
        # of what is there all was loaded whose key a row has
        others = (
            {self.key_of(record.values): record.id for record in self.load_keys(list(times))}
            if self._some_key_changes(drafts)
            else {}
        )
        seen: set[Hashable] = set()
        for draft in drafts:
            key = keys[id(draft)]
            if key is None:
                continue
            field = self.name_of(self.key[-1])
            if key in seen:
                draft.refuse(field, "twice", _("This record stands twice in the request."), Kind.CONFLICT)
            elif others.get(key, draft.record.id) != draft.record.id:
                draft.refuse(field, "unique", self.taken(), Kind.CONFLICT)
            seen.add(key)

    def _some_key_changes(self, drafts: list[Draft]) -> bool:
        return any(draft.wanted.pk is not None and set(self.key) & draft.changed for draft in drafts)

    # Into the tables

    def _put(self, drafts: list[Draft]) -> None:
        made = [draft for draft in drafts if draft.outcome == Outcome.CREATED]
        changed = [draft for draft in drafts if draft.outcome == Outcome.CHANGED]
        if not made and not changed:
            return
        tables.tell_history()
        # what changes may make room for what else changes, and both for what is new
        for giving_way in (True, False):
            those = [draft for draft in changed if self.gives_way(draft) is giving_way]
            columns: set[str] = set().union(*[draft.changed for draft in those])
            tables.update(self.table, [draft.record for draft in those], columns)
        for draft, pk in zip(made, tables.new_ids(self.model, len(made)), strict=True):
            draft.record.id = pk
        tables.insert(self.table, [draft.record for draft in made])
        self.put_also([record for draft in (*made, *changed) for record in draft.also])
        tables.check_now()

    def gives_way(self, draft: Draft) -> bool:
        """Whether a change may leave days to another row, and so has to come before it."""
        return False

    def put_also(self, records: list[Record]) -> None:
        for table in {record.table for record in records}:
            those = [record for record in records if record.table == table]
            for record, pk in zip(those, tables.new_ids(MODELS[table], len(those)), strict=True):
                record.id = pk
            tables.insert(table, those)

    # Names

    def name_of(self, column: str) -> str:
        """The name of a column in the API."""
        return self.told_at.get(column, column.removesuffix("_id"))
