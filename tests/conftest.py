"""What all tests share. People and days stand in fixtures of their own below."""

import os
import shutil

import pytest
from django.conf import settings

from czindustry.management.commands.translations import compile_catalogues

CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome"]


def pytest_configure(config: pytest.Config) -> None:
    """Tests need neither hashed file names nor slow passwords, but they need the Chinese texts."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    compile_catalogues()


def chromium_path() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped on one's own machine; under CI that would hide a failure."""
    if chromium_path() or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium here; make browser installs it"))
