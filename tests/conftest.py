"""What all tests share. People and days stand in fixtures of their own below."""

import os
import shutil
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from czindustry.management.commands.translations import compile_catalogues
from czindustry.postgresql.base import close_connections

CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"]


def pytest_configure(config: pytest.Config) -> None:
    """Tests need neither hashed file names nor slow passwords, but they need the Chinese texts."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # people of the tests sign in as if no setting asked for more; what asks for it is tested by itself
    settings.SECOND_FACTOR = "nobody"
    compile_catalogues()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit are followed by emptying all tables, also the trail, which otherwise only grows."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET czindustry.may_empty = 'yes'")
    # only connections that are made from now on know it
    close_connections()


def chromium_path() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped on one's own machine; under CI that would hide a failure."""
    if chromium_path() or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium here; make browser installs it"))
