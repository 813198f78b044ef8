"""`Idempotency-Key`: a request that is sent again within 24 hours is answered as it was, and does nothing twice.

The key is taken in the transaction in which the request writes. So a second request with the same key waits for the
first, and where that came to nothing it is done as if it were the first.
"""

import datetime as dt
import hashlib
import json

from django.db import connection
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.permissions import token_of
from registry.api.problems import Told
from registry.models.idempotency import KEPT, IdempotentRequest
from registry.rendering import Json

HEADER = "Idempotency-Key"
LONGEST = 200
REPLAYED = "Idempotency-Replayed"
# whoever writes tidies up a little
TIDIED = 20
# another that has the same key is waited for
TAKE = """
    INSERT INTO registry_idempotentrequest (caller, key, digest, headers, created_at)
    VALUES (%s, %s, %s, '{}', %s) ON CONFLICT (caller, key) DO NOTHING RETURNING id
"""


def key_of(request: Request) -> str:
    """The key of a request, empty where it has none."""
    given = request.headers.get(HEADER, "").strip()
    if len(given) > LONGEST or not given.isascii() or not given.isprintable():
        raise ValidationError(
            {HEADER: [_("At most %(most)d printable characters of ASCII.") % {"most": LONGEST}]}
        )
    return given


class Once:
    """The key of one request: taken, answered, and told again."""

    def __init__(self, request: Request, key: str, moment: dt.datetime) -> None:
        self.key = key
        self.moment = moment
        self.caller = caller_of(request)
        self.digest = digest_of(request)

    def answered(self) -> Response | None:
        """The answer of before, or None where this is the first; Told where the key is of another request."""
        self._tidy()
        if self._takes():
            return None
        before = IdempotentRequest.objects.get(caller=self.caller, key=self.key)
        if before.digest != self.digest:
            raise Told(
                "unprocessable", _("This Idempotency-Key was used for another request: take a new one.")
            )
        return Response(before.body, status=before.status, headers={**before.headers, REPLAYED: "true"})

    def keep(self, response: Response) -> None:
        """Keep what is answered, as it is told."""
        IdempotentRequest.objects.filter(caller=self.caller, key=self.key).update(
            status=response.status_code,
            headers={name: response[name] for name in ("ETag", "Location") if name in response},
            body=json.loads(Json().render(response.data)) if response.data is not None else None,
        )

    def _takes(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [self.caller, self.key, self.digest, self.moment])
            return cursor.fetchone() is not None

    def _tidy(self) -> None:
        """What was asked more than a day ago is forgotten: of this key at once, of others by and by."""
        over = IdempotentRequest.objects.filter(created_at__lte=self.moment - KEPT)
        over.filter(caller=self.caller, key=self.key).delete()
        some = over.order_by("created_at").select_for_update(skip_locked=True).values("pk")[:TIDIED]
        IdempotentRequest.objects.filter(pk__in=list(some.values_list("pk", flat=True))).delete()


def caller_of(request: Request) -> str:
    token = token_of(request)
    return f"token {token.pk}" if token else f"user {request.user.pk}"


def digest_of(request: Request) -> str:
    """Of all that decides what a request does."""
    parts = [request.method or "", request.get_full_path(), request.headers.get("If-Match", "")]
    told = "\n".join(parts).encode() + b"\n" + request.body
    return hashlib.sha256(told).hexdigest()
