"""Bulletins on their way: drafted, signed off by another person, issued and frozen; corrected by a new one."""

import datetime as dt
import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg.errors import SerializationFailure

from registry.models import User
from registry.past import as_known_at
from targets import rules
from targets.bulletin.content import Bulletin, Line, Paragraph, bulletin, from_json, to_json
from targets.bulletin.documents import DOCUMENTS
from targets.bulletin.pdf import PdfUnavailable, pdf
from targets.choices import BulletinKind, PublicationState
from targets.measure import Record, contributors
from targets.measure.planning import SNAPSHOT
from targets.measure.records import district_names
from targets.models import Plan, Publication, PublicationDocument, PublishedRecord
from targets.standings import in_use, targets_of

BATCH = 2_000
MOST_RECORDS = 500
OF_THE_ROW = ("id", "publication")
# What makes a record the same in two issues.
IDENTITY = ("target", "enterprise_id", "item", "title", "level", "cluster", "year")
LONGEST = 20_000


def draft(
    *, plan: Plan, kind: str, day: dt.date, by: User, at: dt.datetime, corrects: Publication | None = None
) -> Publication:
    """A draft of the numbers as they are known at a moment, with the text that they make."""
    _demand(by, "targets.add_publication")
    if kind not in BulletinKind.values:
        raise ValidationError(
            _("“%(text)s” is no kind of bulletin: month, quarter or year.") % {"text": kind}
        )
    made = Publication(plan=plan, kind=kind, day=day, drafted_by=by, corrects=corrects)
    _write(made, at)
    made.save()
    return made


def edit(*, publication: Publication, title: str, texts: Sequence[str], by: User) -> None:
    """Replace title and texts of a draft; headings stay. Who edited it cannot sign it either."""
    _demand(by, "targets.change_publication")
    with transaction.atomic():
        locked = _locked(publication, PublicationState.DRAFT)
        if len(texts) != len(locked.paragraphs) or not title.strip():
            raise ValidationError(_("A bulletin has a title, and a text under each of its headings."))
        if sum(map(len, texts)) > LONGEST:
            raise ValidationError(_("The text is longer than %(most)d characters.") % {"most": LONGEST})
        locked.title = title.replace("\x00", "").strip()[:200]
        locked.paragraphs = [
            {"heading": one["heading"], "text": text.replace("\x00", "").strip()}
            for one, text in zip(locked.paragraphs, texts, strict=True)
        ]
        locked.edited_by = by
        locked.save()


def renew(*, publication: Publication, by: User, at: dt.datetime) -> None:
    """Take the numbers of a draft anew, as they are known now, and with them the text that they make."""
    _demand(by, "targets.change_publication")
    with transaction.atomic():
        locked = _locked(publication, PublicationState.DRAFT)
        _write(locked, at)
        locked.edited_by = by
        locked.save()


def sign_off(*, publication: Publication, by: User, at: dt.datetime) -> None:
    """Another person than the drafter agrees to the text."""
    _demand(by, "targets.sign_publication")
    with transaction.atomic():
        locked = _locked(publication, PublicationState.DRAFT)
        if by.pk in (locked.drafted_by_id, locked.edited_by_id):
            raise ValidationError(_("Who drafted a bulletin does not sign it off: ask a second person."))
        locked.state, locked.signed_by, locked.signed_at = PublicationState.SIGNED, by, at
        locked.save()


def send_back(*, publication: Publication, by: User, reason: str) -> None:
    """A signed bulletin becomes a draft again, and says why."""
    if not (by.has_perm("targets.sign_publication") or by.has_perm("targets.change_publication")):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError(_("Say why the bulletin goes back to the draft."))
    with transaction.atomic():
        locked = _locked(publication, PublicationState.SIGNED)
        locked.state, locked.signed_by, locked.signed_at = PublicationState.DRAFT, None, None
        locked.returned_by, locked.return_reason = by, reason.replace("\x00", "").strip()[:300]
        locked.save()


def discard(*, publication: Publication, by: User) -> None:
    """A draft goes; what was issued never does."""
    _demand(by, "targets.change_publication")
    with transaction.atomic():
        _locked(publication, PublicationState.DRAFT).delete()


def issue(*, publication: Publication, by: User, at: dt.datetime) -> None:
    """Freeze what was signed off with its records, and the documents with their SHA-256; all or nothing."""
    _demand(by, "targets.issue_publication")
    with _one_snapshot():
        locked = _locked(publication, PublicationState.SIGNED)
        assert locked.known_at is not None  # every draft has it
        found = as_written(locked)
        if bulletin(locked.plan, locked.day, locked.kind, known_at=locked.known_at).lines != found.lines:
            # what was being written at that very moment became known after it; or the program counts differently now
            message = _(
                "The numbers of that moment are no longer those that were signed off: send it back, take them anew, "
                "and have it signed off again."
            )
            raise ValidationError(message)
        _freeze_records(locked, locked.known_at)
        for kind, content in documents_of(found):
            PublicationDocument.objects.create(
                publication=locked, kind=kind, content=content, sha256=sha256(content), size=len(content)
            )
        Publication.objects.filter(pk=locked.pk).update(
            records_sha256=records_sha256(locked),
            state=PublicationState.ISSUED,
            issued_by=by,
            issued_at=at,
        )


