"""What stands in the cells of the comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.http import QueryDict

from annotations.access import Visit
from annotations.comparison.values import Interval
from annotations.enums import Role
from annotations.models import Source, Study, Topic, User
from annotations.pages.comparison import Chip, Row, table_rows
from annotations.pages.drawing import draw_scale, draw_track
from annotations.pages.reading import load_compared
from annotations.pages.table import RowLinks
from annotations.services.coding import finish_document
from annotations.templatetags.cells import (
    emphasis_bar,
    row_opener,
    scale_drawing,
    track_drawing,
    verdict_cell,
    voice_chips,
)
from tests.factories import make_tag
from tests.templatetags.words import text

LINKS = RowLinks(opens="?lens=own&open=", quotes="?open=", pages={})
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def rows(study: Study, coder: User) -> list[Row]:
    """Talks is raised by East alone, which is finished as West is; guarantees by none. Names break out."""
    Source.objects.filter(study=study, slug__in=("biden", "putin")).update(label=HOSTILE)
    Topic.objects.filter(study=study, slug="talks").update(label=HOSTILE)
    make_tag(study, coder, "Biden agreed to talk", reported_by="putin")
    for document in study.documents.all():
        finish_document(by=coder, document=document)
    return table_rows(load_compared(Visit(study, coder, Role.CODER), QueryDict()))


@pytest.mark.django_db
def test_what_people_wrote_is_never_markup(rows: list[Row]) -> None:
    row = rows[0]
    cells = [emphasis_bar(bar, row.topic, HOSTILE) for bar in row.bars]
    cells += [voice_chips(row, HOSTILE), scale_drawing(row.scale, HOSTILE, HOSTILE)]
    cells.append(row_opener(row.topic, LINKS, None))
    assert [("<script" in cell, '"">' in cell) for cell in cells] == [(False, False)] * 5
    assert "&lt;script&gt;" in cells[0]
    assert cells[2].count("&lt;script&gt;") == 3


@pytest.mark.django_db
def test_a_bar_says_how_many_tags_or_why_there_are_none(rows: list[Row], study: Study, coder: User) -> None:
    bar, silent = rows[0].bars
    assert text(emphasis_bar(bar, rows[1].topic, "/there/")) == "East: 100.0 % 1"
    assert '<a href="/there/" aria-label="1 tag of East on Guarantees">1</a>' in emphasis_bar(
        bar, rows[1].topic, "/there/"
    )
    assert text(emphasis_bar(silent, rows[1].topic, "/there/")) == "West: silent"
    assert "<a" not in emphasis_bar(silent, rows[1].topic, "/there/")


@pytest.fixture
def chips_of(rows: list[Row]) -> Callable[..., str]:
    """The cell of these chips, so many of which both documents share."""

    def told(*chips: Chip, shared: tuple[int, int] = (0, 0)) -> str:
        return voice_chips(replace(rows[0], chips=chips, shared=shared), "/there/")

    return told


def test_a_voice_says_where_and_through_whom_it_is_heard(chips_of: Callable[..., str]) -> None:
    heard = Chip("Biden", "biden", True, True, ("Blinken", "Sullivan", "Psaki", "Austin", "Milley"), False)
    told = chips_of(heard, shared=(1, 2))
    assert (
        text(told) == "in A in B Biden ← reported by Blinken, Sullivan, Psaki and 2 more 1 of 2 voices shared"
    )
    assert '<a class="chip both" href="/there/#biden">' in told
    own = Chip("East itself", "author", True, False, (), True)
    assert text(chips_of(own)) == "in A East itself nobody else"
    assert '<a class="chip own" href="/there/#author">' in chips_of(own)


def test_a_side_has_no_place_of_its_own(chips_of: Callable[..., str]) -> None:
    told = chips_of(Chip("Russia", "", False, True, (), False), shared=(0, 1))
    assert text(told) == "in B Russia 0 of 1 voices shared"
    assert '<span class="chip">' in told
    assert "<a" not in told


def test_a_row_names_seven_voices_and_counts_the_others(chips_of: Callable[..., str]) -> None:
    every = [Chip(str(n), str(n), True, False, (), False) for n in range(9)]
    assert "2 voices more 0 of 9 voices shared" in text(chips_of(*every, shared=(0, 9)))
    assert "1 voice more" in text(chips_of(*every[:8], shared=(0, 8)))
    assert text(chips_of()) == ""


def test_a_scale_is_read_aloud() -> None:
    one = draw_scale((-1.0, 0.0, 1.0), (-0.5, ((-1.0, 1.0), (0.0, 1.0))), (None, ()), comparable=True)
    told = scale_drawing(one, "East", "West")
    assert 'aria-label="Balance of positions voiced, from −1.00 to 1.00: East −0.50; West –"' in told
    assert text(told) == "−0.50 –"
    assert [told.count(mark) for mark in ('g-a"', 'g-b"', '"bell"', '"pa"', '"pb"')] == [2, 0, 0, 1, 0]
    both = scale_drawing(draw_scale((0.0, 1.0), (0.0, ()), (1.0, ()), comparable=True), "East", "West")
    assert '<path class="bell" d="M14.0 9L156.0 25"/>' in both


def test_a_track_is_read_aloud() -> None:
    told = track_drawing(draw_track(Interval(0.25, 0.75, 0.9), 0.5, (0.25, 0.5)))
    assert (
        'aria-label="Distance 0.50 on the way from 0 to 1; 95 % of the draws lie between 0.25 and 0.75. '
        'Up to 0.25 the two agree, above 0.50 they diverge."'
    ) in told


@pytest.mark.django_db
def test_a_verdict_says_what_it_rests_on(rows: list[Row]) -> None:
    told = verdict_cell(rows[0].compared, None)
    assert text(told) == (
        "Only in A 1 of 1 coders alone give the same verdict thin · from length alone: 1.00"
    )
    assert "<a" not in told
    assert text(verdict_cell(rows[1].compared, None)) == (
        "Not raised 1 of 1 coders alone give the same verdict"
    )


@pytest.mark.django_db
def test_in_a_row_the_verdict_opens_the_quotes(rows: list[Row]) -> None:
    told = verdict_cell(rows[0].compared, None, LINKS, "talks")
    assert '<a class="cell-link" href="?lens=own&amp;open=talks#t-talks" data-opens="d-talks">' in told
    assert text(told).startswith("Only in A : quotes 1 of 1")


@pytest.mark.django_db
def test_a_row_says_whether_it_is_open(rows: list[Row]) -> None:
    topic = rows[1].topic
    closed, opened = row_opener(topic, LINKS, None), row_opener(topic, LINKS, topic)
    assert 'aria-expanded="false"' in closed
    assert 'hx-get="?open=guarantees"' in closed
    assert 'aria-expanded="true"' in opened
    assert "hx-get" not in opened
    for told in (closed, opened):
        assert 'href="?lens=own&amp;open=guarantees#t-guarantees"' in told
        assert 'aria-label="Quotes on Guarantees"' in told
