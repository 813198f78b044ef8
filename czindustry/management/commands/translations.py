"""The texts of the site in Chinese, and its terms in English, without gettext's programs, which few machines have.

`translations` collects every text from the code and the templates into the Chinese .po file, where people translate, and
the terms of the closed vocabularies, which are Chinese in the code, into the English one; `--check` fails as long as one
is missing; `--compile` makes the .mo files that Django reads.
"""

import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation.template import templatize

from registry.choices import Terms

CATALOGUE = Path("zh_Hans") / "LC_MESSAGES" / "django.po"
ENGLISH = Path("en") / "LC_MESSAGES" / "django.po"
OWN_PACKAGES = ["czindustry", "registry", "targets"]
# Packages that come without Chinese; we translate what Django itself has not translated already.
FOREIGN_PACKAGES = ["unfold"]
KEYWORDS = DEFAULT_KEYWORDS | {f"{name}_lazy": spec for name, spec in DEFAULT_KEYWORDS.items()}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")

Key = tuple[str, str]


@dataclass
class Text:
    """A text to translate, with the files in which it stands; line numbers would change with every edit."""

    context: str
    singular: str
    plural: str = ""
    files: set[str] = field(default_factory=set)


class Command(BaseCommand):
    help = _("Collect the texts of the site, check that each is translated, compile them.")
    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--check", action="store_true", help=_("fail if one is missing; change nothing"))
        action.add_argument("--compile", action="store_true", help=_("only make the .mo file"))

    def handle(self, *args: Any, check: bool = False, compile: bool = False, **options: Any) -> None:
        for catalogue, collect in ((CATALOGUE, collect_texts), (ENGLISH, collect_terms)):
            path = catalogue_path(catalogue)
            if check:
                refuse_problems(path, collect())
            elif not compile:
                self._collect(path, collect())
        compile_catalogues()

    def _collect(self, path: Path, texts: dict[Key, Text]) -> None:
        merged = merge(polib.pofile(str(path)), texts)
        merged.save(str(path))
        missing = len(merged.untranslated_entries())
        self.stdout.write(f"{len(merged)} texts, {missing} without translation: {path}")


def refuse_problems(path: Path, texts: dict[Key, Text]) -> None:
    problems = list(find_problems(polib.pofile(str(path)), texts))
    if problems:
        raise CommandError("\n".join([*problems, f"manage.py translations, then translate in {path}"]))


def catalogue_path(catalogue: Path = CATALOGUE) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / catalogue


def compile_catalogues() -> None:
    for catalogue in (CATALOGUE, ENGLISH):
        compile_catalogue(catalogue_path(catalogue))


def compile_catalogue(source: Path) -> None:
    """Make the .mo file where it is older than its .po; put into place at once, as others may be reading."""
    compiled = source.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return
    draft = compiled.with_suffix(f".{os.getpid()}.tmp")
    polib.pofile(str(source)).save_as_mofile(str(draft))
    draft.replace(compiled)


# Collecting


def collect_texts() -> dict[Key, Text]:
    texts: dict[Key, Text] = {}
    for package in OWN_PACKAGES:
        add_texts(texts, package_folder(package))
    foreign: dict[Key, Text] = {}
    for package in FOREIGN_PACKAGES:
        add_texts(foreign, package_folder(package))
    known = texts_of_django()
    return texts | {key: text for key, text in foreign.items() if key not in known and key not in texts}


def collect_terms() -> dict[Key, Text]:
    """The labels of the closed vocabularies, each with the modules that know it."""
    terms: dict[Key, Text] = {}
    for vocabulary in Terms.__subclasses__():
        for term in vocabulary:
            text = terms.setdefault(("", term.chinese), Text("", term.chinese))
            text.files.add(f"{vocabulary.__module__.replace('.', '/')}.py")
    return terms


def package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise CommandError(_("The package %(package)s is not installed.") % {"package": package})
    return Path(spec.origin).parent


def texts_of_django() -> set[Key]:
    """What Django's own Chinese catalogues hold, those of its contrib apps in use included."""
    django = package_folder("django")
    apps = [name.split(".")[-1] for name in settings.INSTALLED_APPS if name.startswith("django.contrib.")]
    folders = [django / "conf", *(django / "contrib" / app for app in apps)]
    paths = [folder / "locale" / CATALOGUE.with_suffix(".mo") for folder in folders]
    entries = [entry for path in paths if path.exists() for entry in polib.mofile(str(path))]
    return {(entry.msgctxt or "", entry.msgid) for entry in entries}


def add_texts(texts: dict[Key, Text], folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            source = path.read_text(encoding="utf-8")
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            source = as_python(path)
        else:
            continue
        for found in extract_texts(source):
            text = texts.setdefault((found.context, found.singular), found)
            text.plural = text.plural or found.plural
            text.files.add(path.relative_to(folder.parent).as_posix())


def as_python(path: Path) -> str:
    """Django turns a template into calls of gettext between rows of X; indented rows would not be Python."""
    source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return "\n".join(line.strip() for line in source.splitlines())


def extract_texts(source: str) -> Iterator[Text]:
    for _line, message, _comments, context in extract("python", BytesIO(source.encode()), keywords=KEYWORDS):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if singular:
            yield Text(context=context or "", singular=singular, plural=plural)


# Merging and checking


def merge(catalogue: polib.POFile, texts: dict[Key, Text]) -> polib.POFile:
    """The texts that are there now with the translations that were there before; the rest is forgotten."""
    before = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue if not entry.obsolete}
    merged = polib.POFile(wrapwidth=110)
    merged.metadata = catalogue.metadata
    for key in sorted(texts, key=lambda key: (key[1], key[0])):
        merged.append(merged_entry(texts[key], before.get(key)))
    return merged


def merged_entry(text: Text, before: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=text.singular,
        msgctxt=text.context or None,
        msgid_plural=text.plural,
        occurrences=[(name, "") for name in sorted(text.files)],
        flags=["python-format"] if "%(" in text.singular or "%s" in text.singular else [],
    )
    if before is not None:
        entry.comment = before.comment
        entry.tcomment = before.tcomment
        if before.fuzzy:
            entry.flags.append("fuzzy")
    translation = best_translation(before)
    if text.plural:
        # Chinese has one form.
        entry.msgstr_plural = {0: translation}
    else:
        entry.msgstr = translation
    return entry


def best_translation(entry: polib.POEntry | None) -> str:
    return "" if entry is None else entry.msgstr or entry.msgstr_plural.get(0, "")


def find_problems(catalogue: polib.POFile, texts: dict[Key, Text]) -> Iterator[str]:
    entries = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue if not entry.obsolete}
    for key, text in sorted(texts.items()):
        where = f"{text.singular!r} ({', '.join(sorted(text.files))})"
        entry = entries.get(key)
        if entry is None:
            yield f"not in the catalogue: {where}"
        elif entry.fuzzy:
            yield f"marked as uncertain: {where}"
        elif not best_translation(entry):
            yield f"without translation: {where}"
        elif placeholders(best_translation(entry)) != placeholders(text.plural or text.singular):
            yield f"placeholders differ: {where} -> {best_translation(entry)!r}"
    for key in sorted(entries.keys() - texts.keys()):
        yield f"no longer used: {key[1]!r}"


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