def correct(*, publication: Publication, by: User, at: dt.datetime) -> Publication:
    """A new draft for the same day that names the issue which it corrects."""
    if not publication.is_issued:
        raise ValidationError(_("Only what was issued is corrected; a draft is edited."))
    if Publication.objects.filter(corrects=publication).exists():
        raise ValidationError(_("This issue has been corrected already: correct the newer one."))
    return draft(
        plan=publication.plan, kind=publication.kind, day=publication.day, by=by, at=at, corrects=publication
    )


def documents_of(found: Bulletin) -> Iterator[tuple[str, bytes]]:
    """The files of a bulletin; without a PDF where this machine cannot write one."""
    for kind, make in DOCUMENTS.items():
        try:
            yield kind, make(found)
        except PdfUnavailable:
            continue


def can_write_pdf() -> bool:
    """Whether this machine can make the files in PDF again."""
    try:
        pdf("<p>通报</p>")
    except PdfUnavailable:
        return False
    return True


def as_written(publication: Publication) -> Bulletin:
    """The bulletin with its numbers of `known_at`, and the title and the text as they were edited."""
    assert publication.content is not None  # every draft has it
    told = tuple(Paragraph(one["heading"], one["text"]) for one in publication.paragraphs)
    return replace(from_json(publication.content), title=publication.title, paragraphs=told)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def records_sha256(publication: Publication) -> str:
    """One sum over all records of an issue, in their order."""
    digest = hashlib.sha256()
    names = [field.attname for field in PublishedRecord._meta.concrete_fields if field.name not in OF_THE_ROW]
    rows = PublishedRecord.objects.filter(publication=publication).order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=BATCH):
        digest.update(json.dumps(row, default=str, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def changed_parts(publication: Publication) -> list[str]:
    """What of an issue does not come out the same when it is made again, or was altered: kinds of files, `records`."""
    again = {kind: sha256(content) for kind, content in documents_of(as_written(publication))}
    changed = []
    for one in publication.documents.all():
        altered = sha256(bytes(one.content)) != one.sha256
        # a machine without Pango cannot say
        if altered or again.get(one.kind, one.sha256) != one.sha256:
            changed.append(one.kind)
    return changed + ["records"] * (records_sha256(publication) != publication.records_sha256)


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
    one, other = as_written(first), as_written(second)
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


def compare_texts(first: Publication, second: Publication) -> list[tuple[str, list[tuple[str, str]]]]:
    """The paragraphs that two issues tell differently: under their heading the lines, each with the sign of a diff."""
    before, after = ({one["heading"]: one["text"] for one in it.paragraphs} for it in (first, second))
    found = []
    for heading in dict.fromkeys([*after, *before]):
        was, now = before.get(heading, "").splitlines(), after.get(heading, "").splitlines()
        if was != now:
            told = difflib.ndiff(was, now)
            found.append((heading, [(one[0].strip(), one[2:]) for one in told if one[0] != "?"]))
    return found


def _judged(line: Line) -> tuple[Any, ...]:
    return line.value, line.target, line.wanted, line.state, line.completion, line.rule


def records_lost(
    first: Publication, second: Publication, codes: Iterable[str], visible: Q
) -> list[PublishedRecord]:
    """Records of the first issue that the second has not, of some targets, as far as a reader sees them; bounded."""
    chosen = Q(target__in=list(codes)) & visible
    here, there = (one.records.filter(chosen).order_by().values_list(*IDENTITY) for one in (first, second))
    lost = set(here.difference(there))
    if not lost:
        return []
    wanted = first.records.filter(
        chosen, enterprise_id__in={key[1] for key in lost if key[1]}
    ) | first.records.filter(chosen, enterprise_id__isnull=True)
    rows = wanted.order_by("target", "pk").iterator(chunk_size=BATCH)
    found = (one for one in rows if tuple(getattr(one, name) for name in IDENTITY) in lost)
    return list(islice(found, MOST_RECORDS))


# Inside


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Numbers, records and documents of one moment, unless a transaction is already under way."""
    try:
        own = connection.get_autocommit()
        with transaction.atomic():
            if own:
                with connection.cursor() as cursor:
                    cursor.execute(SNAPSHOT)
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, SerializationFailure):
            raise ValidationError(
                _("Somebody else works on this bulletin just now: look at it again.")
            ) from error
        raise


def _write(publication: Publication, at: dt.datetime) -> None:
    found = bulletin(publication.plan, publication.day, publication.kind, known_at=at)
    publication.title, publication.known_at, publication.content = found.title, at, to_json(found)
    publication.paragraphs = [{"heading": one.heading, "text": one.text} for one in found.paragraphs]


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
