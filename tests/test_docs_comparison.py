"""docs/comparison.md shows pictures that are there, and lists the figures and verdicts that there are."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from annotations.enums import Verdict
from annotations.pages.figures.drawn import FIGURES
from annotations.templatetags.summit import VERDICT_WORDS
from tests.browser.shots_docs import FEW, LARGEST, PAGES, SIZES, THEMES

DOCS = Path(settings.BASE_DIR) / "docs"
TEXT = (DOCS / "comparison.md").read_text(encoding="utf-8")


def test_every_picture_is_there_is_shown_and_is_small() -> None:
    shown = set(re.findall(r"\(images/([^)]+)\)", TEXT))
    made = {
        f"comparison-{name}-{width}-{theme}.png"
        for name, (_address, every) in PAGES.items()
        for width, _height in SIZES
        for theme in THEMES
        if every or (width, theme) in FEW
    }
    assert shown == made
    too_large = [name for name in made if (DOCS / "images" / name).stat().st_size > LARGEST]
    assert too_large == []


def test_every_figure_is_listed() -> None:
    listed = re.findall(r"^\| `figures/([a-z]+)\.svg` \|", TEXT, re.MULTILINE)
    assert sorted(listed) == sorted(FIGURES)
    assert reverse("figure-file", args=["talks", "positions.svg"]).endswith("/figures/positions.svg")


def test_every_verdict_is_explained() -> None:
    table = TEXT[TEXT.index("## Every verdict") : TEXT.index("**Thin**")].lower()
    assert [verdict for verdict in Verdict if VERDICT_WORDS[verdict].lower() not in table] == []


def test_its_other_links_lead_somewhere() -> None:
    for name in re.findall(r"\]\(([a-z-]+\.md)\)", TEXT):
        assert (DOCS / name).exists(), name
