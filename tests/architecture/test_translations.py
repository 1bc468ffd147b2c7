"""Spanish is whole: makemessages finds nothing that the catalogue lacks, and what is installed is what was written."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale/es/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
FOLDERS = ("apps", "templates", "vantrexia")


@pytest.fixture(scope="module")
def written() -> polib.POFile:
    """The committed catalogue."""
    return polib.pofile(str(CATALOGUE))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> polib.POFile:
    """What makemessages makes of the sources and the committed catalogue, in a copy."""
    if shutil.which("xgettext") is None:
        pytest.skip("gettext: not installed")
    copy = tmp_path_factory.mktemp("sources")
    shutil.copy(ROOT / "manage.py", copy)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "locale/es/LC_MESSAGES").mkdir(parents=True)
    shutil.copy(CATALOGUE, copy / "locale/es/LC_MESSAGES/django.po")
    options = ["-l", "es", "--no-location", "--no-wrap", "--no-obsolete"]
    command = [sys.executable, "manage.py", "makemessages", *options]
    given = {**os.environ, "VANTREXIA_VAR": str(copy / "var")}
    made = subprocess.run(command, cwd=copy, env=given, capture_output=True, text=True, check=False, timeout=120)
    assert made.returncode == 0, made.stderr
    return polib.pofile(str(copy / "locale/es/LC_MESSAGES/django.po"))


def test_nothing_is_untranslated(found: polib.POFile) -> None:
    missing = [entry.msgid for entry in found if not entry.translated() or entry.fuzzy]
    assert not missing, "say it in Spanish: locale/es/LC_MESSAGES/django.po"


def test_nothing_is_left_over(found: polib.POFile, written: polib.POFile) -> None:
    asked = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in found}
    assert not [entry.msgid for entry in written if (entry.msgctxt, entry.msgid, entry.msgid_plural) not in asked]


def test_what_is_filled_in_stands_in_both_languages(written: polib.POFile) -> None:
    for entry in written:
        pairs = [(entry.msgid, entry.msgstr)]
        if entry.msgid_plural:
            several = {form: text for form, text in entry.msgstr_plural.items() if form}
            pairs = [(entry.msgid_plural, text) for text in several.values()]
        for english, spanish in pairs:
            assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(spanish)), english


def test_the_installed_catalogue_is_the_written_one(written: polib.POFile) -> None:
    installed = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    said = {(e.msgctxt, e.msgid): (e.msgstr, dict(e.msgstr_plural)) for e in written.translated_entries()}
    assert {(e.msgctxt, e.msgid): (e.msgstr, dict(e.msgstr_plural)) for e in installed} == said
