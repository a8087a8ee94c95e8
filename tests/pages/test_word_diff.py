"""What changed between two texts, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.pages import word_diff as module
from annotations.pages.word_diff import CONTEXT, CUT, IN, OUT, SAME, word_diff

TEXTS = st.text(st.sampled_from("ab \n.é🇵"), max_size=30)


def said(before: str, after: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in word_diff(before, after)]


def test_words_that_changed_stand_beside_each_other() -> None:
    assert said("There should be talks.", "There may be talks.") == [
        (SAME, "There "),
        (OUT, "should"),
        (IN, "may"),
        (SAME, " be talks."),
    ]


def test_neighbouring_words_change_as_one() -> None:
    assert said("one of the two", "one for a two") == [
        (SAME, "one "),
        (OUT, "of the"),
        (IN, "for a"),
        (SAME, " two"),
    ]


def test_lines_are_matched_before_words() -> None:
    before = "1. Tag what is claimed.\n2. Not what is meant.\n"
    after = "1. Tag what is claimed.\n1a. Tag what is asked.\n2. Not what is meant.\n"
    assert said(before, after) == [
        (SAME, "1. Tag what is claimed.\n"),
        (IN, "1a. Tag what is asked.\n"),
        (SAME, "2. Not what is meant.\n"),
    ]


def test_equal_texts_and_empty_ones() -> None:
    assert said("", "") == []
    assert said("same", "same") == [(SAME, "same")]
    assert said("", "new") == [(IN, "new")]
    assert said("old", "") == [(OUT, "old")]


def test_of_a_long_run_that_is_the_same_its_ends_are_shown() -> None:
    run = "word " * 200
    shown = said(run + "end", run + "close")
    assert [kind for kind, _text in shown] == [SAME, CUT, SAME, OUT, IN]
    assert [len(text) for _kind, text in shown[:3]] == [CONTEXT, 1, CONTEXT]


def test_what_takes_too_long_to_compare_is_shown_whole() -> None:
    before, after = "a b " * 1000, "b c " * 1000
    assert said(before, after) == [(OUT, before), (IN, after)]


@given(TEXTS, TEXTS)
def test_no_letter_is_lost_or_made_up(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind in (SAME, OUT)) == before
    assert "".join(piece.text for piece in pieces if piece.kind in (SAME, IN)) == after
    assert all(piece.text for piece in pieces)


def test_the_module_names_its_kinds() -> None:
    assert {module.SAME, module.OUT, module.IN, module.CUT} == {"same", "out", "in", "cut"}
