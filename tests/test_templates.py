"""What must hold of every template: it compiles, it can be translated, it needs no inline script or style."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "templates"
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
OURS = [name for name in TEMPLATES if not name.startswith("admin/")]

#: Words that are the same in every language: names, keys, file names, commands.
NAMES = {
    "Summit",
    "A",
    "B",
    "Ctrl",
    "Enter",
    "Z",
    "compare.csv",
    "reliability.csv",
    "manage.py load_study FOLDER",
    "csv",
    "SVG",
    "PNG",
    "BibTeX",
}


def visible_words(source: str) -> list[str]:
    """What a person reads in a template that no translation tag stands around."""
    source = re.sub(r"{%\s*blocktranslate.*?{%\s*endblocktranslate.*?%}", "", source, flags=re.S)
    source = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", source, flags=re.S)
    spoken = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', source)
    source = re.sub(r"<kbd>.*?</kbd>|<svg.*?</svg>|<code>.*?</code>", "", source, flags=re.S)
    texts = re.sub(r"<[^>]*>", "\n", source).split("\n")
    found = [text.strip() for text in [*texts, *spoken]]
    return [text for text in found if re.search(r"[A-Za-z]{2}", text) and text.strip(" ·:") not in NAMES]


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    assert get_template(name).template.name == name


@pytest.mark.parametrize("name", OURS)
def test_every_word_in_it_can_be_translated(name: str) -> None:
    words = visible_words((FOLDER / name).read_text(encoding="utf-8"))
    assert [word for word in words if not word.startswith("· Summit")] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_has_no_inline_script_or_style_and_trusts_no_text(name: str) -> None:
    source = (FOLDER / name).read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    markup = re.sub(r"{%.*?%}", "", source, flags=re.S)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", markup)
    assert not re.search(r"\|\s*safe\b|autoescape\s+off", source)


def test_no_module_marks_what_people_wrote_as_safe() -> None:
    found = [
        str(path.relative_to(ROOT))
        for folder in ("annotations", "summit")
        for path in (ROOT / folder).rglob("*.py")
        if "mark_safe" in path.read_text(encoding="utf-8")
    ]
    assert found == []
