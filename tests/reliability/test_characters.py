"""F1 of tagged characters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.comparison.values import Tag
from annotations.reliability.characters import overlaps
from annotations.reliability.intervals import estimate
from annotations.reliability.values import Undefined

from .cases import ANY, tag

PASSAGES = {("d", 1): 0, ("d", 2): 1}


def f1(tags: list[Tag], *readers: str) -> float | Undefined:
    found = overlaps(tags, passages=PASSAGES, readers=[readers] * len(PASSAGES))
    of_all = estimate(found, np.ones((1, len(PASSAGES))))
    return of_all.reason if of_all.value is None else of_all.value


def test_example_19_characters() -> None:
    tags = [tag("c1", 0, 100), tag("c2", 0, 40), tag("c2", 50, 100)]
    assert f1(tags, "c1", "c2") == pytest.approx(180 / 190)


def test_a_character_tagged_twice_by_a_coder_counts_once() -> None:
    tags = [tag("c1", 0, 60), tag("c1", 40, 100, source="q"), tag("c2", 0, 100)]
    assert f1(tags, "c1", "c2") == 1.0


def test_pairs_of_coders_are_summed() -> None:
    # c1, c2: 5 of 10 and 5; c1, c3: 10 of 10 and 20; c2, c3: 5 of 5 and 20.
    tags = [tag("c1", 0, 10), tag("c2", 0, 5), tag("c3", 0, 20)]
    assert f1(tags, "c1", "c2", "c3") == pytest.approx(2 * (5 + 10 + 5) / (15 + 30 + 25))


def test_a_reader_who_tagged_nothing_disagrees() -> None:
    assert f1([tag("c1", 0, 10)], "c1", "c2") == 0.0
    assert f1([tag("c1", 0, 10), tag("c2", 0, 10)], "c1", "c2", "c3") == pytest.approx(20 / 40)


def test_the_same_places_in_other_passages_are_other_characters() -> None:
    assert f1([tag("c1", 0, 10), tag("c2", 0, 10, passage=2)], "c1", "c2") == 0.0


def test_undefined_is_said_with_its_reason() -> None:
    assert f1([], "c1", "c2") is Undefined.NOTHING_TAGGED
    assert f1([tag("c1", 0, 10)], "c1") is Undefined.ONE_CODER
    assert estimate(overlaps([], passages={}, readers=[]), np.ones((1, 0))).reason is Undefined.ONE_CODER


@ANY
@given(
    st.lists(
        st.builds(
            lambda coder, start, length, passage: tag(coder, start, start + length, passage=passage),
            st.sampled_from(["c1", "c2", "c3"]),
            st.integers(0, 30),
            st.integers(1, 12),
            st.integers(1, 2),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_f1_is_that_of_sets_of_characters(tags: list[Tag]) -> None:
    tagged = {
        coder: {(t.passage, place) for t in tags if t.coder == coder for place in range(t.start, t.end)}
        for coder in ("c1", "c2", "c3")
    }
    pairs = [("c1", "c2"), ("c1", "c3"), ("c2", "c3")]
    common = sum(len(tagged[a] & tagged[b]) for a, b in pairs)
    each = sum(len(tagged[a]) + len(tagged[b]) for a, b in pairs)
    assert f1(tags, "c1", "c2", "c3") == pytest.approx(2 * common / each)
