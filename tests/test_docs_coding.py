"""docs/coding.md shows every screen that there is a picture of, and the keys that there are."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from annotations.services.keys import DEFAULT_KEYS
from tests.browser.shots_coding import SCREENS

DOCS = Path(settings.BASE_DIR) / "docs"
TEXT = (DOCS / "coding.md").read_text(encoding="utf-8")


def test_every_picture_is_there_and_shown() -> None:
    made = {f"coding-{screen}.png" for screen in SCREENS}
    assert set(re.findall(r"\(images/([^)]+)\)", TEXT)) == made
    assert [name for name in made if not (DOCS / "images" / name).is_file()] == []


def test_the_keys_of_the_guide_are_those_of_the_workbench() -> None:
    """Each letter that stands in code letters does what the guide says of it."""
    said = {
        "l": "next_sentence",
        "h": "previous_sentence",
        "q": "previous_word",
        "w": "next_word",
        ".": "next_tag",
        ",": "previous_tag",
        "r": "reported_by",
        "b": "codebook",
    }
    for key, act in said.items():
        assert f"`{key}`" in TEXT
        assert DEFAULT_KEYS[act] == key
    assert f"`{DEFAULT_KEYS['carry_over']}` carries" in TEXT
