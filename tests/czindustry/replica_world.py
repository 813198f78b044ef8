"""What a site has to have before it is read from replicas: run in a process of the site."""

import json
import sys

from django.test import Client

from registry.choices import Scope
from registry.models import User
from tests import factories as make
from tests import people
from tests.tokens import drawn

NAME = "常州禾盈汽车零部件有限公司"
SCOPES = (Scope.READ_TOTALS, Scope.READ_ENTERPRISES, Scope.READ_RECORDS, Scope.FOLLOW_CHANGES)


def make_world() -> None:
    """An enterprise, tokens of the clerk and of the reviewer of the city, and the session of an official."""
    enterprise = make.enterprise(NAME)
    wang, shen = (User.objects.get(username=name) for name in ("wang", "shen"))
    told = {
        "enterprise": enterprise.pk,
        "clerk": drawn(wang, *SCOPES, Scope.WRITE_ENTERPRISES)[1],
        "reviewer": drawn(shen, *SCOPES)[1],
        "session": session_of(people.official_of_the_city()),
    }
    sys.stdout.write(json.dumps(told) + "\n")


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
