"""Texts are found wherever they stand, and a missing translation is named."""

from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import gettext, override

from czindustry.management.commands import translations
from czindustry.management.commands.translations import (
    Text,
    add_texts,
    catalogue_path,
    compile_catalogues,
    find_problems,
    merge,
)
from targets.choices import State

CODE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy
plain = _("plain")
lazy = gettext_lazy(
    "in two "
    "parts"
)
many = ngettext("%(n)s title", "%(n)s titles", n) % {"n": n}
month = pgettext_lazy("month", "May")
variable = _(name)
untouched = "not for people"
"""

TEMPLATE = """
{% load i18n %}
<div>
    {% translate "in a tag" %}
  <i>it's</i>{% blocktranslate with name=enterprise.name %}Hello {{ name }}{% endblocktranslate %}
      {% blocktranslate count n=found %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
    {# translate "in a comment" #}
</div>
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    files = {
        "views.py": CODE,
        "templates/page.html": TEMPLATE,
        "migrations/0001_initial.py": '_("in a migration")',
        "static/page.html": '{% translate "not a template" %}',
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_texts_of_code_and_templates_are_found(package: Path) -> None:
    texts: dict[tuple[str, str], Text] = {}
    add_texts(texts, package)
    assert {(text.context, text.singular, text.plural) for text in texts.values()} == {
        ("", "plain", ""),
        ("", "in two parts", ""),
        ("", "%(n)s title", "%(n)s titles"),
        ("month", "May", ""),
        ("", "in a tag", ""),
        ("", "Hello %(name)s", ""),
        ("", "%(n)s row", "%(n)s rows"),
    }
    assert texts["", "in a tag"].files == {"package/templates/page.html"}


def catalogue(*entries: polib.POEntry) -> polib.POFile:
    file = polib.POFile()
    file.extend(entries)
    return file


def texts(*found: Text) -> dict[tuple[str, str], Text]:
    return {(text.context, text.singular): text for text in found}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        # Everything there.
        (polib.POEntry(msgid="%(n)s rows of {file}", msgstr="{file} 的 %(n)s 行"), None),
        # Nobody has run the collection.
        (polib.POEntry(msgid="another"), "not in the catalogue"),
        # Nobody has translated.
        (polib.POEntry(msgid="%(n)s rows of {file}", msgstr=""), "without translation"),
        (polib.POEntry(msgid="%(n)s rows of {file}", msgstr="{file} %(n)s", flags=["fuzzy"]), "uncertain"),
        # A page would crash, or show half a sentence.
        (polib.POEntry(msgid="%(n)s rows of {file}", msgstr="%(n)s 行"), "placeholders differ"),
        (polib.POEntry(msgid="%(n)s rows of {file}", msgstr="{file} 的 %(m)s 行"), "placeholders differ"),
        # Removed by hand or left over.
        (polib.POEntry(msgid="%(n)s rows of {file}", msgstr="…", obsolete=True), "not in the catalogue"),
    ],
)
def test_what_the_check_finds(entry: polib.POEntry, problem: str | None) -> None:
    found = list(find_problems(catalogue(entry), texts(Text("", "%(n)s rows of {file}", files={"a.py"}))))
    if problem is None:
        assert found == []
    else:
        assert problem in found[0]
        assert "%(n)s rows of {file}" in found[0]


def test_a_plural_is_compared_with_its_plural() -> None:
    entry = polib.POEntry(msgid="one row", msgid_plural="%(n)s rows", msgstr_plural={0: "%(n)s 行"})
    assert list(find_problems(catalogue(entry), texts(Text("", "one row", "%(n)s rows")))) == []


def test_collecting_again_keeps_translations_and_forgets_what_is_gone() -> None:
    before = catalogue(
        polib.POEntry(msgid="kept", msgstr="保留", tcomment="by hand"),
        polib.POEntry(msgid="gone", msgstr="删除"),
    )
    wanted = texts(Text("", "new", files={"b.py", "a.py"}), Text("", "kept", files={"a.py"}))
    after = merge(before, wanted)
    assert [(entry.msgid, entry.msgstr, entry.tcomment) for entry in after] == [
        ("kept", "保留", "by hand"),
        ("new", "", ""),
    ]
    assert after[1].occurrences == [("a.py", ""), ("b.py", "")]
    # Nothing in it tells of the day or the machine, so that the same code gives the same file.
    assert str(merge(after, wanted)) == str(after)


@pytest.fixture
def own_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """The command on a catalogue of the test's own."""
    path, english = tmp_path / "django.po", tmp_path / "english.po"
    paths = {translations.CATALOGUE: path, translations.ENGLISH: english}
    monkeypatch.setattr(translations, "catalogue_path", lambda one=translations.CATALOGUE: paths[one])
    monkeypatch.setattr(translations, "collect_terms", dict)
    catalogue().save(str(english))

    def write(found: dict[tuple[str, str], Text], *entries: polib.POEntry) -> Path:
        catalogue(*entries).save(str(path))
        monkeypatch.setattr(translations, "collect_texts", lambda: found)
        return path

    return write


def test_the_check_fails_and_changes_nothing(own_catalogue: Callable[..., Path]) -> None:
    path = own_catalogue(texts(Text("", "Enterprise")))
    before = path.read_bytes()
    with pytest.raises(CommandError, match="Enterprise"):
        call_command("translations", "--check")
    assert path.read_bytes() == before


def test_the_way_of_a_translation(own_catalogue: Callable[..., Path]) -> None:
    path = own_catalogue(texts(Text("", "Enterprise")))
    call_command("translations", verbosity=0)
    file = polib.pofile(str(path))
    file[0].msgstr = "企业"
    file.save(str(path))
    call_command("translations", "--check")
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert [(entry.msgid, entry.msgstr) for entry in compiled] == [("Enterprise", "企业")]


def test_what_django_has_translated_is_not_asked_for_again() -> None:
    known = translations.texts_of_django()
    assert ("", "Change password") in known
    foreign = [
        key for key, text in translations.collect_texts().items() if any("unfold" in f for f in text.files)
    ]
    assert foreign
    assert not known.intersection(foreign)


def test_the_catalogue_is_compiled_before_the_tests() -> None:
    compile_catalogues()
    with override("zh-hans"):
        for entry in polib.pofile(str(catalogue_path())).translated_entries():
            if not entry.msgctxt and not entry.msgid_plural:
                assert gettext(entry.msgid) == entry.msgstr


def test_every_term_has_its_english() -> None:
    terms = translations.collect_terms()
    assert ("", "已完成") in terms
    assert not list(find_problems(polib.pofile(str(catalogue_path(translations.ENGLISH))), terms))
    with override("en"):
        assert str(State.REACHED.label) == "reached"
    assert State.REACHED.chinese == str(State.REACHED.label) == "已完成"
