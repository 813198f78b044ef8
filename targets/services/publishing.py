"""Bulletins on their way: drafted, signed off by another person, issued and frozen; corrected by a new one."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from registry.models import User
from registry.past import as_known_at
from targets import rules
from targets.bulletin.content import Bulletin, Line, Paragraph, bulletin, from_json, to_json
from targets.bulletin.documents import DOCUMENTS
from targets.bulletin.pdf import PdfUnavailable
from targets.choices import BulletinKind, PublicationState
from targets.measure import Record, contributors
from targets.measure.records import district_names
from targets.models import Plan, Publication, PublicationDocument, PublishedRecord
from targets.standings import in_use, targets_of

BATCH = 2_000
LONGEST = 20_000


def draft(
    *, plan: Plan, kind: str, day: dt.date, by: User, corrects: Publication | None = None
) -> Publication:
    """A draft with the text as it is generated today; its numbers are taken when it is issued."""
    _demand(by, "targets.add_publication")
    if kind not in BulletinKind.values:
        raise ValidationError(
            _("“%(text)s” is no kind of bulletin: month, quarter or year.") % {"text": kind}
        )
    found = bulletin(plan, day, kind)
    return Publication.objects.create(
        plan=plan,
        kind=kind,
        day=day,
        title=found.title,
        paragraphs=[{"heading": one.heading, "text": one.text} for one in found.paragraphs],
        drafted_by=by,
        corrects=corrects,
    )


def edit(*, publication: Publication, title: str, texts: Sequence[str], by: User) -> None:
    """Replace title and texts of a draft; headings stay. Who edits last has drafted it, and so cannot sign it."""
    _demand(by, "targets.change_publication")
    with transaction.atomic():
        locked = _locked(publication, PublicationState.DRAFT)
        if len(texts) != len(locked.paragraphs) or not title.strip():
            raise ValidationError(_("A bulletin has a title, and a text under each of its headings."))
        if sum(map(len, texts)) > LONGEST:
            raise ValidationError(_("The text is longer than %(most)d characters.") % {"most": LONGEST})
        locked.title = title.strip()[:200]
        locked.paragraphs = [
            {"heading": one["heading"], "text": text.replace("\x00", "").strip()}
            for one, text in zip(locked.paragraphs, texts, strict=True)
        ]
        locked.drafted_by = by
        locked.save()


def sign_off(*, publication: Publication, by: User, at: dt.datetime) -> None:
    """Another person than the drafter agrees to the text."""
    _demand(by, "targets.sign_publication")
    with transaction.atomic():
        locked = _locked(publication, PublicationState.DRAFT)
        if locked.drafted_by_id == by.pk:
            raise ValidationError(_("Who drafted a bulletin does not sign it off: ask a second person."))
        locked.state, locked.signed_by, locked.signed_at = PublicationState.SIGNED, by, at
        locked.save()


def send_back(*, publication: Publication, by: User) -> None:
    """A signed bulletin becomes a draft again."""
    if not (by.has_perm("targets.sign_publication") or by.has_perm("targets.change_publication")):
        raise PermissionDenied
    with transaction.atomic():
        locked = _locked(publication, PublicationState.SIGNED)
        locked.state, locked.signed_by, locked.signed_at = PublicationState.DRAFT, None, None
        locked.save()


def discard(*, publication: Publication, by: User) -> None:
    """A draft goes; what was issued never does."""
    _demand(by, "targets.change_publication")
    with transaction.atomic():
        _locked(publication, PublicationState.DRAFT).delete()


def issue(*, publication: Publication, by: User, at: dt.datetime) -> None:
    """Freeze the numbers as they are known now, their records, and the documents with their SHA-256; all or nothing."""
    _demand(by, "targets.issue_publication")
    with transaction.atomic():
        locked = _locked(publication, PublicationState.SIGNED)
        told = [Paragraph(one["heading"], one["text"]) for one in locked.paragraphs]
        found = bulletin(locked.plan, locked.day, locked.kind, known_at=at)
        found = replace(found, title=locked.title, paragraphs=tuple(told))
        _freeze_records(locked, at)
        for kind, content in documents_of(found):
            PublicationDocument.objects.create(
                publication=locked,
                kind=kind,
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
                size=len(content),
            )
        locked.content, locked.known_at = to_json(found), at
        locked.state, locked.issued_by, locked.issued_at = PublicationState.ISSUED, by, at
        locked.save()


def correct(*, publication: Publication, by: User) -> Publication:
    """A new draft for the same day that names the issue which it corrects."""
    if not publication.is_issued:
        raise ValidationError(_("Only what was issued is corrected; a draft is edited."))
    if Publication.objects.filter(corrects=publication).exists():
        raise ValidationError(_("This issue has been corrected already: correct the newer one."))
    return draft(
        plan=publication.plan, kind=publication.kind, day=publication.day, by=by, corrects=publication
    )


def documents_of(found: Bulletin) -> Iterator[tuple[str, bytes]]:
    """The files of a bulletin; without a PDF where this machine cannot write one."""
    for kind, make in DOCUMENTS.items():
        try:
            yield kind, make(found)
        except PdfUnavailable:
            continue


def content_of(publication: Publication) -> Bulletin:
    """The bulletin as it was issued."""
    assert publication.content is not None  # the database demands it of an issue
    return from_json(publication.content)


def changed_files(publication: Publication) -> list[str]:
    """The kinds of files of an issue that do not come out the same when they are made again, or were altered."""
    found = content_of(publication)
    again = {kind: hashlib.sha256(content).hexdigest() for kind, content in documents_of(found)}
    changed = []
    for one in publication.documents.all():
        altered = hashlib.sha256(bytes(one.content)).hexdigest() != one.sha256
        # a machine without Pango cannot say
        if altered or again.get(one.kind, one.sha256) != one.sha256:
            changed.append(one.kind)
    return changed


# What two issues say differently


@dataclass(frozen=True)
class Differing:
    """A target in two issues; one of the two is None where it is not in that issue."""

    first: Line | None
    second: Line | None
    areas: list[str]

    @property
    def line(self) -> Line:
        found = self.second or self.first
        assert found is not None
        return found


def compare(first: Publication, second: Publication) -> list[Differing]:
    """The targets whose number, target, verdict or areas differ, in the order of the second issue."""
    one, other = content_of(first), content_of(second)
    before = {line.code: line for line in one.lines}
    after = {line.code: line for line in other.lines}
    found = []
    for code in [*after, *(code for code in before if code not in after)]:
        was, now = before.get(code), after.get(code)
        if was is None or now is None or _judged(was) != _judged(now) or was.areas != now.areas:
            areas = {**(was.areas if was else {}), **(now.areas if now else {})}
            differing = [
                area
                for area in areas
                if (was.areas.get(area) if was else None) != (now.areas.get(area) if now else None)
            ]
            found.append(Differing(was, now, differing))
    return found


def _judged(line: Line) -> tuple[Any, ...]:
    return line.value, line.target, line.wanted, line.state, line.completion, line.rule


# Inside


def _demand(by: User, right: str) -> None:
    if not by.has_perm(right):
        raise PermissionDenied


def _locked(publication: Publication, state: PublicationState) -> Publication:
    """The row itself, in the state in which the step begins."""
    locked = Publication.objects.select_for_update().filter(pk=publication.pk).first()
    if locked is None or locked.state != state:
        raise ValidationError(
            _("Somebody else has worked on this bulletin meanwhile: it is no longer “%(state)s”.")
            % {"state": state.label}
        )
    return locked


def _freeze_records(publication: Publication, at: dt.datetime) -> None:
    """Every record behind every number, so that each opens to its names for good."""
    names = district_names()
    with as_known_at(at):
        targets = in_use(targets_of(publication.plan), publication.day)
        found = [
            _frozen(publication, target.code, record, names)
            for target in targets
            for record in contributors(rules.spec_of(target.rule), publication.day).records
        ]
    PublishedRecord.objects.bulk_create(found, batch_size=BATCH)


def _frozen(publication: Publication, code: str, record: Record, names: dict[int, str]) -> PublishedRecord:
    return PublishedRecord(
        publication=publication,
        target=code,
        enterprise_id=record.enterprise_id,
        enterprise=record.enterprise,
        uscc=record.uscc or "",
        district=names.get(record.district_id or 0, ""),
        item=record.item[:300],
        title=record.scheme,
        level=record.level,
        document=(record.document or record.source)[:200],
        valid_from=record.valid_from,
        valid_to=record.valid_to,
        cluster=record.cluster,
        year=record.year,
        value=record.value,
    )
