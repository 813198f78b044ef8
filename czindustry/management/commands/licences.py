"""Under which licences that comes which the site is made of."""

import argparse
import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

LOCK = Path("requirements.lock")
PROJECT = Path("pyproject.toml")
PAGE = Path("docs/licences.md")
HEAD = """# Licences

What `requirements.lock` installs, written by `manage.py licences`; and Apache ECharts 6.1.0 (Apache-2.0), whose licence
lies beside it in `czindustry/static/echarts-6.1.0/`. Those marked “dev” are for developing and testing alone.

| package | version | licence | |
|---|---|---|---|
"""
# Of those that bring the text along and name it nowhere.
IN_A_FILE = {"pyrage": "MIT", "axe-playwright-python": "MIT"}
# Of packages that say it in no other way.
CLASSIFIER = "License :: OSI Approved :: "


class Command(BaseCommand):
    help = "Writes docs/licences.md; with --check, only says whether it is up to date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = settings.BASE_DIR / PAGE
        wanted = wanted_by_the_site((settings.BASE_DIR / PROJECT).read_text())
        page = HEAD + "\n".join(rows((settings.BASE_DIR / LOCK).read_text(), wanted)) + "\n"
        if not check:
            path.write_text(page)
        elif not path.exists() or path.read_text() != page:
            raise CommandError(_("docs/licences.md is not what is installed: run manage.py licences."))


def rows(lock: str, wanted: Iterable[str]) -> list[str]:
    """A line a package. Those for other systems than this one are not here to be asked."""
    entries = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        match = re.match(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(\S+)", entry)
        if match is not None:
            entries[match[1]] = (
                match[2],
                set(re.findall(r"^    #(?: via|  ) +([A-Za-z0-9_.-]+)$", entry, re.MULTILINE)),
            )
    needed = closure({name: by for name, (_version, by) in entries.items()}, wanted)
    found = []
    for name, (version, _by) in entries.items():
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        found.append(f"| {name} | {version} | {licence_of(package)} | {'' if name in needed else 'dev'} |")
    return found


def wanted_by_the_site(project: str) -> list[str]:
    """The names of the dependencies of the site itself, without extras."""
    named = tomllib.loads(project)["project"]["dependencies"]
    return [re.split(r"[^A-Za-z0-9_.-]", one)[0].lower() for one in named]


def closure(wanted_by: dict[str, set[str]], roots: Iterable[str]) -> set[str]:
    """What the roots need, and what that needs: the lock says by whom each package is wanted."""
    needed, more = set(), {name for name in wanted_by if name in set(roots)}
    while more:
        needed |= more
        more = {name for name, by in wanted_by.items() if by & needed} - needed
    return needed


def licence_of(package: Distribution) -> str:
    about: Any = package.metadata
    expression = about.get("License-Expression")
    if expression:
        return str(expression)
    classes = [
        one.removeprefix(CLASSIFIER) for one in about.get_all("Classifier", []) if one.startswith(CLASSIFIER)
    ]
    if classes:
        return ", ".join(classes)
    told = str(about.get("License") or "").strip().splitlines()
    return told[0][:60] if told else IN_A_FILE.get(about["Name"], "?")
