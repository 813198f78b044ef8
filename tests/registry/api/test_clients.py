"""The clients that the documentation shows do what it says of them."""

import os
import re
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from registry.choices import Scope
from registry.feed import webhooks
from registry.models import AnnualFigures, ApiToken, Enterprise, Webhook
from registry.services import tokens
from tests import people
from tests.factories import district, enterprise, figures
from tests.tokens import drawn

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(settings.BASE_DIR) / "docs" / "clients.md"
FOLLOWS, RECEIVES, WRITES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
(CURL,) = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
USCC = "91000000MA3073633K"


@pytest.fixture
def around(live_server: LiveServer) -> dict[str, str]:
    token = drawn(people.clerk_of_the_city(), *Scope)[1]
    return {**os.environ, "SITE": live_server.url, "TOKEN": token, "PYTHONUNBUFFERED": "1"}


def run(around: dict[str, str], *words: str) -> str:
    done = subprocess.run(words, env=around, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_client_that_writes(around: dict[str, str]) -> None:
    district("320411")
    assert run(around, sys.executable, "-c", WRITES) == '示例碳纤维 "1"\n'
    made = Enterprise.objects.get(uscc=USCC)
    Enterprise.objects.filter(pk=made.pk).update(address="新址")
    assert run(around, sys.executable, "-c", WRITES) == '示例碳纤维 "2"\n'
    assert made.events.first().pgh_context.metadata["reason"] == "市场监管局推送"


def test_the_client_that_follows(around: dict[str, str]) -> None:
    enterprise("甲厂")
    client: Any = subprocess.Popen(
        [sys.executable, "-c", FOLLOWS],
        env=around,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # whenever it has begun, it sees the rows that come, a line for each answer; those of before are in its export
    for number in range(100):
        enterprise(f"{number}厂")
        told, _, _ = select.select([client.stdout], [], [], 1)
        if told and "'created'" in client.stdout.readline():
            break
    else:
        pytest.fail("it told of no change")
    # it follows until it may no longer: woken by one more change, it is told so
    token = ApiToken.objects.get()
    tokens.revoke(token=token, by=token.owner, at=timezone.now(), reason="测试结束")
    enterprise("最后一厂")
    _seen, complaint = client.communicate(timeout=60)
    assert "401" in complaint


def test_the_client_that_receives(around: dict[str, str], settings: Any) -> None:
    settings.WEBHOOKS_TO_THIS_SERVER = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hook = Webhook.objects.create(token=ApiToken.objects.get(), url=f"http://127.0.0.1:{port}/")
    client: Any = subprocess.Popen(
        [sys.executable, "-c", RECEIVES],
        env={**around, "SECRET": hook.secret, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        outcome = next(one for one in iter(lambda: webhooks.test(hook, timezone.now()), None) if one.status)
        assert outcome.problem == ""
        made = enterprise("甲厂")
        webhooks.send_due(timezone.now, lambda: False)
        assert f"enterprises created {made.pk}\n" == client.stdout.readline()
        # signed by another it is refused
        Webhook.objects.update(salt="another")
        assert webhooks.test(Webhook.objects.get(), timezone.now()).status == 401
    finally:
        client.kill()
        client.wait()


def test_curl(around: dict[str, str]) -> None:
    holder = enterprise("示例碳纤维", uscc=USCC)
    figures(holder, 2024)
    told = run(around, "bash", "-ec", CURL)
    assert '"uscc":"91000000MA3073633K","name":"示例碳纤维"' in told.replace(" ", "")
    assert '"changed":1' in told
    assert '"changes":[]' in told
    assert AnnualFigures.objects.get().revenue is not None
