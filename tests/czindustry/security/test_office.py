"""Signing in at the office's own page: a small provider on this machine tells who somebody is."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from czindustry.security import office
from czindustry.security.models import AuditEvent
from registry.models import User
from tests import factories as make
from tests import people


class Provider:
    """Tells `claims`, signed by `key`; what it is asked for a code is kept."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.signing = self.key
        self.claims: dict[str, Any] = {}
        self.asked: list[dict[str, list[str]]] = []
        self.server = HTTPServer(("127.0.0.1", 0), self.handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(provider) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.told(
                    provider.metadata()
                    if "well-known" in self.path
                    else {"keys": [provider.key.as_dict(private=False)]}
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.asked.append(parse_qs(body))
                self.told({"access_token": "x", "token_type": "Bearer", "id_token": provider.id_token()})

            def told(self, answer: dict[str, Any]) -> None:
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_given: object) -> None:
                pass

        return Handler

    def metadata(self) -> dict[str, Any]:
        pages = {
            name: f"{self.address}/{name}"
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        return {"issuer": self.address, **pages, "id_token_signing_alg_values_supported": ["RS256"]}

    def id_token(self) -> str:
        now = int(time.time())
        told = {
            "iss": self.address,
            "aud": "czindustry",
            "sub": "7",
            "iat": now,
            "exp": now + 60,
            **self.claims,
        }
        return jwt.encode({"alg": "RS256", "kid": "1"}, told, self.signing)


@pytest.fixture
def provider(settings: Any, db: None) -> Iterator[Provider]:
    found = Provider()
    settings.OIDC = {
        "ISSUER": found.address,
        "CLIENT": "czindustry",
        "SECRET": "secret",
        "CLAIM": "preferred_username",
    }
    office.provider.cache_clear()
    make.plan()
    yield found
    found.server.shutdown()
    found.server.server_close()
    office.provider.cache_clear()


def signed_in(client: Client, provider: Provider, name: str, **claims: Any) -> Any:
    """As a browser goes: to the office's page, and back with a code."""
    away = client.get("/signin/office/?next=/enterprises/")
    asked = {key: value[0] for key, value in parse_qs(urlsplit(away["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    provider.claims = {"preferred_username": name, "nonce": asked["nonce"], **claims}
    return client.get("/signin/office/back/", {"code": "abc", "state": asked["state"]})


def is_in(client: Client) -> bool:
    return client.get("/enterprises/").status_code == 200


def test_whom_the_office_knows_is_the_account_of_that_name(provider: Provider, settings: Any) -> None:
    settings.SECOND_FACTOR = "all"
    gu = people.clerk_of_wujin()
    User.objects.filter(pk=gu.pk).update(must_change_password=True)
    client = Client()
    assert "/signin/office/" in client.get("/signin/").content.decode()
    assert signed_in(client, provider, "gu")["Location"] == "/enterprises/"
    assert is_in(client)
    assert provider.asked[0]["code_verifier"]
    told = AuditEvent.objects.get(action="sign_in")
    assert (told.person, told.details) == (gu, {"by": "office"})


@pytest.mark.parametrize("name", ["nobody", "", "root", "gone"])
def test_who_has_no_account_here_does_not_get_in(provider: Provider, name: str) -> None:
    User.objects.create_superuser("root", password=None)
    User.objects.create(username="gone", is_active=False)
    client = Client()
    assert signed_in(client, provider, name)["Location"] == "/signin/"
    assert "没有账号" in client.get("/signin/").content.decode()
    assert not is_in(client)
    assert not AuditEvent.objects.get(action="sign_in").succeeded


@pytest.mark.parametrize(
    "claims", [{"nonce": "another"}, {"aud": "another"}, {"iss": "http://another"}, {"exp": 1}]
)
def test_what_was_told_to_somebody_else_opens_nothing(provider: Provider, claims: dict[str, Any]) -> None:
    people.clerk_of_wujin()
    client = Client()
    assert signed_in(client, provider, "gu", **claims)["Location"] == "/signin/"
    assert not is_in(client)


def test_another_signature_opens_nothing(provider: Provider) -> None:
    people.clerk_of_wujin()
    provider.signing = RSAKey.generate_key(2048, {"kid": "1"})
    client = Client()
    assert signed_in(client, provider, "gu")["Location"] == "/signin/"
    assert not is_in(client)


def test_nobody_is_signed_in_by_a_link_of_another(provider: Provider) -> None:
    people.clerk_of_wujin()
    client = Client()
    provider.claims = {"preferred_username": "gu"}
    assert client.get("/signin/office/back/", {"code": "abc", "state": "made up"})["Location"] == "/signin/"
    assert not is_in(client)


def test_an_office_that_does_not_answer_leaves_the_password(provider: Provider) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    client = Client()
    assert client.get("/signin/office/")["Location"] == "/signin/"
    assert "请使用密码登录" in client.get("/signin/").content.decode()


@pytest.mark.django_db
def test_without_the_setting_there_is_no_such_page() -> None:
    client = Client()
    assert "/signin/office/" not in client.get("/signin/").content.decode()
    assert client.get("/signin/office/").status_code == 404
    assert client.get("/signin/office/back/").status_code == 404
