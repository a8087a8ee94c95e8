"""A passage as the workbench draws it: whole, and text stays text."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context

from annotations.highlights import Span, segments
from annotations.pages.passages import PassageShown
from annotations.pages.shown import Shown
from annotations.templatetags.passages import (
    marked_text,
    passage,
    passage_acts,
    stance_counts,
    stance_numbers,
    tag_words,
    talk_opener,
    via,
)
from tests.templatetags.words import EVIL, SAFE, tag


def test_text_without_tags_is_itself() -> None:
    assert marked_text(segments(EVIL, 100, [])) == SAFE
    assert marked_text([]) == ""


def test_a_mark_says_which_tags_lie_over_it_and_which_begin_with_it() -> None:
    spans = [
        Span("one", 10, 13, "support", "+"),
        Span("two", 10, 12, "oppose", "−"),
        Span("three", 11, 13, "mixed", "±"),
    ]
    drawn = marked_text(segments("<a>", 10, spans))
    assert drawn == (
        '<mark class="q l0-support l1-oppose" tabindex="-1" data-tags="one two" id="q-one" data-marks="+−">'
        '<span id="q-two"></span>&lt;</mark>'
        '<mark class="q l0-support l1-oppose l2-mixed m-mixed" tabindex="-1" data-tags="one two three" '
        'id="q-three" data-marks="±">a</mark>'
        '<mark class="q l0-support l2-mixed" tabindex="-1" data-tags="one three">&gt;</mark>'
    )
    # Every tag can be linked to once, and the text comes out as it went in.
    assert sorted(re.findall(r'id="q-(\w+)"', drawn)) == ["one", "three", "two"]
    assert html.unescape(re.sub(r"<[^>]*>", "", drawn)) == "<a>"


def test_a_tag_in_words() -> None:
    assert tag_words([], True) == ""
    assert tag_words([tag()], False) == (
        '<li data-tag="key"><b class="sign s-support" aria-hidden="true">+</b> '
        f"<span>{SAFE} · <strong>{SAFE}</strong> · {SAFE}</span></li>"
    )
    assert tag_words([tag("<Peskov>")], True).endswith(
        f'{SAFE} <span class="via"><span aria-hidden="true">←</span><span class="vh">, reported by</span> '
        "&lt;Peskov&gt;</span> · &lt;ada&gt;</span></li>"
    )


@pytest.mark.parametrize(("messenger", "drawn"), [(None, False), ("Peskov", True)])
def test_through_whom(messenger: str | None, drawn: bool) -> None:
    assert bool(via(tag(messenger))) is drawn


def test_counts_by_sign_and_in_words() -> None:
    tally: Any = [(tag().stance, 12), (SimpleNamespace(label="Mixed", slot="mixed", sign="±"), 1)]
    assert stance_counts(tally) == (
        '<span class="s-support"><b aria-hidden="true">+</b>12</span>'
        '<span class="s-mixed"><b aria-hidden="true">±</b>1</span>'
    )
    assert stance_numbers(tally) == f" 12 {SAFE} 1 Mixed"


def context(*, is_finished: bool = False, shown: Shown | None = None, **more: Any) -> Context:
    visit = SimpleNamespace(study=SimpleNamespace(slug="talks"))
    document = SimpleNamespace(slug="east", language="pl")
    shown = shown or Shown()
    bench = SimpleNamespace(visit=visit, document=document, shown=shown, is_finished=is_finished)
    return Context({"bench": bench, "visit": visit, "shown": shown} | more)


def one(**fields: Any) -> Any:
    said = {"number": 1003, "kind": "paragraph", "start": 1004, "is_tagged": False, "is_nothing": False}
    return SimpleNamespace(**(said | fields))


def drawn(context: Context, *, tagged: bool, comments: int = 0, in_hand: bool = False, **fields: Any) -> str:
    tags = [tag()] if tagged else []
    spans = [Span("key", 1004, 1006, "support", "+")] if tagged else []
    shown = PassageShown(
        passage=one(is_tagged=tagged, **fields),
        segments=segments(EVIL, 1004, spans),
        tags=tags,
        tally=[(tags[0].stance, 1)] if tagged else [],
        comments=comments,
    )
    return str(passage(context, shown, shown if in_hand else None))


def test_a_passage_without_tags() -> None:
    found = drawn(context(), tagged=False)
    assert found.startswith('<div class="passage paragraph" id="p1003" data-passage="1003"><a class="pno" ')
    assert 'hx-get="?passage=1003&amp;shown=mine" hx-target="#panel"' in found
    assert 'aria-label="Take passage 1003 in hand">1003</a>' in found
    assert (
        f'<p class="run" lang="pl" dir="auto" data-start="1004">{SAFE}</p><div class="passage-acts"' in found
    )
    assert "tally" not in found
    assert "tag-words" not in found
    assert found.endswith('<div class="talk-of" id="talk-of-1003"></div></div>\n')


def test_a_passage_with_tags() -> None:
    found = drawn(context(oob=True, shown=Shown(topic="a&b", whose="all")), tagged=True, in_hand=True)
    assert '<div class="passage paragraph current" id="p1003" hx-swap-oob="true" data-passage' in found
    assert f'aria-label="Tags in passage 1003: 1 {SAFE}"><span class="s-support">' in found
    assert 'hx-get="?passage=1003&amp;shown=all;topic=a~26b&amp;hand=empty" hx-target="#tags"' in found
    # Where everybody's are shown, each says whose it is.
    assert " · &lt;ada&gt;</span></li></ul>" in found
    assert '<div class="passage-acts" id="acts-1003"></div>' in found
    assert EVIL not in found


def test_a_heading_is_one() -> None:
    found = drawn(context(), tagged=False, kind="heading")
    assert '<p class="run" role="heading" aria-level="2" lang="pl"' in found
    assert '<div class="passage-acts" id="acts-1003"></div>' in found


ADDRESS = "/studies/talks/code/east/passages/1003/nothing/"


@pytest.mark.parametrize(
    ("fields", "is_finished", "word", "value"),
    [
        ({}, False, False, "on"),
        ({}, True, False, None),
        ({"is_nothing": True}, False, True, "off"),
        ({"is_nothing": True}, True, True, None),
        ({"is_nothing": True, "is_tagged": True}, False, False, None),
        ({"is_tagged": True}, False, False, None),
        ({"kind": "heading"}, False, False, None),
        # It was said before the passage was known for a heading: it can be taken back.
        ({"kind": "heading", "is_nothing": True}, False, True, "off"),
    ],
)
def test_that_nothing_is_here_can_be_said_and_taken_back(
    fields: dict[str, Any], is_finished: bool, word: bool, value: str | None
) -> None:
    found = passage_acts(context(is_finished=is_finished), one(**fields))
    assert ('<span class="nothing-word">nothing here</span>' in found) is word
    assert ("<button" in found) is (value is not None)
    if value is not None:
        assert f'name="value" value="{value}" formaction="{ADDRESS}" hx-post="{ADDRESS}"' in found
        label = "Passage 1003: nothing here" if value == "on" else "Passage 1003, nothing here: take back"
        assert f'aria-label="{label}"' in found


def test_comments_are_led_to() -> None:
    shown = context(shown=Shown(topic="a"))
    link = talk_opener(shown, 1003, 2, "east", is_kept=False, oob=True)
    assert link.startswith('<div class="talk-of" id="talk-of-1003" hx-swap-oob="true"><a href="/studies/')
    assert "?passage=1003&amp;shown=mine%3Btopic%3Da&amp;hand=empty&amp;talk=open" in link
    assert 'aria-label="2 comments on passage 1003">2</a>' in link
    assert 'aria-label="1 comment on passage' in talk_opener(shown, 3, 1, "east", is_kept=False, oob=False)
    kept = talk_opener(shown, 3, 0, "east", is_kept=True, oob=False)
    assert kept == '<div class="talk-of" id="talk-of-3" data-kept></div>'
