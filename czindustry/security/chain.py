"""Whether the trail is whole, and its archives."""

import datetime as dt
import gzip
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from czindustry.security.models import FIRST, AuditArchive, AuditEvent, AuditSeal

# Each seal beside the one before it and its event: what does not fit, the first ones.
BROKEN = """
    SELECT position, event_id, reason
      FROM (SELECT seal.position, seal.event_id,
                   CASE WHEN event.id IS NULL THEN 'missing'
                        WHEN seal.digest <> security_digest(seal.previous, event) THEN 'changed'
                        WHEN seal.position <> lag(seal.position, 1, %(place)s) OVER chain + 1 THEN 'gap'
                        WHEN seal.previous <> lag(seal.digest, 1, %(digest)s) OVER chain THEN 'relinked'
                   END AS reason
              FROM security_auditseal seal LEFT JOIN security_auditevent event ON event.id = seal.event_id
            WINDOW chain AS (ORDER BY seal.position)) looked
     WHERE reason IS NOT NULL ORDER BY position LIMIT 20
"""
UNSEALED = """
    SELECT NULL::bigint, event.id, 'unsealed' FROM security_auditevent event
     WHERE NOT EXISTS (SELECT FROM security_auditseal seal WHERE seal.event_id = event.id) ORDER BY event.id LIMIT 20
"""
# As they are hashed, so that an archive can be checked without this program.
LINES = """
    SELECT jsonb_build_object('position', seal.position, 'previous', seal.previous, 'digest', seal.digest,
                              'words', security_words(event))::text
      FROM security_auditseal seal JOIN security_auditevent event ON event.id = seal.event_id
     WHERE seal.position <= %s ORDER BY seal.position
"""


@dataclass(frozen=True)
class Head:
    """The end of the chain: whoever has noted it elsewhere sees later whether it is still part of it."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


@dataclass(frozen=True)
class Problem:
    """Where the chain does not hold."""

    position: int | None
    event: int
    reason: str


@dataclass(frozen=True)
class Checked:
    events: int
    head: Head
    problems: list[Problem]


def start() -> Head:
    """What the first seal that is kept stands on."""
    archive = AuditArchive.objects.first()
    return Head(archive.last_position, archive.last_digest) if archive else Head(0, FIRST)


def head() -> Head:
    last = AuditSeal.objects.order_by("-position").first()
    return Head(last.position, last.digest) if last else start()


def seal_waiting() -> int:
    """Seal what transactions of one snapshot have noted; how many that were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT security_seal_waiting()")
        number: int = cursor.fetchone()[0]
    return number


@transaction.atomic
def check() -> Checked:
    """Every event against its seal, and every seal against the one before it."""
    seal_waiting()
    begun = start()
    with connection.cursor() as cursor:
        cursor.execute(BROKEN, {"place": begun.position, "digest": begun.digest})
        found = cursor.fetchall()
        cursor.execute(UNSEALED)
        found += cursor.fetchall()
    return Checked(AuditEvent.objects.count(), head(), [Problem(*one) for one in found])


def holds(noted: Head) -> bool | None:
    """Whether a head that was noted earlier is still in the chain; None where it lies in an archive by now."""
    if noted.position <= start().position:
        same = AuditArchive.objects.filter(last_position=noted.position, last_digest=noted.digest).exists()
        return True if same else None
    return AuditSeal.objects.filter(position=noted.position, digest=noted.digest).exists()


def archive(before: dt.datetime, folder: Path) -> AuditArchive | None:
    """Write what is older than a moment to a file, and drop it; None where there is nothing.

    The file stands, synchronised to the disk, before anything is dropped. Each of its lines has `words` (what is hashed),
    `previous` and `digest` = SHA-256 of `previous` and `words` together.
    """
    through = _last_before(before)
    if through is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    name = f"trail_{start().position + 1}-{through}_{timezone.localdate():%Y%m%d}.jsonl.gz"
    path, draft = folder / name, folder / f"{name}.part"
    with (
        connection.cursor() as cursor,
        draft.open("wb") as raw,
        gzip.open(raw, "wt", encoding="utf-8") as file,
    ):
        cursor.execute(LINES, [through])
        for (line,) in cursor:
            file.write(f"{line}\n")
    with draft.open("rb") as written:
        os.fsync(written.fileno())
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    draft.replace(path)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT security_drop_archived(%s, %s, %s)", [through, name, sha256])
    return AuditArchive.objects.get(last_position=through)


def _last_before(moment: dt.datetime) -> int | None:
    """Up to the last seal before which all are older: commits are not in the order of their moments."""
    younger = AuditSeal.objects.filter(event__at__gte=moment).order_by("position").first()
    old = (
        AuditSeal.objects.all()
        if younger is None
        else AuditSeal.objects.filter(position__lt=younger.position)
    )
    last = old.order_by("-position").first()
    return last.position if last else None


def broken_lines(path: Path) -> list[int]:
    """The numbers of the lines of an archive that do not fit, by this program alone."""
    wrong, before = [], None
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            told: dict[str, Any] = json.loads(line)
            digest = hashlib.sha256((told["previous"] + told["words"]).encode()).hexdigest()
            if digest != told["digest"] or (before is not None and told["previous"] != before):
                wrong.append(number)
            before = told["digest"]
    return wrong
