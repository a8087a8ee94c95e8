"""Underlines: the text comes out as it went in, whatever overlaps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.highlights import LANES, Segment, Span, segments

SLOTS = {"support": "+", "mixed": "±", "neutral": "○", "oppose": "−"}
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@st.composite
def passages(draw: st.DrawFn) -> tuple[str, int, list[Span]]:
    """A text, where it begins in its document, and quotes in it."""
    text, offset = draw(texts), draw(st.integers(0, 1000))
    spans = []
    for number in range(draw(st.integers(0, 8))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        slot = draw(st.sampled_from(sorted(SLOTS)))
        spans.append(Span(f"tag-{number}", offset + start, offset + end, slot, SLOTS[slot]))
    return text, offset, spans


def placed(cut: list[Segment], offset: int) -> list[tuple[int, int, Segment]]:
    """Each segment with its positions in the document."""
    found, start = [], offset
    for segment in cut:
        found.append((start, start + len(segment.text), segment))
        start += len(segment.text)
    return found


@given(passages())
def test_the_segments_join_to_the_text(passage: tuple[str, int, list[Span]]) -> None:
    text, offset, spans = passage
    cut = segments(text, offset, spans)
    assert "".join(segment.text for segment in cut) == text
    assert all(segment.text for segment in cut)


@given(passages())
def test_the_segments_of_a_quote_join_to_the_quote(passage: tuple[str, int, list[Span]]) -> None:
    text, offset, spans = passage
    cut = placed(segments(text, offset, spans), offset)
    for span in spans:
        inside = [s for start, end, s in cut if span.start <= start and end <= span.end]
        assert "".join(s.text for s in inside) == text[span.start - offset : span.end - offset]
        assert span.key in inside[0].begins
        # A quote is underlined from its first character to its last.
        assert all(s.lanes for s in inside)


@given(passages())
def test_every_tag_begins_once_and_with_its_sign(passage: tuple[str, int, list[Span]]) -> None:
    text, offset, spans = passage
    cut = segments(text, offset, spans)
    assert sorted(key for segment in cut for key in segment.begins) == sorted(span.key for span in spans)
    assert sorted("".join(segment.signs for segment in cut)) == sorted(span.sign for span in spans)


@given(passages())
def test_there_are_at_most_three_lanes_and_each_is_used_once(passage: tuple[str, int, list[Span]]) -> None:
    text, offset, spans = passage
    for start, _end, segment in placed(segments(text, offset, spans), offset):
        lanes = [lane for lane, _slot in segment.lanes]
        over = [span for span in spans if span.start <= start < span.end]
        assert sorted(segment.over) == sorted(span.key for span in over)
        assert lanes == sorted(set(lanes))
        assert set(lanes) <= set(range(LANES))
        assert bool(lanes) is bool(over)
        assert {slot for _lane, slot in segment.lanes} <= {span.slot for span in over}


@given(passages(), st.randoms())
def test_the_order_in_which_tags_are_given_does_not_matter(
    passage: tuple[str, int, list[Span]], random: object
) -> None:
    text, offset, spans = passage
    shuffled = list(spans)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert segments(text, offset, shuffled) == segments(text, offset, spans)


def test_two_overlapping_quotes_lie_in_two_lanes_and_the_third_after_them_in_the_first() -> None:
    cut = segments(
        "abcdefgh",
        100,
        [
            Span("one", 100, 104, "support", "+"),
            Span("two", 102, 106, "oppose", "−"),
            Span("three", 106, 108, "mixed", "±"),
        ],
    )
    assert cut == [
        Segment("ab", ((0, "support"),), ("one",), ("one",), "+", "m-support"),
        Segment("cd", ((0, "support"), (1, "oppose")), ("one", "two"), ("two",), "−", "m-oppose"),
        Segment("ef", ((1, "oppose"),), ("two",), (), "", ""),
        Segment("gh", ((0, "mixed"),), ("three",), ("three",), "±", "m-mixed"),
    ]
    assert [segment.css for segment in cut] == [
        "q l0-support m-support",
        "q l0-support l1-oppose m-oppose",
        "q l1-oppose",
        "q l0-mixed m-mixed",
    ]


def test_quotes_that_begin_together_are_both_named_and_their_tone_is_left_open() -> None:
    cut = segments("abc", 0, [Span("a", 0, 3, "support", "+"), Span("b", 0, 2, "oppose", "−")])
    assert cut == [
        Segment("ab", ((0, "support"), (1, "oppose")), ("a", "b"), ("a", "b"), "+−", ""),
        Segment("c", ((0, "support"),), ("a",), (), "", ""),
    ]


def test_a_fourth_overlapping_quote_shares_the_lowest_lane() -> None:
    spans = [Span(str(n), n, 10, "support", "+") for n in range(3)] + [Span("3", 3, 10, "oppose", "−")]
    third, last = segments("abcdefghij", 0, spans)[-2:]
    assert last.lanes == ((0, "support"), (1, "support"), (2, "oppose"))
    assert (third.over, third.is_deep, third.css) == (
        ("0", "1", "2"),
        False,
        "q l0-support l1-support l2-support m-support",
    )
    assert (last.over, last.is_deep) == (("0", "1", "2", "3"), True)
    assert last.css == "q l0-support l1-support l2-oppose deep m-oppose"


def test_a_text_without_tags_is_one_segment() -> None:
    assert segments("abc", 7, []) == [Segment("abc", (), (), (), "", "")]
