"""Figures as shapes: lines that fit, marks that the pages use too, and numbers that are the page's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.http import QueryDict

from annotations.access import Visit
from annotations.enums import Role, Verdict
from annotations.models import Completion, Study, Topic, User
from annotations.pages.figures.drawn import FIGURES, draw_figure
from annotations.pages.figures.of_one_topic import StanceRow, stance_rows
from annotations.pages.figures.shapes import Pen, Words, diamond, disc, printable, width_of, wrap
from annotations.pages.figures.sheet import Figure
from annotations.pages.figures.verdict_marks import draw_verdict
from annotations.pages.reading import load_compared
from annotations.services.coding import finish_document
from tests.factories import make_document, make_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = "Донецко-Луганский-вопрос " * 8 + "Zażółć-gęślą-jaźń-" * 9


@pytest.fixture
def tagged(study: Study, coder: User) -> Study:
    """East: Biden for talks twice, Putin against guarantees. West: Biden for talks, once without a value."""
    make_tag(study, coder, "Biden agreed to talk")
    make_tag(study, coder, "agreed to talk")
    make_tag(study, coder, "guarantees", topic="guarantees", source="putin", stance="oppose")
    make_tag(study, coder, "Biden agreed", "west", reported_by="ushakov")
    make_tag(study, coder, "to talk", "west", stance="neutral")
    for slug in ("east", "west"):
        finish_document(by=coder, document=study.documents.get(slug=slug))
    return study


def drawn(study: Study, name: str, user: User, **query: str) -> Figure:
    asked = QueryDict(mutable=True)
    asked.update({"layer": "coded", "topic": "talks", **query})
    return draw_figure(Visit(study, user, Role.OWNER), name, asked)


def lines_of(figure: Figure) -> list[str]:
    return [shape.text for shape in figure.shapes if isinstance(shape, Words)]


def outside(figure: Figure) -> Iterator[str]:
    """The lines of text that leave the sheet; a turned one is not looked at."""
    width = float(figure.width)
    for shape in figure.shapes:
        if not isinstance(shape, Words) or shape.turn:
            continue
        long = width_of(shape.text, shape.size)
        left = shape.x - {"start": 0.0, "middle": long / 2, "end": long}[shape.anchor]
        if left < 0 or left + long > width or not 0 < shape.y <= float(figure.height):
            yield shape.text


@pytest.mark.parametrize("name", FIGURES)
def test_long_words_in_other_scripts_stay_on_the_sheet(name: str, tagged: Study, coder: User) -> None:
    tagged.topics.update(label=LONG[:100], statement=LONG)
    tagged.sources.update(label=LONG[:100])
    tagged.stances.update(label=LONG[:60])
    tagged.documents.update(title=LONG[:200], publisher=LONG[:200])
    Study.objects.filter(pk=tagged.pk).update(title=LONG[:200])
    tagged.refresh_from_db()
    figure = drawn(tagged, name, coder)
    assert list(outside(figure)) == []
    assert "Донецко" in " ".join(lines_of(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_sixty_topics_and_twelve_documents_are_all_drawn(name: str, tagged: Study, coder: User) -> None:
    group = tagged.topics.get(slug="security")
    for number in range(58):
        Topic.objects.create(
            study=tagged,
            parent=group,
            slug=f"t{number}",
            label=f"Topic {number}",
            statement="So.",
            position=9 + number,
        )
    for number in range(10):
        make_document(tagged, f"d{number}")
    figure = drawn(tagged, name, coder)
    assert list(outside(figure)) == []
    text = lines_of(figure)
    if name in ("positions", "emphasis"):
        assert {"Topic 0", "Topic 57"} <= set(text)
    if name in ("pairs", "documents"):
        assert {"East", "D9"} <= set(text)
    if name == "pairs":
        assert sum(bool(re.fullmatch(r"\d+ of \d+ agree", line)) for line in text) == 66


@pytest.mark.parametrize("name", FIGURES)
def test_one_topic_is_enough(name: str, tagged: Study, coder: User) -> None:
    tagged.annotations.filter(topic__slug="guarantees").delete()
    tagged.topics.get(slug="guarantees").delete()
    assert list(outside(drawn(tagged, name, coder))) == []


def test_the_caption_says_study_documents_reading_and_n_and_names_nobody(tagged: Study, coder: User) -> None:
    alone = " ".join(
        lines_of(drawn(tagged, "positions", coder, coder="ada", lens="attributed", grain="side"))
    )
    assert "A: Account east (Publisher of east)" in alone
    assert "B: Account west (Publisher of west)" in alone
    one = (
        "Reading: coded layer, one coder’s own reading, attributed voices, by side, 5 tags (3 in A, 2 in B)."
    )
    assert one in alone
    assert "Study talks. Drawn by Summit on " in alone
    assert "ada" not in alone
    together = " ".join(lines_of(drawn(tagged, "mediation", coder)))
    # Sides alone are told apart in it, whatever the grain is.
    assert "Reading: coded layer, 1 coder, all voices, 5 tags (3 in A, 2 in B)." in together


def test_of_one_side_says_so(tagged: Study, coder: User) -> None:
    assert ", of Russia only, 1 tag (1 in A, 0 in B)" in " ".join(
        lines_of(drawn(tagged, "positions", coder, side="Russia"))
    )


def test_an_unfinished_document_is_not_drawn_as_silent(tagged: Study, coder: User) -> None:
    assert lines_of(drawn(tagged, "positions", coder)).count("silent") == 1
    Completion.objects.all().delete()
    text = lines_of(drawn(tagged, "positions", coder))
    assert ("silent" in text, "not coded yet" in text) == (False, True)
    assert any(line.endswith("provisional: a document is not finished.") for line in text)


def test_the_positions_are_those_of_the_comparison(tagged: Study, coder: User) -> None:
    text = lines_of(drawn(tagged, "positions", coder))
    # Talks: Biden supports in both: distance 0. Guarantees: only east.
    assert any(re.fullmatch(r"0\.00 \(0\.00–0\.\d\d\)", line) for line in text)
    assert {"Agree", "Only in A", "–", "thin"} <= set(text)


def test_emphasis_is_each_documents_share(tagged: Study, coder: User) -> None:
    text = lines_of(drawn(tagged, "emphasis", coder))
    assert {"66.7 %", "100.0 %", "33.3 %", "silent"} <= set(text)


def test_the_spread_over_the_stances(tagged: Study, coder: User) -> None:
    visit = Visit(tagged, coder, Role.OWNER)
    compared = load_compared(visit, QueryDict("layer=coded"))
    assert stance_rows(compared, tagged.topics.get(slug="talks")) == [
        StanceRow(1.0, "Support", 2.0, 1.0, 1.0, 0.5),
        StanceRow(0.0, "Mixed", 0.0, 0.0, 0.0, 0.0),
        StanceRow(-1.0, "Oppose", 0.0, 0.0, 0.0, 0.0),
        StanceRow(None, "Neutral", 0.0, 1.0, 0.0, 0.5),
    ]
    silent = stance_rows(compared, tagged.topics.get(slug="guarantees"))
    assert [(row.share_a, row.share_b) for row in silent] == [
        (0.0, None),
        (0.0, None),
        (1.0, None),
        (0.0, None),
    ]


def test_the_verdicts_marks_are_those_of_the_pages() -> None:
    """Parts of the sprite's symbols and of the figures' marks stand in the same places, in the same order."""
    sprite = Path(settings.BASE_DIR, "templates/annotations/partials/_sprite.html").read_text(
        encoding="utf-8"
    )
    for verdict in Verdict:
        symbol = re.search(rf'<symbol id="v-{verdict.value}"[^>]*>(.*?)</symbol>', sprite)
        assert symbol
        found = []
        for circle, path in re.findall(r"<circle[^>]*cx=\"([\d.]+)\"|<path[^>]* d=\"([^\"]+)\"", symbol[1]):
            start = re.match(r"M([\d.]+)", path)
            found.append(float(circle) if circle else float(start[1]) if start else None)
        pen = Pen()
        draw_verdict(pen, verdict, 0, 0)
        drawn = []
        for mark in pen.shapes:
            assert not isinstance(mark, Words)
            start = re.match(r"M([\d.]+) [\d.]+(a([\d.]+))?", mark.d)
            assert start
            # A disc's path begins at its left edge.
            drawn.append(float(start[1]) + float(start[3] or 0))
        # Pending is hatched on the pages, crossed in a file: patterns need ids, which a page has once.
        assert drawn[: len(found)] == found, verdict


def test_letters_that_xml_cannot_hold_are_left_out() -> None:
    assert printable("a\x00b\x0bc\ufffed\ud800e\tf") == "ab cde f"


def test_lines_are_no_longer_than_they_may_be() -> None:
    rows = wrap("one two " + "x" * 300, 100, 10, lines=3)
    assert len(rows) == 3
    assert rows[-1].endswith("…")
    assert all(width_of(row, 10) <= 100 for row in rows)
    assert wrap("", 100) == [""]


def test_marks_are_round_and_sharp() -> None:
    assert disc(10, 5, 4) == "M6.0 5.0a4.0 4.0 0 1 0 8.0 0a4.0 4.0 0 1 0 -8.0 0z"
    assert diamond(10, 5, 4) == "M10.0 1.0l4.0 4.0l-4.0 4.0l-4.0 -4.0z"
