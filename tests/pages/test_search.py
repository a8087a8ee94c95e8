"""What is shown of a passage around its hits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.pages.search import AROUND, HITS, STRETCHES, WHOLE, excerpt

LONG = "word " * 400


def written(text: str, places: list[tuple[int, int]]) -> str:
    """The pieces as a person reads them, the hits in brackets."""
    pieces, _shown = excerpt(text, places)
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces)


def places_of(text: str, *hits: str) -> list[tuple[int, int]]:
    return sorted((text.index(hit), text.index(hit) + len(hit)) for hit in hits)


def test_a_short_passage_is_shown_whole() -> None:
    text = "Biden met Putin, and Putin met Biden."
    assert written(text, [(10, 15), (21, 26)]) == "Biden met [Putin], and [Putin] met Biden."
    assert written(text, [(0, 5), (36, 37)]) == "[Biden] met Putin, and Putin met Biden[.]"


def test_a_long_passage_is_cut_between_words_around_its_hits() -> None:
    text = LONG + "here it is " + LONG + "and there too " + LONG
    cut = written(text, places_of(text, "here it", "there"))
    parts = re.fullmatch(
        r"… ((?:word )+)\[here it\]( is(?: word)+) … ((?:word )+and )\[there\]( too(?: word)+) …", cut
    )
    assert parts is not None, cut
    assert all(AROUND - len("word ") <= len(part) <= AROUND for part in parts.groups())


def test_hits_near_each_other_share_a_stretch_and_the_ends_are_not_cut() -> None:
    text = "first " + "word " * 30 + "second " + LONG
    assert written(text, places_of(text, "first", "second")).startswith("[first] word")
    assert written(text, places_of(text, "first", "second")).count("…") == 1
    text = LONG + "last"
    assert written(text, places_of(text, "last")).endswith(" word [last]")


def test_what_is_hidden_is_counted() -> None:
    text = "".join(f"hit {LONG}" for _hit in range(STRETCHES + 2))
    places = [(i, i + 3) for i in range(len(text)) if text.startswith("hit", i)]
    pieces, shown = excerpt(text, places)
    assert (shown, sum(piece.is_hit for piece in pieces)) == (STRETCHES, STRETCHES)
    crowded = "hit " * 400
    assert excerpt(crowded, [(i, i + 3) for i in range(0, len(crowded), 4)])[1] == HITS


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    text = "x" * 500 + "hit" + "y" * 500
    assert written(text, places_of(text, "hit")) == f"… {'x' * AROUND}[hit]{'y' * AROUND} …"


def test_without_a_hit_the_beginning_is_shown() -> None:
    assert written("", []) == ""
    assert written("short", []) == "short"
    assert written(LONG, []) == LONG[:WHOLE] + " …"


@pytest.mark.parametrize("length", [WHOLE, WHOLE + 1])
def test_the_bound_of_what_is_shown_whole(length: int) -> None:
    text = "hit " + "z" * (length - 4)
    assert ("…" in written(text, [(0, 3)])) == (length > WHOLE)


@given(st.text(alphabet="ab \n😀", max_size=900), st.lists(st.integers(0, 899), max_size=20))
def test_the_pieces_are_stretches_of_the_text_and_the_hits_are_the_hits(text: str, at: list[int]) -> None:
    places = [(i, i + 1) for i in sorted(set(at)) if i < len(text)]
    pieces, shown = excerpt(text, places)
    assert [piece.text for piece in pieces if piece.is_hit] == [text[a:b] for a, b in places[:shown]]
    found = 0
    for piece in pieces:
        if not piece.is_hit and piece.text in ("… ", " … ", " …"):
            continue
        found = text.index(piece.text, found) + len(piece.text)
