"""Where in the text a topic is treated: the marks of the strip, by hand."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from annotations.access import Visit
from annotations.enums import Role
from annotations.models import Study, User
from annotations.pages.comparison import topic_quotes
from annotations.pages.reading import load_compared
from annotations.pages.timeline import Mark, Strip, load_timeline
from tests.factories import make_document, make_tag


def strips(study: Study, user: User, query: str = "", topic: str = "talks") -> tuple[Strip, Strip]:
    compared = load_compared(Visit(study, user, Role.CODER), QueryDict(query))
    return load_timeline(compared, *topic_quotes(compared, study.topics.get(slug=topic)))


def test_a_mark_stands_where_its_passage_does_as_high_as_its_tags_are_many(
    study: Study, coder: User, other_coder: User
) -> None:
    """East has two passages, each 300 wide: a mark of 16 in the middle of each, at 150 and 450. Three tags
    are the most: 10 + 30 = 40 high; one is 10 + 30 / 3 = 20."""
    for by in (coder, other_coder):
        make_tag(study, by, "Biden agreed to talk")
    make_tag(study, coder, "Putin asked", stance="oppose", source="putin")
    make_tag(study, coder, "Kyiv was not", "west")
    make_tag(study, coder, "for guarantees", topic="guarantees")
    a, b = strips(study, coder)
    assert (a.letter, a.document.slug, a.last) == ("a", "east", 2)
    assert a.marks == (Mark(1, 3, "142.0", "2.0", "16.0", "40.0"),)
    # Both are drawn to one height: that of the most tags in either.
    assert (b.letter, b.document.slug, b.last) == ("b", "west", 2)
    assert b.marks == (Mark(2, 1, "442.0", "22.0", "16.0", "20.0"),)


def test_the_documents_change_places_and_take_their_marks_along(study: Study, coder: User) -> None:
    make_tag(study, coder)
    a, b = strips(study, coder, "a=west&b=east")
    assert [(strip.letter, strip.document.slug, len(strip.marks)) for strip in (a, b)] == [
        ("a", "west", 0),
        ("b", "east", 1),
    ]


def test_a_topic_that_nobody_raises_has_strips_without_marks(study: Study, coder: User) -> None:
    make_tag(study, coder)
    a, b = strips(study, coder, topic="guarantees")
    assert (a.last, a.marks, b.last, b.marks) == (2, (), 2, ())


def test_only_what_counts_in_the_reading_is_marked(study: Study, coder: User, other_coder: User) -> None:
    make_tag(study, coder)
    make_tag(study, other_coder, "Kyiv was not", source="author")
    assert [m.number for m in strips(study, coder)[0].marks] == [1, 2]
    assert [m.number for m in strips(study, coder, "coder=ada")[0].marks] == [1]
    assert [m.number for m in strips(study, coder, "lens=own")[0].marks] == [2]


@pytest.mark.parametrize(
    ("passages", "first", "last", "width"),
    [
        # 600 / 40 = 15 to a passage, less 2; the first mark from 7.5 - 6.5.
        (40, "1.0", "586.0", "13.0"),
        # 600 / 400 = 1.5 to a passage: a mark is 3 wide, and would begin at -0.75 and end at 600.75.
        (400, "0.0", "597.0", "3.0"),
    ],
)
def test_the_marks_of_a_long_document_stay_on_its_strip(
    study: Study, coder: User, passages: int, first: str, last: str, width: str
) -> None:
    make_document(study, "long", *(f"Passage {n} of many." for n in range(1, passages + 1)))
    for number in (1, passages):
        make_tag(study, coder, f"Passage {number} of", "long")
    marks = strips(study, coder, "a=long&b=east")[0].marks
    assert [(mark.number, mark.x, mark.width) for mark in marks] == [
        (1, first, width),
        (passages, last, width),
    ]
